"""Rows of lists that several pages share."""

from __future__ import annotations

from cleanclaim.ledger.accounts import Account
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.handling import NOT_BILLABLE
from cleanclaim_server.encounters.models import Encounter


def session_row(row: Encounter, marks: dict) -> dict:
    """A session of a list; the patient by initials."""
    lines = (row.coding or {}).get("lines", ())
    findings = (row.coding or {}).get("findings", ())
    return {
        "id": row.pk,
        "url": f"/sessions/{row.pk}",
        "practice": marks.get(row.practice_id),
        "date_of_service": row.date_of_service,
        "on": row.date_of_service,
        "starts_at": row.starts_at,
        "minutes": row.minutes,
        "patient": row.patient.initials,
        "patient_url": f"/patients/{row.patient_id}",
        "clinician": row.rendering_provider.short_name,
        "payer": row.coverage.plan.payer.name if row.coverage_id else "",
        "service": row.service.replace(";", ", "),
        "modality": row.modality.replace("_", " "),
        "state": row.state,
        "is_signed": row.is_signed,
        "charge_cents": None,
        "modality_icon": {"video": "video", "audio": "phone"}.get(row.modality, "building-2"),
        "codes": ", ".join(line.get("code", "") for line in lines),
        "why": (row.coding.get(NOT_BILLABLE) or {}).get("reason", "")
        if row.state == NOT_BILLABLE
        else findings[0].get("message", "")
        if findings and row.state == "refused"
        else "",
    }


def claim_row(row: Claim, marks: dict, balances: dict | None = None, holds: list | None = None) -> dict:
    """A claim of a list; the patient by initials. `balances` None: the person may not see the money."""
    money = {"may": balances is not None}
    if balances is not None:
        money["open_cents"] = money["insurance_cents"] = balances.get(Account.INSURANCE_RECEIVABLE.value, 0)
        money["patient_cents"] = balances.get(Account.PATIENT_RECEIVABLE.value, 0)
    return {
        "id": row.pk,
        "url": f"/claims/{row.pk}",
        "practice": marks.get(row.practice_id),
        "number": row.claim_number,
        "claim_number": row.claim_number,
        "date_of_service": row.date_of_service,
        "on": row.date_of_service,
        "patient": row.patient.initials,
        "payer": row.payer.name,
        "clinician": row.rendering_provider.short_name,
        "codes": row.codes,
        "state": row.lifecycle,
        "lifecycle": row.lifecycle,
        "visit_on": row.date_of_service,
        "sequence_word": {"S": "Secondary", "T": "Tertiary"}.get(row.sequence, ""),
        "frequency_word": {"7": "Corrected", "8": "Void"}.get(row.frequency, ""),
        "patient_cents": None,
        "open_cents": None,
        "paid_cents": None,
        "payer_state": row.payer_state,
        "payer_state_on": row.payer_state_on,
        "sequence": row.sequence,
        "charge_cents": row.total_charge_cents,
        "expected_cents": row.expected_cents,
        "due_on": row.filing_limit_on,
        "due_enforceable": row.filing_limit_enforceable,
        "holds": len(holds or ()),
        **money,
    }
