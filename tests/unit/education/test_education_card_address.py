"""What stands on a printed card leads to the site from another device."""

from __future__ import annotations

import pytest

from education.members.card_address import card_address, is_loopback

LOCAL = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("asked", "public", "lan", "printed"),
    [
        ("http://192.168.1.7:8000/join/", LOCAL, "http://192.168.1.9:8000", "http://192.168.1.7:8000/join/"),
        ("http://127.0.0.1:8000/join/", LOCAL, "http://192.168.1.9:8000", "http://192.168.1.9:8000/join/"),
        ("http://localhost:8000/join/", LOCAL, "http://192.168.1.9:8000", "http://192.168.1.9:8000/join/"),
        ("http://10.0.0.5/join/", "https://class.example.cn", "", "https://class.example.cn/join/"),
        ("http://127.0.0.1:8000/join/", LOCAL, "", "http://127.0.0.1:8000/join/"),
        ("http://[::1]:8000/join/", "", "http://192.168.1.9:8000", "http://192.168.1.9:8000/join/"),
    ],
)
def test_a_card_bears_an_address_that_a_phone_can_reach(asked: str, public: str, lan: str, printed: str) -> None:
    assert card_address(asked, public, lan) == printed


def test_only_a_machine_s_own_names_for_itself_are_loopback() -> None:
    assert all(map(is_loopback, ("http://127.0.0.1", "http://127.9.9.9:1", "http://localhost/", "http://[::1]/")))
    assert not any(map(is_loopback, ("http://10.0.0.1", "https://example.cn", "http://127.0.0.1.example.cn")))
