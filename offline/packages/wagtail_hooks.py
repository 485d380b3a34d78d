"""资源包 in the Wagtail admin."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel, InlinePanel, ObjectList, PageChooserPanel, TabbedInterface
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import CreateView, EditView, SnippetViewSet

from cms.review.snippets import ReviewedSnippetViewSet
from offline.packages import admin_views
from offline.packages.models import OfflinePackage
from offline.packages.panels import BuildPanel
from offline.packages.reach import PackageChooserViewSet, PackageFilterSet, PackageForm, PackageReach
from offline.sync.selectors import may_see_devices


class ToTheBuildTab:
    """A view that leads, once the package is saved, to the tab where it is built."""

    def get_success_url(self) -> str:
        """The edit page, its last tab open."""
        tab = OfflinePackageViewSet.edit_handler.child_identifiers[-1]
        return f"{reverse(self.edit_url_name, args=[self.object.pk])}#tab-{tab}"  # type: ignore[attr-defined]


class PackageCreateView(ToTheBuildTab, CreateView):
    """Composing a new package."""


class PackageEditView(ToTheBuildTab, EditView):
    """Changing what the next version will hold."""


class OfflinePackageViewSet(PackageReach, ReviewedSnippetViewSet, SnippetViewSet):
    """Composes a package for a campaign, hands it in for review and builds it."""

    model = OfflinePackage
    add_view_class = PackageCreateView
    edit_view_class = PackageEditView
    icon = "folder-inverse"
    menu_label = _("资源包")
    menu_order = 310
    add_to_admin_menu = True
    list_display = ["title", "campaign", "status_string", "newest_version"]
    filterset_class = PackageFilterSet
    chooser_viewset_class = PackageChooserViewSet
    search_fields = ["title"]
    inspect_view_enabled = False
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    FieldPanel("title"),
                    FieldPanel("campaign"),
                    InlinePanel(
                        "package_lessons",
                        heading=_("视频课与案例（按教学顺序）"),
                        label=_("课程"),
                        panels=[PageChooserPanel("lesson", ["lessons.Lesson", "lessons.Case"])],
                    ),
                    InlinePanel(
                        "package_units",
                        heading=_("整个大纲单元（其中已发布的课程全部装入）"),
                        label=_("大纲单元"),
                        panels=[PageChooserPanel("unit", "curriculum.OutlineUnit")],
                    ),
                    FieldPanel("quiz"),
                ],
                heading=_("内容"),
            ),
            ObjectList([BuildPanel()], heading=_("制作与版本")),
        ],
        base_form_class=PackageForm,
    )


register_snippet(OfflinePackageViewSet)


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern | URLResolver]:
    """Below `/admin/`: what the build panel talks to."""
    return [path("packages/", include((admin_views.urlpatterns, admin_views.app_name)))]


class DevicesMenuItem(MenuItem):
    """Shown to those who answer for members' phones."""

    def is_shown(self, request: object) -> bool:
        return may_see_devices(request.user)  # type: ignore[attr-defined]


@hooks.register("register_admin_menu_item")
def devices_menu_item() -> MenuItem:
    """The list of phones is a page of its own, since secretaries work on phones."""
    return DevicesMenuItem(_("党员手机"), reverse("devices:list"), name="devices", icon_name="mobile-alt", order=320)
