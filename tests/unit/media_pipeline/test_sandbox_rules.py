"""What the sandbox makes of a command line: which files its program may reach, and which calls it may make."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from media_pipeline import sandbox

FFMPEG = "/opt/tools/ffmpeg"


def rights(*words: str, program: str = FFMPEG) -> dict[str, int]:
    return dict(sandbox._reachable([program, *words]))


def test_an_input_is_looked_at_and_an_output_that_is_not_there_yet_opens_its_folder(tmp_path: Path) -> None:
    source = tmp_path / "source.mp4"
    source.touch()
    found = rights("-i", f"file:{source}", f"file:{tmp_path}/out/made.mp4")
    assert found[str(source)] == sandbox._LOOK
    assert found[f"{tmp_path}/out"] == sandbox._CHANGE
    assert str(tmp_path) not in found


def test_an_output_that_is_there_opens_itself_alone(tmp_path: Path) -> None:
    made = tmp_path / "made.mp4"
    made.touch()
    found = rights(f"file:{made}")
    assert found[str(made)] == sandbox._CHANGE
    assert str(tmp_path) not in found


def test_a_probe_only_looks(tmp_path: Path) -> None:
    source = tmp_path / "source.mp4"
    source.touch()
    found = rights("-I", str(source), f"file:{tmp_path}/none.mp4", program=sys.executable)
    assert {found[str(source)], found[f"{tmp_path}/none.mp4"]} == {sandbox._LOOK}


def test_a_log_that_a_filter_writes_is_found_in_the_filter(tmp_path: Path) -> None:
    found = rights("-filter_complex", f"[0:v][1:v]libvmaf=log_fmt=json:log_path={tmp_path}/vmaf.json[s0]")
    assert found[str(tmp_path)] == sandbox._CHANGE


@pytest.mark.parametrize("word", ["/", "file:/", "//", "file:/none", "fps=25/1:a=/", "crop='/none'", "file:/usr/.."])
def test_no_word_opens_the_whole_disk(word: str) -> None:
    assert "/" not in rights(word)
    assert "/" not in rights("-i", word)


def test_the_program_and_its_libraries_can_be_read() -> None:
    found = rights("-version")
    assert {"/usr", "/lib", "/opt/tools"} <= set(found)
    assert all(found[path] == sandbox._LOOK for path in ("/usr", "/lib", "/opt/tools"))


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_of_a_known_machine_ends_every_branch_inside_itself(machine: str) -> None:
    code = sandbox._call_filter(machine)
    lines = [code[start : start + 8] for start in range(0, len(code), 8)]
    assert len(code) % 8 == 0
    for place, line in enumerate(lines):
        if int.from_bytes(line[:2], sys.byteorder) in (sandbox._EQUAL, sandbox._AT_LEAST, sandbox._ANY_BIT):
            assert place + 1 + max(line[2], line[3]) < len(lines)
    assert int.from_bytes(lines[-1][:2], sys.byteorder) == sandbox._RETURN
    assert int.from_bytes(lines[-1][4:], sys.byteorder) == sandbox._ALLOW


def test_an_unknown_machine_gets_no_filter_rather_than_a_wrong_one() -> None:
    assert sandbox._call_filter("riscv64") == b""
    assert sandbox._call_filter(os.uname().machine) != b""
