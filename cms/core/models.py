"""The site's home, its media models and the editable taxonomies."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument, Document
from wagtail.images.models import AbstractImage, AbstractRendition, Image
from wagtail.models import Page
from wagtail.snippets.models import register_snippet
from wagtailmedia.models import AbstractMedia

from media_pipeline.models import MediaSource


class PlatformImage(AbstractImage):
    """A picture with its source and copyright."""

    source_note = models.CharField(_("来源与版权"), max_length=200, blank=True)

    admin_form_fields = (*Image.admin_form_fields, "source_note")


class PlatformImageRendition(AbstractRendition):
    image = models.ForeignKey(PlatformImage, models.CASCADE, related_name="renditions")

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)


class PlatformDocument(AbstractDocument):
    """An attachment or subtitle file."""

    admin_form_fields = Document.admin_form_fields


class LectureMedia(AbstractMedia):
    """An uploaded lecture or sound track; its renditions hang on the source it was stored as."""

    media_source = models.ForeignKey(
        MediaSource, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    admin_form_fields = ("title", "file", "collection", "tags")


class HomePage(Page):
    """今天: what is next."""

    max_count = 1

    class Meta:
        verbose_name = _("首页")


class FacetTerm(models.Model):
    """A term of an editable taxonomy."""

    code = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    position = models.PositiveSmallIntegerField(_("次序"), default=0)

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
