"""Pages of packages, inside the language prefix."""

from __future__ import annotations

from django.urls import path

from offline.packages import views

app_name = "packages"

urlpatterns = [
    path("packages/", views.package_list, name="list"),
    path("packages/shell/", views.package_shell, name="shell"),
    path("packages/<uuid:package_id>/", views.package_detail, name="package"),
    path("packages/<uuid:package_id>/lessons/<uuid:material_id>/", views.package_lesson, name="lesson"),
    path("packages/<uuid:package_id>/quiz/<uuid:quiz_id>/", views.package_quiz, name="quiz"),
]
