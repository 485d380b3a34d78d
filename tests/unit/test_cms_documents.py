"""Types of documents, told by their names."""

from __future__ import annotations

import json
import subprocess

import pytest
from django.conf import settings

from cms.lessons import documents
from config.public_files import SERVED_TYPES


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("讲义.PDF", "application/pdf"),
        ("提纲.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("表.v2.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("page.html", documents.UNKNOWN),
        ("picture.svg", documents.UNKNOWN),
        (".pdf", documents.UNKNOWN),
        ("nothing", documents.UNKNOWN),
        ("a.pdf.exe", documents.UNKNOWN),
    ],
)
def test_a_document_s_type_is_told_by_its_ending_and_none_that_a_browser_runs(name: str, found: str) -> None:
    assert documents.media_type(name) == found


def test_every_type_is_served_and_known_to_the_phone() -> None:
    assert set(documents.TYPES.values()) <= SERVED_TYPES
    said = (
        "import { DOCUMENT_ENDINGS } from './web/src/offline/documents.js';"
        "console.log(JSON.stringify(DOCUMENT_ENDINGS))"
    )
    command = ["node", "--input-type=module", "-e", said]
    answer = subprocess.run(command, cwd=settings.BASE_DIR, check=True, capture_output=True, text=True).stdout
    phone = json.loads(answer)
    assert {documents.TYPES[ending] for ending in documents.TYPES} == set(phone)
    assert all(documents.TYPES[ending] == kind for kind, ending in phone.items())
