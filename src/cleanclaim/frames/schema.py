"""The documented columns of the claim frames.

One place says which columns exist, of which type, and what they mean; the builder, the edits and
the KPI measures read it. Amounts are whole cents (Int64), dates are calendar dates, codes are text
where '' means absent; null means unknown. Every frame of a batch is ordered by `claim_row`, then by
its own row number, so no query plan can change a result.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl


class Column(NamedTuple):
    """One column: its name, its type and its meaning."""

    name: str
    dtype: pl.DataType
    meaning: str


TEXT, CENTS, DAY, FLAG, ROW, COUNT = pl.String(), pl.Int64(), pl.Date(), pl.Boolean(), pl.UInt32(), pl.Int32()
CODES = pl.List(pl.String())


def _party(prefix: str, what: str, *, taxonomy: bool = True) -> list[Column]:
    columns = [
        Column(f"{prefix}_name", TEXT, f"{what}: name (last name of a person)"),
        Column(f"{prefix}_npi", TEXT, f"{what}: NPI"),
    ]
    if taxonomy:
        columns.append(Column(f"{prefix}_taxonomy", TEXT, f"{what}: taxonomy code"))
    return columns


def _address(prefix: str, what: str) -> list[Column]:
    return [
        Column(f"{prefix}_line1", TEXT, f"{what}: street"),
        Column(f"{prefix}_city", TEXT, f"{what}: city"),
        Column(f"{prefix}_region", TEXT, f"{what}: state"),
        Column(f"{prefix}_postal_code", TEXT, f"{what}: 5 or 9 digits"),
    ]


CLAIMS: tuple[Column, ...] = (
    Column("claim_row", ROW, "position in the batch, from 0: the key of every frame"),
    Column("claim_number", TEXT, "CLM01"),
    Column("practice_id", TEXT, "ours"),
    Column("patient_id", TEXT, "ours"),
    Column("encounter_id", TEXT, "ours"),
    Column("plan_id", TEXT, "ours"),
    Column("state", TEXT, "state whose rules govern"),
    Column("payer_id", TEXT, "2010BB NM109"),
    Column("payer_name", TEXT, "2010BB NM103"),
    Column("payer_kind", TEXT, "medicare, medicaid, commercial, tricare, self_pay"),
    Column("claim_filing_code", TEXT, "SBR09"),
    Column("sequence", TEXT, "SBR01: P, S, T"),
    Column("relationship", TEXT, "patient's relationship to the subscriber"),
    Column("member_id", TEXT, "2010BA NM109"),
    Column("group_number", TEXT, "SBR03"),
    Column("insurance_type", TEXT, "SBR05"),
    Column("frequency", TEXT, "CLM05-3"),
    Column("payer_control_number", TEXT, "REF*F8"),
    Column("place_of_service", TEXT, "CLM05-1"),
    Column("modality", TEXT, "in_person, video, audio or ''"),
    Column("claim_note", TEXT, "NTE*ADD of the claim"),
    Column("signed_note", FLAG, "the note behind the claim is signed"),
    Column("part2", FLAG, "of a 42 CFR Part 2 programme: the payer may be told only with consent"),
    Column("total_charge_cents", CENTS, "CLM02"),
    Column("patient_paid_cents", CENTS, "AMT*F5"),
    Column("authorization_number", TEXT, "REF*G1"),
    Column("provider_signature", TEXT, "CLM06"),
    Column("accept_assignment", TEXT, "CLM07"),
    Column("benefits_assigned", TEXT, "CLM08"),
    Column("release_of_information", TEXT, "CLM09"),
    Column("subscriber_last_name", TEXT, "2010BA NM103"),
    Column("subscriber_birth_date", DAY, "2010BA DMG02"),
    Column("subscriber_sex", TEXT, "2010BA DMG03"),
    *_address("subscriber", "subscriber"),
    Column("patient_last_name", TEXT, "NM103 of the patient"),
    Column("patient_first_name", TEXT, "NM104 of the patient"),
    Column("patient_birth_date", DAY, "DMG02 of the patient"),
    Column("patient_sex", TEXT, "DMG03 of the patient"),
    *_address("patient", "patient"),
    *_party("billing", "billing provider"),
    Column("billing_is_person", FLAG, "billing provider is a person"),
    Column("billing_tax_id", TEXT, "REF*EI or REF*SY of 2010AA"),
    Column("billing_tax_id_kind", TEXT, "EI or SY"),
    *_address("billing", "billing provider"),
    Column("has_facility", FLAG, "a service facility is named"),
    Column("facility_npi", TEXT, "2310C NM109"),
    *_address("facility", "service facility"),
    Column("has_rendering", FLAG, "a rendering provider is named on the claim"),
    *_party("rendering", "rendering provider"),
    Column("rendering_credential", TEXT, "licence level of the rendering provider"),
    Column("has_supervising", FLAG, "a supervising provider is named on the claim"),
    *_party("supervising", "supervising provider"),
    Column("has_referring", FLAG, "a referring provider is named"),
    *_party("referring", "referring provider"),
    Column("line_count", COUNT, "service lines"),
    Column("line_charge_cents", CENTS, "sum of the lines' charges"),
    Column("diagnosis_count", COUNT, "diagnoses"),
    Column("other_payer_count", COUNT, "other coverages on the claim"),
    Column("first_service_on", DAY, "earliest date of service"),
    Column("last_service_on", DAY, "latest date of service"),
    Column(
        "bill_type", TEXT, "type of bill, such as 0131, of an institutional claim; '' on a professional one"
    ),
    Column("statement_from", DAY, "DTP*434, first day; null on a professional claim"),
    Column("statement_to", DAY, "DTP*434, last day"),
    Column("admitted_on", DAY, "DTP*435; null when not said"),
    Column("admission_type", TEXT, "CL101"),
    Column("admission_source", TEXT, "CL102"),
    Column("patient_status", TEXT, "CL103"),
    Column("conditions", CODES, "condition codes"),
    Column("has_attending", FLAG, "an attending provider is named"),
    *_party("attending", "attending provider"),
)

LINES: tuple[Column, ...] = (
    Column("claim_row", ROW, "the claim"),
    Column("line_row", ROW, "position among all lines of the batch, from 0"),
    Column("line_number", COUNT, "LX01"),
    Column("line_control", TEXT, "REF*6R"),
    Column("code", TEXT, "SV101-2"),
    Column("modifiers", CODES, "SV101-3 to 6, in order"),
    Column("date_of_service", DAY, "DTP*472, first day"),
    Column("date_of_service_end", DAY, "last day; null when one day"),
    Column("charge_cents", CENTS, "SV102"),
    Column("units", TEXT, "SV104 as sent"),
    Column("units_milli", CENTS, "SV104 in thousandths; null when it is not a number"),
    Column("line_place", TEXT, "SV105, or the claim's place when empty"),
    Column("diagnosis_pointers", pl.List(pl.Int32()), "SV107, from 1"),
    Column(
        "line_rendering_npi", TEXT, "rendering NPI: the line's, else the claim's, else a billing person's"
    ),
    Column("line_credential", TEXT, "licence level of that clinician, '' when unknown"),
    Column("line_has_supervising", FLAG, "a supervising provider is named on the line or the claim"),
    Column("session_minutes", COUNT, "minutes the coding engine counted; null when unknown"),
    Column("line_note", TEXT, "NTE*ADD"),
    Column("revenue_code", TEXT, "SV201 of an institutional line; '' on a professional one"),
)

DIAGNOSES: tuple[Column, ...] = (
    Column("claim_row", ROW, "the claim"),
    Column("diagnosis_number", COUNT, "place in the HI segment, from 1"),
    Column("diagnosis", TEXT, "ICD-10-CM with the point"),
)

OTHER_PAYERS: tuple[Column, ...] = (
    Column("claim_row", ROW, "the claim"),
    Column("other_number", COUNT, "place among the claim's other coverages, from 1"),
    Column("other_payer_id", TEXT, "2330B NM109"),
    Column("other_payer_kind", TEXT, "kind of payer"),
    Column("other_sequence", TEXT, "SBR01"),
    Column("other_member_id", TEXT, "2330A NM109"),
    Column("other_paid_cents", CENTS, "AMT*D; null when the payer has not answered"),
    Column("other_remaining_cents", CENTS, "AMT*EAF; null when not given"),
    Column("other_adjudicated_on", DAY, "DTP*573 of the claim, else the latest of its lines"),
    Column("other_line_count", COUNT, "lines with that payer's answer"),
)

OTHER_LINES: tuple[Column, ...] = (
    Column("claim_row", ROW, "the claim"),
    Column("line_row", ROW, "the service line"),
    Column("line_number", COUNT, "LX01"),
    Column("other_payer_id", TEXT, "SVD01"),
    Column("other_line_paid_cents", CENTS, "SVD02"),
    Column("other_line_adjusted_cents", CENTS, "sum of the line's CAS amounts of that payer"),
)

ADJUSTMENTS: tuple[Column, ...] = (
    Column("claim_row", ROW, "the claim"),
    Column("line_row", ROW, "the service line; null for a claim-level adjustment"),
    Column("other_payer_id", TEXT, "the payer that adjusted"),
    Column("adjustment_group", TEXT, "CAS01"),
    Column("adjustment_reason", TEXT, "CARC"),
    Column("adjustment_cents", CENTS, "amount with the payer's sign"),
)

HISTORY: tuple[Column, ...] = (
    Column("practice_id", TEXT, "ours"),
    Column("patient_id", TEXT, "ours"),
    Column("claim_number", TEXT, "claim that carried the line, '' when not yet billed"),
    Column("encounter_id", TEXT, "session the line came from"),
    Column("payer_id", TEXT, "payer billed"),
    Column("date_of_service", DAY, "first day"),
    Column("code", TEXT, "procedure code"),
    Column("modifiers", CODES, "modifiers in order"),
    Column("units_milli", CENTS, "units in thousandths"),
    Column("line_rendering_npi", TEXT, "rendering NPI"),
    Column("start_minute", COUNT, "minutes after midnight, null when unknown"),
    Column("stop_minute", COUNT, "minutes after midnight, over 1440 past midnight; null when unknown"),
    Column("session_minutes", COUNT, "documented minutes, null when unknown"),
)
"""One row per service line charged before or beside this batch. The batch's own lines may be among
them: rows of the same claim number or encounter are never compared with themselves. Voided and
replaced lines stay out."""

COVERAGE: tuple[Column, ...] = (
    Column("patient_id", TEXT, "ours"),
    Column("payer_id", TEXT, "payer"),
    Column("payer_kind", TEXT, "kind of payer"),
    Column("member_id", TEXT, "member number on this coverage"),
    Column("sequence", TEXT, "P, S, T"),
    Column("starts", DAY, "first day in force; null = not known"),
    Column("ends", DAY, "last day in force; null = open"),
    Column("status", TEXT, "active, inactive, other_payer, not_found, unknown: what the payer last said"),
    Column("status_on", DAY, "day of service that this answer is about; null = every day"),
    Column("verified_on", DAY, "day of that answer; null = never asked"),
    Column("authorization_codes", CODES, "procedure codes that this plan pays only with an authorization"),
    Column("program", TEXT, "medicaid_ffs, medicaid_mco, insured_plan, self_funded, …; '' = not known"),
    Column("visit_limit", COUNT, "visits of a benefit year that the plan pays; null = none known"),
    Column("visits_used", COUNT, "visits used, those of this batch left out; null = not known"),
)
"""One row per coverage of a patient."""

AUTHORIZATIONS: tuple[Column, ...] = (
    Column("patient_id", TEXT, "ours"),
    Column("payer_id", TEXT, "payer that authorized"),
    Column("authorization_number", TEXT, "the payer's number"),
    Column("codes", CODES, "procedure codes covered; empty = any"),
    Column("starts", DAY, "first day"),
    Column("ends", DAY, "last day"),
    Column("units_approved_milli", CENTS, "thousandths of units; null = no limit"),
    Column("units_used_milli", CENTS, "used by other claims, thousandths of units"),
    Column("npis", CODES, "clinicians it names; empty = any of the practice"),
)
"""One row per authorization."""

CONSENTS: tuple[Column, ...] = (
    Column("patient_id", TEXT, "ours"),
    Column("kind", TEXT, "disclosure: the patient lets a Part 2 record go to the payer; "
           "restriction: the patient paid in full and the payer must not be told"),
    Column("payer_id", TEXT, "payer it names, '' = every payer"),
    Column("starts", DAY, "first day; null = always"),
    Column("ends", DAY, "last day, a revocation's included; null = open"),
)  # fmt: skip
"""One row per consent or restriction of a patient."""

DOCUMENTS: tuple[Column, ...] = (
    Column("claim_number", TEXT, "claim it goes with"),
    Column("kind", TEXT, "progress_note, treatment_plan, psychotherapy_notes, eob, test_report, …"),
)
"""One row per document that would go to the payer with a claim."""

CHARGES: tuple[Column, ...] = (
    Column("practice_id", TEXT, "ours"),
    Column("code", TEXT, "procedure code"),
    Column("modifier", TEXT, "'' for the code itself"),
    Column("amount_cents", CENTS, "charge of one unit"),
    Column("starts", DAY, "first date of service"),
    Column("ends", DAY, "last date of service; null = open"),
)
"""One row per price of a practice's charge master."""

ENROLLMENTS: tuple[Column, ...] = (
    Column("npi", TEXT, "clinician or organization"),
    Column("payer_id", TEXT, "payer that has enrolled it"),
    Column("role", TEXT, "rendering, billing, claims (837) or remittances (835)"),
    Column("starts", DAY, "first date of service; null = not known"),
    Column("ends", DAY, "last date of service; null = open"),
)
"""One row per enrollment. Payers for which the practice keeps none are not judged."""

ALL: dict[str, tuple[Column, ...]] = {
    "claims": CLAIMS,
    "lines": LINES,
    "diagnoses": DIAGNOSES,
    "other_payers": OTHER_PAYERS,
    "other_lines": OTHER_LINES,
    "adjustments": ADJUSTMENTS,
    "history": HISTORY,
    "coverage": COVERAGE,
    "authorizations": AUTHORIZATIONS,
    "consents": CONSENTS,
    "documents": DOCUMENTS,
    "charges": CHARGES,
    "enrollments": ENROLLMENTS,
}


def polars_schema(columns: tuple[Column, ...]) -> dict[str, pl.DataType]:
    """The columns as Polars wants them."""
    return {column.name: column.dtype for column in columns}
