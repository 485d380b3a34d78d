"""视频处理: the list, one recording's page, its buttons and its preview, as staff meet them."""

from __future__ import annotations

import html
import json
from datetime import timedelta
from string import Formatter

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.core.bootstrap import EDITORS, REVIEWERS
from cms.core.models import LectureMedia
from media_pipeline import reencoding, services
from media_pipeline.errors import ERRORS_BY_CODE, MediaError
from media_pipeline.models import MediaSource, Rendition, TranscodeJob
from media_pipeline.objects import default_store
from media_pipeline.presets import PRESET_VERSION
from tests.factories import cms as make

pytestmark = pytest.mark.django_db

PLAN = {
    "rungs": ["opus-16", "deck", "h264-240"],
    "dropped": {"av1-480": "larger-than-source", "h264-360": "something-new"},
    "class": "slides",
    "why": {"still_share": 0.92, "changes_a_minute": 1.4},
    "target_vmaf": 95,
    "rate": "25/1",
    "choices": {
        "h264-240": {
            "crf": 29, "vmaf": 95.31, "vmaf_p5": 90.2, "kbit_s": 31.2,
            "reel": [[25, 97.0, 60.0], [29, 95.2, 31.0], [33, 90.0, 20.0]],
        }
    },
    "chunks": {"total": 12, "encoded": 5, "reused": 4},
}  # fmt: skip


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path) -> None:
    settings.OBJECTS_DIR = tmp_path / "objects"
    settings.PUBLIC_TREE_DIR = tmp_path / "public"


def signed_in(*groups: str) -> Client:
    client = Client()
    client.force_login(make.make_user(*groups))
    return client


@pytest.fixture
def editor() -> Client:
    return signed_in(EDITORS)


def recorded(
    title: str = "讲座",
    *,
    state: str = "published",
    version: str = PRESET_VERSION,
    rungs: tuple[str, ...] = ("opus-16", "h264-240", "muxed-240", "poster"),
    **job: object,
) -> LectureMedia:
    """A recording with one job."""
    source = make.make_source(rungs=())
    MediaSource.objects.filter(pk=source.pk).update(length=500_000_000, name="课.mp4")
    for rung in rungs:
        make.add_rendition(source, rung, version=version)
    TranscodeJob.objects.create(source=source, preset_version=version, state=state, **job)
    return make.make_media(source=source, title=title)


def details_of(kind: type[MediaError]) -> dict[str, str]:
    """Something for each detail that the messages of an error name."""
    named = [field for _text, field, *_rest in Formatter().parse(kind.message_zh + kind.message_en) if field]
    return {field: "decode status 1" if field == "reason" else "4711" for field in named}


def page(client: Client, name: str, *arguments: object, **query: object) -> str:
    answer = client.get(reverse(f"lessons_media:{name}", args=arguments), query)
    assert answer.status_code == 200
    told = answer.content.decode()
    return told if "json" in answer["Content-Type"] else html.unescape(told)


def job_of(media: LectureMedia) -> TranscodeJob:
    return media.media_source.jobs.latest("pk")


def test_strangers_and_members_see_nothing_of_it() -> None:
    media = recorded()
    for client in (Client(), signed_in()):
        for name in ("videos", "videos_results", "videos_rows"):
            assert client.get(reverse(f"lessons_media:{name}")).status_code in (302, 403)
        for name in ("video", "video_live", "video_preview"):
            assert client.get(reverse(f"lessons_media:{name}", args=[media.pk])).status_code in (302, 403)
        assert client.get(reverse("lessons_media:video_slide", args=[media.pk, 0])).status_code in (302, 403)


