"""What a program can ask wrongly: stable codes, with what to do."""

from __future__ import annotations

from accounts.errors import PersonError


class QueryMissing(PersonError):
    code = "search-query-missing"
    message_zh = "没有说要找什么：请用参数 q 给出要找的词。"
    message_en = "Nothing to search for: give the words in the parameter q."


class NumberInvalid(PersonError):
    code = "search-number-invalid"
    message_zh = "参数 {name} 应是 1 到 {most} 的整数。"
    message_en = "The parameter {name} must be a whole number from 1 to {most}."


class TooDeep(PersonError):
    code = "search-too-deep"
    message_zh = "最多只看前 {most} 条：页码乘每页条数不能超过它。请多加一个词，或用筛选缩小范围。"
    message_en = (
        "Only the first {most} results are looked at: page × size must not exceed that. Add a word or a filter."
    )


class OnlyReading(PersonError):
    code = "search-only-reading"
    http_status = 405
    message_zh = "这个地址只能读取（GET）。"
    message_en = "This address can only be read (GET)."
