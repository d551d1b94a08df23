"""Each single fault that can be put into a file: a segment left out, doubled or moved, an element emptied or changed.

Import it beside the other builders: ``from one_fault import one_fault_each``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

_CONTROL = ("ISA", "GS", "ST", "SE", "GE", "IEA")
_VALUES = ("", "ZZ", "1", "-1.234", "A" * 81)


class Harmed(NamedTuple):
    """A file with one fault, and where it is: ``3 CLM02 'ZZ'`` or ``3 CLM left out``."""

    place: str
    data: bytes


def one_fault_each(data: bytes) -> Iterator[Harmed]:
    """Every file that differs from `data`, which has no fault, in one place."""
    text = data.decode()
    element, end = text[3], text[105]
    segments = [piece.strip("\r\n") for piece in text.split(end) if piece.strip("\r\n")]

    def file(changed: list[str], place: str) -> Harmed:
        return Harmed(place, f"{end}\n".join(_counted(changed, element)).encode() + end.encode())

    for at, segment in enumerate(segments):
        parts = segment.split(element)
        name = parts[0]
        if name in _CONTROL:
            continue
        before, after = segments[:at], segments[at + 1 :]
        yield file([*before, *after], f"{at} {name} left out")
        yield file([*before, segment, segment, *after], f"{at} {name} twice")
        yield file([*before, segment + element + "X", *after], f"{at} {name} too long")
        if not after[0].startswith("SE" + element):
            yield file([*before, after[0], segment, *after[1:]], f"{at} {name} after the next")
        for number in range(1, len(parts)):
            for value in _VALUES if parts[number] else ("ZZ",):
                if value != parts[number]:
                    changed = [*parts[:number], value, *parts[number + 1 :]]
                    while not changed[-1]:
                        changed.pop()
                    yield file(
                        [*before, element.join(changed), *after], f"{at} {name}{number:02d} {value[:6]!r}"
                    )


def _counted(segments: list[str], element: str) -> list[str]:
    """With SE01 as it should be: the count is no part of the fault."""
    counted, number = [], 0
    for segment in segments:
        number = 1 if segment.startswith("ST" + element) else number + 1
        if segment.startswith("SE" + element):
            parts = segment.split(element)
            segment = element.join([parts[0], str(number), *parts[2:]])
        counted.append(segment)
    return counted
