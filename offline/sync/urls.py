"""Pages about devices, inside the language prefix."""

from __future__ import annotations

from django.urls import path

from offline.sync import views

app_name = "devices"

urlpatterns = [
    path("devices/", views.device_list, name="list"),
    path("devices/<uuid:device_id>/revoke/", views.revoke, name="revoke"),
]
