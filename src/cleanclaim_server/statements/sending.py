"""Making statements: one run, each sheet frozen as it is printed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Max, Sum

from cleanclaim.ledger import Account
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.ledger.models import Balance
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import RemittanceClaim, RemittanceState
from cleanclaim_server.statements.models import PatientStatement, StatementRun
from cleanclaim_server.statements.planning import Due, due_statements, settings_of
from cleanclaim_server.tenancy.bulk import create_rows

ADJUSTED = (
    Account.CONTRACTUAL_ADJUSTMENTS,
    Account.SEQUESTRATION,
    Account.CAPITATION_ADJUSTMENTS,
    Account.QMB_ADJUSTMENTS,
    Account.WITHHOLD_RECEIVABLE,
    Account.WRITE_OFF_TIMELY_FILING,
    Account.WRITE_OFF_SMALL_BALANCE,
    Account.WRITE_OFF_BAD_DEBT,
    Account.WRITE_OFF_COURTESY,
    Account.WRITE_OFF_DENIED,
    Account.WRITE_OFF_OTHER,
)
"""What lowered a price without anybody paying."""


@transaction.atomic
def make_statements(
    practice: Practice,
    *,
    actor_id: UUID,
    actor_name: str,
    now: datetime,
    today: date,
    request_key: str,
    patient_ids: Collection[UUID] | None = None,
) -> tuple[StatementRun | None, bool]:
    """Make the statements that are due, in one run.

    Args:
        practice: Came through its door.
        request_key: The same key twice is one run.
        patient_ids: Only these, where they are due.

    Returns:
        The run, and whether it is new; None when nothing is due.
    """
    # Two people who press at once follow each other: the second finds that these left today.
    Practice.objects.select_for_update(of=("self",)).get(pk=practice.pk)
    before = StatementRun.objects.filter(practice=practice, request_key=request_key).first()
    if before is not None:
        return before, False
    due = [one for one in due_statements(practice, today, patient_ids=patient_ids) if one.is_due]
    if not due:
        return None, False
    last = StatementRun.objects.filter(practice=practice).aggregate(last=Max("number"))["last"] or 0
    run = StatementRun.objects.create(
        practice=practice,
        number=last + 1,
        made_on=today,
        made_at=now,
        made_by=actor_id,
        made_by_name=actor_name[:80],
        policy=msgspec.to_builtins(settings_of(practice)),
        count=len(due),
        total_cents=sum(one.statement.total_cents for one in due),
        request_key=request_key[:60],
    )
    sheets = sheets_of(practice, due, today)
    create_rows(
        PatientStatement,
        [
            PatientStatement(
                practice=practice,
                run=run,
                patient_id=one.patient_id,
                number=f"{practice.code}-{run.number}-{place}",
                made_on=today,
                total_cents=one.statement.total_cents,
                credit_cents=one.statement.credit_cents,
                claims=[
                    {"claim_id": line.claim_id, "cents": line.patient_cents} for line in one.statement.lines
                ],
                sheet=sheets[one.patient_id],
            )
            for place, one in enumerate(due, start=1)
        ],
    )
    record(
        "statement_run.made",
        "statement_run",
        run.pk,
        practice_id=practice.pk,
        actor=actor_id,
        count=run.count,
        cents=run.total_cents,
    )
    return run, True


def sheets_of(practice: Practice, due: Sequence[Due], today: date) -> dict[UUID, dict]:
    """What each sheet says, by patient: {practice, patient, on, visits, credit_cents, total_cents}.

    Visits: {on, charge_cents, insurance_cents, adjusted_cents, paid_cents, due_cents}; they name no diagnosis
    and no procedure.
    """
    people = Patient.objects.in_bulk([one.patient_id for one in due])
    claims = {UUID(line.claim_id): None for one in due for line in one.statement.lines}
    facts = _facts(practice.pk, claims)
    return {
        one.patient_id: {
            "practice": {
                "name": practice.name,
                "lines": _address(
                    practice.address_line1,
                    practice.address_line2,
                    practice.city,
                    practice.state,
                    practice.postal_code,
                ),
                "phone": practice.phone,
            },
            "patient": _person(people[one.patient_id]),
            "on": today.isoformat(),
            "visits": [
                facts[UUID(line.claim_id)] | {"due_cents": line.patient_cents} for line in one.statement.lines
            ],
            "credit_cents": one.statement.credit_cents,
            "total_cents": one.statement.total_cents,
        }
        for one in due
    }


def _person(patient: Patient) -> dict:
    where = patient.contact or {}
    lines = _address(*(where.get(key, "") for key in ("line1", "line2", "city", "state", "postal_code")))
    return {"name": patient.full_name, "chart_number": patient.chart_number, "lines": lines}


def _address(line1: str, line2: str, city: str, state: str, code: str) -> list[str]:
    town = " ".join(part for part in (f"{city}," if city else "", state, (code or "")[:5]) if part)
    return [part for part in (line1, line2, town) if part]


def _facts(practice_id: UUID, claims: Mapping[UUID, None]) -> dict[UUID, dict]:
    """What happened to each visit's price, from the books and the posted answers."""
    rows = Claim.objects.filter(practice_id=practice_id, pk__in=list(claims))
    on = {key: (family, day) for key, family, day in rows.values_list("pk", "family_id", "date_of_service")}
    books: dict[UUID, dict[str, int]] = {}
    for claim_id, account, cents in Balance.objects.filter(
        practice_id=practice_id, claim_id__in=list(claims)
    ).values_list("claim_id", "account", "amount_cents"):
        books.setdefault(claim_id, {})[account] = cents
    answers = RemittanceClaim.objects.filter(
        practice_id=practice_id,
        claim__family_id__in=[family for family, _ in on.values()],
        remittance__state=RemittanceState.POSTED,
    ).order_by()
    paid = dict(answers.values_list("claim__family_id").annotate(cents=Sum("paid_cents")))
    found = {}
    for key, (family, day) in on.items():
        own = books.get(key, {})
        charge = -own.get(Account.PATIENT_SERVICE_REVENUE.value, 0)
        insurance = paid.get(family, 0)
        still = own.get(Account.PATIENT_RECEIVABLE.value, 0) + own.get(Account.INSURANCE_RECEIVABLE.value, 0)
        adjusted = sum(own.get(account.value, 0) for account in ADJUSTED)
        found[key] = {
            "on": day.isoformat(),
            "charge_cents": charge,
            "insurance_cents": insurance,
            "adjusted_cents": adjusted,
            "paid_cents": charge - insurance - adjusted - still,
        }
    return found
