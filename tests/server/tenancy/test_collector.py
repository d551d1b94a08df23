"""The collector rests in the block, whatever lies in it, and works again after it."""

from __future__ import annotations

import gc
from threading import Barrier, Thread

import pytest

from cleanclaim_server.tenancy.collector import collector_rests


def test_it_works_again_after_the_last_block():
    assert gc.isenabled()
    with collector_rests():
        with collector_rests():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_works_again_after_an_error():
    with pytest.raises(ZeroDivisionError), collector_rests():
        1 / 0
    assert gc.isenabled()


def test_who_had_it_off_keeps_it_off():
    gc.disable()
    try:
        with collector_rests():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_blocks_of_two_threads_may_overlap():
    inside, leaving, seen = Barrier(2), Barrier(2), []

    def other() -> None:
        with collector_rests():
            inside.wait(10)
        leaving.wait(10)

    thread = Thread(target=other)
    with collector_rests():
        thread.start()
        inside.wait(10)
        leaving.wait(10)
        seen.append(gc.isenabled())
        thread.join(10)
    assert (seen, gc.isenabled()) == ([False], True)
