"""Check large transactions by array: structure once for each shape, values by column.

`shapes` walks a transaction chunk by chunk. Here the same memory is asked for a whole window of chunks
first (a few megabytes at a time); then each element of each segment rule is checked for all its segments at
once. Chunks that are surely clean are taken as they are. All others go, one by one and in order, to
`Chunks.take`, and from there to the walker: findings never come from here, and a transaction gives
the same ones whatever the window.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

import numpy as np

from cleanclaim.findings import Finding
from cleanclaim.x12.arrays import Array, Rows
from cleanclaim.x12.limits import Limits
from cleanclaim.x12.structure import Transaction
from cleanclaim.x12.validate import bulk_rules
from cleanclaim.x12.validate.bulk_balance import RemittanceSums
from cleanclaim.x12.validate.bulk_other_payers import surely_balanced
from cleanclaim.x12.validate.bulk_rules import EntryColumns, spread_out
from cleanclaim.x12.validate.bulk_values import accepted
from cleanclaim.x12.validate.bulk_window import MOST_SHAPES, Memory, Window
from cleanclaim.x12.validate.pieces import Offsets, Pieces
from cleanclaim.x12.validate.scout import Scout
from cleanclaim.x12.validate.shapes import Chunks, Entry, State, StateKey
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
                run = self.foresee(state, window, at, min(at + reach, count))
            sure = self.surely_clean(window, run, at) if len(run) > _SHORT_RUN else [False] * len(run)
            first, length = at, len(run)
            while at - first < length:
                clean_end = first + _end_of_clean(sure, at - first)
                taken = self.take_clean(window, run[at - first : clean_end - first], at)
                at += taken
                if taken:
                    state = run[at - first - 1].after
                if at - first == length:
                    break
                entry, begin, end = run[at - first], begins[at], ends[at]
                # A clean chunk whose level or number of claims is not as usual is not taken either.
                if at == clean_end and self.take(entry, walker.pieces, begin, end):
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

    def exactly(self, entry: Entry, begin: int, end: int) -> StateKey:
        return entry.exact if entry.exact is not None else self.scout.exactly(entry.before, begin, end)

    def foresee(self, state: State, window: Window, at: int, stop: int) -> list[Entry]:
        """The entries of the chunks to come, up to the first whose structure is not clean."""
        run = []
        numbers = window.numbers
        while at < stop:
            number = numbers[at]
            try:
                entry = state.numbered[number]
            except KeyError:
                entry = self.learn(state, number, window, at)
            if entry is None:
                break
            run.append(entry)
            state = entry.after
            at += 1
        return run

    def learn(self, state: State, number: int, window: Window, at: int) -> Entry | None:
        shapes = self.shapes
        begin, end = int(window.starts[at]), int(window.ends[at])
        if shapes.entries >= MOST_SHAPES:
            shapes.states.clear()
            shapes.entries = 0
            state.numbered.clear()
        kinds = window.kinds[begin:end].tolist()
        entry = state.numbered[number] = self.scout.learn(state.key, kinds, begin + window.begin)
        shapes.entries += 1
        return entry

    def take_clean(self, window: Window, run: list[Entry], at: int) -> int:
        """Take chunks whose values are clean, up to one whose level or number of claims is not; how many."""
        walker = self.walker
        left = walker.limits.claims - walker.claims
        if sum(entry.claims for entry in run) > left:
            claims = accumulate(entry.claims for entry in run)
            run = run[: next(taken for taken, count in enumerate(claims) if count > left)]
        begins = window.starts[at : at + len(run)] + window.begin
        headed = [here for here, entry in enumerate(run) if entry.level is not None]
        if headed:
            levels = [window.levels[at + here] for here in headed]
            positions = (begins[headed] + 1).tolist()
            taken = walker.hierarchy.take_many(levels, positions, [run[here].level for here in headed])  # type: ignore[misc]
            if taken < len(headed):
                run = run[: headed[taken]]
        if not run:
            return 0
        for here in range(len(run) - 1, -1, -1):
            if run[here].claims:
                self.claim_at = int(begins[here])
                break
        uses = self.uses
        for entry, times in Counter(run).items():
            uses[entry] = uses.get(entry, 0) + times
            walker.claims += times * entry.claims
        last = at + len(run) - 1
        self.last = run[-1], int(begins[len(run) - 1]), int(window.ends[last]) + window.begin
        return len(run)

    # -- many chunks at once -----------------------------------------------------------------------

    def surely_clean(self, window: Window, run: list[Entry], at: int) -> list[bool]:
        """Which chunks of a run have nothing to be told, levels left out."""
        walker, arrays = self.walker, window.arrays
        numbers: dict[Entry, int] = {}
        of = np.array([numbers.setdefault(entry, len(numbers)) for entry in run], np.int64)
        entries = list(numbers)
        for entry in entries:
            if entry.columns is None:
                entry.columns = EntryColumns(entry, self.memory.questions)
        columns: list[EntryColumns] = [entry.columns for entry in entries]
        starts, ends = window.starts[at : at + len(run)], window.ends[at : at + len(run)]
        first, last = int(starts[0]), int(ends[-1])
        unsure = np.zeros(last - first, bool)
        checks, _ = spread_out([one.checks for one in columns], of, starts)
        for check, rows in _grouped(checks):
            unsure[rows[~self.good_rows(window, check, rows + first)]] = True
        questions, base = spread_out([one.question for one in columns], of, starts)
        places, _ = spread_out([one.question_at for one in columns], of, starts)
        asked = self.memory.questions.asked
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
        """Which chunks are no claims, or claims that surely balance: lines, and other payers where named."""
        claims = np.array([bool(entry.claims) for entry in entries])
        summed = np.array([bool(entry.charges) for entry in entries])
        good = ~claims[of]
        rows = np.flatnonzero(claims[of] & summed[of])
        first, last = int(starts[0]), int(ends[-1])
        good[rows] = ~bulk_rules.unbalanced(window.arrays, starts[rows], ends[rows], first, last)
        rows = np.flatnonzero(claims[of] & ~summed[of])
        if len(rows):
            first, last = int(starts[rows[0]]), int(ends[rows[-1]])
            good[rows] = surely_balanced(window.arrays, starts[rows], ends[rows], first, last)
        return good


def _end_of_clean(sure: list[bool], at: int) -> int:
    """Where the clean ones that begin at a place end."""
    try:
        return sure.index(False, at)
    except ValueError:
        return len(sure)


def _grouped(numbers: Array) -> list[tuple[int, Array]]:
    """The places of each number, ascending."""
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    cuts = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    return [(int(numbers[part[0]]), part) for part in np.split(order, cuts) if len(part)]
