"""The site's home, its media models and the editable taxonomies."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.documents.models import AbstractDocument, Document
from wagtail.images.models import AbstractImage, AbstractRendition, Image
from wagtail.models import Page
from wagtail.snippets.models import register_snippet
from wagtail.url_routing import RouteResult
from wagtailmedia.models import AbstractMedia

from cms.core import pages
from media_pipeline.models import MediaSource


class NotesNewFile:
    """Mixin for what holds one `file`: each save notes whether it is another one (receivers.py acts on that)."""

    file: Any
    file_is_new = False

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Note whether the file is new, then store the row."""
        self.file_is_new = bool(self.file) and not getattr(self.file, "_committed", True)
        super().save(*args, **kwargs)  # type: ignore[misc]


class PlatformImage(NotesNewFile, AbstractImage):
    """A picture with its source and copyright."""

    source_note = models.CharField(_("来源与版权"), max_length=200, blank=True)

    admin_form_fields = (*Image.admin_form_fields, "source_note")


class PlatformImageRendition(AbstractRendition):
    image = models.ForeignKey(PlatformImage, models.CASCADE, related_name="renditions")

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)


class PlatformDocument(NotesNewFile, AbstractDocument):
    """An attachment or subtitle file.

    Its bytes are also kept in the object store under `content_sha256`, so that a published revision
    which pinned them stays readable after the document was replaced.
    """

    content_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    content_length = models.BigIntegerField(null=True, blank=True, editable=False)

    admin_form_fields = Document.admin_form_fields


class LectureMedia(NotesNewFile, AbstractMedia):
    """An uploaded lecture or sound track; its renditions hang on the source it was stored as."""

    media_source = models.ForeignKey(
        MediaSource, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    admin_form_fields = ("title", "file", "collection", "tags")


class HomePage(pages.KnownAncestors, Page):
    """今天: what is next.

    Template `core/home_page.html`; context: `outlines` (live outlines), `lessons` (the newest live
    lessons, at most eight), both filled in through `HomePage.context_providers`.
    """

    template = "core/home_page.html"
    max_count = 1
    context_providers: list[Any] = []

    class Meta:
        verbose_name = _("首页")

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Find the page of a whole address in one query instead of two per level (none routes by itself)."""
        if not path_components:
            return super().route(request, path_components)
        return RouteResult(pages.find(self.url_path + "/".join(path_components) + "/"))

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        for provider in self.context_providers:
            context.update(provider())
        return context


class FacetTerm(models.Model):
    """A term of an editable taxonomy."""

    code = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    position = models.PositiveSmallIntegerField(_("次序"), default=0)

    panels = [FieldPanel("name"), FieldPanel("code"), FieldPanel("position")]

    class Meta:
        abstract = True
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name


@register_snippet
class SocialField(FacetTerm):
    """八大领域."""

    class Meta(FacetTerm.Meta):
        verbose_name = _("领域")
        verbose_name_plural = _("领域")


@register_snippet
class MemberGroup(FacetTerm):
    """六类群体."""

    class Meta(FacetTerm.Meta):
        verbose_name = _("群体")
        verbose_name_plural = _("群体")


@register_snippet
class ContentClass(FacetTerm):
    """七类内容 (domain.md §2)."""

    class Meta(FacetTerm.Meta):
        verbose_name = _("内容分类")
        verbose_name_plural = _("内容分类")


def material_id_of(instance: Any) -> uuid.UUID:
    """The id by which everything outside the CMS names a material (a page's translation key)."""
    own = getattr(instance, "material_id", None)
    return own if own is not None else instance.translation_key
