"""What can be wrong with a package, its manifest or the tree it is published into."""

from __future__ import annotations

from accounts.errors import PersonError


class PackageError(PersonError):
    """Base of every anticipated failure of a package."""

    code = "package-error"
    message_zh = "资源包出了问题，请再试一次。"
    message_en = "Something is wrong with the package; please try again."


class ManifestTooLarge(PackageError):
    code = "manifest-too-large"
    message_zh = "资源包清单过大（{what} 上限 {limit}）。请减少课程，或联系管理员检查来源。"
    message_en = "The manifest is too large ({what}, limit {limit}). Use fewer lessons, or have the source checked."


class ManifestMalformed(PackageError):
    code = "manifest-malformed"
    message_zh = "资源包清单已损坏（{where}）。请重新下载。"
    message_en = "The manifest is damaged ({where}). Please download it again."


class ManifestTooNew(PackageError):
    code = "update-the-app"
    http_status = 409
    message_zh = "这个资源包是新格式（版本 {version}），请先更新应用。已下载的内容仍可播放。"
    message_en = "This package has a newer format (version {version}): update the app. What you have keeps playing."


class NothingToPack(PackageError):
    code = "package-empty"
    message_zh = "资源包里还没有课程。请先添加至少一节课程或一个大纲单元，再点“制作”。"
    message_en = "The package has no lessons. Add at least one lesson or outline unit, then build again."


class PackageNotReviewed(PackageError):
    code = "package-not-reviewed"
    http_status = 409
    message_zh = "资源包《{title}》还没有通过三审三校。请点“送审（三审三校）”，由三位不同的审核员依次通过，再点“制作”。"
    message_en = (
        "The package “{title}” has not passed the three-stage review. Submit it; when three different reviewers have "
        "approved it, build again."
    )


class LessonNotPublished(PackageError):
    code = "package-lesson-not-published"
    http_status = 409
    message_zh = "课程《{title}》还没有发布。请先完成三审三校并发布，或把它从资源包中移除，再点“制作”。"
    message_en = "The lesson “{title}” is not published. Finish its review or remove it, then build again."


class QuizNotPublished(PackageError):
    code = "package-quiz-not-published"
    http_status = 409
    message_zh = "测验《{title}》还没有发布。请先完成三审三校并发布，或把它从资源包中移除，再点“制作”。"
    message_en = "The quiz “{title}” is not published. Finish its review or remove it, then build again."


class RenditionsMissing(PackageError):
    code = "package-renditions-missing"
    http_status = 409
    message_zh = "课程《{title}》的{missing}还没有准备好。请等转码完成后再点“制作”；若转码失败，请先重试转码。"
    message_en = "The lesson “{title}” has no {missing} yet. Wait for its transcode (or retry it), then build again."


class SubtitleUnreadable(PackageError):
    code = "package-subtitle-unreadable"
    http_status = 409
    message_zh = "课程《{title}》的字幕（{label}）读不出来。请重新上传字幕文件并送审，再点“制作”。"
    message_en = "A subtitle of “{title}” ({label}) cannot be read. Upload it again, then build."


class BuildInterrupted(PackageError):
    code = "package-build-interrupted"
    http_status = 503
    message_zh = "制作多次中断，已停止自动重试。请联系管理员查看磁盘空间和后台程序，然后再点“制作”。"
    message_en = "The build was interrupted several times. Have disk space and the worker checked, then build again."


class ContentChanged(PackageError):
    code = "package-content-changed"
    http_status = 409
    message_zh = "制作期间课程一再变动，资源包没有制作成功，旧版本仍然可用。请稍后再点“制作”。"
    message_en = "The lessons kept changing during the build; the old version stays available. Build again later."


class DiskFull(PackageError):
    code = "package-disk-full"
    http_status = 507
    message_zh = "服务器磁盘空间不足，资源包没有制作成功，旧版本仍然可用。请联系管理员清理空间，再点“制作”。"
    message_en = "The server's disk is full; the old version stays available. Free some space, then build again."


class SigningKeyMissing(PackageError):
    code = "signing-key-missing"
    http_status = 503
    message_zh = "缺少签名密钥（{role}）。请管理员恢复密钥目录，或运行 manage.py tuf_init。"
    message_en = "The signing key of {role} is missing. Restore the key folder or run manage.py tuf_init."


class TreeDamaged(PackageError):
    code = "tree-damaged"
    http_status = 500
    message_zh = (
        "已发布的目录树有问题：{name}（{reason}）。请从备份恢复这个文件，或重新制作资源包，再运行 verify_package。"
    )
    message_en = "The published tree is damaged: {name} ({reason}). Restore it or build again, then run verify_package."


class PackageUnknown(PackageError):
    code = "package-unknown"
    http_status = 404
    message_zh = "找不到这个资源包。它可能已经下架，请到资源包页面查看现有的。"
    message_en = "There is no such package; it may have been withdrawn. See the list of packages."
