"""Addresses of members and branch secretaries."""

from __future__ import annotations

from django.urls import path

from education.classroom import session_views
from education.members import branch_views, views

app_name = "members"

urlpatterns = [
    path("me/", views.me, name="me"),
    path("me/export.json", views.export, name="export"),
    path("me/deletion/", views.deletion, name="deletion"),
    path("branch/", branch_views.branches, name="branches"),
    path("branch/<slug:code>/", branch_views.branch, name="branch"),
    path("branch/<slug:code>/hours.csv", branch_views.export, name="branch_export"),
    path("branch/<slug:code>/members/new/", branch_views.open_account, name="open_account"),
    path("branch/<slug:code>/members/<uuid:member_id>/", branch_views.member, name="member"),
    path("branch/<slug:code>/members/<uuid:member_id>/erase/", branch_views.erase, name="erase"),
    path("branch/<slug:code>/cards/", branch_views.cards, name="cards"),
    path("branch/<slug:code>/sessions/new/", session_views.record, name="record_session"),
    path("branch/<slug:code>/sessions/<uuid:session_id>/", session_views.session, name="session"),
]
