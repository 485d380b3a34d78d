"""PDF and Word files for tests, made by hand: as small as they can be and still be read."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence

_TO_UNICODE = (
    b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
    b"1 begincodespacerange <0000> <ffff> endcodespacerange\n"
    b"2 beginbfrange <0020> <00ff> <0020> <3000> <9fff> <3000> endbfrange\n"
    b"endcmap end end"
)


def _stream(content: bytes, extra: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), extra, content)


def pdf_of(objects: Sequence[bytes]) -> bytes:
    """A file of numbered objects; the first one is the catalogue."""
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for place in places:
        out.write(b"%010d 00000 n \n" % place)
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))
    return out.getvalue()


def make_pdf(pages: Sequence[str]) -> bytes:
    """A PDF whose pages hold these lines; Chinese by a font of UTF-16 codes."""
    kids = b" ".join(b"%d 0 R" % (5 + 2 * place) for place in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Song /Encoding /Identity-H /ToUnicode 4 0 R /DescendantFonts "
        b"[<< /Type /Font /Subtype /CIDFontType0 /BaseFont /Song /CIDSystemInfo << /Registry (Adobe) /Ordering "
        b"(Identity) /Supplement 0 >> /DW 1000 >>] >>",
        _stream(_TO_UNICODE),
    ]
    for place, text in enumerate(pages):
        shown = b"\n".join(b"<%s> Tj 0 -20 Td" % line.encode("utf-16-be").hex().encode() for line in text.split("\n"))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            b"/Contents %d 0 R >>" % (6 + 2 * place)
        )
        objects.append(_stream(b"BT /F1 16 Tf 50 780 Td %s ET" % shown))
    return pdf_of(objects)


def make_pdf_bomb(megabytes: int) -> bytes:
    """One page whose content unpacks to so much."""
    packed = zlib.compress(zlib.compress(b"\0" * (megabytes << 20), 1), 9)
    return pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
            _stream(packed, b"/Filter [/FlateDecode /FlateDecode]"),
        ]
    )


PDF_IN_CIRCLES = pdf_of(
    [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1000000000 /Kids [2 0 R 2 0 R] >>",
    ]
)
"""A tree of pages that has itself for a branch."""


def make_docx(paragraphs: Sequence[str], *, marks: bool = False, padding: int = 0) -> bytes:
    """A Word file; with `marks` each paragraph begins a page. `padding`: bytes of nothing in its document."""
    mark = "<w:r><w:lastRenderedPageBreak/></w:r>"
    rows = (
        f"<w:p>{mark if marks and place else ''}<w:r><w:t>{text}</w:t></w:r></w:p>"
        for place, text in enumerate(paragraphs)
    )
    document = (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
        f"{''.join(rows)}{' ' * padding}</w:body></w:document>"
    )
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{relations}" Target="word/document.xml"/></Relationships>',
        )
        archive.writestr("word/document.xml", document)
    return out.getvalue()
