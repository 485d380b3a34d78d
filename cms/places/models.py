"""Registries of red-resource sites, training bases and shared venues."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page


class PlaceIndex(Page):
    """红色资源: all places."""

    subpage_types = ["places.RedSite", "places.TrainingBase", "places.Venue"]

    class Meta:
        verbose_name = _("场所目录")


class Place(Page):
    """What the three registries share; coordinates are the site's, never a person's."""

    county = models.CharField(_("所在县（市、区）"), max_length=60)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    latitude = models.DecimalField(_("纬度"), max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(_("经度"), max_digits=8, decimal_places=5, null=True, blank=True)
    altitude_m = models.PositiveSmallIntegerField(_("海拔（米）"), null=True, blank=True)
    opening = models.CharField(_("开放时间"), max_length=200, blank=True)
    capacity = models.PositiveSmallIntegerField(_("可容纳人数"), null=True, blank=True)
    summary = models.TextField(_("简介"), blank=True)

    parent_page_types = ["places.PlaceIndex"]
    subpage_types: list[str] = []

    class Meta:
        abstract = True


class RedSite(Place):
    """红色资源."""

    class Meta:
        verbose_name = _("红色资源")
        verbose_name_plural = _("红色资源")


class TrainingBase(Place):
    """教育培训基地."""

    class Meta:
        verbose_name = _("培训基地")
        verbose_name_plural = _("培训基地")


class Venue(Place):
    """组织生活共享阵地."""

    class Meta:
        verbose_name = _("共享阵地")
        verbose_name_plural = _("共享阵地")
