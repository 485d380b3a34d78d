"""Addresses of the pipeline inside the Wagtail admin (below /admin/media-pipeline/)."""

from __future__ import annotations

from django.urls import path

from media_pipeline import api

urlpatterns = [
    path("status/<int:source_id>/", api.job_status_json, name="media_pipeline_status"),
    path("cancel/<int:source_id>/", api.cancel_job, name="media_pipeline_cancel"),
    path("retry/<int:source_id>/", api.retry_job, name="media_pipeline_retry"),
]
