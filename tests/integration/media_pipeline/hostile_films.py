"""Hostile and broken films as data: how each is made, and the code it must end with (media.md §5)."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Ffmpeg = Callable[..., Path]

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


@dataclass(frozen=True)
class Case:
    """One file: what it is, the code it must end with, and how it is made."""

    name: str
    code: str
    make: Callable[[Ffmpeg], bytes]


def pictures(size: str = "160x90", *, rate: int = 25, seconds: float = 2) -> tuple[str, ...]:
    """Input arguments of a moving test picture."""
    return ("-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}")


def plain(size: str, *, rate: int = 5, seconds: float = 0.4) -> tuple[str, ...]:
    """Input arguments of a picture of one colour, which costs next to nothing however large."""
    return ("-f", "lavfi", "-i", f"color=s={size}:r={rate}:d={seconds}")


def tone(seconds: float = 2) -> tuple[str, ...]:
    """Input arguments of a sound."""
    return ("-f", "lavfi", "-i", f"sine=300:d={seconds}")


def film(ffmpeg: Ffmpeg, ending: str = "mp4", *arguments: str) -> bytes:
    """Six seconds of H.264 and AAC, its index in front; another container by its ending."""
    whole = ffmpeg("film.mp4", *pictures(seconds=6), *tone(6), *X264, "-c:a", "aac", "-movflags", "+faststart")
    if ending == "mp4":
        return whole.read_bytes()
    return ffmpeg(f"film.{ending}", "-i", str(whole), *(arguments or ("-c", "copy"))).read_bytes()


def patched(content: bytes, mark: bytes, offset: int, layout: str, *values: float) -> bytes:
    """The content with numbers written behind the first `mark`, `offset` bytes after its end."""
    copy = bytearray(content)
    struct.pack_into(layout, copy, copy.index(mark) + len(mark) + offset, *values)
    return bytes(copy)


def flipped(content: bytes, bits: int, seed: int = 1) -> bytes:
    """The content with bits flipped behind its first tenth."""
    copy, chance = bytearray(content), random.Random(seed)
    for _number in range(bits):
        copy[chance.randrange(len(copy) // 10, len(copy))] ^= 1 << chance.randrange(8)
    return bytes(copy)


def cut(content: bytes, share: float) -> bytes:
    """The beginning of the content."""
    return content[: round(len(content) * share)]


def noise(length: int, seed: int = 3) -> bytes:
    """Bytes without any sense."""
    return random.Random(seed).randbytes(length)


def box(kind: bytes, *parts: bytes) -> bytes:
    """An MP4 box."""
    content = b"".join(parts)
    return struct.pack(">I", 8 + len(content)) + kind + content


FTYP = box(b"ftyp", b"qt  ", bytes(4), b"qt  ")


def element(identity: str, content: bytes) -> bytes:
    """A Matroska element."""
    return bytes.fromhex(identity) + (len(content) | 1 << 28).to_bytes(4) + content


def many_entries(count: int) -> bytes:
    """A Matroska file of track entries and nothing else."""
    entries = b"".join(
        element("ae", element("d7", struct.pack(">H", number)) + element("83", b"\x02") + element("86", b"A_AAC"))
        for number in range(1, count + 1)
    )
    header = element("1a45dfa3", element("4282", b"matroska"))
    return header + element("18538067", element("1549a966", b"") + element("1654ae6b", entries))


def _made(name: str, *arguments: str) -> Callable[[Ffmpeg], bytes]:
    return lambda ffmpeg: ffmpeg(name, *arguments).read_bytes()


def _always(content: bytes) -> Callable[[Ffmpeg], bytes]:
    return lambda _ffmpeg: content


def _picture_codec(codec: str, ending: str, *more: str) -> Case:
    name = f"{codec} in {ending}"
    return Case(
        name, "codec", _made(f"{codec}.{ending}", *pictures("160x128", rate=5, seconds=1), "-c:v", codec, *more)
    )


def _sound_codec(codec: str, ending: str, *more: str) -> Case:
    arguments = ("-ar", "48000", "-ac", "2", "-c:a", codec, "-strict", "-2", *more)
    return Case(f"{codec} in {ending}", "codec", _made(f"{codec}.{ending}", *tone(1), *arguments))


CODECS = (
    _picture_codec("magicyuv", "avi"),
    _picture_codec("ffv1", "mkv"),
    _picture_codec("huffyuv", "avi"),
    _picture_codec("rawvideo", "avi"),
    _picture_codec("cinepak", "mov"),
    _picture_codec("svq1", "mov"),
    _picture_codec("snow", "avi", "-strict", "-2"),
    _picture_codec("jpeg2000", "mov"),
    _picture_codec("zmbv", "avi"),
    _picture_codec("flashsv", "flv"),
    _picture_codec("tiff", "mkv"),
    _sound_codec("wavpack", "mka"),
    _sound_codec("truehd", "mka"),
    _sound_codec("g722", "wav", "-ac", "1"),
    _sound_codec("s302m", "ts"),
    Case(
        "H.264 beside a sound that isn't listed",
        "codec",
        _made("dts.mkv", *pictures(), *tone(), *X264, "-c:a", "dca", "-strict", "-2", "-ac", "2"),
    ),
)


def _small_by_its_header(avi: bytes) -> bytes:
    return patched(patched(avi, b"avih", 36, "<ii", 320, 240), b"strf", 8, "<ii", 320, 240)


PIXELS = (
    Case("MJPEG of 16000 squared", "pixels", _made("big.avi", *plain("16000x16000"), "-c:v", "mjpeg")),
    Case(
        "PNG of 16000 squared in black and white",
        "pixels",
        _made("big.mkv", *plain("16000x16000", rate=2, seconds=1), "-c:v", "png", "-pix_fmt", "monob"),
    ),
    Case("H.264 of 8192 squared", "pixels", _made("big.ts", *plain("8192x8192"), *X264)),
    Case(
        "an AVI that claims 320 by 240 for pictures of 16000 squared",
        "pixels",
        lambda ffmpeg: _small_by_its_header(ffmpeg("big.avi", *plain("16000x16000"), "-c:v", "mjpeg").read_bytes()),
    ),
    Case(
        "a film that grows to 8192 squared in its midst",
        "verify",
        lambda ffmpeg: (
            ffmpeg("small.ts", *pictures(seconds=2), *X264).read_bytes()
            + ffmpeg("large.ts", *plain("8192x8192"), "-output_ts_offset", "2", *X264).read_bytes()
        ),
    ),
)


def _two_frames(apart_s: int, ending: str) -> Callable[[Ffmpeg], bytes]:
    shift = f"setpts=N*{apart_s}/TB"
    return _made(f"two{apart_s}.{ending}", *pictures(rate=1), "-vf", shift, "-fps_mode", "passthrough", *X264)


DURATIONS = (
    Case(
        "two frames that claim 200,000 s",
        "duration",
        # The Matroska element Duration is an eight-byte float in milliseconds.
        lambda ffmpeg: patched(_two_frames(1, "mkv")(ffmpeg), b"\x44\x89\x88", 0, ">d", 200_000_000.0),
    ),
    Case("two frames 20,000 s apart in Matroska", "duration", _two_frames(20_000, "mkv")),
    Case("two frames 20,000 s apart in MP4", "duration", _two_frames(20_000, "mp4")),
    Case(
        "an AVI with a frame every 100,000 s",
        "duration",
        lambda ffmpeg: patched(
            ffmpeg("mpeg4.avi", *pictures(), "-c:v", "mpeg4").read_bytes(), b"strh", 24, "<II", 100_000, 1
        ),
    ),
    Case(
        "a WAV of one sample a second",
        "duration",
        lambda ffmpeg: patched(ffmpeg("tone.wav", *tone()).read_bytes(), b"fmt ", 8, "<I", 1),
    ),
    Case("a clip of two frames", "duration", _made("short.mp4", *pictures(seconds=0.08), *X264)),
)

NUMBERS = (
    Case("2,000 frames a second", "frames", _made("fast.mkv", *pictures("64x64", rate=2000, seconds=1), *X264)),
    Case(
        "an index of twenty million samples of one byte",
        "frames",
        lambda ffmpeg: _index_of(film(ffmpeg), 20_000_000, delta=1),
    ),
    Case(
        "101 sound tracks",
        "tracks",
        lambda ffmpeg: ffmpeg(
            "tracks.mkv", *tone(1), *[word for _number in range(101) for word in ("-map", "0:a")], "-c:a", "pcm_s16le"
        ).read_bytes(),
    ),
    Case("3,000 track entries", "tracks", _always(many_entries(3000))),
)


def _index_of(content: bytes, samples: int, *, delta: int) -> bytes:
    """The film with its first track's tables telling of so many samples of one byte."""
    content = patched(content, b"stsz", 4, ">II", 1, samples)
    return patched(patched(content, b"stts", 8, ">II", samples, delta), b"stsc", 12, ">I", samples)


