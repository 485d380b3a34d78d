"""Background tasks: each only carries an id; the state lies in `PackageBuild` (architecture.md §3)."""

from __future__ import annotations

from django_tasks import task

from offline.packages import services


@task(priority=20)
def build_package(build_id: int) -> str:
    """Bring one build to its end; the returned word is for the log."""
    return services.run_build(build_id)
