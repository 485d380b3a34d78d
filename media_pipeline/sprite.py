"""Makes the sprite of a film out of a finished rung: tiles in one WebP, and the WebVTT that tells where each lies."""

from __future__ import annotations

from media_pipeline import tiles
from media_pipeline.encoder import Encoder
from media_pipeline.errors import VerifyFailed
from media_pipeline.models import MediaSource, Rendition
from media_pipeline.objects import ObjectStore
from media_pipeline.outputs import store_poster
from media_pipeline.presets import SpriteRung
from media_pipeline.supervisor import Tick, ffmpeg_executable


def make_sprite(
    encoder: Encoder, rung: SpriteRung, picture: Rendition, store: ObjectStore, source: MediaSource, on_tick: Tick
) -> Rendition:
    """The tiles of a stored video rung, in the store; the rendition is not saved yet.

    Raises:
        VerifyFailed: what came out is no picture of that size.
        MediaError: as the encoder's.
        Exception: whatever `on_tick` raises.
    """
    duration_s = picture.duration_s or encoder.facts.duration_s
    laid = tiles.tiling(picture.width or 0, picture.height or 0, duration_s, rung)
    target = encoder.folder / f"{rung.name}.webp"
    with store.local_file(picture.sha256) as path:
        for quality in rung.qualities:
            command = tiles.command(
                path.resolve(), laid, target, duration_s=duration_s, quality=quality, executable=ffmpeg_executable()
            )
            encoder.run(command, on_tick)
            if target.is_file() and target.stat().st_size <= rung.max_bytes:
                break
    made = store_poster(target, rung.name, store, source, encoder.ladder.version)
    if (made.width, made.height) != (laid.width * laid.columns, laid.height * laid.rows):
        raise VerifyFailed(reason=f"{rung.name}: unexpected size {made.width}×{made.height}")
    made.kind, made.duration_s = Rendition.Kind.SPRITE, duration_s
    made.index_sha256 = store.put_bytes(tiles.thumbnails(laid, duration_s, made.sha256))
    return made
