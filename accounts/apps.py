"""Application configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "accounts"
    label = "accounts"
    verbose_name = "账号与组织"

    def ready(self) -> None:
        from accounts import groups, receivers

        groups.connect()
        receivers.connect()
