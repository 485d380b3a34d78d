"""Wagtail's own addresses that are taken over; include before Wagtail's urls.

Its log-in pages get our lockout, its report of all changes is closed to those who see one tree only.
"""

from __future__ import annotations

from django.urls import path

from accounts import views
from accounts.site_history import site_history

urlpatterns = [
    path("admin/login/", views.staff_login),
    path("_util/login/", views.staff_login),
    path("django-admin/login/", views.staff_login),
    path("admin/reports/site-history/", site_history),
    path("admin/reports/site-history/results/", site_history, {"results_only": True}),
]
