"""Published lessons with small real objects, packages made of them, and a phone that keeps a record log."""

from __future__ import annotations

import hashlib
import itertools
import uuid
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from wagtail.models import Page

from accounts.models import Organisation
from cms.core.models import LectureMedia
from cms.lessons import pins, publication
from cms.lessons.models import Case, Lesson
from education.classroom.models import Quiz
from education.members.models import PartyMember
from education.training.models import TrainingCampaign
from media_pipeline import deck
from media_pipeline.models import MediaSource, Rendition, TranscodeJob
from media_pipeline.objects import default_store
from media_pipeline.publication import settle
from offline.canonical import canonical_json
from offline.packages.models import OfflinePackage, PackageLesson
from offline.sync import protocol
from offline.sync.models import Device
from tests.factories import materials, people

_numbers = itertools.count(1)
RUNGS = {
    "opus-16": (Rendition.Kind.AUDIO, 'audio/mp4; codecs="opus"', 3_000),
    "aac-24": (Rendition.Kind.AUDIO, 'audio/mp4; codecs="mp4a.40.2"', 4_000),
    "h264-240": (Rendition.Kind.VIDEO, 'video/mp4; codecs="avc1.4d4015"', 20_000),
    "h264-360": (Rendition.Kind.VIDEO, 'video/mp4; codecs="avc1.4d401e"', 40_000),
    "muxed-240": (Rendition.Kind.MUXED, 'video/mp4; codecs="avc1.4d4015, mp4a.40.2"', 24_000),
    "poster": (Rendition.Kind.POSTER, "image/webp", 900),
}
MORE_RUNGS = {
    "deck": (Rendition.Kind.DECK, "image/webp", 2_000),
    "av1-360": (Rendition.Kind.VIDEO, 'video/mp4; codecs="av01.0.01M.08"', 22_000),
    "av1-480": (Rendition.Kind.VIDEO, 'video/mp4; codecs="av01.0.04M.08"', 50_000),
}
"""What not every lecture has; a lesson has them where it is asked for."""


def rendition(source: MediaSource, name: str, *, scale: int = 1, version: str = "2026.1") -> Rendition:
    """One rung: an object of bytes that nobody else has, and its segment index."""
    kind, mime, length = {**RUNGS, **MORE_RUNGS}[name]
    content = hashlib.shake_256(f"{source.sha256}{name}".encode()).digest(length * scale)
    store = default_store()
    sha256 = store.put_bytes(content)
    index_sha256 = ""
    if kind in (Rendition.Kind.AUDIO, Rendition.Kind.VIDEO):
        half = (len(content) - 100) // 2
        parts = [content[100 : 100 + half], content[100 + half :]]
        index = {
            "v": 1,
            "object": sha256,
            "length": len(content),
            "mime": mime,
            "init": 100,
            "init_sha256": hashlib.sha256(content[:100]).hexdigest(),
            "segments": [[len(part), 2000, hashlib.sha256(part).hexdigest()] for part in parts],
        }
        index_sha256 = store.put_bytes(canonical_json(index))
    if kind == Rendition.Kind.DECK:
        half = len(content) // 2
        _deck, deck_index = deck.pack([content[:half], content[half:]], [0, 2000], width=640, height=360)
        index_sha256 = store.put_bytes(deck_index.as_bytes())
    return Rendition.objects.create(
        source=source,
        name=name,
        kind=kind,
        mime=mime,
        sha256=sha256,
        length=len(content),
        duration_s=4.0,
        height=int(name.rsplit("-", 1)[1]) if kind == Rendition.Kind.VIDEO else None,
        index_sha256=index_sha256,
        preset_version=version,
    )


