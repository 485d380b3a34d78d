"""Places: pictures are seen by everybody once reviewed, pinned as reviewed, and by nobody before."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image as Picture

from cms.core.models import PlatformDocument, PlatformImage
from cms.places.models import RedSite, RedSiteGalleryItem
from cms.review.errors import NotReadyToPublish
from tests.factories import cms as make

pytestmark = pytest.mark.django_db(transaction=True)


def png(colour: str) -> ContentFile:
    target = io.BytesIO()
    Picture.new("RGB", (1000, 600), colour).save(target, "PNG")
    return ContentFile(target.getvalue(), "picture.png")


def colour_of(content: bytes) -> str:
    red, _green, blue = Picture.open(io.BytesIO(content)).convert("RGB").getpixel((5, 5))  # type: ignore[misc]
    return "red" if red > blue else "blue"


@pytest.fixture
def image() -> PlatformImage:
    return PlatformImage.objects.create(title="旧址大门", file=png("red"))


@pytest.fixture
def site(image: PlatformImage) -> RedSite:
    draft = make.make_site(published=False, title="金银滩旧址")
    draft.gallery.add(RedSiteGalleryItem(image=image, caption="大门"))
    return make.publish(draft)


def shown(page: RedSite) -> bytes:
    """The bytes of the one picture on the public page, out of the public tree."""
    html = Client().get(page.url).content.decode()
    address = re.search(r'<img src="(/b/(\w\w)/(\w{64}))\?type=image%2Fwebp"', html)
    assert address, html
    return (settings.PUBLIC_TREE_DIR / "b" / address[2] / address[3]).read_bytes()


def test_a_published_picture_is_shown_out_of_the_public_tree(site: RedSite) -> None:
    assert colour_of(shown(site)) == "red"


def test_a_replaced_picture_stays_unseen_until_it_is_reviewed(site: RedSite, image: PlatformImage) -> None:
    image.get_rendition("width-720|format-webp")
    image.file = png("blue")
    image.save()
    assert colour_of(shown(site)) == "red"
    site.refresh_from_db()
    assert site.has_unpublished_changes
    make.publish(site.get_latest_revision_as_object())
    assert colour_of(shown(RedSite.objects.get(pk=site.pk))) == "blue"


def test_a_picture_that_only_a_draft_shows_becomes_a_new_draft_when_its_file_is_replaced(site: RedSite) -> None:
    draft = site.get_latest_revision_as_object()
    added = PlatformImage.objects.create(title="纪念碑", file=png("red"))
    draft.gallery.add(RedSiteGalleryItem(image=added))
    handed_in = draft.save_revision()
    added.file = png("blue")
    added.save()
    site.refresh_from_db()
    assert site.latest_revision_id != handed_in.pk
    assert site.latest_revision.content["media_pins"] != handed_in.content["media_pins"]


def test_a_picture_renamed_in_the_library_keeps_the_caption_that_was_reviewed(image: PlatformImage) -> None:
    draft = make.make_site(published=False)
    draft.gallery.add(RedSiteGalleryItem(image=image))
    live = make.publish(draft)
    image.title = "没有人审过的名字"
    image.save()
    page = Client().get(live.url).content.decode()
    assert "旧址大门" in page
    assert image.title not in page


def test_a_place_that_is_taken_down_takes_its_pictures_along(site: RedSite) -> None:
    path = settings.PUBLIC_TREE_DIR / "b"
    pinned = site.media_pins["gallery"][0]["sha256"]
    assert (path / pinned[:2] / pinned).exists()
    site.unpublish()
    assert not (path / pinned[:2] / pinned).exists()


def test_a_picture_whose_file_is_gone_is_said_before_publication(image: PlatformImage) -> None:
    image.file.storage.delete(image.file.name)
    draft = make.make_site(published=False)
    draft.gallery.add(RedSiteGalleryItem(image=image))
    with pytest.raises(NotReadyToPublish, match="第 1 项"):
        make.publish(draft)


def admin() -> Client:
    client = Client()
    client.force_login(make.make_editor())
    return client


def test_a_draft_shows_its_pictures_to_staff_alone(image: PlatformImage) -> None:
    draft = make.make_site(published=False)
    draft.gallery.add(RedSiteGalleryItem(image=image))
    draft.save_revision()
    small = image.get_rendition("width-720|format-webp")
    for address in (small.url, image.file.url):
        assert Client().get(address).status_code == 404
        assert admin().get(address).status_code == 200


@pytest.mark.parametrize(
    "name", ["../db.sqlite3", "images/../../db.sqlite3", "nothing.png", "images", "%00", "a" * 5000]
)
def test_no_name_leads_out_of_the_uploads(name: str) -> None:
    assert admin().get(f"/media/{name}").status_code in (301, 302, 400, 404)


def test_a_document_is_read_by_staff_alone() -> None:
    document: Any = PlatformDocument.objects.create(title="秘密草稿", file=ContentFile(b"1\n", "subtitle.vtt"))
    assert Client().get(document.url).status_code == 404
    member = Client()
    member.force_login(make.make_user())
    assert member.get(document.url).status_code == 404
    assert admin().get(document.url).status_code == 200
