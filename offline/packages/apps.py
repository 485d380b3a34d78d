"""Application configuration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PackagesConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "offline.packages"
    label = "packages"
    verbose_name = "资源包"

    def ready(self) -> None:
        from cms.core.signals import material_withdrawn
        from media_pipeline.garbage import register_referrer
        from media_pipeline.publication import register_holder
        from media_pipeline.signals import swept
        from offline.packages import receivers, upkeep
        from offline.packages.findable import PackageSource
        from offline.packages.holding import PackageHolder, PackageReferrer
        from search.registry import register

        register(PackageSource())
        register_holder("packages", PackageHolder())
        register_referrer("packages", PackageReferrer())
        material_withdrawn.connect(receivers.on_material_withdrawn, dispatch_uid="packages.withdrawn")
        swept.connect(upkeep.on_swept, dispatch_uid="packages.upkeep")
        post_migrate.connect(receivers.grant_rights, dispatch_uid="packages.rights")
