"""Failures of the study-hours ledger."""

from __future__ import annotations

from accounts.errors import PersonError


class LedgerIsAppendOnly(PersonError):
    """Somebody tried to change or delete a row of the ledger or of the rules."""

    code = "ledger-append-only"
    http_status = 409
    message_zh = "学时账只增不改。请撤销原来的记录，再重新登记。"
    message_en = "The ledger only grows. Reverse the entry and record it again."


class AlreadyReversed(PersonError):
    code = "hours-already-reversed"
    http_status = 409
    message_zh = "这条学时已经撤销过，不用再撤销。"
    message_en = "This entry has already been reversed; there is nothing left to do."


class KeyUsedForAnotherEntry(PersonError):
    """One idempotency key came with two different contents."""

    code = "hours-key-conflict"
    http_status = 409
    message_zh = "同一次登记提交了两种不同的内容。请刷新页面核对后再登记。"
    message_en = "The same submission arrived with different contents. Reload the page, check, and record again."


class InvalidRuleNumbers(PersonError):
    code = "hours-rule-invalid"
    message_zh = "学时规则有误：{problems}。请改正后再保存。"
    message_en = "The rule's numbers are invalid: {problems}. Correct them and save again."


class InvalidDuration(PersonError):
    code = "hours-duration-invalid"
    message_zh = "时长要在 1 到 {most} 分钟之间。请改正后再提交。"
    message_en = "The duration must be 1 to {most} minutes. Correct it and submit again."
