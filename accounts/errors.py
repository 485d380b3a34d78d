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
        """The one JSON shape of an error: {"error": {"code", "message", "message_en"}}.

        `accounts.wording.as_json` adds the Tibetan draft for those who read it.
        """
        return {"error": {"code": self.code, "message": self.zh, "message_en": self.en}}


class CodeUnreadable(PersonError):
    code = "code-unreadable"
    message_zh = "这不是一个完整的激活码。请对照卡片逐字再输一遍：16 个字，分四组，横线可以不输。"
    message_en = "This is not a complete code. Type it again from the card: 16 characters in four groups."


class CodeUnknown(PersonError):
    code = "code-unknown"
    http_status = 404
    message_zh = "没有这个激活码。请对照卡片再输一遍；还不行，请支部书记重新打印一张。"
    message_en = "There is no such code. Check the card and type it again, or ask your branch secretary for a new one."


class CodeUsed(PersonError):
    code = "code-used"
    http_status = 409
    message_zh = "这个激活码已经用过了，一张卡只能用一次。要在别的手机上登录，或者登录丢了，请支部书记重新打印一张。"
    message_en = "This code has been used; a card works once. Ask your branch secretary to print a new one."


class CodeExpired(PersonError):
    code = "code-expired"
    http_status = 410
    message_zh = "这个激活码过期了（打印后 {days} 天内有效）。请支部书记重新打印一张。"
    message_en = "This code has expired (valid for {days} days). Ask your branch secretary to print a new one."


class CodeWithdrawn(PersonError):
    code = "code-withdrawn"
    http_status = 410
    message_zh = "这张卡作废了，因为后来又打印了新的。请用最新的一张卡。"
    message_en = "This card was withdrawn because a newer one was printed. Use the newest card."


class CodeForStaff(PersonError):
    code = "code-for-staff"
    http_status = 409
    message_zh = "这个账号用密码登录，不能用激活码。忘记密码请找上级管理员重设。"
    message_en = "This account signs in with a password. Ask an administrator to reset it."


class CardAlreadyMade(PersonError):
    code = "card-already-made"
    http_status = 409
    message_zh = "这次的卡片已经生成过，为保密不能再显示一遍。没打印出来就请返回，重新打印一张（旧卡随之作废）。"
    message_en = "These cards were already shown once. If they did not print, go back and print new ones."


class LoginWrong(PersonError):
    code = "login-wrong"
    http_status = 403
    message_zh = "账号或密码不对，请再输一遍。密码分大小写。忘记密码请找上级管理员重设。"
    message_en = "Wrong account or password. Type them again; capitals count. An administrator can reset a password."


class LoginLocked(PersonError):
    code = "login-locked"
    http_status = 429
    message_zh = "登录失败次数太多，请等 {minutes} 分钟再试。忘记密码请找上级管理员重设。"
    message_en = "Too many failed log-ins. Wait {minutes} minutes, or ask an administrator to reset your password."


class LevelOrder(PersonError):
    code = "organisation-level-order"
    message_zh = "{parent}下面不能放{child}。请按 省 → 市州 → 县 → 乡镇 → 党支部 的次序选择上级。"
    message_en = "A {child} cannot lie below: {parent}. Choose a parent of a higher level."


class OwnDescendant(PersonError):
    code = "organisation-own-descendant"
    message_zh = "不能把一个组织移到它自己或它的下级里。请另选上级。"
    message_en = "An organisation cannot be moved into itself or below itself. Choose another parent."


class NotPermitted(PersonError):
    """The person has no role that reaches this organisation."""

    code = "not-permitted"
    http_status = 403
    message_zh = "您没有查看或办理这个组织事务的权限。请回到自己的支部；如果分工有变，请上级管理员给您加上角色。"
    message_en = "You have no role for this organisation. Go back to your own branch, or ask an administrator for one."


class AccountOutOfReach(PersonError):
    code = "account-out-of-reach"
    http_status = 403
    message_zh = "您不能管理“{name}”的账号：它属于别的组织、是您本人的，或者角色不比您低。请找系统管理员。"
    message_en = "You may not manage the account “{name}”: it belongs elsewhere, is your own, or ranks no lower."


class RoleOutOfReach(PersonError):
    code = "role-out-of-reach"
    http_status = 403
    message_zh = "您不能在“{organisation}”授予或收回“{role}”。请选管理范围内的组织；审核员和管理员由系统管理员指定。"
    message_en = "You may not give or take the role “{role}” at “{organisation}”."


class LogIsPermanent(PersonError):
    code = "log-permanent"
    http_status = 403
    message_zh = "账号日志只能追加，不能修改或删除。"
    message_en = "The log of accounts can only be added to."


class SignInFirst(PersonError):
    code = "sign-in-first"
    http_status = 401
    message_zh = "请先登录再办理。党员用激活码，工作人员用账号密码。"
    message_en = "Sign in first: members with a printed code, staff with a password."