def test_the_menu_leads_to_a_list_of_every_recording_with_its_state_and_what_a_phone_is_spared(editor: Client) -> None:
    recorded("三江源的水")
    recorded("草原防火", state="encoding", step="转码声音", progress=0.42)
    recorded("接羔", state="failed", error_code="probe", rungs=())
    recorded("旧方案的课", version="2025.9")
    assert reverse("lessons_media:videos") in editor.get("/admin/").content.decode()
    told = page(editor, "videos")
    assert all(title in told for title in ("三江源的水", "草原防火", "接羔", "旧方案的课"))
    assert told.index("草原防火") < told.index("接羔") < told.index("三江源的水")
    assert "42%" in told and "转码声音" in told
    assert "读不出这个文件里的音视频" in told
    assert "500.0 MB → 1 KB" in told and "省 100.0%" in told
    assert "<strong>1</strong> 个视频用的是旧转码方案" in told


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"甲课", "乙课", "丙课", "丁课"}),
        ({"state": "running"}, {"乙课"}),
        ({"state": "failed"}, {"丙课"}),
        ({"state": "done"}, {"甲课", "丁课"}),
        ({"state": "outdated"}, {"丁课"}),
        ({"q": "乙"}, {"乙课"}),
        ({"q": "没有的"}, set()),
    ],
)
def test_filters_and_the_search_by_title(editor: Client, query: dict[str, str], found: set[str]) -> None:
    recorded("甲课")
    recorded("乙课", state="encoding")
    recorded("丙课", state="failed", error_code="encode")
    recorded("丁课", version="2025.9")
    told = page(editor, "videos_results", **query)
    assert {title for title in ("甲课", "乙课", "丙课", "丁课") if title in told} == found


def test_the_list_costs_the_same_queries_however_long_it_is(editor: Client, django_assert_max_num_queries) -> None:
    for number in range(12):
        recorded(f"第{number}课")
    with django_assert_max_num_queries(25):
        page(editor, "videos")


def test_the_rows_say_how_far_they_are_and_end_the_poll_when_nothing_runs(editor: Client) -> None:
    running, done = recorded("甲", state="encoding", progress=0.5, step="转码画面"), recorded("乙")
    told = json.loads(page(editor, "videos_rows", id=[running.pk, done.pk, "x", 10**30]))
    assert 0 < told["poll_ms"] <= 3000
    assert told["rows"][str(running.pk)]["running"] is True
    assert "50%" in told["rows"][str(running.pk)]["state"]
    assert json.loads(page(editor, "videos_rows", id=[done.pk]))["poll_ms"] == 0
    assert json.loads(page(editor, "videos_rows"))["rows"] == {}


def test_one_recordings_page_tells_plan_and_why_each_rung_chunks_and_uses(editor: Client) -> None:
    media = recorded(
        state="encoding",
        plan=PLAN,
        progress=0.25,
        attempts=2,
        lease_owner="machine-7:4711:transcoder-1",
        started_at=timezone.now() - timedelta(minutes=2),
        heartbeat_at=timezone.now(),
        lease_expires_at=timezone.now() + timedelta(seconds=20),
    )
    make.make_lesson(video=media, title="用到它的课")
    told = page(editor, "video", media.pk)
    assert "这节课主要是幻灯片：画面 92% 的时间不动，平均每分钟换 1.4 次。" in told
    assert "另做了图片版" in told and "画质目标 95 分" in told and "每秒 25 帧" in told
    assert "画面 480p（AV1）：做出来比原件的画面还大" in told
    assert "画面 360p（H.264）：something-new" in told
    assert "95.3" in told and "最差的 5% 画面 90.2" in told and "CRF 29" in told
    assert told.count("<circle") == 3 and told.count('class="is-chosen"') == 1
    assert "共 12 段，已做 5 段，沿用以前的 4 段" in told
    assert "约还需 6 分钟" in told and "第 2 次（最多 5 次）" in told and "machine-7" in told
    assert "用到它的课" in told
    assert "取消转码" in told and ">重试<" not in told


