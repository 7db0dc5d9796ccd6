"""Stages that overlap: the same items, errors where they belong, and an early end."""

import threading
import time

import pytest

from vfgan.generate.ahead import ahead


def test_the_same_items_in_the_same_order():
    assert list(ahead(iter(range(50)))) == list(range(50))
    assert list(ahead([])) == []


def test_the_next_item_is_made_while_the_last_one_is_used():
    maker = []

    def items():
        for number in range(3):
            maker.append(threading.current_thread().name)
            yield number

    worked = ahead(items())
    assert next(worked) == 0
    deadline = time.monotonic() + 5
    while len(maker) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert maker == ["ahead"] * 3
    assert list(worked) == [1, 2]


def test_no_more_than_a_few_wait():
    begun = []

    def items():
        for number in range(100):
            begun.append(number)
            yield number

    worked = ahead(items(), 2)
    next(worked)
    time.sleep(0.3)
    assert len(begun) <= 4  # one in use, two that wait, one at hand
    worked.close()


def test_an_error_comes_up_where_its_item_would_have():
    def items():
        yield from range(3)
        raise ValueError("the fourth is broken")

    got = []
    with pytest.raises(ValueError, match="the fourth is broken"):
        for item in ahead(items()):
            got.append(item)
    assert got == [0, 1, 2]


def test_what_is_left_early_is_closed():
    closed = threading.Event()

    def items():
        try:
            yield from range(1_000)
        finally:
            closed.set()

    worked = ahead(items())
    assert next(worked) == 0
    worked.close()
    assert closed.is_set()
    assert "ahead" not in {thread.name for thread in threading.enumerate()}


def test_what_cannot_be_gone_through_is_an_error_too():
    with pytest.raises(TypeError, match="not iterable"):
        list(ahead(7))
