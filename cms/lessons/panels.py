"""The panel that shows, in a lesson's edit page, how far its media are."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import Panel
from wagtail.permissions import policy_registry

from cms.core.models import LectureMedia
from cms.lessons import direct_api, durations

WORDS = (
    gettext_noop("继续"),
    gettext_noop("约还需 {time}"),
    gettext_noop("转码进度"),
    gettext_noop("取消转码"),
    gettext_noop("重试"),
    gettext_noop("码流"),
    gettext_noop("内容"),
    gettext_noop("大小"),
    gettext_noop("预览"),
    gettext_noop("预览 {name}"),
    gettext_noop("网络不通，正在等待恢复；已填写的内容和已上传的部分都在。"),
    gettext_noop("在新标签页登录"),
    gettext_noop("返回"),
)
"""What media-progress.js says; it finds them in the element's `data-words`."""

UPLOAD_WORDS = (
    gettext_noop("服务器回答 {status}，请稍后重试。"),
    gettext_noop("这个文件读不到了（可能被改动、改名或移走）。请重新选择。"),
    gettext_noop("{n} 小时"),
    gettext_noop("{n} 分钟"),
    gettext_noop("{n} 秒"),
    gettext_noop("排队等待上传"),
    gettext_noop("正在上传"),
    gettext_noop("正在核对整个文件"),
    gettext_noop("已暂停"),
    gettext_noop("等待网络恢复"),
    gettext_noop("等待登录"),
    gettext_noop("停住了"),
    gettext_noop("没有收下"),
    gettext_noop("已上传"),
    gettext_noop("已放弃"),
    gettext_noop("上传进度"),
    gettext_noop("约还需 {time}"),
    gettext_noop("网络不通，正在等待恢复；已填写的内容和已上传的部分都在。"),
    gettext_noop("在新标签页登录"),
    gettext_noop("继续"),
    gettext_noop("放弃上传"),
    gettext_noop("暂停"),
    gettext_noop("知道了"),
    gettext_noop("这不是刚才的文件。请选“{name}”，一个字节也没有改过的那个。"),
    gettext_noop("还没有传完"),
    gettext_noop("点“继续”，如果浏览器问起，请再选一次同一个文件；已传的部分不会重传。"),
    gettext_noop("到媒体库查看"),
)
"""What tus-upload.js, upload-line.js and upload-list.js say."""

UPLOAD_SCRIPTS = tuple(f"lessons/{name}.js" for name in ("upload-memory", "tus-upload", "direct-upload", "upload-line"))
"""What every page with an upload loads, in this order."""


TRACK_WORDS = (
    gettext_noop("{name}：已加入，{language}。"),
    gettext_noop("{name}：已加入，请选语言。"),
    gettext_noop("网络不通，请稍后再拖一次。"),
    gettext_noop("服务器回答 {status}，请稍后重试。"),
)
"""What track-drop.js says."""


def spoken(words: tuple[str, ...]) -> str:
    """The words in the admin's language, as JSON by their Chinese."""
    return json.dumps({text: gettext(text) for text in words}, ensure_ascii=False)


def may_upload(user: Any) -> bool:
    """Whether the person may add media: to a reviewer, who may not, no drop zone is offered."""
    return bool(policy_registry.get_by_type(LectureMedia).user_has_permission(user, "add"))


def direct_url() -> str:
    """Where uploads straight to the bucket are arranged; empty where browsers don't reach one, and speak tus."""
    return reverse("lessons_media:direct_start").removesuffix("start/") if direct_api.is_offered() else ""


class MediaProgressPanel(Panel):
    """Shows and controls the transcode of the media chosen in `field_name`, and takes a new file by dropping.

    Works before the page is saved: it follows the value of the chooser's input and asks by media id.
    """

    def __init__(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("heading", _("上传视频"))
        super().__init__(*args, **kwargs)
        self.field_name = field_name

    def clone_kwargs(self) -> dict[str, Any]:
        return {**super().clone_kwargs(), "field_name": self.field_name}

    class BoundPanel(Panel.BoundPanel):
        template_name = "lessons_admin/media_progress_panel.html"

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            field = self.form[self.panel.field_name]
            model_field = self.instance._meta.get_field(self.panel.field_name)
            return {
                **super().get_context_data(parent_context),
                "input_id": field.auto_id,
                "media_type": "audio" if model_field.name == "audio" else "video",
                "base_url": reverse("lessons_media:status", args=[0]).removesuffix("0/status/"),
                "upload_url": reverse("lessons_media:tus"),
                "direct_url": direct_url(),
                "uploading_url": reverse("lessons_media:uploading"),
                "login_url": reverse("wagtailadmin_login"),
                "words": spoken((*WORDS, *UPLOAD_WORDS)),
                "may_upload": may_upload(self.request.user),
            }

        @property
        def media(self) -> forms.Media:
            return forms.Media(
                js=[*UPLOAD_SCRIPTS, "lessons/media-progress.js"], css={"all": ["lessons/media-progress.css"]}
            )


class MinutesWarningPanel(Panel):
    """Says that the nominal length does not fit the recording; nothing where it fits."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "lessons_admin/minutes_warning.html"

        def warning(self) -> str:
            return durations.warning(self.instance.nominal_minutes, durations.measured_s(self.instance))

        def is_shown(self) -> bool:
            return bool(super().is_shown() and self.warning())

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            return {**super().get_context_data(parent_context), "warning": self.warning()}


class TrackDropPanel(Panel):
    """Takes subtitle files and dubs, several at once, and makes the rows of the inline panel `relation` of them."""

    def __init__(self, relation: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.relation = relation

    def clone_kwargs(self) -> dict[str, Any]:
        return {**super().clone_kwargs(), "relation": self.relation}

    class BoundPanel(Panel.BoundPanel):
        template_name = "lessons_admin/track_drop_panel.html"

        def is_shown(self) -> bool:
            return bool(super().is_shown() and may_upload(self.request.user))

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            return {
                **super().get_context_data(parent_context),
                "prefix": self.form.formsets[self.panel.relation].prefix,
                "subtitle_url": reverse("lessons_media:track_subtitle"),
                "language_url": reverse("lessons_media:track_language"),
                "words": spoken(TRACK_WORDS),
            }

        @property
        def media(self) -> forms.Media:
            return forms.Media(js=["lessons/track-drop.js"], css={"all": ["lessons/track-drop.css"]})
