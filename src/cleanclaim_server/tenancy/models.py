"""What every stored record shares: a time-ordered key and a tenant.

Three scopes exist (DESIGN: installation, agency, practice). Everything about patients and money is
a `PracticeRecord`; what the agency shares (payers, files, users) is an `AgencyRecord`.
"""

from __future__ import annotations

import os
import time
from struct import unpack
from threading import Lock
from uuid import UUID, SafeUUID

from django.db import models


class _Sequence:
    """UUIDv7 in rising order inside a process (RFC 9562, 6.2: a counter in place of random bits)."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._count = 0
        self._random: list[int] = []
        os.register_at_fork(after_in_child=self._random.clear)  # two processes never share random bits

    def many(self, count: int) -> list[UUID]:
        """As many calls of `next`, with one look at the clock: ten thousand legs share a few milliseconds."""
        random = unpack(f">{count}Q", os.urandom(8 * count))
        with self._lock:
            first = max(self._count + 1, time.time_ns() // 1_000_000 << 12)
            self._count = first + count - 1
        return [
            _uuid((at >> 12) << 80 | 7 << 76 | (at & 0xFFF) << 64 | 0b10 << 62 | rest & _RANDOM_BITS)
            for at, rest in enumerate(random, first)
        ]

    def next(self) -> UUID:
        # 48 bits of milliseconds and a counter of 12 bits; what overflows counts into the next millisecond.
        with self._lock:
            self._count = count = max(self._count + 1, time.time_ns() // 1_000_000 << 12)
            random = self._random
            if not random:  # asked of the system for many ids at once: a call a row is most of their cost
                random.extend(unpack(_WORDS, os.urandom(8 * _AT_ONCE)))
            rest = random.pop() & _RANDOM_BITS
        return _uuid((count >> 12) << 80 | 7 << 76 | (count & 0xFFF) << 64 | 0b10 << 62 | rest)


def _uuid(value: int) -> UUID:
    """`UUID(int=value)` without its look at the other five ways to name one: a third of the time."""
    made = _new(UUID)
    _set(made, "int", value)
    _set(made, "is_safe", SafeUUID.unknown)
    return made


_new, _set = object.__new__, object.__setattr__  # the class itself refuses to be changed


_RANDOM_BITS = (1 << 62) - 1
_AT_ONCE = 128
_WORDS = f">{_AT_ONCE}Q"
_sequence = _Sequence()


def new_id() -> UUID:
    """A UUIDv7, made by the application so that encryption can bind to it before the row exists.

    Rows made one after the other in a process sort in that order by their ids.
    """
    return _sequence.next()


def new_ids(count: int) -> list[UUID]:
    """Many ids, in rising order, for the rows of one statement."""
    return _sequence.many(count)


class Record(models.Model):
    """A row of its own, with an application-made key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True


class AgencyRecord(Record):
    """A row that belongs to an agency and is shared by its practices."""

    agency = models.ForeignKey("practice.Agency", on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class PracticeRecord(Record):
    """A row that belongs to one practice.

    On PostgreSQL such tables have forced row-level security, and their foreign keys to other
    practice records are composite (practice, id); see `tenancy/guards`.
    """

    practice = models.ForeignKey("practice.Practice", on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True
