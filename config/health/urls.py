"""Addresses of the health page."""

from django.urls import path

from config.health import views

app_name = "health"
urlpatterns = [
    path("", views.health, name="health"),
    path("live/", views.live, name="live"),
]
