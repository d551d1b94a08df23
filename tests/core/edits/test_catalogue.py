"""Every edit with a claim that fails it and, where the border matters, one that just passes.

Each row starts from the good claim of conftest, which every edit passes.
"""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from cleanclaim.claim import (
    Address,
    Adjustment,
    Bill,
    Clinician,
    Frequency,
    Organization,
    OtherPayer,
    OtherPayerLine,
    PayerKind,
    PayerParty,
    Person,
    ServiceLine,
)
from cleanclaim.edits import all_edits, run_edits
from cleanclaim.frames import context_frame, frames_from_claims

TODAY = date(2026, 11, 23)
DOS = date(2026, 11, 2)


# Changes to a claim -------------------------------------------------------------------------------


def claim(**changes):
    return lambda c: replace(c, **changes)


def line(**changes):
    """The first line changed; the total follows."""

    def change(c):
        first = replace(c.lines[0], **changes)
        return replace(c, lines=(first, *c.lines[1:]), total_charge_cents=first.charge_cents)

    return change


def codes(*specs, **claim_changes):
    """Lines from code, or (code, changes) pairs, on the good claim's day."""

    def change(c):
        lines = []
        for number, spec in enumerate(specs, start=1):
            code, changes = (spec, {}) if isinstance(spec, str) else spec
            lines.append(
                ServiceLine(
                    **{
                        "number": number,
                        "control_number": f"A1003L{number}",
                        "code": code,
                        "date_of_service": DOS,
                        "charge_cents": 10000,
                        **changes,
                    }
                )
            )
        return replace(
            c, lines=tuple(lines), total_charge_cents=sum(x.charge_cents for x in lines), **claim_changes
        )

    return change


def both(*changes):
    def change(c):
        for one in changes:
            c = one(c)
        return c

    return change


def billing(**changes):
    return lambda c: replace(c, billing_provider=replace(c.billing_provider, **changes))


def billing_address(**changes):
    return lambda c: replace(
        c,
        billing_provider=replace(c.billing_provider, address=replace(c.billing_provider.address, **changes)),
    )


def patient(**changes):
    def change(c):
        person = replace(c.patient, **changes)
        return replace(c, patient=person, subscriber=person)

    return change


def rendering(**changes):
    return lambda c: replace(c, rendering=replace(c.rendering, **changes))


def payer(kind, filing_code="CI", payer_id="47073", **claim_changes):
    return lambda c: replace(
        c,
        payer=replace(c.payer, kind=kind, claim_filing_code=filing_code, payer_id=payer_id),
        **claim_changes,
    )


MEDICARE = payer(PayerKind.MEDICARE, "MB", "MEDICARE1", member_id="1EG4TE5MK73")
MEDICAID = payer(PayerKind.MEDICAID, "MC")
PSYCHIATRIST = rendering(credential="MD")
FACILITY = Organization(
    name="CLINIC",
    npi="1234567893",
    address=Address(line1="1 OAK ST", city="DOVER", state="DE", postal_code="199011234"),
)


def secondary(
    paid=9000,
    line_adjustments=((("CO", "45", 4000)), ("PR", "2", 2000)),
    adjudicated=date(2026, 11, 15),
    claim_adjustments=(),
    sequence="P",
    kind=PayerKind.COMMERCIAL,
    line_paid=None,
    with_line=True,
):
    """The good claim as second payer after another that paid."""

    def change(c):
        answer = OtherPayerLine(
            payer_id="60054",
            paid_cents=paid if line_paid is None else line_paid,
            code="90837",
            adjustments=tuple(Adjustment(*triple) for triple in line_adjustments),
            adjudicated_on=adjudicated,
        )
        other = OtherPayer(
            payer=PayerParty(name="AETNA", payer_id="60054", kind=kind),
            sequence=sequence,
            subscriber=Person(last_name="DOE"),
            member_id="W1",
            paid_cents=paid,
            adjustments=tuple(Adjustment(*triple) for triple in claim_adjustments),
        )
        lines = (replace(c.lines[0], other_payers=(answer,)),) if with_line else c.lines
        return replace(c, sequence="S", other_payers=(other,), lines=lines)

    return change


def programme(code="S9480", revenue="0905", days=(DOS,), units="1", **bill):
    """The good claim as an institutional one: a programme's days."""

    def change(c):
        said = {
            "facility": "13", "statement_from": DOS, "statement_to": date(2026, 11, 6), "patient_status": "01",
            "attending": Clinician("LEE", "ANN", "1679576722"), "admission_type": "3", "admission_source": "1",
        }  # fmt: skip
        lines = tuple(
            ServiceLine(
                n, f"A1003L{n}", code, day, 27500, units, diagnosis_pointers=(1,), revenue_code=revenue
            )
            for n, day in enumerate(days, start=1)
        )
        return replace(
            c, lines=lines, total_charge_cents=27500 * len(lines), rendering=None, place_of_service="",
            diagnoses=("F33.1",), bill=Bill(**{**said, **bill}),
        )  # fmt: skip

    return change


# Changes to what is known -------------------------------------------------------------------------


def coverage(**changes):
    row = {
        "patient_id": "pt1", "payer_id": "47073", "payer_kind": "commercial", "member_id": "ABC123456", "sequence": "P",
        "starts": date(2026, 1, 1), "status": "active", "verified_on": date(2026, 11, 1),
    }  # fmt: skip
    return {"coverage": context_frame("coverage", [{**row, **changes}])}


def more_coverage(**changes):
    row = {"patient_id": "pt1", "payer_id": "60054", "sequence": "P", "status": "active"}
    mine = {**coverage()["coverage"].row(0, named=True), "sequence": "S"}
    return {"coverage": context_frame("coverage", [mine, {**row, **changes}])}


def two_coverages():
    mine = coverage()["coverage"].row(0, named=True)
    return {"coverage": context_frame("coverage", [{**mine, "status": "inactive"}, mine])}


def authorization(**changes):
    row = {
        "patient_id": "pt1", "payer_id": "47073", "authorization_number": "AUTH1", "codes": ["90837"],
        "starts": date(2026, 10, 1), "ends": date(2026, 12, 31), "units_approved_milli": 12000, "units_used_milli": 3000,
    }  # fmt: skip
    return {"authorizations": context_frame("authorizations", [{**row, **changes}])}


def history(*rows):
    base = {
        "practice_id": "p1", "patient_id": "pt1", "payer_id": "47073", "date_of_service": DOS, "code": "90837",
        "units_milli": 1000, "line_rendering_npi": "1679576722",
    }  # fmt: skip
    return {"history": context_frame("history", [{**base, **row} for row in rows])}


def consents(*rows):
    return {"consents": context_frame("consents", [{"patient_id": "pt1", **row} for row in rows])}


def documents(*kinds):
    rows = [{"claim_number": "A1003", "kind": kind} for kind in kinds]
    return {"documents": context_frame("documents", rows)}


def charges(*rows):
    base = {"practice_id": "p1", "code": "90837", "amount_cents": 15000, "starts": date(2026, 1, 1)}
    return {"charges": context_frame("charges", [{**base, **row} for row in rows])}


def enrollments(*rows):
    base = {"npi": "1679576722", "payer_id": "47073", "role": "rendering", "starts": date(2026, 1, 1)}
    return {"enrollments": context_frame("enrollments", [{**base, **row} for row in rows])}


