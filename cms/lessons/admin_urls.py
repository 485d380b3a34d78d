"""Addresses below /admin/ that the progress panel, the uploader and the overview use."""

from __future__ import annotations

from django.urls import path

from cms.lessons import api, direct_api, track_api, tus_api, upload_views
from cms.lessons.videos import actions, preview, views

app_name = "lessons_media"
urlpatterns = [
    path("lessons/media/<int:media_id>/status/", api.status, name="status"),
    path("lessons/media/<int:media_id>/cancel/", api.cancel, name="cancel"),
    path("lessons/media/<int:media_id>/retry/", api.retry, name="retry"),
    path("lessons/uploads/", tus_api.create, name="tus"),
    path("lessons/uploads/mine/", tus_api.mine, name="uploads_mine"),
    path("lessons/uploads/direct/start/", direct_api.start, name="direct_start"),
    path("lessons/uploads/direct/parts/", direct_api.parts, name="direct_parts"),
    path("lessons/uploads/direct/arrived/", direct_api.arrived, name="direct_arrived"),
    path("lessons/uploads/direct/finish/", direct_api.finish, name="direct_finish"),
    path("lessons/uploads/direct/abort/", direct_api.abort, name="direct_abort"),
    path("lessons/uploads/<str:upload_id>/", tus_api.upload, name="tus_upload"),
    path("lessons/uploads/<str:upload_id>/finish/", tus_api.finish, name="upload_finish"),
    path("lessons/uploading/", upload_views.uploading, name="uploading"),
    path("lessons/track/language/", track_api.language, name="track_language"),
    path("lessons/track/subtitle/", track_api.subtitle, name="track_subtitle"),
    path("videos/", views.VideoIndexView.as_view(), name="videos"),
    path("videos/results/", views.VideoIndexView.as_view(results_only=True), name="videos_results"),
    path("videos/rows/", views.rows_json, name="videos_rows"),
    path("videos/re-encode/", actions.re_encode_all, name="re_encode_all"),
    path("videos/re-encode/stop/", actions.stop_re_encoding, name="stop_re_encoding"),
    path("videos/<int:media_id>/", views.VideoView.as_view(), name="video"),
    path("videos/<int:media_id>/live/", views.video_json, name="video_live"),
    path("videos/<int:media_id>/preview/", preview.PreviewView.as_view(), name="video_preview"),
    path("videos/<int:media_id>/slide/<int:number>/", preview.slide, name="video_slide"),
    path("videos/<int:media_id>/cancel/", actions.cancel, name="video_cancel"),
    path("videos/<int:media_id>/retry/", actions.retry, name="video_retry"),
    path("videos/<int:media_id>/re-encode/", actions.re_encode, name="video_re_encode"),
    path("media/object/<str:sha256>/", api.media_object, name="object"),
]
