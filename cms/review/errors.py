"""Why a review step or a publication was refused, each with what to do."""

from __future__ import annotations

from accounts.errors import PersonError
from cms.review.rules import Refusal


class ReviewRequired(PersonError):
    code = "review-required"
    http_status = 403
    message_zh = "“{title}”尚未通过三审三校，不能发布。请点“提交审核”，由三位不同的审核员依次通过。"
    message_en = (
        "“{title}” has not passed the three-stage review and cannot be published. "
        "Submit it for review; three different reviewers must approve it in turn."
    )


class NotReadyToPublish(PersonError):
    code = "not-ready-to-publish"
    http_status = 409
    message_zh = "“{title}”暂不能发布：{reason_zh}"
    message_en = "“{title}” cannot be published yet: {reason_en}"


class ChangedMeanwhile(PersonError):
    code = "changed-meanwhile"
    http_status = 409
    message_zh = "“{title}”在您操作期间已由他人处理（例如已发布），您的这次操作没有生效。请刷新页面，看清现状后再操作。"
    message_en = (
        "“{title}” was dealt with by someone else meanwhile (published, for instance); your action took no effect. "
        "Reload the page and look again."
    )


class RecordIsPermanent(PersonError):
    code = "review-record-permanent"
    http_status = 403
    message_zh = "审核记录只能追加，不能修改或删除。如有差错，请重新提交审核，形成新的记录。"
    message_en = "Review records can only be added, not changed or deleted. Submit again to correct a mistake."


class ReviewRefused(PersonError):
    """Base of the refusals of one person at one stage; the code is the rule's."""

    http_status = 403
    message_zh = "您不能审核这一阶段。"
    message_en = "You may not decide this stage."


class NotSignedIn(ReviewRefused):
    code = Refusal.NOT_SIGNED_IN.value
    message_zh = "请先登录，再审核。"
    message_en = "Sign in before you review."


class NotAReviewer(ReviewRefused):
    code = Refusal.NOT_A_REVIEWER.value
    message_zh = "您不是审核员，不能审核。请联系管理员把您加入审核员组。"
    message_en = "You are not a reviewer. Ask an administrator to add you to the reviewers' group."


class AuthorMayNotReview(ReviewRefused):
    code = Refusal.AUTHOR.value
    message_zh = "您编写或提交了这份稿件，不能审核本人稿件。请由其他审核员审核。"
    message_en = "You wrote or submitted this item; another reviewer must decide it."


class HoldsAnotherStage(ReviewRefused):
    code = Refusal.HOLDS_ANOTHER_STAGE.value
    message_zh = "您已承担这份稿件的另一个审次，同一人不能承担两个审次。请由其他审核员审核。"
    message_en = "You already hold another stage of this item; a different reviewer must decide this one."


class EarlierStageOpen(ReviewRefused):
    code = Refusal.EARLIER_STAGE_OPEN.value
    http_status = 409
    message_zh = "前面的审次尚未通过，请按初审、复审、终审的次序审核。"
    message_en = "An earlier stage has not been passed; review in order."


class StaleRevision(ReviewRefused):
    code = Refusal.STALE_REVISION.value
    http_status = 409
    message_zh = "稿件在您审核期间有了新的修改，请刷新页面，按最新的内容重新审核。"
    message_en = "The item was changed while you reviewed it. Reload and review the latest content."


REFUSALS: dict[Refusal, type[ReviewRefused]] = {
    Refusal(error.code): error
    for error in (NotSignedIn, NotAReviewer, AuthorMayNotReview, HoldsAnotherStage, EarlierStageOpen, StaleRevision)
}
"""The error that tells a person about each rule."""
