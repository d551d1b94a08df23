"""Underpayments: a labelled year with its precision and recall; projects, letters, recovery, the 60-day clock."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import msgspec
import pytest
from tests.core.pricing.underpayment.labelled_year import PLANTED, contracts, labelled_year

from cleanclaim.claim import Adjustment
from cleanclaim.pricing.contracts import Contract, Rate, RateKind
from cleanclaim.pricing.underpayment import (
    Kind,
    PaidLine,
    allowed_of,
    collect_projects,
    compare_lines,
    overpayment_clock,
    project_letter,
    project_rows,
    recognise_recovery,
)

DAY = date(2026, 3, 2)
RATE = Contract(
    "c",
    "P",
    (Rate("r", RateKind.FIXED, date(2026, 1, 1), amount_cents=12000, code="90837", source="exhibit A"),),
)


def line(paid=12000, adjustments="CO-45 8000", key="1", **more):
    words = adjustments.split()
    items = tuple(
        Adjustment(*code.split("-"), int(cents)) for code, cents in zip(words[::2], words[1::2], strict=True)
    )
    return PaidLine(key, "P", "K1", "90837", DAY, 20000, paid, adjustments=items, **more)


def test_a_labelled_year_is_read_with_precision_and_recall():
    """20 kinds and one more; the figures of the page on contracts come from here."""
    found_right = found = planted = named_right = 0
    missed, wrong = Counter(), Counter()
    for seed in range(3):
        year = labelled_year(seed)
        for verdict, (_, label) in zip(
            compare_lines([one for one, _ in year], contracts()), year, strict=True
        ):
            is_planted = label in PLANTED
            planted += is_planted
            if verdict.status == "underpaid":
                found += 1
                found_right += is_planted
                named_right += is_planted and (verdict.kind == label)
                if verdict.kind != label:
                    wrong[label, str(verdict.kind)] += 1
            elif is_planted:
                missed[label, verdict.status] += 1
            else:
                assert verdict.status == label, (label, verdict)
    assert planted > 2000
    assert len(PLANTED) >= 20
    assert (found_right, found) == (planted, planted), (missed, wrong)
    assert named_right / planted >= 0.98, wrong


@pytest.mark.parametrize("label", PLANTED)
def test_each_planted_kind_is_found_and_named(label):
    year = [one for one, kind in labelled_year(11) if kind == label]
    assert len(year) >= 10, "enough of each kind are planted"
    verdicts = compare_lines(year, contracts())
    assert all(one.status == "underpaid" and one.short_cents > 0 and one.why for one in verdicts)
    named = sum(label in (one.kind, *one.also) for one in verdicts)
    assert named == len(year), Counter(str(one.kind) for one in verdicts)


STATUSES = [  # line, status, short cents, kind, why
    (line(), "agreed", 0, None, "as agreed"),
    (line(9000, "CO-45 8000 PR-2 3000"), "agreed", 0, None, "the patient's share is not missing"),
    (line(11000, "CO-45 9000"), "underpaid", 1000, "unnamed", "an amount that nothing explains"),
    (line(13000, "CO-45 7000"), "overpaid", -1000, None, "more than agreed"),
    (line(0, "CO-197 20000"), "denied", 0, None, "a denial is no underpayment"),
    (line(0, "OA-133 20000"), "denied", 0, None, "pending"),
    (line(0, "CO-97 20000"), "underpaid", 12000, "bundled", "bundled, and the contract pays"),
    (line(0, "CO-45 8000 PR-1 12000"), "agreed", 0, None, "all of it is deductible"),
    (line(11760, "CO-45 8000 CO-253 240"), "underpaid", 240, "sequestration_not_agreed", "a cut that is not in the contract"),
    (line(10800, "CO-45 8000 CO-104 1200"), "underpaid", 1200, "withhold_not_agreed", "a withhold that is not in the contract"),
    (line(11500, "CO-45 8000 CO-45 500", allowed_cents=12000), "underpaid", 500, "unexplained_reduction", "allowed is right, the money is not"),
    (line(3000, "CO-45 8000 OA-23 9000", is_secondary=True), "agreed", 0, None, "a secondary payment: only the allowed is compared"),
    (line(received_on=DAY, paid_on=DAY + timedelta(60), interest_due_cents=250, interest_cents=50), "underpaid", 200, "interest_missing", "interest by law, paid in part"),
    (line(received_on=DAY, paid_on=DAY + timedelta(60)), "agreed", 0, None, "late, and no interest is due"),
    (msgspec.structs.replace(line(), code="99999"), "unknown", 0, None, "no rate: unknown, never agreed"),
    (msgspec.structs.replace(line(), payer_id="Q"), "unknown", 0, None, "no contract"),
]  # fmt: skip


@pytest.mark.parametrize(("paid", "status", "short", "kind", "why"), STATUSES)
def test_each_line_against_what_was_due(paid, status, short, kind, why):
    (verdict,) = compare_lines([paid], [RATE])
    assert (verdict.status, verdict.short_cents, verdict.kind) == (status, short, kind), why


def test_sequestration_from_the_allowed_in_place_of_the_payment():
    medicare = msgspec.structs.replace(RATE, sequestration=True)
    right = line(9800, "CO-45 8000 PR-2 2000 CO-253 200")
    wrong = line(9760, "CO-45 8000 PR-2 2000 CO-253 240")
    found = compare_lines([right, wrong], [medicare])
    assert [(one.status, one.short_cents, one.kind) for one in found] == [
        ("agreed", 0, None),
        ("underpaid", 40, "sequestration_base"),
    ]


def test_medicare_percentages():
    contract = Contract("m", "P", (Rate("mc", RateKind.MEDICARE, date(2026, 1, 1), percent=Decimal(115)),))
    full = compare_lines([line(19205, "CO-45 795")], [contract])[0]
    bare = compare_lines([line(16700, "CO-45 3300")], [contract])[0]
    assert (full.status, bare.status, bare.kind, bare.short_cents) == (
        "agreed",
        "underpaid",
        "medicare_percent",
        2505,
    )


def test_tolerance():
    assert compare_lines([line(11998, "CO-45 8002")], [RATE], tolerance_cents=2)[0].status == "agreed"
    assert compare_lines([line(11997, "CO-45 8003")], [RATE], tolerance_cents=2)[0].status == "underpaid"


ALLOWED = [
    (line(9000, "CO-45 8000 PR-2 3000"), 12000),
    (line(9000, "CO-45 8000 PR-2 3000", allowed_cents=11999), 11999),
    (line(4000, "CO-45 8000 OA-23 8000"), 12000),
    (line(0, "CO-50 20000"), None),
    (line(0, "CO-97 20000"), 0),
    (line(0, "PR-27 20000"), None),
    (line(0, "PR-119 20000"), None),
    (line(0, "CO-45 8000 PR-1 12000"), 12000),
    (line(0, "PR-1 20000"), 20000),
]


@pytest.mark.parametrize(("paid", "allowed"), ALLOWED)
def test_what_was_allowed(paid, allowed):
    assert allowed_of(paid) == allowed


def test_projects_letters_and_lists():
    lines = [line(11000 - number, f"CO-45 {9000 + number}", key=str(number)) for number in range(3)]
    lines += [line(0, "CO-97 20000", key="b"), line(key="ok")]
    projects = collect_projects(compare_lines(lines, [RATE]))
    assert [(one.kind, len(one.verdicts), one.short_cents) for one in projects] == [
        (Kind.BUNDLED, 1, 12000),
        (Kind.UNNAMED, 3, 3003),
    ]
    letter = project_letter(
        projects[1],
        payer_name="Example Health Plan",
        practice_name="North Practice",
        tax_id="12-3456789",
        written_on=DAY,
    )
    for words in (
        "30.03 underpaid",
        "exhibit A",
        "1 claim, 3 service lines",
        "March 2, 2026",
        "allowed 110.00, due 120.00",
        "North Practice",
    ):
        assert words in letter, words
    rows = project_rows(projects[1])
    assert [row["short_cents"] for row in rows] == [1000, 1001, 1002]
    assert collect_projects(compare_lines(lines, [RATE]), least_cents=5000) == projects[:1]


RECOVERIES = [  # later lines by key, recovered, still open, why
    ({}, 0, ("0", "1"), "no word yet"),
    ({"0": line(key="0"), "1": line(key="1")}, 2000, (), "both reprocessed"),
    ({"0": line(11500, "CO-45 8500", key="0")}, 500, ("0", "1"), "half of one"),
    ({"0": line(0, "CO-29 20000", key="0")}, 0, ("0", "1"), "denied on review: still open"),
    ({"0": line(13000, "CO-45 7000", key="0")}, 1000, ("1",), "more than was asked counts only as asked"),
]  # fmt: skip


@pytest.mark.parametrize(("later", "recovered", "still", "why"), RECOVERIES)
def test_recovery_is_recognised_from_later_remittances(later, recovered, still, why):
    (project,) = collect_projects(compare_lines([line(11000, "CO-45 9000", key=key) for key in "01"], [RATE]))
    verdicts = {key: compare_lines([one], [RATE])[0] for key, one in later.items()}
    found = recognise_recovery(project, verdicts)
    assert (found.recovered_cents, found.lines_open, found.is_closed) == (recovered, still, not still), why
    assert found.open_cents == 2000 - recovered


CLOCKS = [  # kind of payer, investigating since, concluded, due, why
    ("medicare", None, None, DAY + timedelta(60), "sixty days"),
    ("medicaid", None, None, DAY + timedelta(60), "Medicaid too"),
    ("commercial", None, None, None, "contract or state law"),
    ("medicare", DAY, DAY + timedelta(90), DAY + timedelta(150), "an investigation of ninety days"),
    ("medicare", DAY, None, DAY + timedelta(240), "an open one: at most 180 days"),
    ("medicare", DAY, DAY + timedelta(300), DAY + timedelta(240), "longer than it may last"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "since", "concluded", "due", "why"), CLOCKS)
def test_the_sixty_day_clock(kind, since, concluded, due, why):
    clock = overpayment_clock(DAY, kind, investigating_since=since, concluded_on=concluded)
    assert clock.due_on == due, why
    assert clock.days_left(DAY) == (None if due is None else (due - DAY).days)
