"""Plans, sizes and times in words an editor understands (issue: the plan and why; a failure's reason). No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

CLASSES = {
    "talking": gettext_noop("这节课主要是人在讲"),
    "slides": gettext_noop("这节课主要是幻灯片"),
    "mixed": gettext_noop("这节课既有幻灯片，也有人物或实景"),
    "none": gettext_noop("这个文件没有画面，只做声音"),
}
"""`TranscodeJob.plan["class"]`."""

DROPPED = {
    "larger-than-source": gettext_noop("做出来比原件的画面还大，不值得做"),
    "gain": gettext_noop("比小一档几乎看不出更清楚，不值得多花流量"),
    "moving": gettext_noop("画面一直在动，做成图片会丢掉内容"),
    "too-large": gettext_noop("图片太多太大，不比视频省流量"),
}
"""Reasons in `TranscodeJob.plan["dropped"]`."""

REASONS = (
    (re.compile(r"decode"), gettext_noop("有的画面或声音解不出来")),
    (re.compile(r"\d s / \d"), gettext_noop("长度对不上")),
    (re.compile(r"sidx"), gettext_noop("长度对不上")),
    (re.compile(r"frames|pictures|differences"), gettext_noop("画面数对不上")),
    (re.compile(r"kbit/s >|larger than allowed"), gettext_noop("做出来的文件太大")),
    (re.compile(r"streams differ"), gettext_noop("合成的文件与各档码流不一致")),
    (re.compile(r"no frame|WebP|unexpected size"), gettext_noop("截不到正常的画面")),
    (re.compile(r"could not be measured"), gettext_noop("声音或画质量不出来")),
)
"""What the technical reason of a failed check or encode comes to; the first that fits."""

_NAMED = {
    "opus-16": gettext_noop("声音（Opus，省流量）"),
    "aac-24": gettext_noop("声音（AAC，旧手机也能放）"),
    "deck": gettext_noop("图片版（幻灯片配声音）"),
    "poster": gettext_noop("封面"),
    "sprite": gettext_noop("进度条小图"),
}
_CODECS = {"h264": "H.264", "av1": "AV1", "h265": "H.265", "vp9": "VP9"}


def size_text(length: int) -> str:
    """Bytes for people: 640 KB, 12.3 MB, 1.24 GB."""
    if length >= 1e9:
        return f"{length / 1e9:.2f} GB"
    if length >= 1e6:
        return f"{length / 1e6:.1f} MB"
    return f"{max(1, round(length / 1e3))} KB" if length else "0 KB"


def span_text(seconds: float) -> str:
    """Seconds for people: 40 秒, 12 分钟, 2 小时 5 分钟."""
    if seconds < 90:
        return _("%d 秒") % max(1, round(seconds))
    minutes = round(seconds / 60)
    if minutes < 60:
        return _("%d 分钟") % minutes
    return _("%(hours)d 小时 %(minutes)d 分钟") % {"hours": minutes // 60, "minutes": minutes % 60}


def share_text(part: float, whole: float) -> str:
    """What `part` saves of `whole`, in percent; empty when it saves nothing."""
    if whole <= 0 or part >= whole:
        return ""
    saved = 100 * (1 - part / whole)
    return f"{saved:.1f}%" if saved >= 99 else f"{saved:.0f}%"


def rung_label(name: str) -> str:
    """What a rung is called: 画面 360p（AV1）."""
    if name in _NAMED:
        return _(_NAMED[name])
    codec, _dash, height = name.partition("-")
    if codec in _CODECS:
        return _("画面 %(height)sp（%(codec)s）") % {"height": height, "codec": _CODECS[codec]}
    if codec == "muxed":
        return _("画面加声音，一个文件（%sp）") % height
    return name


def dropped_text(reason: str) -> str:
    """Why a rung was not made; a reason that this version doesn't know is shown as it is."""
    return _(DROPPED[reason]) if reason in DROPPED else reason


def reason_text(reason: str) -> str:
    """What a technical reason comes to, for an editor."""
    return next((_(text) for pattern, text in REASONS if pattern.search(reason)), _("转码程序报错"))


def plan_sentences(plan: Mapping[str, Any]) -> list[str]:
    """The plan and why, sentence by sentence; any key may be missing (jobs of older versions)."""
    said = [sentence for sentence in (_content(plan), _deck(plan), _target(plan)) if sentence]
    if "rate" in plan and plan.get("class") != "none":
        said.append(_("画面每秒 %s 帧。") % _rate_text(str(plan["rate"])))
    return said


def _content(plan: Mapping[str, Any]) -> str:
    kind = plan.get("class")
    if kind not in CLASSES:
        return ""
    why = plan.get("why") or {}
    parts = []
    if "still_share" in why and kind != "none":
        parts.append(_("画面 %d%% 的时间不动") % round(100 * why["still_share"]))
    if "changes_a_minute" in why and kind != "none":
        parts.append(_("平均每分钟换 %s 次") % f"{why['changes_a_minute']:.1f}".removesuffix(".0"))
    reason = f"：{'，'.join(parts)}" if parts else ""
    return f"{_(CLASSES[kind])}{reason}。"


def _deck(plan: Mapping[str, Any]) -> str:
    if "deck" in plan.get("rungs", ()):
        return _("所以另做了图片版：每页一张清楚的图片配声音，2G 信号也能看。")
    if plan.get("class") == "talking":
        return _("所以不做图片版，流量都用在让人物清楚上。")
    return ""


def _target(plan: Mapping[str, Any]) -> str:
    target = plan.get("target_vmaf")
    if not target:
        searched = bool(plan.get("choices"))
        return _("先取几小段各试几种压缩程度，再选够清楚的里面最省流量的一档。") if searched else ""
    said = _("先取几小段各试几种压缩程度，再选刚好达到画质目标 %d 分（满分 100，越高越接近原件）的一档。")
    return said % round(target)


def _rate_text(rate: str) -> str:
    numerator, _slash, denominator = rate.partition("/")
    try:
        return f"{float(numerator) / float(denominator or 1):.2f}".rstrip("0").rstrip(".")
    except (ValueError, ZeroDivisionError):
        return rate
