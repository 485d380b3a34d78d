"""What can go wrong with an upload or a visit to the admin, and what to do."""

from __future__ import annotations

from accounts.errors import PersonError


class EmptyUpload(PersonError):
    code = "upload-empty"
    message_zh = "文件是空的（0 字节）。请检查原文件后重新上传。"
    message_en = "The file is empty (0 bytes). Check the original and upload it again."


class NotARecording(PersonError):
    code = "upload-not-a-recording"
    http_status = 415
    message_zh = (
        "“{name}”不是音视频文件（文件名的后缀不算数，看的是内容）。请上传 MP4、MOV、MKV、WebM、AVI、MP3、WAV 等文件。"
    )
    message_en = (
        "“{name}” is not an audio or video file (its content counts, not its name). "
        "Upload an MP4, MOV, MKV, WebM, AVI, MP3 or WAV file."
    )


class UploadTooLarge(PersonError):
    code = "upload-too-large"
    http_status = 413
    message_zh = "文件有 {size_gb} GB，超过 {limit_gb} GB 的上限。请压缩或分成几段上传。"
    message_en = "The file has {size_gb} GB, above the limit of {limit_gb} GB. Compress or split it."


class NoRoomForUpload(PersonError):
    code = "upload-no-room"
    http_status = 507
    message_zh = (
        "服务器磁盘空间不足：文件需要 {needed_gb} GB，还剩 {free_gb} GB。文件没有上传，请联系管理员清理空间后再试。"
    )
    message_en = (
        "The server's disk has {free_gb} GB left and the file needs {needed_gb} GB. "
        "Nothing was uploaded; ask an administrator to make room."
    )


class SessionExpired(PersonError):
    code = "session-expired"
    http_status = 401
    message_zh = "登录已过期。请在新的标签页里重新登录，然后回到这里点“继续”；已填写的内容和已上传的部分都在。"
    message_en = (
        "You have been signed out. Sign in again in another tab, then come back and press continue; "
        "what you entered and uploaded is kept."
    )


class StillInUse(PersonError):
    """Something that other things refer to cannot be deleted."""

    code = "still-in-use"
    http_status = 409
    message_zh = "还有别的内容用着它，不能删除：{names}。请先从那里取下或改用别的，再删除。"
    message_en = "Other things still use it, so it can't be deleted: {names}. Take it out there first."


class NotPermitted(PersonError):
    code = "not-permitted"
    http_status = 403
    message_zh = "您没有这项操作的权限。请联系管理员。"
    message_en = "You are not permitted to do this. Ask an administrator."
