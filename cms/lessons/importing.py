"""Reads `lessons.csv`: pure, every bad row reported with its line and what to do.

Columns (a Chinese heading works as well): file, title, outline, unit, minutes, summary, source, copyright, genre,
content_class, language (what the recording is spoken in, Chinese where nothing is said), subtitle. Empty minutes are
the recording's own. UTF-8 (with or without BOM) or GB 18030.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from accounts.errors import PersonError

LIMIT_BYTES = 16 << 20
LIMIT_ROWS = 20_000
"""domain.md §4: scale to plan for, 20,000 videos."""

HEADINGS: Mapping[str, str] = {
    "file": "file", "文件": "file", "文件名": "file",
    "title": "title", "标题": "title", "课程": "title",
    "outline": "outline", "大纲": "outline", "教学大纲": "outline",
    "unit": "unit", "单元": "unit",
    "minutes": "minutes", "分钟": "minutes", "时长": "minutes",
    "summary": "summary", "简介": "summary",
    "source": "source", "来源": "source",
    "copyright": "copyright", "版权": "copyright",
    "genre": "genre", "体裁": "genre",
    "content_class": "content_class", "内容分类": "content_class",
    "language": "language", "语言": "language", "原声语言": "language",
    "subtitle": "subtitle", "字幕": "subtitle",
}  # fmt: skip
REQUIRED = ("file", "title", "outline", "unit")
Choices = Mapping[str, Mapping[str, str]]
LONGEST = {"title": 255, "outline": 255, "unit": 255, "source": 200, "copyright": 200}


class NoCsv(PersonError):
    code = "import-no-csv"
    message_zh = "文件夹“{folder}”里没有 lessons.csv。请把表格另存为 CSV，命名为 lessons.csv，放在视频旁边。"
    message_en = "There is no lessons.csv in “{folder}”. Save the table as CSV under that name beside the videos."


class CsvUnreadable(PersonError):
    code = "import-csv-unreadable"
    message_zh = "lessons.csv 读不懂：{reason}。请用“CSV UTF-8”格式另存后重试。"
    message_en = "lessons.csv cannot be read: {reason_en}. Save it as “CSV UTF-8” and try again."


class CsvHeadings(PersonError):
    code = "import-csv-headings"
    message_zh = "lessons.csv 第 1 行缺少这些列：{missing}。请补上列名，再重试。"
    message_en = "Line 1 of lessons.csv lacks these columns: {missing}. Add them and try again."


class BadRow(PersonError):
    code = "import-bad-row"
    message_zh = "第 {line} 行：{reason_zh}"
    message_en = "Line {line}: {reason_en}"


@dataclass(frozen=True)
class Row:
    """One lesson to import; `line` as a person counts it in the table's file."""

    line: int
    file: str
    title: str
    outline: str
    unit: str
    minutes: int | None = None
    summary: str = ""
    source: str = ""
    copyright: str = ""
    genre: str = ""
    content_class: str = ""
    language: str = ""
    subtitle: str = ""


def decode(content: bytes) -> str:
    """The text of the table.

    Raises:
        CsvUnreadable: too large, or neither UTF-8 nor GB 18030.
    """
    if len(content) > LIMIT_BYTES:
        raise CsvUnreadable(reason=f"超过 {LIMIT_BYTES >> 20} MB", reason_en=f"larger than {LIMIT_BYTES >> 20} MB")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CsvUnreadable(reason="文字编码无法识别", reason_en="unknown text encoding")


def read_rows(text: str, *, files: Collection[str], choices: Choices) -> tuple[list[Row], list[BadRow]]:
    """The good rows and, for each bad one, why.

    Args:
        files: names of the files in the folder.
        choices: for genre, content_class and language: accepted spelling → stored value.

    Raises:
        CsvHeadings: columns are missing.
        CsvUnreadable: no table at all.
    """
    reader = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""))
    good: dict[str, Row] = {}
    bad: list[BadRow] = []
    try:
        columns = _columns(next(reader, []))
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(good) + len(bad) >= LIMIT_ROWS:
                raise CsvUnreadable(reason=f"超过 {LIMIT_ROWS} 行", reason_en=f"more than {LIMIT_ROWS} rows")
            values = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
            found = _check(values, reader.line_num, files, choices)
            if isinstance(found, BadRow):
                bad.append(found)
            elif found.file in good:
                bad.append(_twice(found, good[found.file]))
            else:
                good[found.file] = found
    except csv.Error as error:
        raise CsvUnreadable(
            reason=f"第 {reader.line_num} 行格式不对", reason_en=f"line {reader.line_num}: {error}"
        ) from error
    return list(good.values()), bad


