"""Addresses of the pipeline inside the Wagtail admin (below /admin/media-pipeline/)."""

from __future__ import annotations

from django.urls import path

from media_pipeline import api, direct_upload_api

urlpatterns = [
    path("status/<int:source_id>/", api.job_status_json, name="media_pipeline_status"),
    path("cancel/<int:source_id>/", api.cancel_job, name="media_pipeline_cancel"),
    path("retry/<int:source_id>/", api.retry_job, name="media_pipeline_retry"),
    path("direct/start/", direct_upload_api.start, name="media_pipeline_direct_start"),
    path("direct/parts/", direct_upload_api.parts, name="media_pipeline_direct_parts"),
    path("direct/arrived/", direct_upload_api.arrived, name="media_pipeline_direct_arrived"),
    path("direct/complete/", direct_upload_api.complete, name="media_pipeline_direct_complete"),
    path("direct/abort/", direct_upload_api.abort, name="media_pipeline_direct_abort"),
]
