"""The pipeline's own upkeep in a running worker."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from media_pipeline.collecting import LOOK_EVERY_S, start_collecting
from media_pipeline.reencoding import release
from media_pipeline.signals import swept
from media_pipeline.upkeep import Chore, Upkeep

RELEASE_EVERY_S = 5
"""The longest pause between two re-encodes."""

_upkeep = Upkeep([Chore(RELEASE_EVERY_S, release), Chore(LOOK_EVERY_S, start_collecting)])


@receiver(swept, dispatch_uid="media_pipeline.swept")
def on_swept(sender: type | None, **kwargs: Any) -> None:
    """Let the next re-encode start when nothing comes before it; once a day collect what nobody refers to."""
    _upkeep.run()
