"""Addresses below /admin/ that the progress panel, the uploader and the overview use."""

from __future__ import annotations

from django.urls import path

from cms.lessons import api, track_api

app_name = "lessons_media"
urlpatterns = [
    path("lessons/media/", api.upload_start, name="base"),
    path("lessons/media/<int:media_id>/status/", api.status, name="status"),
    path("lessons/media/<int:media_id>/cancel/", api.cancel, name="cancel"),
    path("lessons/media/<int:media_id>/retry/", api.retry, name="retry"),
    path("lessons/upload/", api.upload_start, name="upload_start"),
    path("lessons/upload/<str:upload_id>/", api.upload_piece, name="upload_piece"),
    path("lessons/upload/<str:upload_id>/finish/", api.upload_finish, name="upload_finish"),
    path("lessons/track/language/", track_api.language, name="track_language"),
    path("lessons/track/subtitle/", track_api.subtitle, name="track_subtitle"),
    path("media/object/<str:sha256>/", api.media_object, name="object"),
]