def dependent(birth_date):
    def change(c):
        child = replace(c.patient, first_name="TOM", birth_date=birth_date)
        return replace(c, patient=child, relationship="19")

    return change


PART2 = claim(part2=True)
AUTHORIZED = claim(authorization_number="AUTH1")
OWN = {"encounter_id": "e1", "start_minute": 600, "stop_minute": 655}

# edit, fires?, change to the claim, what is known, why
CASES = [
    ("claim_number_missing", True, claim(claim_number=""), {}, "nothing to find the answer by"),
    ("claim_number_missing", True, claim(claim_number="A" * 21), {}, "payers must return 20"),
    ("claim_number_missing", False, claim(claim_number="A" * 20), {}, "20 come back"),
    ("claim_number_characters", True, claim(claim_number="a-1"), {}, "small letters and a dash"),
    ("claim_number_characters", True, claim(claim_number="A" * 18), {}, "one more than 17"),
    ("claim_number_characters", False, claim(claim_number="A" * 17), {}, "17 is the limit"),
    ("no_service_lines", True, claim(lines=(), total_charge_cents=0), {}, "no lines"),
    ("too_many_lines", True, codes(*["90837"] * 51), {}, "51 lines"),
    ("too_many_lines", False, codes(*["90837"] * 50), {}, "50 lines"),
    ("total_not_sum_of_lines", True, claim(total_charge_cents=14999), {}, "a cent short"),
    ("charge_negative", True, line(charge_cents=-1), {}, "below zero"),
    ("charge_zero", True, line(charge_cents=0), {}, "nothing charged"),
    ("charge_zero", False, line(charge_cents=1), {}, "one cent"),
    ("units_invalid", True, line(units="0"), {}, "none"),
    ("units_invalid", True, line(units="one"), {}, "not a number"),
    ("units_invalid", False, line(units="1.5", code="T1016"), {}, "a fraction is a number"),
    ("note_unsigned", True, claim(signed_note=False), {}, "unsigned"),
    ("note_unsigned", False, claim(signed_note=False, frequency=Frequency.VOID, payer_control_number="X"), {}, "a void needs no note"),
    ("payer_is_self_pay", True, payer(PayerKind.SELF_PAY), {}, "no payer"),
    ("replacement_without_payer_number", True, claim(frequency=Frequency.REPLACEMENT), {}, "no F8"),
    ("replacement_without_payer_number", False, claim(frequency=Frequency.REPLACEMENT, payer_control_number="P1"), {}, "F8 given"),
    ("original_with_payer_number", True, claim(payer_control_number="P1"), {}, "an original with F8"),
    ("claim_indicators_invalid", True, claim(accept_assignment=""), {}, "no assignment"),
    ("claim_indicators_invalid", False, claim(benefits_assigned="W"), {}, "W is allowed"),
    ("billing_npi_invalid", True, billing(npi=""), {}, "missing"),
    ("billing_npi_invalid", True, billing(npi="1234567890"), {}, "check digit"),
    ("rendering_npi_missing", True, claim(rendering=None), {}, "an organization renders nothing"),
    ("rendering_npi_missing", False, both(claim(rendering=None), billing(is_person=True)), {}, "a person billed for herself"),
    ("rendering_npi_invalid", True, rendering(npi="1679576721"), {}, "check digit"),
    ("supervising_npi_invalid", True, claim(supervising=Clinician("FOX")), {}, "named without NPI"),
    ("supervising_npi_invalid", False, claim(supervising=Clinician("FOX", npi="1234567893")), {}, "with NPI"),
    ("referring_npi_invalid", True, claim(referring=Clinician("FOX", npi="12")), {}, "two digits"),
    ("facility_npi_invalid", True, claim(service_facility=replace(FACILITY, npi="1234567890")), {}, "check digit"),
    ("facility_npi_invalid", False, claim(service_facility=replace(FACILITY, npi="")), {}, "a place may have none"),
    ("billing_name_missing", True, billing(name=" "), {}, "blank"),
    ("billing_tax_id_invalid", True, billing(tax_id="51-0123456"), {}, "with a dash"),
    ("billing_tax_id_prefix_unknown", True, billing(tax_id="070123456"), {}, "07 is not assigned"),
    ("billing_address_incomplete", True, billing_address(city=""), {}, "no city"),
    ("billing_zip_not_nine_digits", True, billing_address(postal_code="19901"), {}, "five digits"),
    ("billing_address_is_po_box", True, billing_address(line1="P.O. BOX 12"), {}, "a box"),
    ("billing_address_is_po_box", False, billing_address(line1="12 POBOXER LN"), {}, "a street that sounds like one"),
    ("facility_address_incomplete", True, claim(service_facility=replace(FACILITY, address=Address(line1="1 OAK ST", city="DOVER", state="DE", postal_code="19901"))), {}, "five digits"),
    ("facility_address_incomplete", False, claim(service_facility=FACILITY), {}, "nine digits"),
    ("taxonomy_malformed", True, rendering(taxonomy="1041C0700"), {}, "nine characters"),
    ("taxonomy_missing_medicaid", True, both(MEDICAID, billing(taxonomy="")), {}, "Medicaid"),
    ("taxonomy_missing_medicaid", False, billing(taxonomy=""), {}, "a commercial plan"),
    ("payer_missing", True, payer(PayerKind.COMMERCIAL, payer_id=""), {}, "no id"),
    ("member_id_missing", True, claim(member_id=""), {}, "no number"),
    ("medicare_member_id_pattern", True, both(MEDICARE, claim(member_id="ABC123456")), {}, "not a Medicare number"),
    ("medicare_member_id_pattern", True, both(MEDICARE, claim(member_id="1SG4TE5MK73")), {}, "S is never used"),
    ("medicare_member_id_pattern", False, MEDICARE, {}, "the published example"),
    ("patient_name_missing", True, patient(last_name=""), {}, "no name"),
    ("patient_birth_date_missing", True, patient(birth_date=None), {}, "no date"),
    ("patient_sex_invalid", True, patient(sex="X"), {}, "not in the code list"),
    ("patient_address_incomplete", True, patient(address=Address(line1="12 ELM ST", city="DOVER", state="DE", postal_code="1990")), {}, "four digits"),
    ("patient_born_after_service", True, patient(birth_date=date(2026, 11, 3)), {}, "born the day after"),
    ("patient_born_after_service", False, patient(birth_date=DOS), {}, "born that day"),
    ("patient_age_implausible", True, patient(birth_date=date(1906, 11, 1)), {}, "120 years and a day"),
    ("patient_age_implausible", False, patient(birth_date=date(1906, 11, 2)), {}, "120th birthday"),
    ("service_in_future", True, line(date_of_service=date(2026, 11, 24)), {}, "tomorrow"),
    ("service_in_future", False, line(date_of_service=TODAY), {}, "today"),
    ("service_dates_reversed", True, line(date_of_service_end=date(2026, 11, 1)), {}, "ends the day before"),
    ("timed_session_spans_days", True, line(date_of_service_end=date(2026, 11, 3)), {}, "two days"),
    ("timed_session_spans_days", False, line(code="H0015", date_of_service_end=date(2026, 11, 3)), {}, "a programme may span days"),
    ("code_malformed", True, line(code="9083"), {}, "four digits"),
    ("code_malformed", False, line(code="0362T"), {}, "category III"),
    ("code_not_in_force", True, line(code="99441"), {}, "ended 2024-12-31"),
    ("code_not_payable_by_medicare", True, both(MEDICARE, line(code="H0004", session_minutes=None)), {}, "an H code"),
    ("code_not_payable_by_medicare", False, line(code="H0004", session_minutes=None), {}, "commercial"),
    ("session_units_over_one", True, line(units="2"), {}, "two units of one session"),
    ("session_units_over_one", False, line(units="2", place_of_service="52"), {}, "partial hospitalization"),
    ("minutes_below_code", True, line(session_minutes=52), {}, "90837 begins at 53"),
    ("minutes_below_code", False, line(session_minutes=53), {}, "53"),
    ("minutes_below_code", True, line(code="90847", session_minutes=25), {}, "family begins at 26"),
    ("minutes_above_code", True, line(code="90834", session_minutes=53), {}, "90834 ends at 52"),
    ("minutes_above_code", False, line(code="90834", session_minutes=52), {}, "52"),
    ("units_exceed_minutes", True, line(code="H2014", units="3", session_minutes=37), {}, "37 minutes carry 2"),
    ("units_exceed_minutes", False, line(code="H2014", units="3", session_minutes=38), {}, "38 minutes carry 3"),
    ("addon_without_base", True, codes("90785"), {}, "alone"),
    ("addon_without_base", True, codes("90785", "90847"), {}, "a code it may not ride on"),
    ("addon_without_base", True, codes("90785", ("90837", {"date_of_service": date(2026, 11, 3)})), {}, "another day"),
    ("addon_without_base", False, codes("90785", "90837"), {}, "its base"),
    ("addon_without_base", False, codes("90785"), history({"claim_number": "A9"}), "its base went on another claim"),
    ("code_pair_not_allowed", True, both(MEDICARE, codes("90791", "90837")), {}, "indicator 0"),
    ("code_pair_not_allowed", False, codes("90791", "90837"), {}, "another payer's rules"),
    ("code_pair_needs_modifier", True, both(MEDICARE, codes("90837", "90853")), {}, "indicator 1, no modifier"),
    ("code_pair_needs_modifier", False, both(MEDICARE, codes("90837", ("90853", {"modifiers": ("59",)}))), {}, "59"),
    ("code_pair_needs_modifier", False, both(MEDICARE, codes("90837", ("90853", {"date_of_service": date(2026, 11, 3)}))), {}, "another day"),
    ("units_over_medicare_limit", True, both(MEDICARE, codes(("90839", {"units": "2"}))), {}, "limit 1"),
    ("units_over_medicare_limit", True, both(MEDICARE, codes("90791", ("90791", {"modifiers": ("76",)}))), {}, "the day counts, not the line"),
    ("units_over_medicare_limit", False, both(MEDICARE, codes(("90785", {"units": "3"}), "90837")), {}, "limit 3"),
    ("psychotherapy_beside_visit", True, both(PSYCHIATRIST, codes("99214", "90837")), {}, "should be 90838"),
    ("psychotherapy_beside_visit", False, both(PSYCHIATRIST, codes("99214", "90838")), {}, "the add-on"),
    ("crisis_beside_psychotherapy", True, codes("90839", "90834"), {}, "same clinician and day"),
    ("crisis_beside_psychotherapy", False, codes("90839", ("90834", {"rendering": Clinician("FOX", npi="1234567893", credential="LPC")})), {}, "another clinician"),
    ("complexity_addon_with_modifier_25", True, both(MEDICARE, PSYCHIATRIST, codes(("99214", {"modifiers": ("25",)}), "G2211")), {}, "25 on the visit"),
    ("complexity_addon_with_modifier_25", False, both(MEDICARE, PSYCHIATRIST, codes("99214", "G2211")), {}, "no 25"),
    ("age_outside_code", True, both(PSYCHIATRIST, patient(birth_date=date(2008, 11, 3)), line(code="G0444", session_minutes=None)), {}, "a day before 18"),
    ("age_outside_code", False, both(PSYCHIATRIST, patient(birth_date=date(2008, 11, 2)), line(code="G0444", session_minutes=None)), {}, "18th birthday"),
    ("modifier_malformed", True, line(modifiers=("9",)), {}, "one character"),
    ("modifier_malformed", True, line(modifiers=("HO", "HO")), {}, "twice"),
    ("modifier_malformed", True, line(modifiers=("HO", "HE", "HA", "TF", "U1")), {}, "five"),
    ("modifier_malformed", False, line(modifiers=("HO", "HE", "HA", "TF")), {}, "four"),
    ("modifiers_conflict", True, both(claim(modality="", place_of_service="10"), line(modifiers=("95", "93"))), {}, "video and audio"),
    ("modifiers_conflict", True, line(modifiers=("59", "XE")), {}, "twice distinct"),
    ("modifiers_conflict", False, line(modifiers=("59", "HO")), {}, "different kinds"),
    ("modifier_25_on_other_than_visit", True, line(modifiers=("25",)), {}, "25 on psychotherapy"),
    ("modifier_25_on_other_than_visit", False, both(PSYCHIATRIST, line(code="99214", modifiers=("25",), session_minutes=None)), {}, "25 on a visit"),
    ("telehealth_modifier_in_person", True, line(modifiers=("95",)), {}, "in person"),
    ("audio_modifier_on_video", True, both(claim(modality="video", place_of_service="10"), line(modifiers=("93",))), {}, "video"),
    ("place_telehealth_but_in_person", True, claim(place_of_service="10"), {}, "in person"),
    ("place_not_telehealth_medicare", True, both(MEDICARE, claim(modality="video")), {}, "place 11"),
    ("place_not_telehealth_medicare", False, both(MEDICARE, claim(modality="video", place_of_service="10")), {}, "place 10"),
    ("place_not_telehealth", True, claim(modality="video"), {}, "place 11"),
    ("place_not_telehealth", False, claim(modality="video", place_of_service="02"), {}, "place 02"),
    ("place_invalid", True, claim(place_of_service="00"), {}, "not in the set"),
    ("medicare_modifier_95", True, both(MEDICARE, claim(modality="video", place_of_service="10"), line(modifiers=("95",))), {}, "Medicare uses none"),
    ("medicare_modifier_95", False, both(claim(modality="video", place_of_service="10"), line(modifiers=("95",))), {}, "a commercial plan"),
    ("medicare_audio_modifier", True, both(MEDICARE, claim(modality="audio", place_of_service="10")), {}, "no 93"),
    ("medicare_audio_modifier", False, both(MEDICARE, claim(modality="audio", place_of_service="10"), line(modifiers=("93",))), {}, "93"),
    ("medicare_audio_place", True, both(MEDICARE, claim(modality="audio", place_of_service="02"), line(modifiers=("93",))), {}, "away from home"),
    ("medicare_not_on_telehealth_list", True, both(MEDICARE, claim(modality="video", place_of_service="10"), line(code="90870", session_minutes=None)), {}, "ECT by video"),
    ("medicare_not_on_telehealth_list", False, both(MEDICARE, claim(modality="video", place_of_service="10")), {}, "psychotherapy"),
    ("medicare_not_on_telehealth_list", True, both(MEDICARE, claim(modality="video", place_of_service="10"), line(code="90849", session_minutes=None, date_of_service=date(2025, 12, 31))), {}, "a day before it joined the list"),
    ("medicare_not_on_telehealth_list", False, both(MEDICARE, claim(modality="video", place_of_service="10"), line(code="90849", session_minutes=None, date_of_service=date(2026, 1, 1))), {}, "the first day"),
    ("session_units_over_one", False, line(code="S9484", units="2", session_minutes=None), {}, "an hourly code"),
    ("diagnoses_missing", True, claim(diagnoses=()), {}, "none"),
    ("too_many_diagnoses", True, claim(diagnoses=tuple(f"Z99.{n}" for n in range(13))), {}, "13"),
    ("diagnosis_pointer_invalid", True, line(diagnosis_pointers=(2,)), {}, "there is only one"),
    ("diagnosis_pointer_invalid", True, line(diagnosis_pointers=()), {}, "none"),
    ("diagnosis_pointer_invalid", False, claim(diagnoses=()), {}, "no diagnosis to point to: told once"),
    ("diagnosis_pointer_invalid", False, both(claim(diagnoses=()), line(diagnosis_pointers=())), {}, "neither"),
    ("diagnosis_pointer_invalid", False, both(claim(diagnoses=("F41.1", "F32.1")), line(diagnosis_pointers=(2, 1))), {}, "both"),
    ("diagnosis_malformed", True, claim(diagnoses=("F411",)), {}, "without its point"),
    ("diagnosis_malformed", False, claim(diagnoses=("F10.230",)), {}, "three after the point"),
    ("diagnosis_is_header", True, claim(diagnoses=("F32",)), {}, "a heading"),
    ("diagnosis_is_header", False, claim(diagnoses=("F32.1",)), {}, "a leaf"),
    ("diagnosis_not_listed", True, claim(diagnoses=("F32.7",)), {}, "no such code"),
    ("diagnosis_not_listed", False, claim(diagnoses=("G47.00",)), {}, "a code of another chapter"),
    ("diagnosis_duplicate", True, claim(diagnoses=("F41.1", "F41.1")), {}, "twice"),
    ("diagnosis_pair_excluded", True, claim(diagnoses=("F32.1", "F33.1")), {}, "single and recurrent"),
    ("diagnosis_pair_excluded", False, claim(diagnoses=("F32.1", "F43.21")), {}, "may stand together"),
    ("diagnosis_context_first", True, claim(diagnoses=("Z63.0", "F41.1")), {}, "a circumstance first"),
    ("diagnosis_context_first", False, claim(diagnoses=("F41.1", "Z63.0")), {}, "a circumstance second"),
    ("diagnosis_manifestation_first", True, claim(diagnoses=("F02.80", "G30.9")), {}, "the disease first"),
    ("diagnosis_manifestation_first", False, claim(diagnoses=("G30.9", "F02.80")), {}, "in order"),
    ("duplicate_line", True, codes("90837", "90837"), {}, "twice"),
    ("duplicate_line", False, codes("90837", ("90837", {"modifiers": ("76",)})), {}, "a repeat, said so"),
    ("duplicate_line", False, codes("90837", ("90837", {"date_of_service": date(2026, 11, 3)})), {}, "two days"),
    ("duplicate_of_history", True, claim(), history({"claim_number": "A0999", "encounter_id": "e0"}), "billed before"),
    ("duplicate_of_history", False, claim(), history({"claim_number": "A1003", "encounter_id": "e1"}), "its own row"),
    ("duplicate_of_history", False, claim(), history({"claim_number": "", "encounter_id": "e0"}), "not billed yet"),
    ("duplicate_of_history", False, claim(frequency=Frequency.REPLACEMENT, payer_control_number="P"), history({"claim_number": "A0999"}), "a replacement"),
    ("sessions_overlap", True, claim(), history(OWN, {"encounter_id": "e2", "patient_id": "pt2", "start_minute": 654, "stop_minute": 700}), "one minute shared"),
    ("sessions_overlap", False, claim(), history(OWN, {"encounter_id": "e2", "patient_id": "pt2", "start_minute": 655, "stop_minute": 700}), "one after the other"),
    ("sessions_overlap", False, claim(), history(OWN, {"encounter_id": "e2", "patient_id": "pt2", "code": "90853", "start_minute": 600, "stop_minute": 700}), "a group"),
    ("impossible_day", True, claim(), history(OWN, *({"encounter_id": f"x{n}", "patient_id": "pt2", "session_minutes": 60} for n in range(16))), "16 hours and 55 minutes"),
    ("impossible_day", False, claim(), history(OWN, *({"encounter_id": f"x{n}", "patient_id": "pt2", "session_minutes": 60} for n in range(15))), "15 hours and 55 minutes"),
    ("impossible_day", False, claim(), history(OWN, *({"encounter_id": f"g{n}", "patient_id": f"pt{n}", "code": "90853", "start_minute": 700, "stop_minute": 790} for n in range(12))), "one group of twelve"),
    ("supervisor_missing", True, rendering(credential="LPC-associate"), {}, "no supervisor"),
    ("supervisor_missing", False, both(rendering(credential="LPC-associate"), claim(supervising=Clinician("FOX", npi="1234567893"))), {}, "a supervisor"),
    ("medicare_credential", True, both(MEDICARE, rendering(credential="BCBA")), {}, "never"),
    ("medicare_credential", True, both(MEDICARE, rendering(credential="LPC"), line(date_of_service=date(2023, 12, 31))), {}, "a day too early"),
    ("medicare_credential", False, both(MEDICARE, rendering(credential="LPC"), line(date_of_service=date(2024, 1, 1))), {}, "from 2024"),
    ("visit_by_therapist", True, line(code="99213", session_minutes=None), {}, "a social worker"),
    ("visit_by_therapist", False, both(PSYCHIATRIST, line(code="99213", session_minutes=None)), {}, "a physician"),
    ("coverage_unknown", True, claim(), {"coverage": context_frame("coverage", [])}, "nothing on file"),
    ("coverage_not_in_force", True, claim(), coverage(ends=date(2026, 11, 1)), "ended the day before"),
    ("coverage_not_in_force", False, claim(), coverage(ends=DOS), "last day"),
    ("coverage_inactive", True, claim(), coverage(status="inactive"), "the payer said so"),
    ("coverage_inactive", False, claim(), two_coverages(), "another policy of the payer is active"),
    ("coverage_inactive", False, claim(), coverage(status="inactive", status_on=date(2026, 12, 1)), "of a later day"),
    ("coverage_inactive", True, claim(), coverage(status="inactive", status_on=DOS), "of this very day"),
    ("benefits_not_assigned", True, claim(benefits_assigned="N"), {}, "CLM08 is N"),
    ("benefits_not_assigned", False, claim(benefits_assigned="W"), {}, "not asked for"),
    ("medicaid_member_id_pattern", True, both(MEDICAID, claim(state="IL", member_id="12345678")), {}, "eight digits"),
    ("medicaid_member_id_pattern", False, both(MEDICAID, claim(state="IL", member_id="123456789")), {}, "nine"),
    ("medicaid_member_id_pattern", False, both(MEDICAID, claim(state="OH", member_id="1")), {}, "not published to us"),
    ("coverage_other_payer", True, claim(), coverage(status="other_payer"), "the payer said so"),
    ("coverage_other_payer", False, claim(), coverage(status="unknown"), "no clear answer"),
    ("coverage_patient_not_found", True, claim(), coverage(status="not_found"), "the payer said so"),
    ("coverage_patient_not_found", False, claim(), coverage(status="active"), "it did find"),
    ("coverage_not_verified", True, claim(), coverage(verified_on=date(2026, 10, 31)), "last month"),
    ("coverage_not_verified", True, claim(), coverage(verified_on=None), "never"),
    ("other_coverage_first", True, claim(sequence="S"), more_coverage(), "not on the claim"),
    ("other_coverage_first", False, secondary(), more_coverage(), "on the claim"),
    ("other_coverage_first", False, claim(sequence="S"), more_coverage(ends=date(2026, 10, 31)), "ended"),
    ("primary_answer_missing", True, claim(sequence="S"), {}, "no answer"),
    ("primary_answer_missing", False, secondary(), {}, "an answer"),
    ("primary_line_out_of_balance", True, secondary(line_adjustments=(("CO", "45", 4000),)), {}, "20.00 missing"),
    ("primary_line_out_of_balance", False, secondary(), {}, "90 + 40 + 20 = 150"),
    ("primary_claim_out_of_balance", True, secondary(paid=8000, line_paid=9000), {}, "total below the line"),
    ("primary_claim_out_of_balance", False, secondary(with_line=False, claim_adjustments=(("CO", "45", 6000),)), {}, "claim-level answer"),
    ("primary_date_missing", True, secondary(adjudicated=None), {}, "no date"),
    ("payer_order_conflict", True, secondary(sequence="S"), {}, "two secondaries"),
    ("medicaid_not_last", True, both(MEDICAID, secondary(sequence="T")), {}, "a payer behind Medicaid"),
    ("medicaid_not_last", False, both(MEDICAID, secondary()), {}, "a payer before Medicaid"),
    ("medicare_secondary_reason_missing", True, both(MEDICARE, secondary()), {}, "no SBR05"),
    ("medicare_secondary_reason_missing", False, both(MEDICARE, secondary(), claim(insurance_type="12")), {}, "working aged"),
    ("authorization_missing", True, claim(), coverage(authorization_codes=["90837"]), "the plan wants one"),
    ("authorization_missing", False, claim(), coverage(authorization_codes=["90791"]), "for another code"),
    ("authorization_unknown", True, AUTHORIZED, {}, "not on file"),
    ("authorization_expired", True, AUTHORIZED, authorization(ends=date(2026, 11, 1)), "the day before"),
    ("authorization_expired", False, AUTHORIZED, authorization(ends=DOS), "last day"),
    ("authorization_other_code", True, AUTHORIZED, authorization(codes=["90834"]), "another code"),
    ("authorization_other_code", False, AUTHORIZED, authorization(codes=[]), "any code"),
    ("authorization_units_exhausted", True, AUTHORIZED, authorization(units_used_milli=12000), "the thirteenth"),
    ("authorization_units_exhausted", False, AUTHORIZED, authorization(units_used_milli=11000), "the twelfth"),
    ("timely_filing_passed", True, both(MEDICARE, line(date_of_service=date(2025, 11, 22))), {}, "a year and a day"),
    ("timely_filing_passed", False, both(MEDICARE, line(date_of_service=date(2025, 11, 23))), {}, "the last day"),
    ("digital_treatment_place", True, both(claim(modality="video", place_of_service="10"), line(code="G0553", session_minutes=None)), {}, "no telehealth"),
    ("digital_treatment_place", False, line(code="G0553", session_minutes=None), {}, "the office"),
    ("medicare_audio_modifier", False, both(MEDICARE, claim(modality="audio"), line(code="99484", session_minutes=None)), {}, "a month's work is no visit"),
    ("timely_filing_passed", True, both(secondary(adjudicated=date(2026, 9, 1)), payer(PayerKind.MEDICAID, "MC", "77799")), {}, "60 days from the first payer's decision"),
    ("timely_filing_passed", False, both(secondary(adjudicated=date(2026, 10, 1)), payer(PayerKind.MEDICAID, "MC", "77799")), {}, "53 days from the first payer's decision"),
    ("diagnosis_not_in_force", True, both(claim(diagnoses=("QA0.8",)), line(date_of_service=date(2025, 9, 30))), {}, "the day before the fiscal year that brought it"),
    ("diagnosis_not_in_force", False, both(claim(diagnoses=("QA0.8",)), line(date_of_service=date(2025, 10, 1))), {}, "the first day"),
    ("diagnosis_is_header", True, both(claim(diagnoses=("G35",)), line(date_of_service=date(2025, 10, 1))), {}, "became a heading that day"),
    ("diagnosis_is_header", False, both(claim(diagnoses=("G35",)), line(date_of_service=date(2025, 9, 30))), {}, "was a code until that day"),
    ("medicaid_telehealth_modifier", True, both(MEDICAID, claim(modality="video", state="TX", place_of_service="10"), line(modifiers=("GT",))), {}, "Texas wants 95"),
    ("medicaid_telehealth_modifier", False, both(MEDICAID, claim(modality="video", state="TX", place_of_service="10"), line(modifiers=("95",))), {}, "95"),
    ("medicaid_telehealth_modifier", True, both(MEDICAID, claim(modality="audio", state="TX", place_of_service="10"), line(modifiers=("95",))), {}, "telephone is 93"),
    ("medicaid_telehealth_modifier", False, both(MEDICAID, claim(modality="audio", state="NC", place_of_service="11"), line(modifiers=("KX",))), {}, "North Carolina's own"),
    ("medicaid_telehealth_modifier", False, both(MEDICAID, claim(modality="video", state="DE", place_of_service="02")), {}, "agency and plans differ: nothing is said"),
    ("medicaid_telehealth_modifier", True, both(MEDICAID, claim(modality="video", state="DE", place_of_service="02"), line(modifiers=("95",))), coverage(payer_kind="medicaid", program="medicaid_ffs"), "the agency takes none"),
    ("medicaid_telehealth_place", True, both(MEDICAID, claim(modality="video", state="NC", place_of_service="02"), line(modifiers=("GT",))), {}, "the usual place"),
    ("medicaid_telehealth_place", False, both(MEDICAID, claim(modality="video", state="NC", place_of_service="11"), line(modifiers=("GT",))), {}, "the usual place"),
    ("medicaid_telehealth_place", True, both(MEDICAID, claim(modality="video", state="VA", place_of_service="11"), line(modifiers=("GT",))), {}, "Virginia wants 02 or 10"),
    ("credential_modifier_missing", True, both(MEDICAID, claim(state="TX"), rendering(credential="PsyD")), {}, "a psychologist in Texas"),
    ("credential_modifier_missing", False, both(MEDICAID, claim(state="TX"), rendering(credential="PsyD"), line(modifiers=("AH",))), {}, "AH"),
    ("credential_modifier_missing", True, both(MEDICAID, claim(state="VA", diagnoses=("F84.0",)), rendering(credential="BCBA"), line(code="97155", session_minutes=None, modifiers=("HN",))), {}, "an analyst is HO"),
    ("credential_modifier_missing", False, both(claim(state="TX"), rendering(credential="PsyD")), {}, "a commercial plan"),
    ("credential_modifiers_conflict", True, both(MEDICAID, claim(state="TX"), rendering(credential="PsyD"), line(modifiers=("AH", "UB"))), {}, "two of the four"),
    ("credential_modifiers_conflict", False, both(MEDICAID, claim(state="TX"), rendering(credential="PsyD"), line(modifiers=("AH", "59"))), {}, "one of the four"),
    ("diagnosis_is_header", True, claim(diagnoses=("G47",)), {}, "a heading of another chapter"),
    ("diagnosis_not_listed", True, claim(diagnoses=("G47.98",)), {}, "no such code in another chapter"),
    ("subscriber_differs_from_patient", True, claim(subscriber=Person(last_name="ROE", birth_date=date(1990, 4, 2), sex="F")), {}, "another name"),
    ("subscriber_differs_from_patient", False, dependent(date(2015, 4, 2)), {}, "a child is another person"),
    ("dependent_over_age", True, dependent(date(2000, 11, 2)), {}, "26th birthday"),
    ("dependent_over_age", False, dependent(date(2000, 11, 3)), {}, "the day before"),
    ("member_id_characters", True, claim(member_id="ABC 123-456"), {}, "a blank and a dash"),
    ("member_id_characters", False, claim(member_id="1EG4TE5MK73"), {}, "letters and digits"),
    ("patient_name_characters", True, patient(last_name="D0E"), {}, "a zero for an O"),
    ("patient_name_characters", False, patient(last_name="O'DOE-ROE"), {}, "an apostrophe and a hyphen"),
    ("patient_paid_over_total", True, claim(patient_paid_cents=15001), {}, "a cent too much"),
    ("patient_paid_over_total", False, claim(patient_paid_cents=15000), {}, "all of it"),
    ("medicaid_patient_paid", True, both(MEDICAID, claim(patient_paid_cents=100)), {}, "Medicaid"),
    ("medicaid_patient_paid", False, claim(patient_paid_cents=100), {}, "a commercial plan"),
    ("line_charge_too_large", True, line(charge_cents=1_000_001), {}, "a cent over ten thousand dollars"),
    ("line_charge_too_large", False, line(charge_cents=1_000_000), {}, "ten thousand dollars"),
    ("claim_spans_years", True, codes(("90837", {"date_of_service": date(2025, 12, 31)}), ("90837", {"date_of_service": date(2026, 1, 1)})), {}, "two years"),
    ("claim_spans_years", False, codes("90837", ("90837", {"date_of_service": date(2026, 1, 1)})), {}, "one year"),
    ("rendering_npi_of_organization", True, rendering(npi="1234567893"), {}, "the organization's"),
    ("rendering_npi_of_organization", False, both(rendering(npi="1234567893"), billing(is_person=True)), {}, "a person billed for herself"),
    ("incident_to_supervisor_not_eligible", True, both(MEDICARE, rendering(credential="LMSW"), claim(supervising=Clinician("FOX", npi="1234567893", taxonomy="1041C0700X"))), {}, "under a social worker"),
    ("incident_to_supervisor_not_eligible", False, both(MEDICARE, rendering(credential="LMSW"), claim(supervising=Clinician("FOX", npi="1234567893", taxonomy="103TC0700X"))), {}, "under a psychologist"),
    ("incident_to_supervisor_not_eligible", False, both(rendering(credential="LMSW"), claim(supervising=Clinician("FOX", npi="1234567893", taxonomy="1041C0700X"))), {}, "a contract may allow it"),
    ("supervisor_is_rendering", True, claim(supervising=Clinician("LEE", npi="1679576722")), {}, "the same"),
    ("supervisor_is_rendering", False, claim(supervising=Clinician("FOX", npi="1234567893")), {}, "another"),
    ("modifier_not_known", True, line(modifiers=("ZZ",)), {}, "no list has it"),
    ("modifier_not_known", False, line(modifiers=("HO",)), {}, "a licence level"),
    ("modifiers_out_of_order", True, both(claim(modality="video", place_of_service="10"), line(modifiers=("95", "59"))), {}, "59 behind 95"),
    ("modifiers_out_of_order", False, both(claim(modality="video", place_of_service="10"), line(modifiers=("59", "95"))), {}, "59 first"),
    ("prolonged_beside_psychotherapy", True, both(PSYCHIATRIST, codes("99215", "90836", "99417")), {}, "with an add-on"),
    ("prolonged_beside_psychotherapy", False, both(PSYCHIATRIST, codes("99215", "99417")), {}, "a visit by time"),
    ("diagnosis_does_not_support_code", True, line(code="H0015", session_minutes=None), {}, "SUD programme for anxiety"),
    ("diagnosis_does_not_support_code", False, both(claim(diagnoses=("F11.20",)), line(code="H0015", session_minutes=None)), {}, "opioid dependence"),
    ("diagnosis_does_not_support_code", True, both(claim(diagnoses=("F41.1", "F11.20")), line(code="H0015", session_minutes=None)), {}, "the right one is not pointed to"),
    ("diagnosis_does_not_support_code", False, both(claim(diagnoses=("F84.0",)), line(code="97153", session_minutes=None)), {}, "autism"),
    ("diagnosis_circumstance_only", True, both(claim(diagnoses=("Z63.0",)), line(code="90847", session_minutes=50)), {}, "a couple without a patient"),
    ("diagnosis_circumstance_only", False, both(claim(diagnoses=("F43.21", "Z63.0")), line(code="90847", session_minutes=50, diagnosis_pointers=(1, 2))), {}, "a disorder beside it"),
    ("primary_paid_more_than_charge", True, secondary(paid=15001), {}, "a cent too much"),
    ("primary_paid_more_than_charge", False, secondary(paid=15000), {}, "all of it"),
    ("nothing_left_for_secondary", True, secondary(line_adjustments=(("CO", "45", 6000),)), {}, "no patient responsibility"),
    ("nothing_left_for_secondary", False, secondary(), {}, "coinsurance is left"),
    ("primary_denied_for_fault", True, secondary(paid=0, line_adjustments=(("CO", "197", 15000),)), {}, "no authorization at the first payer"),
    ("primary_denied_for_fault", False, secondary(paid=0, line_adjustments=(("PR", "1", 15000),)), {}, "the deductible"),
    ("member_id_differs_from_coverage", True, claim(member_id="ABC123457"), {}, "one digit"),
    ("member_id_differs_from_coverage", False, claim(member_id="abc123456"), {}, "small letters"),
    ("visit_limit_reached", True, claim(), coverage(visit_limit=20, visits_used=20), "the 21st"),
    ("visit_limit_reached", False, claim(), coverage(visit_limit=20, visits_used=19), "the 20th"),
    ("authorization_other_clinician", True, AUTHORIZED, authorization(npis=["1234567893"]), "a colleague"),
    ("authorization_other_clinician", False, AUTHORIZED, authorization(npis=["1234567893", "1679576722"]), "named"),
    ("part2_consent_missing", True, PART2, {}, "no consent"),
    ("part2_consent_missing", True, PART2, consents({"kind": "disclosure", "payer_id": "60054"}), "for another payer"),
    ("part2_consent_missing", True, PART2, consents({"kind": "disclosure", "ends": date(2026, 11, 22)}), "revoked yesterday"),
    ("part2_consent_missing", False, PART2, consents({"kind": "disclosure", "ends": TODAY}), "its last day"),
    ("part2_consent_missing", False, claim(), {}, "no Part 2 programme"),
    ("disclosure_restricted", True, claim(), consents({"kind": "restriction", "payer_id": "47073", "starts": DOS, "ends": DOS}), "paid in full for that day"),
    ("disclosure_restricted", False, claim(), consents({"kind": "restriction", "payer_id": "47073", "starts": date(2026, 11, 3)}), "from the next day"),
    ("psychotherapy_notes_attached", True, claim(), documents("progress_note", "psychotherapy_notes"), "attached"),
    ("remark_is_separate_note", True, claim(note="Psychotherapy notes: she wept about her father"), {}, "of the claim"),
    ("remark_is_separate_note", True, line(note="SUD counseling notes: ashamed of the relapse"), {}, "of a line"),
    ("remark_is_separate_note", False, line(note="Psychotherapy notes requested by the payer; refused"), {}, "about them"),
    ("psychotherapy_notes_attached", False, claim(), documents("progress_note"), "a progress note"),
    ("charge_differs_from_schedule", True, claim(), charges({"amount_cents": 15001}), "a cent"),
    ("charge_differs_from_schedule", False, line(units="2", charge_cents=30000, place_of_service="52"), charges({}), "two units"),
    ("charge_differs_from_schedule", False, claim(), charges({"amount_cents": 9, "ends": date(2026, 11, 1)}), "last month's price"),
    ("rendering_not_enrolled", True, claim(), enrollments({"npi": "1234567893"}), "only a colleague"),
    ("rendering_not_enrolled", True, claim(), enrollments({"starts": date(2026, 11, 3)}), "from the next day"),
    ("rendering_not_enrolled", False, claim(), enrollments({"starts": DOS}), "its first day"),
    ("rendering_not_enrolled", False, claim(), enrollments({"payer_id": "60054", "npi": "1"}), "none kept for this payer"),
    ("claims_not_enrolled", True, claim(), enrollments({"role": "claims", "npi": "1234567893", "ends": date(2026, 11, 22)}), "ended"),
    ("claims_not_enrolled", False, claim(), enrollments({"role": "claims", "npi": "1234567893"}), "enrolled"),
    ("claims_not_enrolled", False, claim(), enrollments({"role": "billing", "npi": "1679576722"}), "no such row is kept"),
    ("remittances_not_enrolled", True, claim(), enrollments({"role": "remittances", "npi": "1679576722"}), "another NPI"),
    ("remittances_not_enrolled", False, claim(), enrollments({"role": "remittances", "npi": "1234567893"}), "enrolled"),
    ("billing_not_enrolled", True, claim(), enrollments({"role": "billing", "npi": "1679576722"}), "another NPI"),
    ("billing_not_enrolled", False, claim(), enrollments({"role": "billing", "npi": "1234567893"}), "enrolled"),
    ("patient_in_two_sessions", True, claim(), history(OWN, {"encounter_id": "e2", "line_rendering_npi": "1234567893", "start_minute": 654, "stop_minute": 700}), "a minute in two rooms"),
    ("patient_in_two_sessions", False, claim(), history(OWN, {"encounter_id": "e2", "line_rendering_npi": "1234567893", "start_minute": 655, "stop_minute": 700}), "one after the other"),
    ("monthly_service_repeated", True, both(PSYCHIATRIST, line(code="99484", session_minutes=None)), history({"code": "99484", "claim_number": "A9", "date_of_service": date(2026, 11, 30)}), "the same month"),
    ("monthly_service_repeated", False, both(PSYCHIATRIST, line(code="99484", session_minutes=None)), history({"code": "99484", "claim_number": "A9", "date_of_service": date(2026, 10, 31)}), "the month before"),
    ("weekly_bundle_repeated", True, both(claim(diagnoses=("F11.20",)), line(code="G2067", session_minutes=None)), history({"code": "G2067", "claim_number": "A9", "date_of_service": date(2026, 10, 27)}), "six days before"),
    ("weekly_bundle_repeated", False, both(claim(diagnoses=("F11.20",)), line(code="G2067", session_minutes=None)), history({"code": "G2067", "claim_number": "A9", "date_of_service": date(2026, 10, 26)}), "seven days before"),
    ("evaluation_repeated", True, line(code="90791", session_minutes=None), history({"code": "90791", "claim_number": "A9", "encounter_id": "e0", "date_of_service": date(2026, 5, 3)}), "a day less than six months"),
    ("evaluation_repeated", False, line(code="90791", session_minutes=None), history({"code": "90791", "claim_number": "A9", "encounter_id": "e0", "date_of_service": date(2026, 5, 2)}), "six months"),
    ("same_service_other_clinician", True, claim(), history({"claim_number": "A9", "encounter_id": "e0", "line_rendering_npi": "1234567893"}), "a colleague"),
    ("same_service_other_clinician", False, claim(), history({"claim_number": "A9", "encounter_id": "e0", "line_rendering_npi": "1234567893", "code": "90847"}), "another service"),
    ("visits_over_state_limit", True, both(MEDICAID, claim(state="TX")), history(*({"claim_number": f"V{n}", "date_of_service": date(2026, 1, 1 + n)} for n in range(30))), "the 31st"),
    ("visits_over_state_limit", False, both(MEDICAID, claim(state="TX")), history(*({"claim_number": f"V{n}", "date_of_service": date(2026, 1, 1 + n)} for n in range(29))), "the 30th"),
    ("visits_over_state_limit", False, both(MEDICAID, claim(state="TX"), AUTHORIZED), history(*({"claim_number": f"V{n}", "date_of_service": date(2026, 1, 1 + n)} for n in range(30))), "authorized"),
    ("visits_over_state_limit", False, both(MEDICAID, claim(state="TX")), history(*({"claim_number": f"V{n}", "date_of_service": date(2025, 1, 1 + n)} for n in range(30))), "another year"),
    ("visits_over_state_limit", True, both(MEDICAID, patient(birth_date=date(2008, 11, 3))), history(*({"claim_number": f"V{n}", "date_of_service": date(2026, 1, 1 + n)} for n in range(30))), "Delaware, a day before 18"),
    ("visits_over_state_limit", False, both(MEDICAID, patient(birth_date=date(2008, 11, 2))), history(*({"claim_number": f"V{n}", "date_of_service": date(2026, 1, 1 + n)} for n in range(30))), "Delaware, 18"),
    ("documents_wanted", True, both(MEDICAID, claim(state="AZ"), line(code="H2014", units="5", session_minutes=75)), {}, "five quarter hours"),
    ("documents_wanted", False, both(MEDICAID, claim(state="AZ"), line(code="H2014", units="4", session_minutes=60)), {}, "four quarter hours"),
    ("documents_wanted", False, both(MEDICAID, claim(state="AZ"), line(code="H2014", units="5", session_minutes=75)), documents("progress_note"), "the record goes with it"),
    ("timely_filing_near", True, both(MEDICARE, line(date_of_service=date(2025, 12, 8))), {}, "15 days left"),
    ("timely_filing_near", False, both(MEDICARE, line(date_of_service=date(2025, 12, 9))), {}, "16 days left"),
    ("bill_type_not_for_programme", True, programme(facility="11"), {}, "an inpatient stay"),
    ("bill_type_not_for_programme", False, programme(facility="76"), {}, "a mental health center"),
    ("bill_type_against_status", True, programme(cycle="2"), {}, "a first bill of a patient gone home"),
    ("bill_type_against_status", True, programme(cycle="4", patient_status="30"), {}, "a last bill of one who stays"),
    ("bill_type_against_status", False, programme(cycle="3", patient_status="30"), {}, "a continuing bill"),
    ("whole_bill_of_patient_who_stays", True, programme(patient_status="30"), {}, "still a patient"),
    ("whole_bill_of_patient_who_stays", False, programme(cycle="2", patient_status="30"), {}, "the first of several"),
    ("revenue_code_missing", True, programme(revenue="905"), {}, "three digits"),
    ("revenue_code_missing", False, programme(), {}, "0905"),
    ("revenue_code_not_known", True, programme(revenue="0450"), {}, "an emergency room"),
    ("revenue_code_not_known", False, programme(), {}, "0905"),
    ("revenue_code_needs_code", True, programme(code=""), {}, "no HCPCS"),
    ("revenue_code_needs_code", False, programme(), {}, "S9480"),
    ("revenue_code_against_code", True, programme(code="H0015", revenue="0905"), {}, "a SUD day under 0905"),
    ("revenue_code_against_code", False, programme(code="S0201", revenue="0913"), {}, "a contract's choice"),
    ("statement_does_not_cover_lines", True, programme(days=(date(2026, 11, 1),)), {}, "the day before"),
    ("statement_does_not_cover_lines", True, programme(days=(date(2026, 11, 7),)), {}, "the day after"),
    ("statement_does_not_cover_lines", False, programme(days=(DOS, date(2026, 11, 6))), {}, "first and last day"),
    ("attending_missing", True, programme(attending=None), {}, "nobody"),
    ("attending_missing", False, programme(), {}, "named"),
    ("attending_npi_invalid", True, programme(attending=Clinician("LEE", "ANN", "1679576723")), {}, "a digit"),
    ("attending_npi_invalid", False, programme(), {}, "valid"),
    ("programme_units_not_days", True, programme(units="3"), {}, "three units, one day"),
    ("programme_units_not_days", False, programme(), {}, "one a day"),
    ("programme_day_twice", True, programme(days=(DOS, DOS)), {}, "one day, two lines"),
    ("programme_day_twice", False, programme(days=(DOS, date(2026, 11, 3))), {}, "two days"),
    ("condition_code_missing", True, both(MEDICARE, programme()), {}, "Medicare, no 92"),
    ("condition_code_missing", False, both(MEDICARE, programme(conditions=("92",))), {}, "92"),
    ("condition_code_missing", True, both(MEDICARE, programme(code="H0035", revenue="0912", conditions=("92",))), {}, "41 for PHP"),
    ("condition_code_missing", False, programme(), {}, "a commercial plan"),
    ("admission_facts_missing", True, programme(admission_source=""), {}, "no point of origin"),
    ("admission_facts_missing", False, programme(), {}, "all three"),
    ("admission_after_statement", True, programme(admitted_on=date(2026, 11, 3), admitted_clock="0900"), {}, "the next day"),
    ("admission_after_statement", False, programme(admitted_on=DOS, admitted_clock="0900"), {}, "the same day"),
    ("therapy_beside_programme_day", True, programme(), history({"claim_number": "A9", "encounter_id": "e2"}), "a session of the day"),
    ("therapy_beside_programme_day", False, programme(), history({"claim_number": "A9", "encounter_id": "e2", "date_of_service": date(2026, 11, 3)}), "the next day"),
    ("therapy_beside_programme_day", True, claim(), history({"claim_number": "A9", "encounter_id": "e2", "code": "S9480"}), "seen from the session"),
    ("therapy_beside_programme_day", False, claim(), history({"claim_number": "A9", "encounter_id": "e2", "code": "90847"}), "two sessions"),
    ("rendering_npi_missing", False, programme(), {}, "a facility has none"),
    ("place_invalid", False, programme(), {}, "a facility has a type of bill"),
    ("authorization_units_exhausted", True, both(programme(days=(DOS, date(2026, 11, 3))), claim(authorization_number="AUTH1")), authorization(codes=["S9480"], units_used_milli=11000), "one day left, two billed"),
    ("authorization_units_exhausted", False, both(programme(days=(DOS, date(2026, 11, 3))), claim(authorization_number="AUTH1")), authorization(codes=["S9480"], units_used_milli=10000), "two days left"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("edit", "fires", "change", "context", "why"),
    CASES,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_edit(edit, fires, change, context, why, good_claim, known):
    report = run_edits(frames_from_claims([change(good_claim)]), today=TODAY, **{**known, **context})
    fired = {finding.code for finding in report.findings}
    assert (f"edits.{edit}" in fired) is fires, (why, sorted(fired))
    for finding in report.findings:
        assert "{" not in finding.message and "DOE" not in finding.message


def test_good_claim_is_clean(good_claim, known):
    report = run_edits(frames_from_claims([good_claim]), today=TODAY, **known)
    assert report.claims[0].result == "clean"
    assert report.claims[0].findings == ()


def test_a_claim_without_a_diagnosis_is_told_once(good_claim, known):
    for change in (claim(diagnoses=()), both(claim(diagnoses=()), line(diagnosis_pointers=()))):
        report = run_edits(frames_from_claims([change(good_claim)]), today=TODAY, **known)
        assert [finding.code for finding in report.findings] == ["edits.diagnoses_missing"]


def test_a_good_programme_claim_is_clean(good_claim, known):
    report = run_edits(frames_from_claims([programme()(good_claim)]), today=TODAY, **known)
    assert [finding.code for finding in report.findings] == []


@pytest.mark.parametrize("order", [1, -1], ids=["programme last", "programme first"])
def test_kinds_of_claim_beside_each_other_are_judged_as_alone(order, good_claim, known):
    """An edit of one kind says nothing of the other, also where the batch holds both."""
    pair = [replace(c, claim_number=n) for n, c in (
        ("P1", replace(good_claim, rendering=None, place_of_service="99")),
        ("I1", replace(programme(facility="11", days=(DOS, DOS))(good_claim), patient_id="pt2")),
    )][::order]  # fmt: skip
    mixed = run_edits(frames_from_claims(pair), today=TODAY, **known).by_claim
    for one in pair:
        alone = run_edits(frames_from_claims([one]), today=TODAY, **known).by_claim
        assert mixed[one.claim_number].findings == alone[one.claim_number].findings != ()


def test_every_edit_has_a_failing_row():
    failing = {f"edits.{edit}" for edit, fires, *_ in CASES if fires}
    assert {edit.id for edit in all_edits()} - failing == set()


def test_every_failing_row_is_the_only_reason_named_in_passing_rows(good_claim, known):
    """The good claim passes every edit, so each failing row shows what its change alone does."""
    report = run_edits(
        frames_from_claims([good_claim] * 3), today=TODAY, **{**known, "history": known["history"]}
    )
    assert report.hits.height == 0
