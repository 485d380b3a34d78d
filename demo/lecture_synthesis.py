"""Lectures made from nothing but text: rendered slides, synthesised Mandarin and a moving inset.

They feed the demo and the tests, and go through the real pipeline like any upload. The speech comes from
eSpeak NG (`espeakng-loader`), the type from Noto CJK; both are free, neither needs a network.
"""

from __future__ import annotations

import ctypes
import math
import random
import subprocess
import tempfile
import threading
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import espeakng_loader
import ffmpeg
import imageio_ffmpeg
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, FPS = 1280, 720, 12
"""An ordinary 720p lecture; twelve frames a second are enough for slides and keep the making quick."""

_SKY, _SKY_DEEP, _GOLD, _SNOW, _INK, _VERMILION = "#14507a", "#0c3552", "#d9a441", "#fbfaf6", "#16232e", "#b23a24"
_INSET_W, _INSET_H = 256, 192
_LEAD_S, _SENTENCE_GAP_S, _SLIDE_GAP_S, _TAIL_S = 0.8, 0.35, 0.7, 1.2
_SCRIPT_PUNCTUATION = "，。；：！？、”）》"
_ENCODE_LIMIT_S = 3600
_ESPEAK_PATH_LIMIT = 150
"""eSpeak NG keeps its data path in a fixed buffer of 160 characters."""


class FontMissing(RuntimeError):
    """No Noto CJK font is installed."""


@dataclass(frozen=True)
class Slide:
    """One slide: a heading and its lines."""

    heading: str
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class CueTime:
    """When a narrated sentence is heard, in seconds from the start."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True)
class SynthesisedLecture:
    """What was made: the file, its length, what is said when, and when each slide appears."""

    path: Path
    duration_s: float
    cues: tuple[CueTime, ...]
    slide_starts_s: tuple[float, ...]

    def vtt(self) -> str:
        """The sentences as a WebVTT file."""
        blocks = [f"{_stamp(cue.start_s)} --> {_stamp(cue.end_s)}\n{cue.text}\n" for cue in self.cues]
        return "WEBVTT\n\n" + "\n".join(blocks)


def _stamp(seconds: float) -> str:
    whole_ms = round(seconds * 1000)
    minutes, ms = divmod(whole_ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{ms // 1000:02}.{ms % 1000:03}"


# -- speech ---------------------------------------------------------------------------------------------------


class _Speaker:
    """Mandarin through eSpeak NG's C interface; the library is global, so one call at a time."""

    _lock = threading.Lock()
    _ready: tuple[ctypes.CDLL, int] | None = None
    _callback_type = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)

    @classmethod
    def _library(cls) -> tuple[ctypes.CDLL, int]:
        if cls._ready is None:
            library = ctypes.CDLL(espeakng_loader.get_library_path())
            synchronous = 2
            rate = library.espeak_Initialize(synchronous, 0, _short_data_path().encode(), 0)
            if rate <= 0 or library.espeak_SetVoiceByName(b"cmn") != 0:
                raise RuntimeError("eSpeak NG has no Mandarin voice; reinstall espeakng-loader")
            cls._ready = (library, rate)
        return cls._ready

    @classmethod
    def say(cls, text: str, *, words_per_minute: int, pitch: int) -> tuple[bytes, int]:
        """Signed 16-bit mono samples of the sentence, and their rate in Hz."""
        with cls._lock:
            library, rate = cls._library()
            pieces: list[bytes] = []

            def keep(samples: ctypes._Pointer[ctypes.c_short], count: int, _events: object) -> int:
                if count > 0 and samples:
                    pieces.append(ctypes.string_at(samples, 2 * count))
                return 0

            callback = cls._callback_type(keep)
            library.espeak_SetSynthCallback(callback)
            library.espeak_SetParameter(1, words_per_minute, 0)
            library.espeak_SetParameter(3, pitch, 0)
            content = text.encode()
            utf8 = 1
            library.espeak_Synth(content, ctypes.c_size_t(len(content) + 1), 0, 0, 0, utf8, None, None)
            library.espeak_Synchronize()
            return b"".join(pieces), rate


