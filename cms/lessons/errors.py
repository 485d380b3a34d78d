"""What can be wrong with a lesson, its media or its subtitles, and what to do."""

from __future__ import annotations

from accounts.errors import PersonError


class SubtitleUnreadable(PersonError):
    code = "subtitle-unreadable"
    message_zh = (
        "字幕文件第 {line} 行看不懂：{reason}。请用 WebVTT（.vtt）、SubRip（.srt）或 ASS（.ass）格式，"
        "每条字幕写明开始和结束时间。"
    )
    message_en = "Subtitle file, line {line}: {reason_en}. Use WebVTT, SubRip or ASS with a start and an end."


class SubtitleTooLarge(PersonError):
    code = "subtitle-too-large"
    message_zh = "字幕文件超过 {limit_kib} KB，不像是一节课的字幕。请检查是否选错了文件。"
    message_en = "The subtitle file is larger than {limit_kib} KB. Check that it is the right file."


class SubtitleEncoding(PersonError):
    code = "subtitle-encoding"
    message_zh = "字幕文件的文字编码无法识别。请用“另存为”保存成 UTF-8 后重新上传。"
    message_en = "The subtitle file's text encoding is unknown. Save it as UTF-8 and upload it again."


class LessonWithoutVideo(PersonError):
    code = "lesson-without-video"
    http_status = 409
    message_zh = "还没有视频，请先上传或选择视频。"
    message_en = "It has no video yet; upload or choose one."


class MinutesUnknown(PersonError):
    code = "minutes-unknown"
    http_status = 409
    message_zh = "还不知道计多少分钟学时：请等视频量出时长，或在“标称时长”里填写。"
    message_en = "Its nominal length is unknown: wait until the video is measured, or enter the minutes."


class MediaNotRegistered(PersonError):
    code = "media-not-registered"
    http_status = 409
    message_zh = "{what}尚未登记到转码系统，请打开课程，在“上传视频”中点“重试”。"
    message_en = "{what_en} has not reached the transcoder; open the lesson and press retry in its progress panel."


class SoundNotFinished(PersonError):
    code = "sound-not-finished"
    http_status = 409
    message_zh = "{what}的声音还没有转码完成（{state}）。请等转码完成后再通过终审。"
    message_en = "The sound of {what_en} is not transcoded yet ({state}). Approve the last stage when it is."


class SubtitleMissing(PersonError):
    code = "subtitle-missing"
    http_status = 409
    message_zh = "{language}字幕的文件读不到，请重新上传。"
    message_en = "The {language} subtitle file cannot be read; upload it again."


class UploadNotFound(PersonError):
    code = "upload-not-found"
    http_status = 404
    message_zh = "这次上传已失效（超过两天未完成，或已经完成）。请重新选择文件上传。"
    message_en = "This upload is gone (unfinished for two days, or already finished). Choose the file again."


class UploadOutOfStep(PersonError):
    code = "upload-out-of-step"
    http_status = 409
    message_zh = "上传位置对不上，正在从第 {offset} 字节处继续。"
    message_en = "The upload continues at byte {offset}."


class UploadPieceTooLarge(PersonError):
    code = "upload-piece-too-large"
    http_status = 413
    message_zh = "一次发送的数据块过大。请刷新页面后重试。"
    message_en = "The piece is too large. Reload the page and try again."


class UploadExpired(PersonError):
    code = "upload-expired"
    http_status = 410
    message_zh = "这次上传超过两天没有继续，已经清除。请重新选择文件上传。"
    message_en = "Nobody continued this upload for two days, so it was removed. Choose the file again."


class UploadPieceWrong(PersonError):
    code = "upload-piece-wrong"
    http_status = 460
    message_zh = "这一段数据在路上损坏了，没有收下，正在重新发送。"
    message_en = "This piece was damaged on its way and is being sent again."


class UploadCorrupted(PersonError):
    code = "upload-corrupted"
    http_status = 460
    message_zh = (
        "“{name}”收到的内容与您电脑上的文件不一致（校验和不同），没有收下。文件可能在上传途中被改动，请重新上传。"
    )
    message_en = (
        "What arrived of “{name}” is not the file on your computer (the checksums differ), so it was not taken. "
        "It may have been changed meanwhile; upload it again."
    )


class ChecksumUnknown(PersonError):
    code = "upload-checksum-unknown"
    message_zh = "数据块的校验和读不懂，可用的算法：{known}。请刷新页面后重试。"
    message_en = "The piece's checksum cannot be read; known algorithms: {known}. Reload the page and try again."


class TusVersionUnknown(PersonError):
    code = "tus-version"
    http_status = 412
    message_zh = "上传协议的版本不对，本站用 tus {version}。请刷新页面后重试。"
    message_en = "The upload protocol's version differs: this site speaks tus {version}. Reload the page and try again."


class PieceTypeWrong(PersonError):
    code = "upload-piece-type"
    http_status = 415
    message_zh = "数据块的类型不对，应为 {type}。请刷新页面后重试。"
    message_en = "The piece's content type must be {type}. Reload the page and try again."


class UploadInvalid(PersonError):
    code = "upload-invalid"
    message_zh = "文件没有收下：{reason}"
    message_en = "The file was not taken: {reason}"


class UploadUnreadable(PersonError):
    code = "upload-unreadable"
    message_zh = "上传请求看不懂。请刷新页面，重新选择文件。"
    message_en = "The upload request cannot be read. Reload the page and choose the file again."


class MediaNotFound(PersonError):
    code = "media-not-found"
    http_status = 404
    message_zh = "找不到这个媒体文件，可能已被删除。请重新选择。"
    message_en = "The media file is gone; choose another one."


class FileTroubled(PersonError):
    code = "file-troubled"
    http_status = 409
    message_zh = "“{name}”没有读进来或没有存下（{reason}）。请检查文件和磁盘空间，再运行一次：已导入的不会重复。"
    message_en = (
        "“{name}” could not be read or stored ({reason}). Check the file and the disk, then run the import again: "
        "what is imported already is not taken twice."
    )


class PublishedElsewhere(PersonError):
    code = "import-published-elsewhere"
    http_status = 409
    message_zh = (
        "《{title}》已经发布，不在表格写的大纲“{outline}”、单元“{unit}”里。"
        "请在后台移动这一课，或把表格改回原来的大纲和单元。"
    )
    message_en = (
        "“{title}” is published and does not stand in the outline “{outline}”, unit “{unit}” of the table. "
        "Move it in the admin, or put its present outline and unit back into the table."
    )
