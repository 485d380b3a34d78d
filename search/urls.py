"""Addresses of the search: pages inside the language prefix, `api` outside of it."""

from django.urls import path

from search import views
from search.api import views as api_views
from search.saved import views as saved_views

app_name = "search"
urlpatterns = [
    path("search/", views.results, name="results"),
    path("search/suggest/", views.suggest, name="suggest"),
    path("search/related/<uuid:material_id>/", views.related_materials, name="related"),
    path("search/copy/<uuid:material_id>/", views.copy_case, name="copy-case"),
    path("search/saved/", saved_views.save, name="save"),
    path("search/saved/<int:pk>/forget/", saved_views.forget, name="forget"),
]
api = [
    path("api/v1/search", api_views.search, name="api-search"),
    path("api/v1/search/suggestions", api_views.suggestions, name="api-search-suggestions"),
    path("api/v1/openapi.json", api_views.openapi, name="api-openapi"),
]
