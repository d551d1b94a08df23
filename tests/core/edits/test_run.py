"""What a run answers as a whole: results, order, what was not checked, speed of no consequence."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from msgspec.structs import replace

from cleanclaim.claim import PayerKind, PayerParty
from cleanclaim.edits import Edit, all_edits, find_edit, run_edits
from cleanclaim.edits.catalogue import GROUPS, catalogue
from cleanclaim.edits.model import result_of
from cleanclaim.findings import Finding, Severity
from cleanclaim.frames import context_frame, frames_from_claims

TODAY = date(2026, 11, 23)
UNKNOWN_ALL = (
    "eligibility",
    "authorization",
    "history",
    "consent",
    "documents",
    "charges",
    "enrollment",
)


def test_results_by_worst_severity():
    def finding(severity):
        return Finding(code="x", severity=severity, message="")

    assert result_of([]) == "clean"
    assert result_of([finding(Severity.TELL)]) == "warn"
    assert result_of([finding(Severity.TELL), finding(Severity.OVERRIDE)]) == "stop"


def test_without_context_the_report_says_what_was_not_checked(good_claim):
    report = run_edits(frames_from_claims([good_claim]), today=TODAY)
    assert report.claims[0].not_checked == UNKNOWN_ALL
    assert [item.topic for item in report.not_checked] == list(UNKNOWN_ALL)
    assert "edits.sessions_overlap" in report.not_checked[2].edits
    assert report.claims[0].result == "clean"


def test_a_bare_claim_says_what_it_cannot_tell(good_claim):
    bare = replace(
        good_claim,
        modality="",
        rendering=replace(good_claim.rendering, credential=""),
        lines=(replace(good_claim.lines[0], session_minutes=None),),
        payer=PayerParty(name="X", payer_id="UNKNOWN", kind=PayerKind.MEDICAID),
    )
    report = run_edits(frames_from_claims([good_claim, bare]), today=TODAY)
    assert report.claims[0].not_checked == UNKNOWN_ALL
    assert report.claims[1].not_checked == (
        *UNKNOWN_ALL, "credential", "modality", "session time", "timely filing",
    )  # fmt: skip


def test_findings_carry_facts_sources_and_no_patient(good_claim, known):
    bad = replace(good_claim, lines=(replace(good_claim.lines[0], session_minutes=40),))
    report = run_edits(frames_from_claims([bad]), today=TODAY, **known)
    (finding,) = report.findings
    assert finding.code == "edits.minutes_below_code"
    assert finding.subject_id == "A1003"
    assert finding.facts == {"line": 1, "code": "90837", "session_minutes": 40, "min_minutes": 53}
    assert finding.message == "Line 1 bills 90837, which needs 53 minutes; the session had 40."
    assert finding.sources[0].id == "novitas_psychotherapy_times"


def test_amounts_print_as_dollars(good_claim, known):
    report = run_edits(
        frames_from_claims([replace(good_claim, total_charge_cents=14000)]), today=TODAY, **known
    )
    assert report.findings[0].message == "The total charge is 140.00, but the lines add up to 150.00."
    assert report.findings[0].facts == {"total_charge_cents": 14000, "line_charge_cents": 15000}


def test_rule_of_a_deadline_is_cited(good_claim, known):
    late = replace(good_claim, lines=(replace(good_claim.lines[0], date_of_service=date(2026, 5, 1)),))
    report = run_edits(frames_from_claims([late]), today=TODAY, **known)
    finding = next(found for found in report.findings if found.code == "edits.timely_filing_passed")
    assert finding.facts["filing_day"] == "2026-10-28"
    assert finding.sources[-1].id == "payer.amerihealth_caritas_next_delaware.timely_filing.original_claim"
    assert finding.severity is Severity.OVERRIDE


def test_a_limit_that_was_not_read_only_tells(good_claim, known):
    late = replace(
        good_claim,
        payer=PayerParty(name="T", payer_id="TREST", kind=PayerKind.TRICARE),
        lines=(replace(good_claim.lines[0], date_of_service=date(2025, 11, 1)),),
    )
    report = run_edits(frames_from_claims([late]), today=TODAY, **{**known, "coverage": None})
    finding = next(found for found in report.findings if found.code == "edits.timely_filing_passed")
    assert finding.severity is Severity.TELL


def faulty(good_claim):
    first = good_claim.lines[0]
    return [
        good_claim,
        replace(good_claim, claim_number="A2", diagnoses=("F32.1", "F33.1", "F32")),
        replace(good_claim, claim_number="A3", lines=(first, replace(first, number=2)), total_charge_cents=1),
        replace(good_claim, claim_number="A4", lines=(replace(first, code="90785"), replace(first, number=2, code="90847"))),
        replace(good_claim, claim_number="A5", payer=PayerParty(name="M", payer_id="M", kind=PayerKind.MEDICARE, claim_filing_code="MB"),
                lines=(replace(first, code="90791"), replace(first, number=2, modifiers=("95",)))),
    ]  # fmt: skip


def test_same_findings_under_any_slicing(good_claim):
    claims = faulty(good_claim) * 4
    whole = run_edits(frames_from_claims(claims), today=TODAY).claims
    single = tuple(run_edits(frames_from_claims([claim]), today=TODAY).claims[0] for claim in claims)
    assert whole == single
    assert whole[0].findings == () and all(result.result == "stop" for result in whole[1:5])


def test_claims_of_one_batch_meet_in_the_history_as_they_would_alone(good_claim, known):
    colleague = replace(good_claim.rendering, npi="1234567893")
    claims = [
        good_claim,
        replace(good_claim, claim_number="A2", encounter_id="e2"),
        replace(good_claim, claim_number="A3", encounter_id="e3", rendering=colleague),
    ]
    history = context_frame(
        "history",
        [
            {
                "practice_id": claim.practice_id,
                "patient_id": claim.patient_id,
                "claim_number": claim.claim_number,
                "encounter_id": claim.encounter_id,
                "payer_id": claim.payer.payer_id,
                "date_of_service": line.date_of_service,
                "code": line.code,
                "line_rendering_npi": claim.rendering.npi,
            }
            for claim in claims
            for line in claim.lines
        ],
    )
    beside = {**known, "history": history}
    whole = run_edits(frames_from_claims(claims), today=TODAY, **beside).claims
    alone = tuple(run_edits(frames_from_claims([claim]), today=TODAY, **beside).claims[0] for claim in claims)
    assert whole == alone
    found = [{finding.code for finding in result.findings} for result in whole]
    assert "edits.duplicate_of_history" in found[0] & found[1]
    assert all("edits.same_service_other_clinician" in codes for codes in found)


def varied(good_claim):
    """Claims of several payers, kinds of contact and modifiers, clean and faulty."""
    first = good_claim.lines[0]
    medicaid = PayerParty(name="S", payer_id="SKAZ0", kind=PayerKind.MEDICAID, claim_filing_code="MC")
    return [
        *faulty(good_claim),
        replace(good_claim, claim_number="A6", modality="video", place_of_service="11"),
        replace(good_claim, claim_number="A7", modality="audio", payer=medicaid, state="AZ",
                lines=(replace(first, modifiers=("HO", "HN", "HO")),)),
        replace(good_claim, claim_number="A8", lines=(replace(first, modifiers=("95", "25", "q1", "GT")),)),
        replace(good_claim, claim_number="A9", diagnoses=("Z63.0", "F54", "F99.99", "x", "F41.1", "F41.1")),
        replace(good_claim, claim_number="B1", diagnoses=("Z63.0",), payer=medicaid, member_id="1",
                patient_paid_cents=500),
        replace(good_claim, claim_number="B2", modality="audio", place_of_service="10",
                payer=PayerParty(name="M", payer_id="M", kind=PayerKind.MEDICARE, claim_filing_code="MB")),
    ]  # fmt: skip


def test_what_an_edit_needs_in_the_batch_only_spares_looking(good_claim, known):
    choosy = [edit for edit in all_edits() if edit.only]
    assert len(choosy) > 12
    always = [dataclasses.replace(edit, only=frozenset()) for edit in choosy]
    found = set()
    for claims in [varied(good_claim), *([claim] for claim in varied(good_claim))]:
        frames = frames_from_claims(claims)
        spared = run_edits(frames, today=TODAY, edits=choosy, **known)
        looked = run_edits(frames, today=TODAY, edits=always, **known)
        assert spared.hits.equals(looked.hits)
        assert spared.open_topics == looked.open_topics
        found |= {finding.code for finding in looked.findings}
    assert {
        "edits.place_not_telehealth",
        "edits.modifiers_conflict",
        "edits.medicare_modifier_95",
    } - found == {"edits.medicare_modifier_95"}


def test_few_rows_and_many_are_asked_alike(good_claim, known):
    """A claim alone, laid out and answered in place, says what it says among a hundred."""
    claims = [
        replace(claim, claim_number=f"{claim.claim_number}x{turn}", encounter_id=f"e{turn}{n}")
        for turn in range(10)
        for n, claim in enumerate(varied(good_claim))
    ]
    # Sessions of one clinician add up over a batch: those edits are asked elsewhere.
    alone = [edit for edit in all_edits() if "history" not in edit.needs]
    whole = run_edits(frames_from_claims(claims), today=TODAY, edits=alone, **known).claims
    for claim, result in zip(claims[:11], whole, strict=False):
        assert run_edits(frames_from_claims([claim]), today=TODAY, edits=alone, **known).claims[0] == result


def test_order_is_total(good_claim):
    claims = faulty(good_claim)
    hits = [run_edits(frames_from_claims(claims), today=TODAY).hits for _ in range(5)]
    assert all(hit.equals(hits[0]) for hit in hits)


def test_authorized_units_are_drawn_across_the_batch(good_claim, known):
    claims = [
        replace(
            good_claim,
            claim_number=f"A{n}",
            authorization_number="AUTH1",
            lines=(replace(good_claim.lines[0], date_of_service=date(2026, 11, n)),),
        )
        for n in (3, 2, 1)
    ]
    authorizations = context_frame(
        "authorizations",
        [
            {
                "patient_id": "pt1", "payer_id": "47073", "authorization_number": "AUTH1",
                "starts": date(2026, 11, 1), "ends": date(2026, 11, 30), "units_approved_milli": 2000,
            }
        ],
    )  # fmt: skip
    report = run_edits(frames_from_claims(claims), today=TODAY, **{**known, "authorizations": authorizations})
    assert [(found.subject_id, found.code) for found in report.findings] == [
        ("A3", "edits.authorization_units_exhausted")
    ], "the latest date overdraws, wherever it stands in the batch"


def test_empty_batch():
    report = run_edits(frames_from_claims([]), today=TODAY, history=context_frame("history", []))
    assert (report.claims, report.findings) == ((), ())


def test_some_edits_only(good_claim):
    chosen = [find_edit("edits.note_unsigned")]
    claim = replace(good_claim, signed_note=False, diagnoses=())
    assert [f.code for f in run_edits(frames_from_claims([claim]), today=TODAY, edits=chosen).findings] == [
        "edits.note_unsigned"
    ]
    with pytest.raises(KeyError):
        find_edit("edits.no_such")


def test_an_edit_is_row_or_relational():
    with pytest.raises(ValueError, match="row edit"):
        Edit(id="x", title="", group="Claim", severity=Severity.STOP, message="", remedy="", sources=())


def test_every_edit_is_complete():
    for edit in all_edits():
        assert edit.group in GROUPS, edit.id
        assert edit.sources and edit.message.endswith(".") and edit.remedy.endswith((".", "…")), edit.id
        assert (edit.unknown is None) or edit.topic, edit.id
    assert len(all_edits()) == 168


def test_catalogue_page_is_current(request):
    page = request.config.rootpath / "docs" / "reference" / "edits.md"
    assert page.read_text(encoding="utf-8") == catalogue(), (
        "run: python -m cleanclaim.edits.catalogue > docs/reference/edits.md"
    )


def test_a_known_programme_lets_its_rule_stop(good_claim, known):
    texan = replace(
        good_claim,
        state="TX",
        modality="video",
        place_of_service="10",
        payer=replace(good_claim.payer, kind=PayerKind.MEDICAID),
        lines=(replace(good_claim.lines[0], modifiers=("GT",)),),
    )
    row = known["coverage"].row(0, named=True)
    for program, severity in (("", Severity.TELL), ("medicaid_ffs", Severity.OVERRIDE)):
        coverage = context_frame("coverage", [{**row, "payer_kind": "medicaid", "program": program}])
        report = run_edits(frames_from_claims([texan]), today=TODAY, **{**known, "coverage": coverage})
        (finding,) = [one for one in report.findings if one.code == "edits.medicaid_telehealth_modifier"]
        assert finding.severity is severity, program
