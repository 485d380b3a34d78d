"""ASGI entry: `uvicorn config.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
_django = get_asgi_application()

from config.serving import assemble  # noqa: E402 - models may be imported only once Django is set up

application = assemble(_django)
