"""What was sent and what came back: states, frozen content, lines, answers, the family."""

from __future__ import annotations

from cleanclaim.claim import Claim as ClaimValue
from cleanclaim.claim import PayerKind, ServiceLine
from cleanclaim.codesets import diagnoses as diagnosis_codes
from cleanclaim.codesets.places_of_service import lookup as place_of
from cleanclaim.codesets.procedures import find as procedure_of
from cleanclaim.codesets.programmes import admission_codes, facilities, revenue_codes
from cleanclaim.codesets.table import CodeNotKnown
from cleanclaim.ledger.accounts import Account
from cleanclaim.money import dollars
from cleanclaim.remittance.nextpayer import amounts_before, medicare_secondary_amount, most_second_cents
from cleanclaim_server.web.views import payer_words
from cleanclaim_server.web.views.claim_page.loading import Loaded
from cleanclaim_server.web.views.files import ack_row
from cleanclaim_server.web.views.rows import claim_row

COMPARED = {"agreed": "ok", "underpaid": "stop", "overpaid": "override", "unknown": "tell"}
"""Tones of what a line was compared to."""


def states_of(it: Loaded) -> list[dict]:
    """The axes side by side: ours, the payer's, holds, money."""
    one = it.claim
    expected = "not known" if one.expected_cents is None else f"${one.expected_cents / 100:,.2f}"
    sent = f"First left {one.first_sent_at:%-d %b}" if one.first_sent_at else "Not sent yet"
    holds = it.holds
    states = [
        {"label": "With us", "state": one.lifecycle, "axis": "claim", "note": sent},
        {
            "label": "Payer says",
            "state": one.payer_state,
            "axis": "payer",
            "note": f"{one.payer_state_on:%-d %b}" if one.payer_state_on else "",
        },
        {
            "label": "Holds",
            "value": len(holds) or "None",
            "note": holds[0].get_cause_display() if holds else "",
        },
    ]
    if not it.may_money:
        return [*states, {"label": "Charge", "cents": one.total_charge_cents, "note": f"{expected} expected"}]
    owed = it.balances.get(Account.INSURANCE_RECEIVABLE.value, 0)
    patient = it.balances.get(Account.PATIENT_RECEIVABLE.value, 0)
    return [
        *states,
        {"label": "Paid by payers", "cents": it.paid_cents, "note": f"of {expected} expected"},
        {
            "label": "Open",
            "cents": owed + patient,
            "note": f"${owed / 100:,.2f} with the payer, ${patient / 100:,.2f} with the patient",
        },
    ]


def sent_parts(it: Loaded) -> list[dict]:
    """The facts of the frozen copy that a biller looks for."""
    one, frozen = it.claim, it.frozen
    try:
        place = place_of(frozen.place_of_service, one.date_of_service).label
    except CodeNotKnown:
        place = ""
    named = [diagnosis_codes.find(code, one.date_of_service) for code in frozen.diagnoses]
    person = frozen.patient
    facts = [
        {
            "label": "Patient",
            "value": one.patient.full_name,
            "note": "Is the subscriber" if frozen.relationship == "18" else "Not the subscriber",
        },
        {
            "label": "Member number",
            "value": frozen.member_id or "Missing",
            "missing": not frozen.member_id,
            "note": f"Group {frozen.group_number}" if frozen.group_number else "",
        },
        {
            "label": "Clinician",
            "value": one.rendering_provider.short_name,
            "note": f"NPI {frozen.rendering.npi}" if frozen.rendering else "Bills in their own name",
        }
        if frozen.bill is None
        else {
            "label": "Attending",
            "value": one.rendering_provider.short_name if frozen.bill.attending else "Nobody named",
            "missing": frozen.bill.attending is None,
            "note": f"NPI {frozen.bill.attending.npi}" if frozen.bill.attending else "",
        },
        {
            "label": "Diagnoses",
            "codes": list(frozen.diagnoses),
            "value": "None on the claim",
            "missing": not frozen.diagnoses,
            "note": "; ".join(row.description for row in named if row),
        },
        *(
            [{"label": "Place of service", "value": frozen.place_of_service, "note": place}]
            if frozen.bill is None
            else bill_parts(frozen)
        ),
        {"label": "Authorization", "value": frozen.authorization_number or "None on the claim", "note": ""},
        {
            "label": "Billed by",
            "value": frozen.billing_provider.name,
            "note": f"NPI {frozen.billing_provider.npi}",
        },
        {"label": "Payer's claim number", "value": one.payer_control_number or "None given yet", "note": ""},
    ]
    if frozen.supervising:
        facts.insert(
            3,
            {
                "label": "Supervised by",
                "note": f"NPI {frozen.supervising.npi}",
                "value": f"{frozen.supervising.first_name[:1]}. {frozen.supervising.last_name}",
            },
        )
    if not person.address.line1:
        facts[0] |= {"note": "No address on the claim", "bad": "No address"}
    return facts


def bill_parts(frozen: ClaimValue) -> list[dict]:
    """What an institutional claim says instead of a place of service."""
    bill = frozen.bill
    assert bill is not None  # the caller looked
    status = admission_codes("status").get(bill.patient_status)
    kind = admission_codes("type").get(bill.admission_type)
    facility = facilities().get(bill.facility)
    admitted = f"{bill.admitted_on:%-d %b %Y}" if bill.admitted_on else "Not sent"
    clock = bill.admitted_clock
    facts = [
        {"label": "Type of bill", "value": frozen.bill_type, "note": facility.label if facility else ""},
        {
            "label": "Statement covers",
            "value": f"{bill.statement_from:%-d %b} to {bill.statement_to:%-d %b %Y}",
            "note": f"{len(frozen.lines)} lines",
        },
        {
            "label": "Admitted",
            "value": admitted + (f", {clock[:2]}:{clock[2:]}" if clock else ""),
            "note": kind.label if kind else "",
        },
        {
            "label": "Patient status",
            "value": bill.patient_status or "Missing",
            "missing": not bill.patient_status,
            "note": status.label if status else "",
        },
    ]
    if bill.conditions:
        facts.append({"label": "Condition codes", "codes": list(bill.conditions)})
    if bill.occurrences:
        days = [f"{code} {on:%-d %b %Y}" for code, on in bill.occurrences]
        facts.append({"label": "Occurrence codes", "codes": days})
    if bill.values:
        amounts = [f"{code} {dollars(cents)}" for code, cents in bill.values]
        facts.append({"label": "Value codes", "codes": amounts})
    return facts


