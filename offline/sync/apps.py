"""Application configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SyncConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "offline.sync"
    label = "sync"
    verbose_name = "记录同步"

    def ready(self) -> None:
        from education.members.export import register_section
        from education.members.signals import member_erased
        from offline.sync import export, receivers

        register_section("devices", export.devices_document)
        register_section("bundles", export.bundles_document)
        post_migrate.connect(receivers.protect_decisions, sender=self, dispatch_uid="sync.protect_decisions")
        member_erased.connect(receivers.on_member_erased, dispatch_uid="sync.member_erased")
