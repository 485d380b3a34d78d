"""Addresses of the teacher pool (inside the language prefix)."""

from __future__ import annotations

from django.urls import path

from cms.teachers import views

app_name = "teachers"
urlpatterns = [
    path("", views.teacher_list, name="list"),
    path("<uuid:material_id>/", views.teacher_detail, name="detail"),
]
