"""An editor at a PC: how a person signs in to the admin."""

from __future__ import annotations

from playwright.sync_api import Page

PASSWORD = "long-enough-word"
DESK = {"width": 1280, "height": 900}


def sign_in(page: Page, username: str) -> None:
    page.goto("/admin/login/")
    page.fill("#id_username", username)
    page.fill("#id_password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/admin/")
