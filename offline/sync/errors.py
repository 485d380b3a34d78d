"""What can be wrong with a bundle of study records or with the device that sent it."""

from __future__ import annotations

from accounts.errors import PersonError


class BundleError(PersonError):
    """Base of every reason to refuse or to quarantine a bundle."""

    code = "bundle-error"
    message_zh = "这份学习记录无法接收，请在手机上重新同步一次。"
    message_en = "This bundle of study records cannot be taken; please synchronise again on the phone."


class BundleTooLarge(BundleError):
    code = "bundle-too-large"
    http_status = 413
    message_zh = "记录包过大（上限 {limit} 字节）。请更新应用后再同步，记录仍在手机上，不会丢失。"
    message_en = "The bundle is too large (limit {limit} bytes). Update the app and synchronise again; nothing is lost."


class BundleMalformed(BundleError):
    code = "bundle-malformed"
    message_zh = "记录包已损坏（{detail}）。请重新同步；记录仍在手机上，不会丢失。"
    message_en = "The bundle is damaged ({detail}). Synchronise again; the records are still on the phone."


class BundleVersionUnknown(BundleError):
    code = "bundle-version-unknown"
    http_status = 409
    message_zh = "记录包的格式（版本 {version}）较新，本服务器还不认识。请通知管理员更新服务器，记录请保留在手机上。"
    message_en = "The bundle has a newer format (version {version}). Ask the administrator to update the server."


class SignatureInvalid(BundleError):
    code = "bundle-signature-invalid"
    http_status = 403
    message_zh = "记录包的签名不对，已转人工复核。请用本人登记过的手机重新同步。"
    message_en = "The bundle's signature is wrong; it was set aside for review. Synchronise from your registered phone."


class ChainBroken(BundleError):
    code = "bundle-chain-broken"
    http_status = 409
    message_zh = "记录的顺序链对不上，已转人工复核。请保留手机上的记录，并联系支部书记。"
    message_en = "The records' chain does not fit; it was set aside for review. Keep the phone's records."


class DeviceUnknown(BundleError):
    code = "device-unknown"
    http_status = 403
    message_zh = "这部手机没有登记。请在联网时登录一次“我的”页面，再同步。"
    message_en = "This phone is not registered. Sign in once at “我的” while online, then synchronise."


class DeviceRevoked(BundleError):
    code = "device-revoked"
    http_status = 403
    message_zh = "这部手机已被停用，记录已转人工复核。请联系支部书记重新登记。"
    message_en = "This phone was revoked; its records were set aside for review. Ask the branch secretary."


class ProofInvalid(PersonError):
    code = "device-proof-invalid"
    http_status = 400
    message_zh = "手机登记没有成功：验证已过期或不正确。请刷新页面再试一次。"
    message_en = "The phone was not registered: the proof is wrong or has expired. Reload the page and try again."


class DeviceOfAnother(PersonError):
    code = "device-of-another"
    http_status = 409
    message_zh = (
        "这部手机登记给了另一位党员，或已停用。请那位党员在这里登录一次，或联系支部书记。记录还在手机上，没有丢。"
    )
    message_en = (
        "This phone is registered for another member, or was revoked. Have that member sign in here once, "
        "or ask the branch secretary. The records stay on the phone; nothing is lost."
    )


class NotAllowedToRevoke(PersonError):
    code = "not-allowed-to-revoke"
    http_status = 403
    message_zh = "只有所在支部的书记或上级管理员可以停用这部手机。"
    message_en = "Only the branch's secretary or an administrator above it may revoke this phone."


class DeviceNotFound(PersonError):
    code = "device-not-found"
    http_status = 404
    message_zh = "找不到这部手机。请回到“党员手机”列表，刷新后再试。"
    message_en = "There is no such phone. Go back to the list of phones, reload it and try again."
