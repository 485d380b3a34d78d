"""Static files: hashed names for ever-cacheable addresses, compressed once at collection."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ManifestStorage(CompressedManifestStaticFilesStorage):
    """Hashed names from the manifest; a file that was not collected keeps its plain name.

    So a page still renders while assets are being rebuilt; `config.public_files` then finds the plain name.
    """

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        try:
            return super().stored_name(name)
        except ValueError:
            return name