def _short_data_path() -> str:
    path = espeakng_loader.get_data_path()
    if len(path) <= _ESPEAK_PATH_LIMIT:
        return path
    link = Path(tempfile.mkdtemp(prefix="espeak")) / "espeak-ng-data"
    link.symlink_to(path)
    return str(link)


def _silence(seconds: float, rate: int) -> bytes:
    return bytes(2 * round(seconds * rate))


def _narrate(
    sentences: Sequence[str], slide_of: Sequence[int], *, seed: int, wav: Path, limit_s: float | None
) -> tuple[list[CueTime], dict[int, float], float]:
    """Speak the sentences into a WAV file; return the cues, each slide's start and the length in seconds.

    Sentences that would begin after `limit_s` are left out.
    """
    chance = random.Random(seed)  # noqa: S311 — variety, not secrecy
    pitch, pace = chance.randint(38, 58), chance.randint(165, 190)
    cues: list[CueTime] = []
    starts: dict[int, float] = {}
    with wave.open(str(wav), "wb") as writer:
        rate = _Speaker.say("。", words_per_minute=pace, pitch=pitch)[1]
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(_silence(_LEAD_S, rate))
        now = _LEAD_S
        for number, (sentence, slide) in enumerate(zip(sentences, slide_of, strict=True)):
            if limit_s is not None and now >= limit_s:
                break
            if slide not in starts:
                pause = _SLIDE_GAP_S if number else 0.0
                writer.writeframes(_silence(pause, rate))
                starts[slide] = now + pause / 2 if number else 0.0
                now += pause
            samples, _rate = _Speaker.say(sentence, words_per_minute=pace, pitch=pitch)
            length = len(samples) / 2 / rate
            writer.writeframes(samples + _silence(_SENTENCE_GAP_S, rate))
            cues.append(CueTime(round(now, 3), round(now + length, 3), sentence))
            now += length + _SENTENCE_GAP_S
        writer.writeframes(_silence(_TAIL_S, rate))
    return cues, starts, now + _TAIL_S


# -- slides ---------------------------------------------------------------------------------------------------


def find_font(*, bold: bool = False) -> Path:
    """The Noto Sans CJK collection of this machine, found by name.

    Raises:
        FontMissing: none; the message says which Debian package brings it.
    """
    name = f"NotoSansCJK-{'Bold' if bold else 'Regular'}"
    roots = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts"]
    for root in roots:
        for found in sorted(root.rglob(f"{name}.*")) if root.is_dir() else []:
            return found
    raise FontMissing(
        f"找不到字体 {name}。请安装 Debian 软件包 fonts-noto-cjk。"
        f" / Font {name} not found: install the Debian package fonts-noto-cjk."
    )


def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    path = find_font(bold=bold)
    for face in range(10):
        font = ImageFont.truetype(str(path), size, index=face)
        if str(font.getname()[0]).endswith("SC"):
            return font
    return ImageFont.truetype(str(path), size)


