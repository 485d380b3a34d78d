"""Transcode one file by hand, without a database: the same plan, commands and verification as a job."""

from __future__ import annotations

import json
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from media_pipeline.durable import link_or_copy
from media_pipeline.encoder import Encoder
from media_pipeline.errors import MediaError
from media_pipeline.models import MediaSource, Rendition
from media_pipeline.objects import FolderStore, ObjectStore
from media_pipeline.outputs import Verified, silent_tick, store_media, store_poster, verified, verify_copy
from media_pipeline.plan import needed_bytes, plan
from media_pipeline.presets import ladder
from media_pipeline.probe import probe

_ENDINGS = {"poster": ".webp"}


class Command(BaseCommand):
    """`manage.py transcode INPUT --out DIR [--json]`."""

    help = "手工转码一个文件到文件夹。 / Transcodes one file into a folder."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add input, output folder and form of the report."""
        parser.add_argument("input", type=Path)
        parser.add_argument("--out", type=Path, required=True, help="Folder for the renditions; made if missing.")
        parser.add_argument("--json", action="store_true", dest="as_json", help="Report as JSON on standard output.")

    def handle(self, *, input: Path, out: Path, as_json: bool, **options: Any) -> None:
        """Write every rung and its index into the folder; exit status 1 with the error's code when refused."""
        if not input.is_file():
            raise CommandError(f"没有这个文件 / no such file: {input}")
        out.mkdir(parents=True, exist_ok=True)
        try:
            made = self._transcode(input.resolve(), out.resolve())
        except MediaError as error:
            if not as_json:
                raise CommandError(f"[{error.code}] {error.zh}\n{error.en}") from error
            self.stdout.write(json.dumps(error.as_dict(), ensure_ascii=False))
            sys.exit(1)
        for row in made:
            self.stdout.write(
                json.dumps(row, ensure_ascii=False) if as_json else "{name:10} {length:>10}  {mime}".format(**row)
            )

    def _transcode(self, path: Path, out: Path) -> list[dict[str, Any]]:
        facts, rungs = probe(path, silent_tick), ladder()
        work = plan(facts, rungs)
        source = MediaSource()
        with tempfile.TemporaryDirectory(prefix=".transcode", dir=out) as name:
            folder = Path(name)
            store = FolderStore(folder / "objects")
            encoder = Encoder(path, facts, folder, rungs, needed_bytes(work, facts.duration_s))
            present: dict[str, Rendition] = {}

            def keep(file: Verified, mime: str = "") -> None:
                rendition = store_media(file, store, source, rungs.version)
                rendition.mime = mime or rendition.mime
                present[rendition.name] = rendition

            if facts.audio is not None:
                gain_db = encoder.measure_gain({}, silent_tick)
                for sound in verified(encoder.sound(work.audio, gain_db, silent_tick), silent_tick):
                    keep(sound)
            if work.poster is not None:
                poster = encoder.poster(work.poster, silent_tick)
                present[work.poster.name] = store_poster(poster, work.poster.name, store, source, rungs.version)
            if work.video:
                for picture in verified(encoder.picture(work.video, silent_tick), silent_tick):
                    keep(picture)
            for rung in work.muxed:
                joined = encoder.muxed(rung, present[rung.video], present.get(rung.audio), store, silent_tick)
                with joined as (made, mime):
                    keep(verify_copy(made), mime)
            return [self._deliver(rendition, store, out) for rendition in present.values()]

    def _deliver(self, rendition: Rendition, store: ObjectStore, out: Path) -> dict[str, Any]:
        target = out / f"{rendition.name}{_ENDINGS.get(rendition.kind, '.mp4')}"
        target.unlink(missing_ok=True)
        with store.local_file(rendition.sha256) as path:
            link_or_copy(path, target)
        if rendition.index_sha256:
            index = out / f"{rendition.name}.index.json"
            index.unlink(missing_ok=True)
            with store.local_file(rendition.index_sha256) as path:
                link_or_copy(path, index)
        return {
            "name": rendition.name,
            "kind": str(rendition.kind),
            "mime": rendition.mime,
            "length": rendition.length,
            "sha256": rendition.sha256,
            "duration_s": rendition.duration_s,
            "width": rendition.width,
            "height": rendition.height,
            "file": target.name,
        }
