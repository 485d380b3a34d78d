"""Runs `manage.py run_worker` as a process of its own, on the database and in the rooms of a test.

Started as `python -m tests.integration.media_pipeline.worker_process SETTINGS`, where SETTINGS is JSON.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main() -> None:
    """Change the settings, then hand over to the command."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    import django
    from django.conf import settings
    from django.core.management import call_command

    changes = json.loads(sys.argv[1])
    settings.DATABASES["default"].update(changes["database"])
    for name, value in changes["rooms"].items():
        setattr(settings, name, Path(value))
    settings.MEDIA_LEASE_SECONDS = changes["lease_s"]
    django.setup()
    call_command("run_worker", transcoders=1)


if __name__ == "__main__":
    main()