def test_a_page_without_a_job_a_plan_or_a_rendition_still_opens(editor: Client) -> None:
    bare = make.make_media(source=make.make_source(rungs=()))
    assert "等待转码" in page(editor, "video", bare.pk)
    assert "还没有做好的码流" in page(editor, "video_preview", bare.pk)
    odd = recorded(plan={"rungs": ["opus-16"], "dropped": {}, "choices": {}, "class": "new"})
    assert "都按统一的设置制作" in page(editor, "video", odd.pk)
    assert editor.get(reverse("lessons_media:video", args=[999_999])).status_code == 404


@pytest.mark.parametrize("code", sorted(ERRORS_BY_CODE))
def test_every_failure_is_told_in_words_that_say_what_to_do(editor: Client, code: str) -> None:
    kind = ERRORS_BY_CODE[code]
    details = details_of(kind)
    media = recorded(state="failed", error_code=code, error_detail=json.dumps(details), rungs=())
    error = kind(**details)
    in_words = kind(**{**details, "reason": "有的画面或声音解不出来"}).zh
    assert error.zh != MediaError().zh and "{" not in error.zh
    assert any(word in error.zh for word in ("请", "重试", "点")), "it says what to do"
    for name in ("video", "video_live"):
        told = page(editor, name, media.pk)
        if name == "video_live":
            told = html.unescape(json.loads(told)["parts"]["live"])
        assert in_words in told and error.en in told
    assert in_words in page(editor, "videos")


def test_the_buttons_cancel_retry_and_encode_again_and_say_what_came_of_it(
    editor: Client, django_capture_on_commit_callbacks
) -> None:
    media = recorded(state="encoding")
    told = editor.post(reverse("lessons_media:video_cancel", args=[media.pk]), follow=True).content.decode()
    assert "正在停止转码" in told and job_of(media).state == "cancelled"
    assert ">重试<" in told
    told = editor.post(reverse("lessons_media:video_cancel", args=[media.pk]), follow=True).content.decode()
    assert "不能进行此操作" in told
    told = editor.post(reverse("lessons_media:video_retry", args=[media.pk]), follow=True).content.decode()
    assert "已重新开始" in told and job_of(media).state == "received"
    old = recorded(version="2025.9")
    assert "按新方案重新转码" in page(editor, "video", old.pk)
    told = editor.post(reverse("lessons_media:video_re_encode", args=[old.pk]), follow=True).content.decode()
    assert "学员看到的仍是原来的版本" in told
    assert job_of(old).preset_version == PRESET_VERSION


def test_encode_everything_again_and_stop(editor: Client) -> None:
    media = [recorded(version="2025.9") for _ in range(2)]
    told = editor.post(reverse("lessons_media:re_encode_all"), follow=True).content.decode()
    assert "2 个视频已排队" in told and "还剩 <strong>2</strong> 个" in told and "排队中" in told
    waiting = page(editor, "video", media[1].pk)
    assert "在后台排队，新上传的视频先转" in waiting and "前面还有" in waiting and "现在就转" in waiting
    told = editor.post(reverse("lessons_media:stop_re_encoding"), follow=True).content.decode()
    assert "2 个还没开始的重新转码已取消" in told
    assert reencoding.queue().left == 0
    assert "<strong>2</strong> 个视频用的是旧转码方案" in told


def test_reviewers_may_look_and_change_nothing() -> None:
    reviewer, media = signed_in(REVIEWERS), recorded(state="encoding", version="2025.9")
    told = page(reviewer, "video", media.pk)
    assert "转码中" in told and "取消转码" not in told
    assert "全部重新转码" not in page(reviewer, "videos")
    for name in ("video_cancel", "video_retry", "video_re_encode"):
        assert reviewer.post(reverse(f"lessons_media:{name}", args=[media.pk])).status_code in (302, 403)
    for name in ("re_encode_all", "stop_re_encoding"):
        assert reviewer.post(reverse(f"lessons_media:{name}")).status_code in (302, 403)
    assert job_of(media).state == "encoding" and not job_of(media).cancel_requested
    assert TranscodeJob.objects.count() == 1


