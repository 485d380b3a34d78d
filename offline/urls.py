"""Addresses of this layer: `api` stands outside the language prefix, `pages` inside it (config.urls includes both)."""

from __future__ import annotations

from django.urls import include, path

from offline.packages import api as packages_api
from offline.packages import views
from offline.sync import api as sync_api

api = [
    path("api/v1/packages/", packages_api.packages, name="api-packages"),
    path("api/v1/devices/challenge/", sync_api.challenge, name="api-device-challenge"),
    path("api/v1/devices/", sync_api.devices, name="api-devices"),
    path("api/v1/records/", sync_api.records, name="api-records"),
    path("sw.js", views.service_worker, name="service-worker"),
]

pages = [
    path("", include("offline.packages.urls")),
    path("", include("offline.sync.urls")),
]
