"""Application configuration."""

from django.apps import AppConfig


class LessonsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "cms.lessons"
    label = "lessons"
    verbose_name = "课程"

    def ready(self) -> None:
        from cms.core.models import HomePage
        from cms.curriculum.selectors import home_context
        from cms.lessons import receivers  # noqa: F401
        from cms.lessons.publication import LiveMaterials
        from media_pipeline.publication import register_holder

        register_holder("materials", LiveMaterials())
        HomePage.context_providers.append(home_context)
