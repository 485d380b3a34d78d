"""Joins the pipeline's JSON views to the Wagtail admin, behind its sign-in."""

from __future__ import annotations

from django.urls import include, path
from django.urls.resolvers import URLResolver
from wagtail import hooks

from media_pipeline import urls


@hooks.register("register_admin_urls")
def pipeline_urls() -> list[URLResolver]:
    """/admin/media-pipeline/…"""
    return [path("media-pipeline/", include(urls))]
