"""Failures of reviewing what lies in quarantine."""

from __future__ import annotations

from accounts.errors import PersonError


class WhyMissing(PersonError):
    code = "review-why-missing"
    message_zh = "请写明理由：与谁核对过、凭什么采纳或不采纳。"
    message_en = "Say why: whom you asked, and what speaks for or against it."


class AlreadyDecided(PersonError):
    code = "review-already-decided"
    http_status = 409
    message_zh = "{by}已经复核过，结果是“{outcome}”，不能再改。有疑问请联系复核人。"
    message_en = "{by} has already decided this ({outcome}); it stands. Ask that person if in doubt."


class NothingToDecide(PersonError):
    code = "review-nothing-to-decide"
    http_status = 409
    message_zh = "它不在待复核之列，不用办理。请回到列表刷新。"
    message_en = "This is not waiting for review. Go back to the list and reload it."


class NotAcceptable(PersonError):
    """What cannot be read, proved or told to be about something can't count, whoever wishes it."""

    code = "review-not-acceptable"
    http_status = 409
    message_zh = "不能采纳：{why}。核对后可以选“不采纳”；真的学过，请用集体学习或让本人重新同步。"
    message_en = "This cannot be accepted: {why_en}. Reject it after checking, or have the phone synchronise again."
