"""Compile every translation catalogue (locale/**/*.po → .mo) with Babel; Debian's gettext is not needed."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def compile_catalogue(source: Path) -> int:
    """Write the compiled form beside `source`; how many messages it holds."""
    with source.open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    partial = source.with_suffix(".mo.partial")
    with partial.open("wb") as file:
        write_mo(file, catalogue)
    partial.rename(source.with_suffix(".mo"))
    return len(catalogue)


def main() -> None:
    """Compile them all."""
    for source in sorted(LOCALE.rglob("*.po")):
        print(f"{source.relative_to(LOCALE.parent)}: {compile_catalogue(source)}")


if __name__ == "__main__":
    main()
