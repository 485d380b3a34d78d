"""Where every address of the site leads."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from cms import urls as cms_urls

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("", include(cms_urls)),
    path("health/", include("config.health.urls")),
]
urlpatterns += i18n_patterns(
    path("", include("accounts.urls")),
    path("", include("search.urls")),
    *cms_urls.localized,
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)
