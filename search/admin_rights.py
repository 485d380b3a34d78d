"""What editors may do in the search's part of the admin."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

from cms.core.bootstrap import EDITORS

GRANTED = {
    "searchwords": ("add", "change", "delete", "view"),
    "missedquery": ("view",),
    "savedsearch": ("change", "delete", "view"),
}


def grant(app_config: Any) -> None:
    """Editors keep the words, read what was not found, and tidy their own searches. Safe to repeat."""
    create_permissions(app_config, verbosity=0)
    names = [f"{action}_{model}" for model, actions in GRANTED.items() for action in actions]
    editors = Group.objects.get_or_create(name=EDITORS)[0]
    editors.permissions.add(*Permission.objects.filter(content_type__app_label="search", codename__in=names))
