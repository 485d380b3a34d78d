"""What can go wrong with the teacher pool, and what to do."""

from __future__ import annotations

from accounts.errors import PersonError


class ColumnUnreadable(PersonError):
    code = "column-unreadable"
    http_status = 503
    message_zh = (
        "这条加密内容读不出：密钥文件 {file} 不在，或不是写入时的那一把。内容没有丢，也没有改动。"
        "请管理员从备份恢复密钥文件，再打开这一页。"
    )
    message_en = (
        "This encrypted text cannot be read: the key file {file} is gone or is not the one it was written with. "
        "Nothing was lost or changed. Have an administrator restore the key file, then open this page again."
    )


class ColumnKeyDamaged(PersonError):
    code = "column-key-damaged"
    http_status = 503
    message_zh = "密钥文件 {file} 已损坏，没有保存。请管理员从备份恢复密钥文件，再保存一次。"
    message_en = "The key file {file} is damaged; nothing was saved. Have it restored from a backup, then save again."
