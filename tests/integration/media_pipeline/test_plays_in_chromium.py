"""What the pipeline makes plays in a real Chromium: through Media Source Extensions and as a plain file."""

from __future__ import annotations

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page

from tests.acceptance.browser import chromium

PAGE = """<!doctype html><video id=v muted playsinline></video><audio id=a></audio><script>
async function play(videoName, audioName) {
  const v = document.getElementById('v'), source = new MediaSource();
  v.src = URL.createObjectURL(source);
  await new Promise(done => source.addEventListener('sourceopen', done, {once: true}));
  const starts = {}, buffers = {}, indexes = {};
  for (const name of [videoName, audioName]) {
    indexes[name] = await (await fetch(name + '.index.json')).json();
    if (!MediaSource.isTypeSupported(indexes[name].mime)) throw new Error('unsupported ' + indexes[name].mime);
    buffers[name] = source.addSourceBuffer(indexes[name].mime);
  }
  for (const name of [videoName, audioName]) {
    const whole = await (await fetch(name + '.mp4')).arrayBuffer(), buffer = buffers[name];
    let at = 0;
    for (const length of [indexes[name].init, ...indexes[name].segments.map(s => s[0])]) {
      buffer.appendBuffer(whole.slice(at, at + length));
      await new Promise((done, fail) => { buffer.onupdateend = done; buffer.onerror = () => fail(new Error(name)); });
      at += length;
    }
    if (buffer.buffered.length !== 1) throw new Error(name + ': buffered with gaps');
    starts[name] = [buffer.buffered.start(0), buffer.buffered.end(0)];
  }
  source.endOfStream();
  v.currentTime = 6.5;
  await v.play();
  await new Promise(done => setTimeout(done, 1500));
  return {starts, width: v.videoWidth, height: v.videoHeight, time: v.currentTime, duration: v.duration,
          frames: v.getVideoPlaybackQuality().totalVideoFrames, sound: v.webkitAudioDecodedByteCount};
}
async function plain(id, name) {
  const e = document.getElementById(id);
  e.src = name;
  await e.play();
  await new Promise(done => setTimeout(done, 1200));
  return {time: e.currentTime, width: e.videoWidth || 0, sound: e.webkitAudioDecodedByteCount, duration: e.duration};
}
</script>"""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, lecture: Path) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("renditions")
    call_command("transcode", lecture, out=folder, as_json=True, stdout=(folder / "report").open("w"))
    (folder / "index.html").write_text(PAGE)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with chromium() as browser:
        opened = browser.new_page()
        opened.goto(f"http://127.0.0.1:{server.server_port}/index.html")
        yield opened
    server.shutdown()


@pytest.mark.parametrize("sound", ["opus-16", "aac-24"])
@pytest.mark.parametrize("picture", ["h264-240", "h264-360", "av1-360", "av1-480"])
def test_silent_video_and_sound_play_together_from_their_segments(page: Page, picture: str, sound: str) -> None:
    told = page.evaluate(f"play({json.dumps(picture)}, {json.dumps(sound)})")
    assert told["height"] == int(picture.split("-")[1])
    assert told["time"] > 6.9
    assert told["frames"] > 3
    assert told["sound"] > 0
    assert told["duration"] == pytest.approx(12, abs=0.15)
    for start, end in told["starts"].values():
        assert start == pytest.approx(0, abs=0.1)
        assert end == pytest.approx(12, abs=0.15)


def test_the_muxed_copy_plays_as_a_plain_file_with_picture_and_sound(page: Page) -> None:
    told = page.evaluate("plain('v', 'muxed-240.mp4')")
    assert told["width"] == 426
    assert told["time"] > 0.3
    assert told["sound"] > 0


@pytest.mark.parametrize("name", ["opus-16.mp4", "aac-24.mp4"])
def test_a_sound_object_plays_by_itself(page: Page, name: str) -> None:
    told = page.evaluate(f"plain('a', {json.dumps(name)})")
    assert told["time"] > 0.3
    assert told["sound"] > 0
    assert told["duration"] == pytest.approx(12, abs=0.15)
