"""Addresses of signing in and out."""

from __future__ import annotations

from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("login/", views.staff_login, name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("password/", views.set_password, name="set_password"),
    path("join/", views.join, name="join"),
    path("join/<str:code>/", views.join_with_code, name="join_with_code"),
]
