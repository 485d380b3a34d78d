"""What happens by itself: a take-down reaches packages, editors get their rights."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

from cms.core.bootstrap import EDITORS
from offline.packages import recall
from offline.packages.models import OfflinePackage


def on_material_withdrawn(material_id: UUID, **kwargs: Any) -> None:
    """A lesson was taken down: packages that held it are built anew and list it as recalled."""
    if isinstance(kwargs.get("instance"), OfflinePackage):
        return  # It leaves the site's lists; what it holds is as public as before.
    recall.recall_material(material_id)


def grant_rights(app_config: Any, **kwargs: Any) -> None:
    """Editors compose packages. Runs after every migration, any number of times."""
    if app_config.label != "packages":
        return
    create_permissions(app_config, verbosity=0)
    editors = Group.objects.get_or_create(name=EDITORS)[0]
    names = [f"{action}_offlinepackage" for action in ("add", "change", "view")]
    editors.permissions.add(*Permission.objects.filter(content_type__app_label="packages", codename__in=names))
