"""django-storages' S3 backend, with a storage class for each prefix."""

from __future__ import annotations

from typing import Any

from storages.backends.s3 import S3Storage


class ClassedS3Storage(S3Storage):
    """Gives what lies below a prefix a storage class of its own.

    The option `storage_classes` maps prefixes to classes, for instance {"originals/": "STANDARD_IA"}: originals are
    read once and kept for years.
    """

    storage_classes: dict[str, str]

    def get_default_settings(self) -> dict[str, Any]:
        """django-storages' options and ours."""
        return {**super().get_default_settings(), "storage_classes": {}}

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        """What is sent along with an upload of that name."""
        return {**super().get_object_parameters(name), **self.class_parameters(name)}

    def class_parameters(self, name: str) -> dict[str, str]:
        """The storage class of that name as a parameter of a request; nothing where the bucket's own is wanted."""
        found = [kind for prefix, kind in self.storage_classes.items() if kind and name.startswith(prefix)]
        return {"StorageClass": found[0]} if found else {}
