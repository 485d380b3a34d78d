"""Failures around members."""

from __future__ import annotations

from accounts.errors import PersonError


class NameMissing(PersonError):
    code = "member-name-missing"
    message_zh = "请填写姓名。"
    message_en = "Enter the name."


class SameNameInBranch(PersonError):
    code = "member-same-name"
    http_status = 409
    message_zh = "本支部已经有“{name}”。如果确实是另一个人，请勾选“是另一个人”再提交。"
    message_en = "The branch already has {name}. If this is another person, tick the box and submit again."


class NoAccount(PersonError):
    code = "member-no-account"
    http_status = 409
    message_zh = "{name}已注销，不能打印激活卡。"
    message_en = "The account of {name} was deleted; no card can be printed."


class NoMemberChosen(PersonError):
    code = "member-none-chosen"
    message_zh = "还没有勾选党员。请返回，勾选要打印激活卡的人。"
    message_en = "Nobody is ticked. Go back and tick whose cards to print."


class NotAMember(PersonError):
    code = "not-a-member"
    http_status = 403
    message_zh = "这个账号不是党员账号，没有自己的学时。请用党员激活码登录。"
    message_en = "This account belongs to no member, so it has no hours. Sign in with a member's code."