def lesson(
    *,
    title: str = "",
    minutes: int = 12,
    published: bool = True,
    rungs: tuple[str, ...] = tuple(RUNGS),
    scale: int = 1,
    case: bool = False,
    parent: Page | None = None,
) -> Lesson | Case:
    """A lesson (or case) with finished media; with `published` it is as the review leaves it."""
    number = next(_numbers)
    source = MediaSource.objects.create(
        sha256=hashlib.sha256(f"source {number} {uuid.uuid4()}".encode()).hexdigest(), storage_name="x", length=1
    )
    for name in rungs:
        rendition(source, name, scale=scale)
    TranscodeJob.objects.create(source=source, preset_version="2026.1", state=TranscodeJob.State.PUBLISHED)
    media = LectureMedia.objects.create(title="讲课", type="video", duration=4, media_source=source)
    model = Case if case else Lesson
    made = model(
        title=title or f"第 {number} 课",
        slug=f"packed-{number}",
        nominal_minutes=minutes,
        summary="讲清楚怎么接羔。",
        video=media,
        live=False,
    )
    (parent or Page.objects.get(depth=1)).add_child(instance=made)
    if published:
        publish(made)
    return made


def publish(made: Lesson | Case) -> None:
    """What the third stage of a review leaves behind: the pins of the media, the row live, the objects public."""
    pinned = pins.current_pins(made)
    type(made).objects.filter(pk=made.pk).update(live=True, media_pins=pinned, first_published_at=materials.PUBLISHED)
    made.refresh_from_db()
    publication.publish(made)
    settle(publication.objects_of(pinned))


def campaign(organisation: Organisation | None = None) -> TrainingCampaign:
    """A winter-spring campaign of a county."""
    return TrainingCampaign.objects.create(
        name="曲麻莱冬春训",
        organisation=organisation or people.organisation("county"),
        starts_on=date(2026, 12, 1),
        ends_on=date(2027, 3, 31),
    )


def package(
    *lessons: Lesson | Case,
    quiz: Quiz | None = None,
    title: str = "曲麻莱冬春训资源包",
    county: Organisation | None = None,
    reviewed: bool = True,
) -> OfflinePackage:
    """A composed package for a campaign of the county, not yet built; by default as the review leaves it."""
    made = OfflinePackage.objects.create(campaign=campaign(county), title=title, quiz=quiz)
    for order, entry in enumerate(lessons):
        PackageLesson.objects.create(package=made, lesson=entry.page_ptr, sort_order=order)
    return pass_review(made) if reviewed else made


def pass_review(draft: OfflinePackage) -> OfflinePackage:
    """What the third stage of a review leaves behind: the row as the draft has it, live."""
    revision = draft.save_revision()
    OfflinePackage.objects.filter(pk=draft.pk).update(
        title=draft.title,
        quiz=draft.quiz,
        campaign_name=draft.campaign_name,
        live=True,
        live_revision=revision,
        has_unpublished_changes=False,
        first_published_at=materials.PUBLISHED,
    )
    return OfflinePackage.objects.get(pk=draft.pk)


@dataclass
class Phone:
    """A member's phone: its key, and one log that grows line by line."""

    member: PartyMember
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    device_id: UUID = field(default_factory=uuid.uuid4)
    epoch: UUID = field(default_factory=uuid.uuid4)
    lines: list[bytes] = field(default_factory=list)

    @property
    def public_key(self) -> str:
        """Hex, as the server keeps it."""
        return self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def register(self) -> Phone:
        """Make the server know this phone."""
        Device.objects.create(device_id=self.device_id, member=self.member, public_key=self.public_key)
        return self

    def learn(self, material: UUID, **fields: object) -> Phone:
        """Append the record of a completed lesson."""
        self.lines.append(people.statement(self.member, material, sequence=len(self.lines) + 1, **fields))
        return self

    def clone(self) -> Phone:
        """The same phone restored from a copy: same key, same log so far, a life of its own from here on."""
        return Phone(self.member, self.key, self.device_id, self.epoch, list(self.lines))

    def heads(self) -> list[bytes]:
        """h_0 … h_n."""
        start = protocol.chain_start(self.device_id, self.epoch)
        return [start, *protocol.chain_heads(start, self.lines)]

    def bundle(self, first: int = 1, last: int | None = None, *, key: Ed25519PrivateKey | None = None) -> bytes:
        """Lines `first`…`last` as a bundle; with `key`, signed by somebody else."""
        return protocol.pack_bundle(
            device=self.device_id,
            epoch=self.epoch,
            first=first,
            previous=self.heads()[first - 1],
            lines=self.lines[first - 1 : last],
            sign=(key or self.key).sign,
        )
