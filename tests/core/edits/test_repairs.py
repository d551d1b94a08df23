"""Repairs: each settles the finding of its edit, changes nothing else, and can be made again."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleanclaim.claim import Claim, Organization, PayerKind, PayerParty, Person, ServiceLine
from cleanclaim.edits import run_edits
from cleanclaim.edits.registry import find_edit
from cleanclaim.edits.repairs import REPAIRS, Change, apply_change, repaired, value_of
from cleanclaim.frames import frames_from_claims

TODAY = date(2026, 11, 23)


def claim(*lines: tuple, kind: PayerKind = PayerKind.COMMERCIAL, **changes) -> Claim:
    """A claim with lines (code, modifiers); everything else as a plain session in the office."""
    made = tuple(
        ServiceLine(
            n,
            f"AAK1L{n}",
            code,
            date(2026, 11, 9),
            15000,
            modifiers=tuple(modifiers.split()),
            diagnosis_pointers=(1,),
        )
        for n, (code, modifiers) in enumerate(lines or (("90834", ""),), start=1)
    )
    given = {
        "claim_number": "AAK1", "billing_provider": Organization("P", npi="1234567893"),
        "payer": PayerParty("PAYER", "P1", kind, claim_filing_code="MB" if kind is PayerKind.MEDICARE else "CI"),
        "subscriber": Person("DOE"), "member_id": "M1", "patient": Person("DOE"), "lines": made,
        "diagnoses": ("F411",), "place_of_service": "11", "total_charge_cents": 15000 * len(made), "modality": "in_person",
    }  # fmt: skip
    return Claim(**(given | changes))


CASES = [
    ("edits.modifiers_out_of_order", claim(("99213", "95 25"), modality="video", place_of_service="10"), "25 95"),
    ("edits.audio_modifier_on_video", claim(("90834", "93"), modality="video", place_of_service="10"), ""),
    ("edits.telehealth_modifier_in_person", claim(("90834", "HO 95")), "HO"),
    ("edits.medicare_modifier_95", claim(("90834", "95"), kind=PayerKind.MEDICARE, modality="video", place_of_service="10"), ""),
    ("edits.medicare_audio_modifier", claim(("90834", "AJ"), kind=PayerKind.MEDICARE, modality="audio", place_of_service="10"), "AJ 93"),
    ("edits.diagnosis_duplicate", claim(diagnoses=("F411", "F331", "F411")), "F411 F331"),
    ("edits.diagnosis_context_first", claim(diagnoses=("Z630", "F411")), "F411 Z630"),
]  # fmt: skip


def findings(value: Claim, edit: str) -> list[dict]:
    report = run_edits(frames_from_claims([value]), today=TODAY, edits=[find_edit(edit)])
    return [one.facts for one in report.findings]


@pytest.mark.parametrize(("edit", "value", "after"), CASES, ids=[case[0] for case in CASES])
def test_a_repair_settles_its_finding(edit, value, after):
    found = findings(value, edit)
    assert found, "the case must fire before it can be repaired"
    better, changes = repaired(value, edit, found)
    assert findings(better, edit) == []
    assert [change.after for change in changes] == [after]
    assert value_of(better, changes[0].field, changes[0].line_number) == after
    assert repaired(better, edit, found) == (better, ()), "made twice it changes nothing more"


@pytest.mark.parametrize(
    ("edit", "facts", "after"),
    [
        ("edits.medicaid_telehealth_modifier", {"line_number": "1", "wanted": "95"}, "HO 95"),
        ("edits.medicaid_telehealth_modifier", {"line_number": "1", "wanted": "none"}, "HO"),
        ("edits.medicaid_telehealth_modifier", {"line_number": "1", "wanted": "95 or GT"}, None),
        ("edits.credential_modifier_missing", {"line_number": "1", "wanted": "HN"}, "HO GT HN"),
        ("edits.credential_modifier_missing", {"line_number": "9", "wanted": "HN"}, None),
        ("edits.credential_modifier_missing", {"line_number": "1", "wanted": "one of them"}, None),
    ],
)
def test_a_programme_s_modifier_is_put_only_where_there_is_no_choice(edit, facts, after):
    value = claim(("90834", "HO GT"), modality="video", place_of_service="10")
    better, changes = repaired(value, edit, [facts])
    assert ([one.after for one in changes] or [None]) == [after]
    assert (better == value) == (after is None)


def test_a_fifth_modifier_is_never_put():
    value = claim(("90834", "HO U1 U2 U3"))
    assert repaired(value, "edits.medicare_audio_modifier", [{"line_number": 1}]) == (value, ())


@pytest.mark.parametrize(
    ("wanted", "own", "after"),
    [
        ("02", "", ("02", "")),
        ("02", "11", ("10", "02")),
        ("02 or 10", "", ("10", "")),
        ("the place of a visit", "", ("10", "")),
    ],
)
def test_the_place_moves_where_the_finding_names_one(wanted, own, after):
    value = claim(place_of_service="10")
    value = msgspec.structs.replace(
        value, lines=(msgspec.structs.replace(value.lines[0], place_of_service=own),)
    )
    better, _ = repaired(value, "edits.medicaid_telehealth_place", [{"line_number": 1, "wanted": wanted}])
    assert (better.place_of_service, better.lines[0].place_of_service) == after


@given(
    diagnoses=st.lists(st.sampled_from(["F411", "F331", "Z630", "F900"]), min_size=1, max_size=6),
    pointers=st.lists(st.integers(1, 6), min_size=1, max_size=4),
    edit=st.sampled_from(["edits.diagnosis_duplicate", "edits.diagnosis_context_first"]),
)
def test_lines_point_at_the_same_codes_whatever_the_order(diagnoses, pointers, edit):
    pointers = [one for one in dict.fromkeys(pointers) if one <= len(diagnoses)]
    value = claim(diagnoses=tuple(diagnoses))
    line = msgspec.structs.replace(value.lines[0], diagnosis_pointers=tuple(pointers))
    value = msgspec.structs.replace(value, lines=(line,))
    better, _ = repaired(value, edit, [{}])
    before = dict.fromkeys(diagnoses[at - 1] for at in pointers)
    after = dict.fromkeys(better.diagnoses[at - 1] for at in better.lines[0].diagnosis_pointers)
    assert list(before) == list(after)
    assert set(better.diagnoses) == set(diagnoses)


def test_a_change_is_made_again_only_where_the_claim_still_says_what_it_found():
    change = Change("modifiers", 1, "95", "")
    assert apply_change(claim(("90834", "95")), change).lines[0].modifiers == ()
    other = claim(("90834", "GT"))
    assert apply_change(other, change) is other
    assert apply_change(claim(), Change("modifiers", 7, "95", "")) == claim()


def test_every_repair_belongs_to_an_edit_of_the_catalogue_and_says_what_it_does():
    for edit, repair in REPAIRS.items():
        assert find_edit(edit).id == edit
        assert repair.says.endswith(".") and repair.says[0].isupper()
