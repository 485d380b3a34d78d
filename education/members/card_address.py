"""The address that stands on a printed card: it must lead to this site from another device. Pure."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit, urlunsplit

import segno
from django.utils.safestring import SafeString, mark_safe


def is_loopback(address: str) -> bool:
    """Whether an address leads only from a machine to itself."""
    host = urlsplit(address).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def card_address(asked: str, public: str, lan: str) -> str:
    """What to print for a page that the secretary's browser knows as `asked`.

    The public address of the site where one is set (`public`, scheme and host); else the one that the browser used;
    on the server itself, whose own name says nothing to a phone, that of its network (`lan`) when it is known.
    """
    for base in (public, asked, lan):
        if base and not is_loopback(base):
            chosen = urlsplit(base)
            return urlunsplit((chosen.scheme, chosen.netloc, urlsplit(asked).path, "", ""))
    return asked


def qr_picture(address: str) -> SafeString:
    """The address as an inline SVG that a phone's camera reads from paper."""
    picture = segno.make(address, error="m", micro=False).svg_inline(scale=4, border=2, omitsize=True)
    return mark_safe(picture)  # noqa: S308 - segno draws it from an address that we made