def named_files(text: str) -> set[str]:
    """The names of the recordings and subtitles that a table speaks of; empty where it is no table."""
    reader = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""))
    try:
        columns = _columns(next(reader, []))
        wanted = [columns[name] for name in ("file", "subtitle") if name in columns]
        return {cells[at].strip() for cells in reader for at in wanted if at < len(cells)} - {""}
    except (csv.Error, CsvHeadings):
        return set()


def table_of(file: str, described: Mapping[str, str]) -> str:
    """The table of one lesson, described by heading and value."""
    written = io.StringIO()
    csv.writer(written).writerows([["file", *described], [file, *described.values()]])
    return written.getvalue()


def _twice(row: Row, first: Row) -> BadRow:
    return _bad(
        row.line,
        f"文件“{row.file}”已在第 {first.line} 行出现，请删去一行",
        f"the file “{row.file}” is already in line {first.line}; remove one",
    )


def _columns(headings: list[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for at, heading in enumerate(headings):
        name = HEADINGS.get(heading.strip().lower())
        if name is not None:
            columns.setdefault(name, at)
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise CsvHeadings(missing=", ".join(missing))
    return columns


def _bad(line: int, reason_zh: str, reason_en: str) -> BadRow:
    return BadRow(line=line, reason_zh=reason_zh + "。", reason_en=reason_en + ".")


def _check(values: dict[str, str], line: int, files: Collection[str], choices: Choices) -> Row | BadRow:
    problem = (
        _length_problem(values, line)
        or _file_problem(values["file"], line, files)
        or _file_problem(values.get("subtitle", ""), line, files)
        or _minutes_problem(values.get("minutes", ""), line)
        or next(filter(None, (_choice_problem(name, values, line, known) for name, known in choices.items())), None)
    )
    if problem is not None:
        return problem
    chosen = {name: known.get(values.get(name, ""), "") for name, known in choices.items()}
    return Row(
        line=line,
        file=values["file"],
        title=values["title"],
        outline=values["outline"],
        unit=values["unit"],
        minutes=int(values["minutes"]) if values.get("minutes") else None,
        summary=values.get("summary", ""),
        source=values.get("source", ""),
        copyright=values.get("copyright", ""),
        subtitle=values.get("subtitle", ""),
        **chosen,
    )


def _length_problem(values: dict[str, str], line: int) -> BadRow | None:
    for name in REQUIRED:
        if not values[name]:
            return _bad(line, f"“{name}”列是空的，请填写", f"the column “{name}” is empty; fill it in")
    for name, longest in LONGEST.items():
        if len(values.get(name, "")) > longest:
            return _bad(line, f"“{name}”超过 {longest} 个字，请缩短", f"“{name}” is longer than {longest}; shorten it")
    return None


def _minutes_problem(said: str, line: int) -> BadRow | None:
    if not said or (re.fullmatch(r"[0-9]{1,3}", said) and 1 <= int(said) <= 600):
        return None
    return _bad(
        line,
        f"时长“{said[:20]}”应是 1 到 600 的整数分钟",
        f"minutes “{said[:20]}” must be a whole number from 1 to 600",
    )


def _choice_problem(name: str, values: dict[str, str], line: int, known: Mapping[str, str]) -> BadRow | None:
    said = values.get(name, "")
    if not said or said in known:
        return None
    return _bad(
        line,
        f"“{name}”不认识“{said[:40]}”，可填：{'、'.join(known)}",
        f"“{said[:40]}” is no known {name}; use one of: {', '.join(known)}",
    )


def _file_problem(name: str, line: int, files: Collection[str]) -> BadRow | None:
    if not name:
        return None
    if PurePosixPath(name).name != name or "\\" in name or name in (".", ".."):
        return _bad(line, f"“{name}”应只写文件名，不写路径", f"“{name}” must be a file name without a path")
    if name not in files:
        return _bad(line, f"文件夹里没有“{name}”，请检查文件名和后缀", f"there is no file “{name}” in the folder")
    return None
