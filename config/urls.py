"""Where every address of the site leads."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

import cms.urls
import offline.urls
import search.urls

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"

# The same in every language: the admin, programs' addresses, streams.
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("accounts.admin_urls")),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("health/", include("config.health.urls")),
    path("", include(offline.urls.api)),
    path("", include(search.urls.api)),
    path("", include(cms.urls.urlpatterns)),
]
# Pages for people: Chinese at the plain address, the other languages below their prefix.
urlpatterns += i18n_patterns(
    path("", include("accounts.urls")),
    path("", include("education.members.urls")),
    path("", include("education.classroom.urls")),
    path("", include("search.urls")),
    path("", include(offline.urls.pages)),
    path("", include(cms.urls.localized)),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)
