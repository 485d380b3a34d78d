"""What can go wrong when a search is kept."""

from __future__ import annotations

from accounts.errors import PersonError


class TooManySaved(PersonError):
    code = "saved-searches-full"
    http_status = 409
    message_zh = "最多保存 {most} 个搜索。请先到“找”里删去用不着的。"
    message_en = "At most {most} searches are kept. Delete some on the search page first."