def line_row(line, it: Loaded) -> dict:
    sent = next((one for one in it.frozen.lines if one.number == line.number), None)
    answer = it.answers.get(line.pk)
    known = procedure_of(line.code)
    said = it.comparisons.get(line.pk)
    return {
        "number": line.number,
        "code": line.code,
        "modifiers": line.modifiers,
        "units": line.units,
        "label": known.label if known else "",
        "charge_cents": line.charge_cents,
        "expected_cents": line.expected_cents if said is None else said.expected_allowed_cents,
        "expected_url": it.contract_url,
        "compared": {
            "status": said.status,
            "label": said.get_status_display(),
            "tone": COMPARED.get(said.status, "line"),
            "why": said.why,
            "steps": said.steps,
            "rate": said.rate_id,
            "short_cents": said.short_cents,
            "interest_cents": said.interest_open_cents,
            "interest_why": said.interest_why,
            "url": it.projects.get(line.pk, ""),
        }
        if said is not None
        else None,
        "place": (sent.place_of_service if sent else "") or it.frozen.place_of_service,
        "revenue": sent.revenue_code if sent else "",
        "revenue_label": revenue_codes().get(sent.revenue_code, "") if sent else "",
        "on": line.date_of_service,
        "answered": answer is not None,
        "may": it.may_money,
        "reasons": payer_words.coded(*answer["codes"]) if answer else [],
        "url": answer["url"] if answer else "",
        "allowed_cents": answer["allowed_cents"] if answer else None,
        "paid_cents": answer["paid_cents"] if answer else None,
        "patient_cents": answer["patient_cents"] if answer else None,
    }


def before_rows(it: Loaded) -> list[dict]:
    """Line by line what the payers before answered, as this claim carries it; for who may see money."""
    if not it.may_money:
        return []
    names = {one.payer.payer_id: one.payer.name for one in it.frozen.other_payers}
    is_medicare = it.frozen.payer.kind is PayerKind.MEDICARE
    rows = []
    for line in it.frozen.lines:
        for place, one in enumerate(before := amounts_before(line)):
            is_last = place == len(before) - 1
            rows.append(
                {
                    "number": line.number,
                    "code": line.code,
                    "payer": names.get(one.payer_id, one.payer_id),
                    "charge_cents": line.charge_cents,
                    "allowed_cents": one.allowed_cents,
                    "paid_cents": one.paid_cents,
                    "patient_cents": one.patient_cents,
                    "accept_cents": line.obligated_cents if is_last else None,
                    "most_cents": most_second_cents(line) if is_last and is_medicare else None,
                    **(_due_second(line, it) if is_last and is_medicare else {}),
                }
            )
    return rows


def _due_second(line: ServiceLine, it: Loaded) -> dict:
    """What Medicare owes second, where its own allowed amount is known; the deductible is taken as met."""
    own = next((row for row in it.found.lines if row.number == line.number), None)
    said = it.comparisons.get(own.pk) if own is not None else None
    if said is None or said.expected_allowed_cents is None:
        return {"due_cents": None, "why": "What Medicare allows for it is not on file."}
    before = amounts_before(line)
    found = medicare_secondary_amount(
        charge_cents=line.charge_cents,
        primary_allowed_cents=before[0].allowed_cents,
        primary_paid_cents=sum(one.paid_cents for one in before),
        medicare_allowed_cents=said.expected_allowed_cents,
        on=line.date_of_service,
        obligated_to_accept_cents=line.obligated_cents,
    )
    return {
        "due_cents": found.medicare_pays_cents,
        "why": "; ".join((*found.steps, "the deductible is taken as met")),
    }


def total_row(it: Loaded) -> dict:
    rows = it.answers.values()
    answered = bool(it.answers)
    return {
        "charge_cents": it.claim.total_charge_cents,
        "expected_cents": it.claim.expected_cents,
        "answered": answered,
        **{
            key: sum(row[key] for row in rows) if answered else None
            for key in ("allowed_cents", "paid_cents", "patient_cents")
        },
    }


def answer_row(row) -> dict:
    shown = ack_row(row)
    sender = shown["sender"].removesuffix(": ").removesuffix(":")
    who, _, name = sender.partition(": ")
    codes = [code for code in shown["codes"] if ":" in code]
    return shown | {
        "sender": name.title() if name.isupper() else name or who.capitalize(),
        "codes": payer_words.coded(*codes),
        "meaning": "; ".join(dict.fromkeys(part.strip() for part in shown["meaning"].split(";"))),
    }


def family_rows(it: Loaded, marks: dict) -> list[dict]:
    rows = []
    for row in it.found.family:
        row.patient, row.rendering_provider = it.claim.patient, it.claim.rendering_provider
        line = claim_row(row, marks)
        words = [line["sequence_word"], line["frequency_word"]]
        rows.append(
            line
            | {
                "current": row.pk == it.claim.pk,
                "word": " ".join(word for word in words if word).capitalize() or "Original",
            }
        )
    return rows
