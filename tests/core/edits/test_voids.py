"""A void is judged as a document, never as a service."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.core.edits.test_catalogue import TODAY

from cleanclaim.claim import Frequency
from cleanclaim.edits import all_edits, run_edits
from cleanclaim.edits.model import JUDGES_VOIDS
from cleanclaim.frames import frames_from_claims


def said(claim) -> set[str]:
    report = run_edits(frames_from_claims([claim]), today=TODAY)
    return {finding.code for finding in report.findings}


SERVICES = [  # change of one line or of the claim, the edit that judges the service
    ({"code": "90"}, {}, "edits.code_malformed"),
    ({"modifiers": ("59", "QQ9")}, {}, "edits.modifier_malformed"),
    ({}, {"diagnoses": ("F41.1", "F41.1")}, "edits.diagnosis_duplicate"),
]
DOCUMENT = [
    ({"payer_control_number": ""}, "edits.replacement_without_payer_number"),
    ({"claim_number": ""}, "edits.claim_number_missing"),
    ({"member_id": ""}, "edits.member_id_missing"),
    ({"lines": ()}, "edits.no_service_lines"),
]


@pytest.mark.parametrize(("line", "change", "edit"), SERVICES)
def test_what_the_service_deserved_is_not_asked_again(good_claim, line, change, edit):
    first = replace(good_claim.lines[0], **line)
    spoilt = replace(good_claim, lines=(first, *good_claim.lines[1:]), **change)
    assert edit in said(spoilt)
    void = replace(spoilt, frequency=Frequency.VOID, payer_control_number="ICN1")
    assert edit not in said(void)


@pytest.mark.parametrize(("change", "edit"), DOCUMENT)
def test_a_void_that_cannot_be_read_or_matched_is_stopped(good_claim, change, edit):
    void = replace(good_claim, frequency=Frequency.VOID, payer_control_number="ICN1")
    assert said(void) == set()
    assert edit in said(replace(void, **change))


def test_a_void_years_later_is_in_time(good_claim):
    old = replace(
        good_claim,
        lines=tuple(replace(one, date_of_service=TODAY - timedelta(900)) for one in good_claim.lines),
    )
    void = replace(old, frequency=Frequency.VOID, payer_control_number="ICN1")
    report = run_edits(frames_from_claims([void]), today=TODAY)
    assert not {one.code for one in report.findings} & {
        "edits.timely_filing_passed",
        "edits.code_not_in_force",
    }


def test_every_group_that_judges_voids_is_a_group():
    assert {edit.group for edit in all_edits()} >= JUDGES_VOIDS
