"""Failures a person can cause in the pipeline: a stable code and what to do next (media.md §5)."""

from __future__ import annotations

from accounts.errors import PersonError


class MediaError(PersonError):
    """Base of every anticipated pipeline failure; `code` is stored in `TranscodeJob.error_code`."""

    code = "media"
    message_zh = "这个文件无法处理，请换一个文件再试。"
    message_en = "This file can't be processed; please try another one."


class FormatRefused(MediaError):
    """A playlist, session description or other container that may point elsewhere."""

    code = "format"
    message_zh = "这种文件格式（{found}）不接受。请上传 MP4、MOV、MKV、WebM、AVI、MP3、WAV 等普通音视频文件。"
    message_en = "This kind of file ({found}) is not accepted. Upload an ordinary MP4, MOV, MKV, WebM, AVI, MP3 or WAV."


class ProbeFailed(MediaError):
    """The bytes are no readable audio or video file."""

    code = "probe"
    message_zh = "读不出这个文件里的音视频，文件可能已损坏或并非视频。请在电脑上确认能播放，再重新上传。"
    message_en = (
        "No audio or video can be read from this file; it may be damaged. Check that it plays, then upload again."
    )


class EmptyFile(ProbeFailed):
    """The upload has no bytes."""

    message_zh = "文件是空的（0 字节）。请检查原文件后重新上传。"
    message_en = "The file is empty (0 bytes). Check the original and upload it again."


class CodecRefused(MediaError):
    """A codec outside the allow-list."""

    code = "codec"
    message_zh = "这个文件的编码（{codec}）不在接受范围内。请另存为 H.264 视频加 AAC 声音的 MP4 后再上传。"
    message_en = "The codec {codec} is not accepted. Save the file as MP4 with H.264 video and AAC sound, then upload."


class TooManyPixels(MediaError):
    """A picture above the pixel limit."""

    code = "pixels"
    message_zh = "画面尺寸 {width}×{height} 过大。请导出为 4K（3840×2160）或更小后再上传。"
    message_en = "The picture of {width}×{height} is too large. Export it at 4K (3840×2160) or less."


class DurationRefused(MediaError):
    """No believable duration, or one above the limit."""

    code = "duration"
    message_zh = "文件标称时长 {seconds} 秒，不合常理或超过 {limit_hours} 小时上限。请重新导出或分成几段上传。"
    message_en = (
        "The file claims {seconds} s, which is not believable or above {limit_hours} h. Export it again or split it."
    )


class VerifyFailed(MediaError):
    """The output doesn't agree with what the source promised."""

    code = "verify"
    message_zh = "转码结果与原文件不符（{reason}），原文件可能不完整或已损坏。原文件已保留，请检查后重新上传。"
    message_en = (
        "The result doesn't match the original ({reason}); the original may be truncated or damaged. "
        "It was kept; check it and upload again."
    )


class DiskFull(MediaError):
    """No room for the work or the result."""

    code = "disk-full"
    http_status = 507
    message_zh = "服务器磁盘空间不足，还需约 {needed_mb} MB。请联系管理员清理空间，然后点“重试”；原文件已保留。"
    message_en = "The server's disk is full; about {needed_mb} MB more are needed. Free some space, then press Retry."


class SourceMissing(MediaError):
    """The stored original has gone."""

    code = "source-missing"
    message_zh = "找不到已上传的原文件。请重新上传。"
    message_en = "The uploaded original is missing. Please upload it again."


class InputMissing(SourceMissing):
    """A command was given the path of no file."""

    message_zh = "没有“{path}”这个文件。请检查路径再试。"
    message_en = "There is no file “{path}”. Check the path and try again."


class InputUnreadable(MediaError):
    """A command was given a file that it can't read."""

    code = "source-unreadable"
    message_zh = "读不了文件“{path}”（{reason}）。请检查路径和权限再试。"
    message_en = "The file “{path}” can't be read ({reason}). Check the path and its permissions, then try again."


class FolderUnusable(MediaError):
    """A command was given a folder that can't be made or written into."""

    code = "folder"
    message_zh = "文件夹“{path}”建不了或写不进去（{reason}）。请换一个文件夹再试。"
    message_en = "The folder “{path}” can't be made or written into ({reason}). Choose another one and try again."


class EncodeFailed(MediaError):
    """The encoder ended with an error that is not one of the others."""

    code = "encode"
    message_zh = "转码失败：{reason}。可以点“重试”；若再次失败，请把文件另存为 MP4 后重新上传。"
    message_en = "Transcoding failed: {reason}. Press Retry; if it fails again, save the file as MP4 and upload it."


class TimeLimit(MediaError):
    """A step used more processor or wall time than it may."""

    code = "time-limit"
    message_zh = "处理这个文件用时过长，已停止。可以点“重试”，或把文件分成几段上传。"
    message_en = "Processing took too long and was stopped. Press Retry, or upload the file in parts."


class WorkersLost(MediaError):
    """Several workers died while holding the job."""

    code = "workers-lost"
    http_status = 500
    message_zh = "处理这个文件时后台程序多次中断，已停止自动重试。请联系管理员，然后点“重试”。"
    message_en = "Workers stopped several times on this file, so it is not retried by itself. Tell the operator."


class NotRetryable(MediaError):
    """Retry or cancel of a job whose state doesn't allow it."""

    code = "job-state"
    http_status = 409
    message_zh = "当前状态（{state}）不能进行此操作。请刷新页面查看最新状态。"
    message_en = "This can't be done in state “{state}”. Reload the page to see the newest state."


class FileTooLarge(MediaError):
    """More bytes than one source may have."""

    code = "size"
    http_status = 413
    message_zh = "文件有 {megabytes} MB，超过 {limit_mb} MB 的上限。请降低码率重新导出，或分成几段上传。"
    message_en = "The file has {megabytes} MB, more than {limit_mb} MB. Export it at a lower bitrate, or split it."


class TooManyTracks(MediaError):
    """More streams than any honest recording has."""

    code = "tracks"
    message_zh = "文件里有 {tracks} 条音视频轨道，超过 {limit} 条的上限。请只保留需要的画面和声音，重新导出后上传。"
    message_en = "The file has {tracks} tracks, more than {limit}. Export it with the wanted picture and sound only."


class TooManyFrames(MediaError):
    """A frame rate, or a number of packets, that no camera makes."""

    code = "frames"
    message_zh = "文件每秒约 {fps} 帧，超过 {limit} 帧的上限，不像正常录像。请按 25 或 30 帧重新导出后上传。"
    message_en = "The file has some {fps} frames a second, more than {limit}. Export it at 25 or 30 frames a second."


class MemoryLimit(MediaError):
    """A step wanted more memory than it may have."""

    code = "memory"
    message_zh = "处理这个文件需要的内存超过上限，已停止。请把画面缩小到 1080p，另存为 MP4 后再上传。"
    message_en = "Processing this file takes more memory than allowed. Save it as MP4 at 1080p and upload it again."


ERRORS_BY_CODE: dict[str, type[MediaError]] = {
    kind.code: kind
    for kind in (
        FormatRefused,
        ProbeFailed,
        CodecRefused,
        TooManyPixels,
        DurationRefused,
        VerifyFailed,
        DiskFull,
        SourceMissing,
        EncodeFailed,
        TimeLimit,
        WorkersLost,
        FileTooLarge,
        TooManyTracks,
        TooManyFrames,
        MemoryLimit,
    )
}
