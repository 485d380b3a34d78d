"""The OpenAPI 3.1 document of the search: what a program may send and will get."""

from __future__ import annotations

from typing import Any

from search.backends.base import FACETS, MAX_HITS
from search.narrowing import MAX_VALUES, NAMES

VERSION = "1.0.0"
_TEXT: dict[str, Any] = {"type": "string"}
_NUMBER: dict[str, Any] = {"type": "integer", "minimum": 0}
_MARKED = {"type": "string", "description": "HTML: everything escaped, what was found inside <mark>."}


def _object(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An object that has all of these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
        **more,
    }


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _of(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _facet_map(value: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict.fromkeys(FACETS, value), "additionalProperties": False}


_SCHEMAS: dict[str, Any] = {
    "Segment": _object(
        {
            "start_s": {"type": ["number", "null"], "description": "Second of the lecture."},
            "page": {"type": ["integer", "null"], "description": "Page of the attachment, from 1."},
            "label": _TEXT,
            "html": _MARKED,
            "url": _TEXT,
        }
    ),
    "Version": _object({"language": _TEXT, "title": _TEXT, "url": _TEXT}),
    "Result": _object(
        {
            "material_id": {"type": "string", "format": "uuid"},
            "kind": _TEXT,
            "kind_label": _TEXT,
            "title": _TEXT,
            "title_html": _MARKED,
            "summary_html": _MARKED,
            "url": _TEXT,
            "segments": _list(_of("Segment")),
            "language": _TEXT,
            "versions": _list(_of("Version")),
        }
    ),
    "FacetValue": _object({"value": _TEXT, "label": _TEXT, "count": _NUMBER}),
    "Page": _object(
        {
            "query": _TEXT,
            "total": _NUMBER,
            "total_is_at_least": {"type": "boolean", "description": "There are more, nobody looks at them."},
            "page": _NUMBER,
            "pages": _NUMBER,
            "size": _NUMBER,
            "relaxed": {"type": "boolean", "description": "Nothing has all of the words; these have some."},
            "degraded": {"type": "boolean", "description": "The usual engine did not answer, another one did."},
            "filters": _facet_map(_list(_TEXT)),
            "hidden": {**_facet_map(_NUMBER), "description": "At zero results: what comes back without this filter."},
            "hidden_by_all": _NUMBER,
            "suggestions": {**_list(_TEXT), "description": "What was perhaps meant: queries that find something."},
            "results": _list(_of("Result")),
            "facets": {
                **_facet_map(_list(_of("FacetValue"))),
                "description": "Counted under all filters but the facet's own.",
            },
        }
    ),
    "Suggestions": _object({"query": _TEXT, "suggestions": _list(_TEXT)}),
    "Error": _object(
        {"error": _object({"code": {"type": "string", "pattern": "^[a-z-]+$"}, "message": _TEXT, "message_en": _TEXT})}
    ),
}


def _parameter(name: str, schema: dict[str, Any], description: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": description, **more}


def _facet_parameters() -> list[dict[str, Any]]:
    return [
        _parameter(
            facet,
            {"type": "array", "items": _TEXT, "maxItems": MAX_VALUES},
            f"{NAMES[facet]}：其中之一即可，可重复。One of these values; repeat the name for several.",
            style="form",
            explode=True,
        )
        for facet in FACETS
    ]


def _answers(schema: str, *errors: str) -> dict[str, Any]:
    def content(name: str) -> dict[str, Any]:
        return {"application/json": {"schema": _of(name)}}

    failures = {
        code: {"description": "错误 An error, with a stable code.", "content": content("Error")} for code in errors
    }
    return {"200": {"description": "结果 The answer.", "content": content(schema)}, **failures}


def document() -> dict[str, Any]:
    """The whole document; nothing in it depends on who asks."""
    words = _parameter(
        "q", {"type": "string", "maxLength": 200}, "要找的词 The words; spaces separate parts.", required=True
    )
    page = _parameter("page", {"type": "integer", "minimum": 1, "default": 1}, f"page × size ≤ {MAX_HITS}")
    size = _parameter(
        "size", {"type": "integer", "minimum": 1, "maximum": 100, "default": 10}, "每页条数 Results a page."
    )
    prefer = _parameter("prefer", {**_TEXT, "default": "zh-hans"}, "读者的语言 The reader's language comes first.")
    search = {
        "operationId": "search",
        "summary": "查找课程、案例、红色资源、教师和资源包 Search what there is to learn",
        "parameters": [words, page, size, prefer, *_facet_parameters()],
        "responses": _answers("Page", "400", "405"),
    }
    suggest = {
        "operationId": "suggest",
        "summary": "输入提示，可打拼音或首字母 Suggestions while typing, by pinyin and initials too",
        "parameters": [words],
        "responses": _answers("Suggestions", "400", "405"),
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "高原先锋课堂 · 检索", "version": VERSION},
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "paths": {"/api/v1/search": {"get": search}, "/api/v1/search/suggestions": {"get": suggest}},
        "components": {"schemas": _SCHEMAS},
    }
