"""Why the words of a file cannot be found; the code is kept in `ExtractedText.error`."""

from __future__ import annotations

from accounts.errors import PersonError


class TextError(PersonError):
    """Base of everything that stands against reading a file. The file itself stays as it is and can be fetched."""

    code = "text"
    message_zh = "读不出附件里的文字，附件本身不受影响。"
    message_en = "The words of this attachment can't be read; the attachment itself is not affected."


class NotAText(TextError):
    """Neither PDF nor DOCX, and no plain text."""

    code = "text-format"
    message_zh = "只有 PDF、Word（.docx）和纯文本附件的文字可以检索。旧的 .doc 文件请另存为 .docx 或 PDF。"
    message_en = (
        "Only the words of PDF, Word (.docx) and plain text files can be found. Save an old .doc file as .docx or PDF."
    )


class FileLocked(TextError):
    """It opens with a password only."""

    code = "text-locked"
    message_zh = "文件有密码，读不出文字。请取消密码后重新上传。"
    message_en = "The file has a password, so its words can't be found. Remove the password and upload it again."


class FileBroken(TextError):
    """It cannot be opened."""

    code = "text-broken"
    message_zh = "文件打不开，可能已损坏，读不出文字。请在电脑上确认能打开，再重新上传。"
    message_en = "The file can't be opened; it may be damaged. Check that it opens, then upload it again."


class FileTooCostly(TextError):
    """Reading it takes more time or memory than any honest file."""

    code = "text-too-costly"
    message_zh = "文件过大或过于复杂，读不出文字。请分成几个文件，或另存为普通的 PDF。"
    message_en = "The file is too large or too intricate. Split it, or save it as an ordinary PDF."


class NoWords(TextError):
    """Pictures of pages: scanned, never recognised."""

    code = "text-none"
    message_zh = "文件里没有文字（多半是扫描件）。要能检索，请先做文字识别再上传。"
    message_en = "The file has no words, it is probably a scan. Run text recognition on it, then upload it again."


CLASSES: dict[str, type[TextError]] = {
    error.code: error for error in (NotAText, FileLocked, FileBroken, FileTooCostly, NoWords)
}
