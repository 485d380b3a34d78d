"""What can be wrong with a place, and what to do."""

from __future__ import annotations

from accounts.errors import PersonError


class PictureMissing(PersonError):
    code = "place-picture-missing"
    http_status = 409
    message_zh = "第 {number} 项图片或影音的文件不在了。请重新选择，或删去这一项。"
    message_en = "The file of gallery item {number} is gone. Choose it again or remove the item."


class RecordingNotFinished(PersonError):
    code = "place-recording-not-finished"
    http_status = 409
    message_zh = "第 {number} 项影音还没有转码好，请稍后再发布。"
    message_en = "The recording of gallery item {number} is not transcoded yet; publish a little later."
