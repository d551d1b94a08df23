"""Letting Python's collector of reference cycles rest while much is read and written at once.

Values of a payment refer to each other in one direction and are freed when the last user lets go. The
collector does not know: it walks all of them again and again while they grow, which took half the time of a
large posting. What it would have freed meanwhile waits until the end of the block.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_resting = 0
_was_on = False


@contextmanager
def collector_rests() -> Iterator[None]:
    """Collect no cycles until the block ends; blocks may lie in each other and in several threads."""
    global _resting, _was_on
    with _lock:
        if not _resting:
            _was_on = gc.isenabled()
            gc.disable()
        _resting += 1
    try:
        yield
    finally:
        with _lock:
            _resting -= 1
            if not _resting and _was_on:
                gc.enable()
