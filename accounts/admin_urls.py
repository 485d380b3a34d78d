"""Wagtail's own addresses that are taken over; include before Wagtail's urls.

Its log-in pages get our lockout, its report of all changes and its bulk actions keep to the tree that a person sees.
"""

from __future__ import annotations

from django.urls import path

from accounts import views
from accounts.bulk_actions import bulk_action
from accounts.site_history import site_history

urlpatterns = [
    path("admin/login/", views.staff_login),
    path("_util/login/", views.staff_login),
    path("django-admin/login/", views.staff_login),
    path("admin/bulk/<str:app_label>/<str:model_name>/<str:action>/", bulk_action),
    path("admin/reports/site-history/", site_history),
    path("admin/reports/site-history/results/", site_history, {"results_only": True}),
]
