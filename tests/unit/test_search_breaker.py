"""The circuit breaker before Elasticsearch."""

from __future__ import annotations

from search.backends.elastic_breaker import FIRST_PAUSE_S, LONGEST_PAUSE_S, Breaker


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_while_all_is_well_everybody_may_ask() -> None:
    breaker = Breaker(Clock())
    assert breaker.allows()
    breaker.succeeded()
    assert breaker.allows()


def test_after_a_failure_nobody_asks_for_a_while_and_then_one() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    breaker.failed()
    assert not breaker.allows()
    clock.now += FIRST_PAUSE_S
    assert breaker.allows()
    assert not breaker.allows()
    breaker.succeeded()
    assert breaker.allows()


def test_each_failure_doubles_the_pause_up_to_a_limit() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    pauses = []
    for _failure in range(8):
        breaker.failed()
        begun = clock.now
        while not breaker.allows():
            clock.now += 0.5
        pauses.append(clock.now - begun)
    assert pauses[:3] == [FIRST_PAUSE_S, 2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S]
    assert pauses[-1] == LONGEST_PAUSE_S


def test_a_caller_that_never_comes_back_does_not_close_the_way_for_ever() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    breaker.failed()
    clock.now += FIRST_PAUSE_S
    assert breaker.allows()
    clock.now += FIRST_PAUSE_S
    assert breaker.allows()
