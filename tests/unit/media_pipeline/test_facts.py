"""What a source may be, told from the probe's report."""

from typing import Any

import pytest

from media_pipeline.errors import CodecRefused, DurationRefused, ProbeFailed, TooManyPixels, VerifyFailed
from media_pipeline.facts import SourceFacts, accept


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