def test_acting_needs_a_post(editor: Client) -> None:
    media = recorded(state="encoding")
    assert editor.get(reverse("lessons_media:video_cancel", args=[media.pk])).status_code == 405


def add_deck(media: LectureMedia, pictures: list[bytes]) -> Rendition:
    store = default_store()
    sha256 = store.put_bytes(b"".join(pictures))
    listed = [[len(picture), 4000 * number, "0" * 64] for number, picture in enumerate(pictures)]
    index = {"v": 1, "object": sha256, "length": sum(map(len, pictures)), "mime": "image/webp", "width": 1280,
             "height": 720, "slides": listed}  # fmt: skip
    return Rendition.objects.create(
        source=media.media_source, name="deck", kind="deck", mime="image/webp", sha256=sha256, width=1280, height=720,
        length=index["length"], index_sha256=store.put_bytes(json.dumps(index).encode()), preset_version=PRESET_VERSION,
    )  # fmt: skip


def test_the_preview_holds_every_rung_from_the_private_store_with_byte_ranges(editor: Client) -> None:
    media = recorded(rungs=("opus-16", "aac-24", "h264-240", "h264-360", "muxed-240", "poster", "sprite"))
    add_deck(media, [b"one", b"second", b"3"])
    told = page(editor, "video_preview", media.pk)
    assert told.count("<video") == 3 and told.count("<audio") == 2 and told.count("data-start=") == 3
    rung = Rendition.objects.get(name="h264-360")
    address = f"{reverse('lessons_media:object', args=[rung.sha256])}?type=video%2Fmp4"
    assert address in told
    sprite = Rendition.objects.get(name="sprite")
    assert f'<img src="{reverse("lessons_media:object", args=[sprite.sha256])}?type=image%2Fwebp"' in told
    piece = editor.get(address, headers={"Range": "bytes=2-5"})
    assert (piece.status_code, b"".join(piece.streaming_content)) == (206, b"64-3")
    slides = [editor.get(reverse("lessons_media:video_slide", args=[media.pk, number])) for number in range(4)]
    assert [slide.status_code for slide in slides] == [200, 200, 200, 404]
    assert [slide.content for slide in slides[:3]] == [b"one", b"second", b"3"]
    assert slides[0]["Content-Type"] == "image/webp"


def test_a_job_that_no_worker_takes_is_not_left_pending_for_ever(editor: Client) -> None:
    media = recorded(state="received", dispatched_at=timezone.now() - timedelta(minutes=3), rungs=())
    assert "一直没有后台程序来处理" in page(editor, "video", media.pk)
    TranscodeJob.objects.update(dispatched_at=timezone.now())
    assert "一直没有后台程序来处理" not in page(editor, "video", media.pk)
    TranscodeJob.objects.update(dispatched_at=timezone.now() - timedelta(minutes=3))
    recorded(state="encoding", heartbeat_at=timezone.now())
    assert "一直没有后台程序来处理" not in page(editor, "video", media.pk)


def test_the_overview_leads_from_trouble_to_the_recordings_page_and_keeps_quiet_about_a_re_encode(
    editor: Client,
) -> None:
    broken, again = recorded(state="failed", error_code="probe"), recorded(version="2025.9")
    TranscodeJob.objects.create(source=again.media_source, preset_version=PRESET_VERSION, state="failed")
    for media in (broken, again):
        make.make_lesson(video=media)
    told = editor.get(reverse("curriculum_overview")).content.decode()
    assert reverse("lessons_media:video", args=[broken.pk]) in told
    assert reverse("lessons_media:video", args=[again.pk]) not in told
    assert told.count("已转码") == 2, "once to see, once to hear"


def test_a_failed_re_encode_says_that_the_old_version_is_still_there(editor: Client) -> None:
    media = recorded(version="2025.9")
    services.request_transcode(media.media_source)
    TranscodeJob.objects.filter(preset_version=PRESET_VERSION).update(state="failed", error_code="encode")
    assert "学员看到的仍是原来的版本" in page(editor, "video", media.pk)
