"""HLS playlists, written from renditions and segment indexes."""

from dataclasses import dataclass

from media_pipeline.hls import DubbedTrack, bandwidth, codecs_of, master_playlist, media_playlist


@dataclass
class Track:
    name: str
    kind: str
    mime: str
    length: int = 600_000
    duration_s: float | None = 60.0
    width: int | None = None
    height: int | None = None
    peak_bps: int | None = None


OPUS = Track("opus-16", "audio", 'audio/mp4; codecs="opus"', length=120_000, peak_bps=20_000)
AAC = Track("aac-24", "audio", 'audio/mp4; codecs="mp4a.40.2"', length=180_000, peak_bps=30_000)
P240 = Track("h264-240", "video", 'video/mp4; codecs="avc1.4d4015"', 600_000, width=426, height=240, peak_bps=100_000)
P360 = Track("h264-360", "video", 'video/mp4; codecs="avc1.64001e"', 900_000, width=640, height=360, peak_bps=200_000)
POSTER = Track("poster", "poster", "image/webp")
URLS = {track.name: f"{track.name}.m3u8" for track in (OPUS, AAC, P240, P360)}


def test_every_video_appears_once_for_each_codec_of_the_sound_smallest_first_and_sound_alone_at_the_end() -> None:
    lines = master_playlist([P360, OPUS, P240, AAC, POSTER], URLS).splitlines()
    streams = [(line, lines[n + 1]) for n, line in enumerate(lines) if line.startswith("#EXT-X-STREAM-INF")]
    assert [url for _line, url in streams] == [
        "h264-240.m3u8", "h264-240.m3u8", "h264-360.m3u8", "h264-360.m3u8", "aac-24.m3u8", "opus-16.m3u8",
    ]  # fmt: skip
    first = streams[0][0]
    assert "BANDWIDTH=130000" in first
    assert 'CODECS="avc1.4d4015,mp4a.40.2"' in first
    assert "RESOLUTION=426x240" in first
    assert 'AUDIO="aac-24"' in first
    assert not any("poster" in line for line in lines)


def test_a_dubbed_track_joins_the_group_of_its_codec_and_never_takes_the_default() -> None:
    dub = DubbedTrack("adx", '安多"藏语"', [OPUS], {"opus-16": "/amdo.m3u8"})
    media = [
        line for line in master_playlist([OPUS, AAC, P240], URLS, dubbed=[dub]).splitlines() if "TYPE=AUDIO" in line
    ]
    amdo = [line for line in media if 'LANGUAGE="adx"' in line]
    assert len(amdo) == 1
    assert "DEFAULT=NO" in amdo[0]
    assert 'URI="/amdo.m3u8"' in amdo[0]
    assert '安多 藏语 "' in amdo[0]


def test_a_film_without_sound_and_a_recording_without_picture_are_playlists_too() -> None:
    assert "AUDIO=" not in master_playlist([P240], URLS)
    assert "aac-24.m3u8" in master_playlist([AAC], URLS)


def test_a_media_playlist_is_byte_ranges_that_follow_each_other_to_the_end_of_the_object() -> None:
    index = {"init": 937, "length": 937 + 300, "segments": [[100, 5000, "aa"], [150, 5005, "bb"], [50, 1200, "cc"]]}
    text = media_playlist(index, "/b/ab/abc")
    assert '#EXT-X-MAP:URI="/b/ab/abc",BYTERANGE="937@0"' in text
    assert [line for line in text.splitlines() if "BYTERANGE:" in line] == [
        "#EXT-X-BYTERANGE:100@937", "#EXT-X-BYTERANGE:150@1037", "#EXT-X-BYTERANGE:50@1187",
    ]  # fmt: skip
    assert "#EXT-X-TARGETDURATION:5" in text
    assert "#EXTINF:5.005," in text
    assert text.endswith("#EXT-X-ENDLIST\n")


def test_codecs_and_bandwidth_are_told_even_when_little_is_known() -> None:
    assert codecs_of("image/webp") == ""
    assert bandwidth(Track("x", "video", "video/mp4")) == 120_000
    assert bandwidth(Track("x", "video", "video/mp4", duration_s=None)) == 0
