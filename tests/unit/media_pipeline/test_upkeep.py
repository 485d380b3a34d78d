"""What is done now and then (media_pipeline.upkeep)."""

from __future__ import annotations

from media_pipeline.upkeep import Chore, Upkeep


def test_each_chore_comes_at_once_and_then_in_its_own_time():
    done: list[str] = []
    now = [0.0]
    upkeep = Upkeep([Chore(10, lambda: done.append("a")), Chore(25, lambda: done.append("b"))], clock=lambda: now[0])
    for now[0] in (0, 5, 10, 20, 30, 40):
        upkeep.run()
    assert done == ["a", "b", "a", "a", "a", "b", "a"]


def test_a_failing_chore_neither_stops_the_others_nor_is_lost():
    done: list[str] = []
    now = [0.0]

    def fails() -> None:
        done.append("failed")
        raise OSError("the disk is full")

    upkeep = Upkeep([Chore(10, fails), Chore(10, lambda: done.append("b"))], clock=lambda: now[0])
    for now[0] in (0, 10):
        upkeep.run()
    assert done == ["failed", "b", "failed", "b"]


def test_a_second_thread_that_comes_meanwhile_leaves_at_once():
    done: list[str] = []
    upkeep = Upkeep([])
    upkeep.chores = [Chore(0, lambda: (done.append("outer"), upkeep.run()))]
    upkeep.run()
    assert done == ["outer"]
