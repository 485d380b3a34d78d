"""The nginx of deploy/nginx.conf, run in a private folder in front of a web process of the test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tests.services.processes import accepts, find_program, free_port, running
from tests.services.s3 import S3


@contextmanager
def nginx(folder: Path, *, web_port: int, s3: S3) -> Iterator[int]:
    """Run it until the block ends; the port of its TLS server."""
    program = find_program("nginx", "/usr/sbin/nginx")
    tls_port = free_port()
    configuration = (settings.BASE_DIR / "deploy" / "nginx.conf").read_text()
    for written, here in {
        "server web:8000;": f"server 127.0.0.1:{web_port};",
        "listen 8080;": f"listen 127.0.0.1:{free_port()};",
        "listen 8443 ssl;": f"listen 127.0.0.1:{tls_port} ssl;",
        # Debian 12 has nginx 1.22, which says it in the older way.
        "        http2 on;\n": "",
        "server s3:7070;": f"server {s3.endpoint.removeprefix('http://')};",
        "http://objects/gaoyuan/": f"http://objects/{s3.bucket}/",
        "tls/fullchain.pem": str(folder / "keys" / "https-cert.pem"),
        "tls/privkey.pem": str(folder / "keys" / "https-key.pem"),
        "/tmp/nginx": str(folder / "nginx"),
    }.items():
        assert written in configuration, written
        configuration = configuration.replace(written, here)
    subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "scripts" / "certificate.py")],
        env={**os.environ, "STATE_DIR": str(folder)}, check=True,
    )  # fmt: skip
    path = folder / "nginx.conf"
    path.write_text(configuration)
    command = [program, "-p", str(folder), "-c", str(path), "-g", "daemon off;"]
    done = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with running(command, ready=lambda: accepts(tls_port), log=folder / "log"):
        yield tls_port
