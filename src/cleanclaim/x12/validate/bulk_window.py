"""A window of a large transaction: its chunks, the kinds of their segments, the numbers of their shapes."""

from __future__ import annotations

import numpy as np

from cleanclaim.x12.arrays import WIDTH, Array, code
from cleanclaim.x12.guide import Guide
from cleanclaim.x12.validate.bulk_rules import Questions
from cleanclaim.x12.validate.bulk_values import ValueArrays
from cleanclaim.x12.validate.pieces import Pieces
from cleanclaim.x12.validate.shapes import LONGEST_CHUNK, Shapes

MOST_SHAPES = 20_000


class Memory:
    """What is kept of a guide: numbers of kinds and shapes, none of them with a value of a file."""

    def __init__(self, guide: Guide, shapes: Shapes) -> None:
        kinds = shapes.kinds
        names = sorted(guide.segment_names)
        self.name_of = np.zeros(1 << 24, np.uint8)  # only the few pages that are written take memory
        self.other = kinds.number("", "")
        self.plain = np.full(len(names) + 1, self.other, np.int32)
        self.keyed: list[tuple[int, tuple[int, int], Array, Array, Array]] = []
        for number, name in enumerate(names, 1):
            self.name_of[code(name)] = number
            self.plain[number] = kinds.number(name, "")
            key = kinds.keys_of.get(name)
            if key:
                short = [one for one in kinds.codes_of[name] if len(one) <= WIDTH] or [""]
                codes = sorted((int.from_bytes(one.encode(), "little"), one) for one in short)
                self.keyed.append(
                    (
                        number, key, np.array([one for one, _ in codes], np.uint64),
                        np.array([len(one) for _, one in codes]),
                        np.array([kinds.number(name, one) for _, one in codes], np.int32),
                    )
                )  # fmt: skip
        self.shapes: dict[bytes, int] = {}
        self.questions = Questions()
        rng = np.random.default_rng()  # only groups chunks; groups are compared afterwards
        self.mixers = rng.integers(1, 1 << 62, 4096, np.uint64) | np.uint64(1)
        self.powers = rng.integers(1, 1 << 62, LONGEST_CHUNK + 1, np.uint64) | np.uint64(1)


class Window:
    """The chunks of some megabytes: where each begins and ends, and the number of its shape."""

    def __init__(self, texts: Pieces, shapes: Shapes, span: tuple[int, int], size: int) -> None:
        memory: Memory = shapes.bulk
        begin, end = span
        self.texts, self.begin, self.known = texts, begin, shapes.kinds
        marks = shapes.kinds.delimiters
        first = texts.begin(begin)
        reach = size
        while True:
            stop = min(max(texts.up_to(first + reach), begin + 1), end)
            data = texts.span(first, int(texts.stops[stop - 1])) + marks.segment.encode("latin-1")
            self.arrays = ValueArrays(data, first, marks)
            if self.arrays.count != stop - begin:
                raise RuntimeError("two ways to cut segments differ")
            kinds = self._kinds(memory)
            starts = np.flatnonzero(np.isin(kinds, list(shapes.kinds.begins)))
            if stop == end or (len(starts) and starts[-1]):
                break
            reach *= 4
        if not len(starts) or starts[0]:
            starts = np.concatenate((np.zeros(1, np.int64), starts))
        ends = np.concatenate((starts[1:], [len(kinds)]))
        if stop < end:  # the last chunk may go on behind the window
            starts, ends = starts[:-1], ends[:-1]
        self.starts, self.ends, self.kinds = starts, ends, kinds
        self.stop = begin + int(ends[-1])
        self.levels = self._levels()
        self.numbers = self._shapes(kinds, memory)

    def _kinds(self, memory: Memory) -> Array:
        arrays = self.arrays
        names = memory.name_of[arrays.ids]
        kinds: Array = memory.plain[names]
        for number, (element, component), codes, sizes, numbers in memory.keyed:
            rows = np.flatnonzero(names == number)
            if not len(rows):
                continue
            field = arrays.field(rows, element)
            if component:
                field = arrays.components(field, component)[-1]
            keys = arrays.keys(field)
            at = np.minimum(codes.searchsorted(keys), len(codes) - 1)
            known = (codes[at] == keys) & (sizes[at] == field.stop - field.begin)
            kinds[rows[known]] = numbers[at[known]]
            for row in rows[field.stop - field.begin > WIDTH].tolist():
                kinds[row] = self.known[self.texts[self.begin + row]]
        for row in arrays.strange_rows().tolist():
            kinds[row] = self.known[self.texts[self.begin + row]]
        return kinds

    def _levels(self) -> list[tuple[int, int, str]]:
        """HL01, HL02 and HL04 of each chunk; -1 for numbers that are no usual ones, 0 for an empty HL02."""
        arrays, rows = self.arrays, self.starts
        found = []
        for element in (1, 2):
            field = arrays.field(rows, element)
            number = arrays.digits(field)
            usual = number.known & (arrays.octets[field.begin] != ord("0"))
            found.append(np.where(usual, number.values, -1))
            if element == 2:
                found[1][field.stop == field.begin] = 0
        said = arrays.field(rows, 4)
        announces = np.where(arrays.equal_field(said, "0"), 0, np.where(arrays.equal_field(said, "1"), 1, 2))
        enough = arrays.sizes(rows) >= 3
        numbers = np.where(enough, found[0], -1).tolist()
        return list(
            zip(numbers, found[1].tolist(), [("0", "1", "")[one] for one in announces.tolist()], strict=True)
        )

    def _shapes(self, kinds: Array, memory: Memory) -> list[int]:
        """The number of each chunk's shape: chunks are grouped by a sum, then compared segment by segment."""
        starts, ends = self.starts, self.ends
        sizes = ends - starts
        last = int(ends[-1])
        kinds = kinds[:last]
        within = np.arange(last) - np.repeat(starts, sizes)
        mixed = memory.mixers[kinds & 4095] * memory.powers[np.minimum(within, LONGEST_CHUNK)]
        sums = np.add.reduceat(mixed, starts)
        _, first, group = np.unique(sums, return_index=True, return_inverse=True)
        same = sizes[first][group] == sizes
        model = np.repeat(np.where(same, starts[first][group], starts), sizes) + within
        same &= ~np.logical_or.reduceat(kinds[model] != kinds, starts)
        if len(memory.shapes) + len(first) > MOST_SHAPES:
            memory.shapes.clear()
        numbers = np.array([self._number(kinds, at, memory) for at in first.tolist()], np.int64)[group]
        for at in np.flatnonzero(~same).tolist():
            numbers[at] = self._number(kinds, at, memory)
        found: list[int] = numbers.tolist()
        return found

    def _number(self, kinds: Array, at: int, memory: Memory) -> int:
        shape = kinds[self.starts[at] : self.ends[at]].tobytes()
        return memory.shapes.setdefault(shape, len(memory.shapes))
