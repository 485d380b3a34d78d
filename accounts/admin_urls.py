"""Wagtail's own log-in addresses, taken over so that they have our lockout; include before Wagtail's urls."""

from __future__ import annotations

from django.urls import path

from accounts import views

urlpatterns = [
    path("admin/login/", views.staff_login),
    path("_util/login/", views.staff_login),
    path("django-admin/login/", views.staff_login),
]
