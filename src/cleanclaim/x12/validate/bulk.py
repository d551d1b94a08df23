"""Check large transactions by array: structure once for each shape, values by column.

`shapes` walks a transaction chunk by chunk. Here the same memory is asked for a whole window of chunks
first (a few megabytes at a time); then each element of each segment rule is checked for all its segments at
once. Chunks that are surely clean are taken as they are. All others go, one by one and in order, to
`Chunks.take`, and from there to the walker: findings never come from here, and a transaction gives
the same ones whatever the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from cleanclaim.findings import Finding
from cleanclaim.x12.arrays import Array, Rows
from cleanclaim.x12.limits import Limits
from cleanclaim.x12.structure import Transaction
from cleanclaim.x12.validate import bulk_rules
from cleanclaim.x12.validate.bulk_balance import RemittanceSums
from cleanclaim.x12.validate.bulk_rules import EntryColumns, spread_out
from cleanclaim.x12.validate.bulk_values import accepted
from cleanclaim.x12.validate.bulk_window import MOST_SHAPES, Memory, Window
from cleanclaim.x12.validate.pieces import Offsets, Pieces
from cleanclaim.x12.validate.scout import Scout
from cleanclaim.x12.validate.shapes import Chunks, Entry, State
from cleanclaim.x12.validate.walk import CompiledGuide, Walker

LEAST_BYTES = 100_000
"""Smaller transactions are quicker chunk by chunk."""

WINDOW_BYTES = 2_000_000
_SHORT_RUN = 24
"""So few chunks in a row are quicker one by one."""

_FURTHEST = 1 << 20


class BulkWalker(Walker):
    """A walker that cuts out the text of a segment only when it is looked at."""

    def __init__(self, compiled: CompiledGuide, transaction: Transaction, file: str, limits: Limits) -> None:
        super().__init__(compiled, transaction, file, limits)
        self.texts = Pieces(transaction)
        self.sums = RemittanceSums()
        self.sums.sure = "remittance" in self.guide.balance

    @cached_property
    def scout(self) -> Scout:
        return Scout(self)

    def forget(self) -> None:
        self.scout.forget()
        super().forget()

    def check_whole(self) -> list[Finding]:
        return [] if self.sums.balanced() else super().check_whole()

    @cached_property
    def pieces(self) -> Sequence[str]:
        return self.texts

    @cached_property
    def offsets(self) -> Sequence[int]:
        return Offsets(self.texts, self.transaction.offset)

    def chunks(self, begin: int, end: int) -> Chunks:
        return BulkChunks(self, begin, end)


class BulkChunks(Chunks):
    """Walks a large transaction window by window."""

    walker: BulkWalker

    def walk(self) -> None:
        walker, shapes = self.walker, self.shapes
        if shapes.bulk is None:
            shapes.bulk = Memory(walker.guide, shapes)
        self.memory: Memory = shapes.bulk
        self.scout = walker.scout
        state: State | None = self.state_of_walker()
        at = self.begin
        while at < self.end:
            known = len(self.memory.shapes)
            window = Window(walker.texts, shapes, (at, self.end), WINDOW_BYTES)
            if len(self.memory.shapes) < known:  # numbers of shapes were given anew
                shapes.states.clear()
                state = state and shapes.state(state.key)
            self.walker.sums.add(window.arrays, window.stop - at)
            state = self.walk_window(window, state)
            if walker.dropped or walker.ended:
                return
            at = window.stop
        self.restore()

    def walk_window(self, window: Window, state: State | None) -> State | None:
        """Take all chunks of a window; the state after them."""
        walker = self.walker
        begins, ends = (window.starts + window.begin).tolist(), (window.ends + window.begin).tolist()
        at, count, reach = 0, len(begins), _FURTHEST
        while at < count:
            run: list[Entry] = []
            if state is not None:
                run = self.foresee(state, window.numbers, begins, ends, at, min(at + reach, count))
            sure = self.surely_clean(window, run, at) if len(run) > _SHORT_RUN else [False] * len(run)
            for entry, clean in zip(run, sure, strict=True):
                begin, end = begins[at], ends[at]
                if clean:
                    taken = self.take_clean(entry, begin, window.levels[at])
                else:
                    taken = self.take(entry, walker.pieces, begin, end)
                if taken:
                    state = entry.after
                    at += 1
                    continue
                state = self.walk_chunk(begin, end)
                if walker.dropped or walker.ended:
                    return None
                at += 1
                if state is None or state.key != entry.after.key:
                    reach = max(_SHORT_RUN, reach >> 4)  # what was foreseen is void: look less far ahead
                    break
            else:
                reach = min(reach << 1, _FURTHEST)
                if at < count and (len(run) < reach or not run):
                    state = self.walk_chunk(begins[at], ends[at])
                    if walker.dropped or walker.ended:
                        return None
                    at += 1
        return state

    def walk_chunk(self, begin: int, end: int) -> State | None:
        self.restore()
        return self.walk_slowly(None, (), begin, end)

    def foresee(
        self, state: State, numbers: list[int], begins: list[int], ends: list[int], at: int, stop: int
    ) -> list[Entry]:
        """The entries of the chunks to come, up to the first whose structure is not clean."""
        run = []
        while at < stop:
            number = numbers[at]
            try:
                entry = state.numbered[number]
            except KeyError:
                entry = self.learn(state, number, begins[at], ends[at])
            if entry is None:
                break
            run.append(entry)
            state = entry.after
            at += 1
        return run

    def learn(self, state: State, number: int, begin: int, end: int) -> Entry | None:
        shapes = self.shapes
        if shapes.entries >= MOST_SHAPES:
            shapes.states.clear()
            shapes.entries = 0
            state.numbered.clear()
        entry = state.numbered[number] = self.scout.learn(state.key, begin, end)
        shapes.entries += 1
        return entry

    def take_clean(self, entry: Entry, begin: int, level: tuple[int, int, str]) -> bool:
        """Take a chunk whose values are clean; False when the level or the number of claims is not."""
        walker = self.walker
        if entry.level is not None:
            number, parent, announces = level
            if not walker.hierarchy.take_keys(number, parent, announces, begin + 1, *entry.level):
                return False
        if entry.claims:
            if walker.claims + entry.claims > walker.limits.claims:
                return False
            walker.claims += entry.claims
            self.claim_at = begin
        self.uses[entry] = self.uses.get(entry, 0) + 1
        self.exact = entry.exact
        return True

    # -- many chunks at once -----------------------------------------------------------------------

    def surely_clean(self, window: Window, run: list[Entry], at: int) -> list[bool]:
        """Which chunks of a run have nothing to be told, levels left out."""
        walker, arrays = self.walker, window.arrays
        numbers: dict[Entry, int] = {}
        of = np.array([numbers.setdefault(entry, len(numbers)) for entry in run], np.int64)
        entries = list(numbers)
        for entry in entries:
            if entry.columns is None:
                entry.columns = EntryColumns(entry, self.memory.asked)
        columns: list[EntryColumns] = [entry.columns for entry in entries]
        starts, ends = window.starts[at : at + len(run)], window.ends[at : at + len(run)]
        first, last = int(starts[0]), int(ends[-1])
        unsure = np.zeros(last - first, bool)
        checks, _ = spread_out([one.checks for one in columns], of, starts)
        for check, rows in _grouped(checks):
            unsure[rows[~self.good_rows(window, check, rows + first)]] = True
        questions, base = spread_out([one.question for one in columns], of, starts)
        places, _ = spread_out([one.question_at for one in columns], of, starts)
        asked = list(self.memory.asked)
        for question, at_rows in _grouped(questions):
            rows = (base + places)[at_rows]
            unsure[bulk_rules.offending(arrays, asked[question], rows) - first] = True
        codes, base = spread_out([one.code_at for one in columns], of, starts)
        days, _ = spread_out([one.day_at for one in columns], of, starts)
        has_day, _ = spread_out([one.has_day for one in columns], of, starts)
        rows = base + codes
        unsure[bulk_rules.doubtful(arrays, rows, rows + days, has_day, walker.rules) - first] = True
        clean: Array = ~np.logical_or.reduceat(unsure, starts - first)
        if walker.balance.names:
            clean &= self.balanced(window, entries, of, starts, ends)
        found: list[bool] = clean.tolist()
        return found

    def good_rows(self, window: Window, number: int, rows: Rows) -> Array:
        """Which rows have no fault in their elements."""
        check = self.walker.compiled.checks[number]
        good = accepted(check, window.arrays, rows)
        for at in np.flatnonzero(~good).tolist():
            good[at] = check.is_clean(self.walker.pieces[window.begin + int(rows[at])])
        return good

    def balanced(self, window: Window, entries: list[Entry], of: Array, starts: Array, ends: Array) -> Array:
        """Which chunks are no claims, or claims of lines alone whose charge is their sum."""
        walker = self.walker
        claims, summed = np.zeros(len(entries), bool), np.zeros(len(entries), bool)
        for number, entry in enumerate(entries):
            claims[number] = bool(entry.claims)
            if entry.claims:
                at = int(np.argmax(of == number))
                begin, end = int(starts[at]) + window.begin, int(ends[at]) + window.begin
                summed[number] = bool(walker.balance.charges_of(entry, walker.pieces, begin, end))
        good = ~claims[of]
        rows = np.flatnonzero(claims[of] & summed[of])
        first, last = int(starts[0]), int(ends[-1])
        good[rows] = ~bulk_rules.unbalanced(window.arrays, starts[rows], ends[rows], first, last)
        return good


def _grouped(numbers: Array) -> list[tuple[int, Array]]:
    """The places of each number, ascending."""
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    cuts = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    return [(int(numbers[part[0]]), part) for part in np.split(order, cuts) if len(part)]
