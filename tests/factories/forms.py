"""Reads a page's form as a browser would send it back untouched."""

from __future__ import annotations

from html.parser import HTMLParser


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._select = self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name = said.get("name") or ""
        if tag == "input" and name and said.get("type") not in ("submit", "button", "file"):
            if said.get("type") not in ("checkbox", "radio") or "checked" in said:
                self.values[name] = said.get("value") or ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in said or self._select not in self.values):
            self.values[self._select] = said.get("value") or ""
        elif tag == "textarea" and name:
            self._textarea = name
            self.values[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.values[self._textarea] += data.removeprefix("\n")


def untouched_form(page: str) -> dict[str, str]:
    """Name and value of every field of a page; the templates of rows to be added are left out."""
    fields = _Fields()
    fields.feed(page)
    return {name: value for name, value in fields.values.items() if "__prefix__" not in name}