def _without_pictures(content: bytes, filling: Callable[[int], bytes]) -> bytes:
    start = content.index(b"mdat") + 4
    return content[:start] + filling(len(content) - start)


def _truncated(ending: str, share: float, *arguments: str) -> Case:
    name = f"{ending} cut off at {share:.0%}"
    return Case(name, "verify", lambda ffmpeg: cut(film(ffmpeg, ending, *arguments), share))


DAMAGED = (
    _truncated("mp4", 0.4),
    _truncated("mp4", 0.95),
    _truncated("mkv", 0.4),
    _truncated("mkv", 0.95),
    _truncated("avi", 0.6, "-c:v", "mpeg4", "-c:a", "libmp3lame"),
    _truncated("flv", 0.5, "-c", "copy"),
    _truncated("webm", 0.5, "-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"),
    _truncated("ogg", 0.5, "-vn", "-c:a", "libvorbis"),
    _truncated("wmv", 0.5, "-c:v", "wmv2", "-c:a", "wmav2"),
    _truncated("wav", 0.5, "-vn"),
    _truncated("flac", 0.5, "-vn"),
    _truncated("mp3", 0.5, "-vn"),
    Case("a bit-flipped MP4", "verify", lambda ffmpeg: flipped(film(ffmpeg), 300)),
    Case("a bit-flipped Matroska", "verify", lambda ffmpeg: flipped(film(ffmpeg, "mkv"), 300)),
    Case("an MP4 whose pictures are zeros", "verify", lambda ffmpeg: _without_pictures(film(ffmpeg), bytes)),
    Case("an MP4 whose pictures are noise", "verify", lambda ffmpeg: _without_pictures(film(ffmpeg), noise)),
    Case(
        "an MP4 whose first frame lasts for ever",
        "verify",
        lambda ffmpeg: patched(film(ffmpeg), b"stts", 12, ">I", 0x7FFFFFFF),
    ),
    Case(
        "an MP4 whose samples all lie outside", "verify", lambda ffmpeg: _index_of(film(ffmpeg), 100_000_000, delta=1)
    ),
    Case("an index that claims 4 GB", "verify", lambda ffmpeg: patched(film(ffmpeg), b"moov", -8, ">I", 0xFFFFFFF0)),
)

