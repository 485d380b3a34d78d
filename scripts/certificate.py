"""Make the self-signed certificate of `make run HTTPS=1`, once; it is kept in STATE_DIR/keys.

Browsers warn about it; a person who tries the platform from a phone in the LAN accepts it by hand.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID = timedelta(days=800)
RENEW_BEFORE = timedelta(days=30)


def main() -> None:
    """Make the pair when there is none or it is about to expire."""
    folder = Path(os.environ["STATE_DIR"]) / "keys"
    folder.mkdir(parents=True, exist_ok=True)
    certificate_path, key_path = folder / "https-cert.pem", folder / "https-key.pem"
    now = datetime.now(UTC)
    if certificate_path.exists() and key_path.exists():
        present = x509.load_pem_x509_certificate(certificate_path.read_bytes())
        if present.not_valid_after_utc - now > RENEW_BEFORE:
            return
    key = ec.generate_private_key(ec.SECP256R1())
    _write(
        key_path,
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )
    _write(certificate_path, self_signed(key, now).public_bytes(serialization.Encoding.PEM))


def self_signed(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    """A certificate for this machine's names and addresses."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Gaoyuan classroom (self-made)")])
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.DNSName(socket.gethostname())]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in sorted(_addresses())]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )


def _addresses() -> set[str]:
    found = {"127.0.0.1", "::1"}
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))
            found.add(probe.getsockname()[0])
    except OSError:
        pass
    return found


def _write(path: Path, content: bytes) -> None:
    partial = path.with_suffix(".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)


if __name__ == "__main__":
    main()
