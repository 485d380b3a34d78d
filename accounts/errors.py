"""Errors that a person can cause: a stable code and a message that says what to do, in Chinese and English."""

from __future__ import annotations


class PersonError(Exception):
    """Base of every anticipated failure; subclasses set the class attributes.

    `code` is stable and lower-case with dashes; the messages say what to do next and may hold
    `{placeholders}` filled from the keyword arguments.
    """

    code = "error"
    http_status = 400
    message_zh = "出了问题，请再试一次。"
    message_en = "Something went wrong; please try again."

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(f"{self.code}: {self.zh} / {self.en}")

    @property
    def zh(self) -> str:
        return self.message_zh.format(**self.details)

    @property
    def en(self) -> str:
        return self.message_en.format(**self.details)

    def as_dict(self) -> dict[str, dict[str, str]]:
        """The one JSON shape of an error: {"error": {"code", "message", "message_en"}}."""
        return {"error": {"code": self.code, "message": self.zh, "message_en": self.en}}
