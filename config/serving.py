"""The layers of one web process, from the socket inwards (docs/adr/0002-asgi.md).

lifespan → public tree and static files → request body guard → page cache → Django
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import cast

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.handlers.asgi import ASGIHandler
from starlette.types import ASGIApp, Receive, Scope, Send

from config.body_guard import BodyGuard, Limits
from config.page_cache.generation import source_for_settings
from config.page_cache.middleware import PageCache
from config.public_files import public_tree, static_files
from config.public_objects import PublicObjects
from config.upload_rights import may_upload
from media_pipeline.publication_s3 import configured_tree

OBJECTS_PREFIX = "/b/"
SIGNED_PREFIXES = ("/tuf/", "/pkg/")


class Application:
    """Sends each request to the layer that answers it."""

    def __init__(self, *, objects: ASGIApp, public: ASGIApp, static: ASGIApp, pages: ASGIApp) -> None:
        self._objects = objects
        self._public = public
        self._static = static
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] != "http":
            return
        elif scope["path"].startswith(OBJECTS_PREFIX):
            await self._objects(scope, receive, send)
        elif scope["path"].startswith(SIGNED_PREFIXES):
            await self._public(scope, receive, send)
        elif scope["path"].startswith(settings.STATIC_URL):
            await self._static(scope, receive, send)
        else:
            await self._pages(scope, receive, send)


async def _live(receive: Receive, send: Send) -> None:
    """Nothing to prepare and nothing to put away: say so when the server asks."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def assemble(django_application: ASGIHandler) -> Application:
    """The layers as the settings say."""
    uploads = Path(settings.FILE_UPLOAD_TEMP_DIR)
    # Django spools request bodies to the default temporary folder: keep them on the file system they stay on.
    tempfile.tempdir = str(uploads)
    guarded = BodyGuard(
        PageCache(cast("ASGIApp", django_application), source_for_settings()),
        limits=Limits(anybody=settings.MAX_BODY_BYTES, staff=settings.MAX_UPLOAD_BYTES),
        folder=uploads,
        may_upload=may_upload,
    )
    folder = public_tree(Path(settings.PUBLIC_TREE_DIR))
    return Application(
        objects=PublicObjects(configured_tree()) if "objects" in settings.STORAGES else folder,
        public=folder,
        static=static_files(
            settings.STATIC_URL, Path(settings.STATIC_ROOT), finders.find if settings.STATIC_FROM_FINDERS else None
        ),
        pages=guarded,
    )