_RANDOM_BEHIND = {
    "MP4": b"\x00\x00\x00\x20ftypisom", "Matroska": b"\x1a\x45\xdf\xa3", "Ogg": b"OggS\x00", "FLV": b"FLV\x01\x05",
    "FLAC": b"fLaC", "ASF": b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "MPEG": b"\x00\x00\x01\xba", "AMR": b"#!AMR",
    "AVI": b"RIFF\xff\xff\x00\x00AVI ", "WAV": b"RIFF\xff\xff\x00\x00WAVE", "MP3": b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f",
    "ADTS": b"\xff\xf1",
}  # fmt: skip

UNREADABLE = (
    Case("random bytes", "probe", _always(noise(50_000))),
    Case("text", "probe", _always(b"this is only text\n" * 50)),
    Case("HTML", "probe", _always(b"<!DOCTYPE html><html><body><a href='http://127.0.0.1/'>404</a></body></html>")),
    Case("zeros", "probe", _always(bytes(100_000))),
    Case("an MP4 without its index", "probe", lambda ffmpeg: cut(film(ffmpeg, "mov"), 0.5)),
    Case("an MP4 of its first box alone", "probe", _always(FTYP)),
    Case("boxes in boxes, twenty thousand deep", "probe", lambda _ffmpeg: FTYP + _nested(20_000)),
    Case("Matroska elements without an end", "probe", _always(b"\x1a\x45\xdf\xa3\x01" + b"\xff" * 40_000)),
    Case("a transport stream of padding", "probe", _always((b"G\x1f\xff\x10" + bytes(184)) * 5000)),
    Case("a transport stream of noise", "probe", lambda _ffmpeg: b"".join(b"G" + noise(187, n) for n in range(500))),
    Case("subtitles alone", "probe", lambda ffmpeg: subtitles(ffmpeg).read_bytes()),
    Case("a single frame", "probe", _made("one.mp4", *pictures(rate=1, seconds=1), *X264)),
    *(Case(f"noise behind the first bytes of {name}", "probe", _always(head + noise(50_000)))
      for name, head in _RANDOM_BEHIND.items()),
)  # fmt: skip


def _nested(depth: int) -> bytes:
    """Boxes in one another, sizes written from the outside in."""
    kinds = (b"moov", b"trak")
    return b"".join(struct.pack(">I", 8 * (depth - n)) + kinds[n % 2] for n in range(depth))


def subtitles(ffmpeg: Ffmpeg) -> Path:
    """A Matroska file with a line of text and nothing to see or hear."""
    film(ffmpeg)
    text = ffmpeg("film.mp4").with_name("hello.srt")
    text.write_text("1\n00:00:00,000 --> 00:00:02,000\nhello\n")
    return ffmpeg("subtitles.mkv", "-i", str(text), "-c:s", "srt")


FILMS: tuple[Case, ...] = (*CODECS, *PIXELS, *DURATIONS, *NUMBERS, *DAMAGED, *UNREADABLE)
