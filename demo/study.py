"""The picture quiz, the winter-spring campaign and its package. Each may be loaded again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts.models import Organisation
from cms.lessons.models import Case, Lesson
from demo.authoring import Desk
from demo.library import Library, demo_id
from education.classroom.models import Quiz, QuizQuestion
from education.training.models import TrainingCampaign
from offline.packages.models import OfflinePackage, PackageLesson

_ANSWER_KEYS = "abcd"


def load_quizzes(library: Library, desk: Desk) -> dict[str, Quiz]:
    """The quizzes, by key, through the same review as everything else."""
    quizzes = {}
    for row in library.quizzes:
        quiz = Quiz.objects.filter(material_id=demo_id("quiz", row["key"])).first()
        if quiz is None:
            quiz = Quiz(material_id=demo_id("quiz", row["key"]), title=row["title"])
            quiz.questions = [_question(row["key"], number, each) for number, each in enumerate(row["questions"])]
            for question in quiz.questions.all():
                question.full_clean(exclude=["quiz"])
            quiz.save()
        quizzes[row["key"]] = desk.publish(quiz)
    return quizzes


def _question(quiz_key: str, number: int, row: Mapping[str, Any]) -> QuizQuestion:
    answers = [
        {"key": key, "text": text, "text_bo": text_bo, "pictogram": pictogram}
        for key, (text, text_bo, pictogram) in zip(_ANSWER_KEYS, row["answers"], strict=False)
    ]
    return QuizQuestion(
        question_id=demo_id("question", f"{quiz_key}/{number}"),
        sort_order=number,
        text=row["text"],
        text_bo=row["text_bo"],
        pictogram=row["pictogram"],
        answers=answers,
        correct_key=row["correct"],
    )


def _season(today: date) -> tuple[date, date]:
    """Winter-spring training lasts from December to March: the season that runs now or comes next."""
    first = today.year if today.month > 3 else today.year - 1
    return date(first, 12, 1), date(first + 1, 3, 31)


def load_package(
    library: Library,
    organisations: Mapping[str, Organisation],
    quizzes: Mapping[str, Quiz],
    desk: Desk,
    today: date,
) -> OfflinePackage:
    """The campaign and its package, reviewed; the lessons must exist as drafts at least."""
    row = library.package
    package = OfflinePackage.objects.filter(package_id=demo_id("package", "winter-spring")).first()
    if package is not None:
        return desk.publish(package)
    starts_on, ends_on = _season(today)
    campaign, _created = TrainingCampaign.objects.get_or_create(
        name=row["campaign"],
        organisation=organisations[row["organisation"]],
        defaults={"starts_on": starts_on, "ends_on": ends_on},
    )
    package = OfflinePackage(
        package_id=demo_id("package", "winter-spring"),
        campaign=campaign,
        title=row["title"],
        quiz=quizzes[row["quiz"]],
    )
    package.package_lessons = [
        PackageLesson(sort_order=number, lesson=_lesson(library, slug)) for number, slug in enumerate(row["lessons"])
    ]
    package.save()
    return desk.publish(package)


def _lesson(library: Library, slug: str) -> Any:
    lecture = library.lecture(slug)
    model: type[Lesson] | type[Case] = Case if lecture.kind == "case" else Lesson
    return model.objects.get(translation_key=lecture.material_id).page_ptr
