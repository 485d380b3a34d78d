"""Pages of packages, inside the language prefix."""

from __future__ import annotations

from django.urls import path

from offline.packages import print_views, views

app_name = "packages"

urlpatterns = [
    path("packages/", views.package_list, name="list"),
    path("packages/shell/", views.package_shell, name="shell"),
    path("packages/<uuid:package_id>/", views.package_detail, name="package"),
    path("packages/<uuid:package_id>/card/", print_views.card, name="card"),
    path("packages/<uuid:package_id>/roster/", print_views.roster, name="roster"),
    path("packages/<uuid:package_id>/lessons/<uuid:material_id>/", views.package_lesson, name="lesson"),
    path("packages/<uuid:package_id>/quiz/<uuid:quiz_id>/", views.package_quiz, name="quiz"),
]
