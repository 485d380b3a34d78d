"""Application configuration."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "education.members"
    label = "members"
    verbose_name = "党员"

    def ready(self) -> None:
        from accounts.authority import register_place

        register_place("party_member__branch")
