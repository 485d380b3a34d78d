"""Addresses of the CMS outside Wagtail's own.

`urlpatterns` go outside the language prefix (streams are the same in every language), `localized` inside.
"""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path

from cms.core.private_media import uploaded_file
from cms.lessons import views

urlpatterns = [
    path(f"{settings.MEDIA_URL.strip('/')}/<path:name>", uploaded_file, name="uploaded_file"),
    path("hls/<uuid:material_id>/master.m3u8", views.master_playlist, name="hls_master"),
    path("hls/<uuid:material_id>/<slug:rung>.m3u8", views.rung_playlist, name="hls_rung"),
    path("hls/<uuid:material_id>/<slug:language>/<slug:rung>.m3u8", views.rung_playlist, name="hls_dub"),
    path("subtitles/<uuid:material_id>/<slug:language>.vtt", views.subtitle, name="subtitles"),
]
localized = [path("teachers/", include("cms.teachers.urls"))]
