"""What a source may be, told from the probe's report."""

from typing import Any

import pytest

from media_pipeline.errors import (
    CodecRefused,
    DurationRefused,
    ProbeFailed,
    TooManyFrames,
    TooManyPixels,
    TooManyTracks,
    VerifyFailed,
)
from media_pipeline.facts import MAX_TRACKS, SourceFacts, accept


def picture(**changes: Any) -> dict[str, Any]:
    return {
        "index": 0, "type": "video", "codec": "h264", "default": True, "packets": 1500, "bytes": 6_000_000,
        "end_s": 60.0, "width": 1280, "height": 720, "fps": 25.0, "sar": [1, 1], "rotation": 0, "cover": False,
        "transfer": "",
    } | changes  # fmt: skip


def sound(**changes: Any) -> dict[str, Any]:
    return {
        "index": 1, "type": "audio", "codec": "aac", "default": True, "packets": 2600, "bytes": 700_000, "end_s": 60.0,
        "sample_rate": 44100, "channels": 2,
    } | changes  # fmt: skip


def facts(*streams: dict[str, Any], duration_s: float | None = 60.0) -> SourceFacts:
    return accept({"duration_s": duration_s, "streams": list(streams)}, demuxer="mov", length=6_700_000)


def test_a_file_without_picture_and_sound_is_refused() -> None:
    with pytest.raises(ProbeFailed):
        facts()


@pytest.mark.parametrize("stream", [picture(codec="magicyuv"), sound(codec="cook")])
def test_an_unlisted_codec_is_refused_by_name(stream: dict[str, Any]) -> None:
    with pytest.raises(CodecRefused) as caught:
        facts(stream)
    assert stream["codec"] in caught.value.zh


def test_a_picture_of_16000_squared_is_refused_even_when_it_is_a_single_frame() -> None:
    for packets in (1, 500):
        with pytest.raises(TooManyPixels):
            facts(picture(width=16000, height=16000, packets=packets))


def test_an_absurd_claimed_duration_is_refused() -> None:
    with pytest.raises(DurationRefused):
        facts(picture(packets=2, end_s=200_000.0), duration_s=200_000.0)


def test_a_file_whose_packets_end_early_is_refused_as_cut_off() -> None:
    with pytest.raises(VerifyFailed):
        facts(picture(end_s=31.0), sound(end_s=30.0))


def test_a_file_that_claims_no_duration_is_believed_by_its_packets() -> None:
    assert facts(picture(), duration_s=None).duration_s == 60.0


def test_the_default_sound_track_of_many_is_taken() -> None:
    tracks = [sound(index=1 + number, default=number == 41) for number in range(60)]
    taken = facts(picture(), *tracks).audio
    assert taken is not None
    assert taken.index == 42


def test_a_cover_picture_is_a_still_and_never_a_film() -> None:
    found = facts(picture(index=1, cover=True, codec="mjpeg", packets=1, end_s=0.0), sound(index=0))
    assert found.video is None
    assert found.still_index == 1


def test_a_turned_phone_video_and_one_with_oblong_pixels_are_described_as_they_are_seen() -> None:
    turned, oblong = facts(picture(rotation=90)).video, facts(picture(width=720, height=576, sar=[16, 11])).video
    assert turned is not None and oblong is not None
    assert (turned.width, turned.height) == (720, 1280)
    assert (oblong.width, oblong.height) == (1047, 576)


def test_facts_come_back_from_storage_as_they_went_in() -> None:
    found = facts(picture(), sound())
    assert SourceFacts.from_json(found.as_json() | {"gain_db": 3.2}) == found


@pytest.mark.parametrize("stream", [picture(width=0), picture(height=None), sound(sample_rate=0), sound(channels=None)])
def test_a_stream_that_no_decoder_could_describe_is_refused(stream: dict[str, Any]) -> None:
    with pytest.raises(ProbeFailed):
        facts(stream)


def test_a_picture_whose_size_a_decoder_refused_is_too_large() -> None:
    raw = {"duration_s": 60.0, "refused_size": [16000, 16000], "streams": [picture(width=0, height=0)]}
    with pytest.raises(TooManyPixels) as caught:
        accept(raw, demuxer="matroska", length=1000)
    assert "16000×16000" in caught.value.zh


def test_a_hundred_tracks_are_taken_and_one_more_is_not() -> None:
    whole = {"duration_s": 60.0, "streams": [sound()]}
    accept(whole | {"tracks": MAX_TRACKS}, demuxer="matroska", length=1000)
    with pytest.raises(TooManyTracks):
        accept(whole | {"tracks": MAX_TRACKS + 1}, demuxer="matroska", length=1000)


def test_more_frames_a_second_than_a_camera_makes_are_refused() -> None:
    facts(picture(packets=60 * 480))
    with pytest.raises(TooManyFrames):
        facts(picture(packets=60 * 600))
    with pytest.raises(TooManyFrames):
        accept({"duration_s": 60.0, "uncounted": True, "streams": [sound()]}, demuxer="mov", length=1)


@pytest.mark.parametrize(
    "streams",
    [[picture(packets=2, end_s=150.0)], [sound(packets=2, end_s=150.0)]],
    ids=["two frames", "two packets of sound"],
)
def test_a_length_that_its_packets_cannot_fill_is_refused(streams: list[dict[str, Any]]) -> None:
    with pytest.raises(DurationRefused):
        facts(*streams, duration_s=150.0)


def test_slides_that_stand_for_minutes_are_borne_out_by_the_sound_beside_them() -> None:
    assert facts(picture(packets=2, end_s=1500.0), sound(end_s=1500.0), duration_s=1500.0).duration_s == 1500.0


def test_a_film_of_which_only_the_tables_are_left_is_damaged_and_not_a_still() -> None:
    with pytest.raises(VerifyFailed):
        facts(picture(packets=1, frames=200, end_s=0.0), sound())
    assert facts(picture(packets=1, frames=1, end_s=0.0), sound()).still_index == 0


def test_an_empty_track_is_as_good_as_none() -> None:
    found = facts(picture(), sound(packets=0, end_s=0.0), sound(index=2, default=False))
    assert found.audio is not None
    assert found.audio.index == 2
    alone = facts(picture(packets=0, frames=0, end_s=0.0), sound())
    assert (alone.video, alone.still_index) == (None, None)
