"""Addresses of quizzes."""

from __future__ import annotations

from django.urls import path

from education.classroom import views

app_name = "classroom"

urlpatterns = [path("quiz/<uuid:material_id>/", views.quiz, name="quiz")]
