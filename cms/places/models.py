"""Registries of red-resource sites, training bases and shared venues."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.models import Orderable, Page

from accounts.errors import PersonError
from cms.core.page_forms import MaterialPageForm
from cms.core.pages import KnownAncestors
from cms.places import pins, publication
from cms.review.guard import ReviewedPage


class PlaceIndex(KnownAncestors, Page):
    """红色资源: all places.

    Template `places/place_index.html`; context: `places` (list of PlaceView, see `cms.places.selectors`).
    """

    template = "places/place_index.html"
    subpage_types = ["places.RedSite", "places.TrainingBase", "places.Venue"]

    class Meta:
        verbose_name = _("场所目录")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from cms.places import selectors

        return {**super().get_context(request, *args, **kwargs), "places": selectors.places(request)}


class Place(ReviewedPage, Page):
    """What the three registries share; coordinates are the site's, never a person's.

    Templates `places/red_site.html`, `places/training_base.html`, `places/venue.html`; context: `place` (PlaceView).
    """

    county = models.CharField(_("所在县（市、区）"), max_length=60)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    latitude = models.DecimalField(
        _("纬度"),
        max_digits=8,
        decimal_places=5,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text=_("场所的坐标，不是任何人的位置。例如 36.96123"),
    )
    longitude = models.DecimalField(
        _("经度"),
        max_digits=8,
        decimal_places=5,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    altitude_m = models.PositiveSmallIntegerField(_("海拔（米）"), null=True, blank=True)
    opening = models.CharField(_("开放时间"), max_length=200, blank=True)
    capacity = models.PositiveSmallIntegerField(_("可容纳人数"), null=True, blank=True)
    summary = models.TextField(_("简介"), blank=True)
    source_note = models.CharField(_("来源"), max_length=200, blank=True)
    media_pins = models.JSONField(
        default=dict, blank=True, editable=False, help_text="Hashes of the pictures and recordings this revision shows."
    )

    base_form_class = MaterialPageForm
    parent_page_types = ["places.PlaceIndex"]
    subpage_types: list[str] = []
    content_panels = [
        *Page.content_panels,
        FieldRowPanel([FieldPanel("county"), FieldPanel("address")]),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("latitude"), FieldPanel("longitude"), FieldPanel("altitude_m")])],
            heading=_("场所坐标"),
        ),
        FieldRowPanel([FieldPanel("opening"), FieldPanel("capacity")]),
        FieldPanel("summary"),
        FieldPanel("source_note"),
        InlinePanel("gallery", heading=_("图片与影音"), label=_("图片或影音")),
    ]

    class Meta:
        abstract = True

    def save_revision(self, *args: Any, **kwargs: Any) -> Any:
        """Save a revision that pins the hashes of its gallery as it is now."""
        self.media_pins = pins.current_pins(self)
        return super().save_revision(*args, **kwargs)

    def publication_blockers(self) -> list[PersonError]:
        return publication.blockers(self)

    def after_publication(self) -> None:
        publication.publish(self)

    def after_withdrawal(self) -> None:
        publication.withdraw(self)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from cms.places import selectors

        return {**super().get_context(request, *args, **kwargs), "place": selectors.place_view(self, request)}


class GalleryItem(Orderable):
    """A picture or a recording of a place."""

    image = models.ForeignKey(
        "core.PlatformImage", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("图片")
    )
    media = models.ForeignKey(
        "core.LectureMedia", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("影音")
    )
    caption = models.CharField(_("说明"), max_length=200, blank=True)

    panels = [FieldPanel("image"), FieldPanel("media"), FieldPanel("caption")]

    class Meta(Orderable.Meta):
        abstract = True


class RedSite(Place):
    """红色资源."""

    template = "places/red_site.html"
    period = models.CharField(_("年代"), max_length=60, blank=True, help_text=_("例如：1958—1995"))

    content_panels = [*Place.content_panels[:2], FieldPanel("period"), *Place.content_panels[2:]]

    class Meta:
        verbose_name = _("红色资源")
        verbose_name_plural = _("红色资源")


class TrainingBase(Place):
    """教育培训基地."""

    template = "places/training_base.html"

    class Meta:
        verbose_name = _("培训基地")
        verbose_name_plural = _("培训基地")


class Venue(Place):
    """组织生活共享阵地."""

    template = "places/venue.html"

    class Meta:
        verbose_name = _("共享阵地")
        verbose_name_plural = _("共享阵地")


class RedSiteGalleryItem(GalleryItem):
    place = ParentalKey(RedSite, on_delete=models.CASCADE, related_name="gallery")


class TrainingBaseGalleryItem(GalleryItem):
    place = ParentalKey(TrainingBase, on_delete=models.CASCADE, related_name="gallery")


class VenueGalleryItem(GalleryItem):
    place = ParentalKey(Venue, on_delete=models.CASCADE, related_name="gallery")