def _wrap(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Break a Chinese line by width; closing punctuation never starts a line."""
    lines, current = [], ""
    for character in text:
        if font.getlength(current + character) > width and character not in _SCRIPT_PUNCTUATION:
            lines.append(current)
            current = ""
        current += character
    return [*lines, current] if current else lines


def _band(draw: ImageDraw.ImageDraw, top: int) -> None:
    """The woven-band motif that separates heading and text."""
    for step, left in enumerate(range(64, WIDTH - 64, 32)):
        middle, colour = left + 16, (_GOLD, _VERMILION, _SKY)[step % 3]
        draw.polygon([(left, top + 8), (middle, top), (left + 32, top + 8), (middle, top + 16)], fill=colour)


def _draw_slide(slide: Slide, title: str, number: int, total: int) -> Image.Image:
    picture = Image.new("RGB", (WIDTH, HEIGHT), _SNOW)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, WIDTH, 56), fill=_SKY_DEEP)
    draw.text((64, 10), title, font=_font(26), fill=_SNOW)
    page = f"{number} / {total}"
    small = _font(24)
    draw.text((WIDTH - 64 - small.getlength(page), 12), page, font=small, fill=_GOLD)
    heading = _font(54, bold=True)
    top = 92
    for line in _wrap(slide.heading, heading, WIDTH - 128)[:2]:
        draw.text((64, top), line, font=heading, fill=_SKY)
        top += 72
    _band(draw, top + 14)
    top += 62
    body = _font(36)
    for entry in slide.lines:
        for row, line in enumerate(_wrap(entry, body, WIDTH - 200 - _INSET_W)):
            if top > HEIGHT - 64:
                return picture
            if row == 0:
                draw.ellipse((68, top + 20, 82, top + 34), fill=_VERMILION)
            draw.text((104, top), line, font=body, fill=_INK)
            top += 56
        top += 12
    return picture


def _draw_all(folder: Path, slides: Sequence[Slide], title: str) -> list[Path]:
    """Render every slide into the folder."""
    pictures = []
    for number, slide in enumerate(slides, 1):
        picture = folder / f"slide{number:04}.png"
        _draw_slide(slide, title, number, len(slides)).save(picture, compress_level=1)
        pictures.append(picture)
    return pictures


# -- the film -------------------------------------------------------------------------------------------------


def _slide_list(folder: Path, pictures: Sequence[Path], starts: Sequence[float], duration_s: float) -> Path:
    """A script for ffmpeg's concat demuxer: each slide with its duration."""
    ends = [*starts[1:], duration_s]
    lines = ["ffconcat version 1.0"]
    for picture, start, end in zip(pictures, starts, ends, strict=True):
        lines += [f"file {picture.name}", f"duration {end - start:.3f}"]
    lines.append(f"file {pictures[-1].name}")
    script = folder / "slides.ffconcat"
    script.write_text("\n".join(lines) + "\n")
    return script


def _panorama(seed: int) -> Image.Image:
    """A range of mountains that joins on at its ends, to glide by in the corner."""
    chance = random.Random(seed)  # noqa: S311 — variety, not secrecy
    width, height = 4 * _INSET_W, _INSET_H - 8
    picture = Image.new("RGB", (width, height), "#7fb6d6")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((width // 3, 18, width // 3 + 34, 52), fill=_GOLD)
    for colour, level, swing in (("#dfe9ee", 0.45, 26), ("#4c86a8", 0.6, 20), (_SKY, 0.75, 14), ("#5d7a3a", 0.88, 6)):
        waves = [(chance.randint(2, 5), chance.random()), (chance.randint(6, 13), chance.random())]
        for x in range(width):
            rise = sum(math.sin(2 * math.pi * (turns * x / width + phase)) / turns for turns, phase in waves)
            draw.line((x, level * height - 2 * swing * rise, x, height), fill=colour)
    return picture


def _inset(panorama: Path, fps: int) -> ffmpeg.nodes.FilterableStream:
    """The moving picture in the corner, in place of a presenter: a plateau gliding by in a gold frame."""
    return (
        ffmpeg.input(str(panorama), loop=1, framerate=fps)
        .video.filter("format", "yuv420p")
        .filter("scroll", horizontal=0.0015 * FPS / fps)
        .filter("crop", _INSET_W - 8, _INSET_H - 8, 0, 0)
        .filter("pad", _INSET_W, _INSET_H, 4, 4, color="0xd9a441")
    )


def _encode(script: Path, panorama: Path | None, wav: Path | None, path: Path, *, duration_s: float, fps: int) -> None:
    picture = (
        ffmpeg.input(str(script), f="concat", safe=0)
        .video.filter("scale", WIDTH, HEIGHT)
        .filter("format", "yuv420p")
        .filter("fps", fps)
    )
    if panorama is not None:
        picture = ffmpeg.overlay(picture, _inset(panorama, fps), x=WIDTH - _INSET_W - 48, y=HEIGHT - _INSET_H - 48)
    options = {
        "c:v": "libx264", "preset": "ultrafast", "tune": "stillimage", "crf": 23, "g": 10 * fps,
        "movflags": "+faststart", "t": f"{duration_s:.3f}", "f": "mp4",
    }  # fmt: skip
    streams = [picture]
    if wav is not None:
        streams.append(ffmpeg.input(str(wav)).audio)
        options |= {"c:a": "aac", "b:a": "96k"}
    command = ffmpeg.output(*streams, str(path), **options).compile(
        cmd=[imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error"], overwrite_output=True
    )
    subprocess.run(command, check=True, timeout=_ENCODE_LIMIT_S, stdin=subprocess.DEVNULL)


def _spread(count: int, slides: int) -> list[int]:
    """Which slide each of `count` sentences is spoken over, in order and as evenly as can be."""
    return [min(slides - 1, number * slides // max(count, 1)) for number in range(count)]


def _starts(spoken: dict[int, float], slides: int, duration_s: float) -> list[float]:
    """When each slide appears; slides nobody speaks over share the time of the one before."""
    starts = [0.0] * slides
    known = [0, *sorted(number for number in spoken if number > 0)]
    for position, number in enumerate(known):
        begin = spoken.get(number, 0.0) if number else 0.0
        following = known[position + 1] if position + 1 < len(known) else slides
        end = spoken.get(following, duration_s)
        for step in range(following - number):
            starts[number + step] = begin + step * (end - begin) / (following - number)
    return starts


def synthesise_lecture(
    path: Path,
    *,
    title: str,
    slides: Sequence[Slide],
    narration: Sequence[str],
    seed: int = 0,
    duration_s: float | None = None,
    fps: int = FPS,
    inset: bool = True,
) -> SynthesisedLecture:
    """Make a 720p MP4 lecture whose sentences are spoken over its slides, in order and evenly.

    Args:
        path: the MP4 to write; its folder must exist. The file appears whole or not at all.
        title: shown at the head of every slide.
        slides: at least one.
        narration: sentences in the order they are spoken; none gives a silent film, which then needs `duration_s`.
        seed: varies the voice and the inset.
        duration_s: length in seconds to fill (with quiet at the end) or cut to, the slides changing evenly;
            without it the lecture is as long as its speech and a slide changes when its first sentence begins.
        fps: frames a second.
        inset: with a moving picture in the corner.

    Raises:
        FontMissing: Noto CJK is not installed.
        subprocess.CalledProcessError: ffmpeg failed.
        ValueError: no slide, or neither narration nor duration.
    """
    if not slides or (not narration and duration_s is None):
        raise ValueError("a lecture needs a slide, and either narration or a duration")
    with tempfile.TemporaryDirectory(prefix="lecture") as name:
        folder = Path(name)
        wav = folder / "speech.wav" if narration else None
        cues: list[CueTime] = []
        spoken: dict[int, float] = {}
        length = duration_s or 0.0
        if wav is not None:
            places = _spread(len(narration), len(slides))
            cues, spoken, length = _narrate(narration, places, seed=seed, wav=wav, limit_s=duration_s)
        total = duration_s or length
        starts = _starts({} if duration_s else spoken, len(slides), total)
        script = _slide_list(folder, _draw_all(folder, slides, title), starts, total)
        panorama = folder / "panorama.png" if inset else None
        if panorama is not None:
            _panorama(seed).save(panorama)
        film = path.with_name(f".{path.name}.part")
        try:
            _encode(script, panorama, wav, film, duration_s=total, fps=fps)
            film.replace(path)
        finally:
            film.unlink(missing_ok=True)
    heard = tuple(cue for cue in cues if cue.end_s <= total)
    return SynthesisedLecture(path, total, heard, tuple(round(start, 3) for start in starts))
