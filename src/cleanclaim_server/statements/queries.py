"""Reads of what patients owe and paid. Amounts come from the ledger alone."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum, UUIDField

from cleanclaim.ledger.accounts import Account
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.ledger.models import Balance, Entry, Leg
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.remittances.models import RemittanceClaim, RemittanceState
from cleanclaim_server.statements.models import PatientPayment
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def patient_balances(tenant: TenantContext) -> QuerySet:
    """{practice_id, patient_id, cents} of every patient who owes something."""
    legs = visible(
        Leg.objects.filter(account=Account.PATIENT_RECEIVABLE.value, patient_id__isnull=False), tenant
    )
    return (
        legs.order_by()
        .values("practice_id", "patient_id")
        .annotate(cents=Sum("amount_cents"))
        .exclude(cents=0)
    )


def patients_by_id(tenant: TenantContext, patient_ids: list[UUID]) -> dict[UUID, Patient]:
    """Patients in reach, by id; sealed columns are left alone."""
    rows = visible(Patient.objects.filter(pk__in=patient_ids), tenant).defer("birth_date_sealed", "contact")
    return {row.pk: row for row in rows}


def balances_of_claims(tenant: TenantContext, claim_ids: list[UUID]) -> dict[UUID, dict[str, int]]:
    """Account balances by claim, from the cached balances."""
    found: dict[UUID, dict[str, int]] = {}
    rows = visible(Balance.objects.filter(claim_id__in=claim_ids), tenant)
    for claim_id, account, cents in rows.values_list("claim_id", "account", "amount_cents"):
        found.setdefault(claim_id, {})[account] = cents
    return found


def open_claims_of_patient(tenant: TenantContext, patient_id: UUID) -> dict[UUID, int]:
    """What the patient owes by claim, in cents."""
    legs = visible(
        Leg.objects.filter(
            account=Account.PATIENT_RECEIVABLE.value, patient_id=patient_id, claim_id__isnull=False
        ),
        tenant,
    )
    rows = legs.order_by().values_list("claim_id").annotate(cents=Sum("amount_cents")).exclude(cents=0)
    return dict(rows)


def patient_credit(tenant: TenantContext, patient_id: UUID) -> int:
    """Money of the patient that is applied to nothing, in cents."""
    legs = visible(Leg.objects.filter(account=Account.PATIENT_CREDITS.value, patient_id=patient_id), tenant)
    return -(legs.aggregate(cents=Sum("amount_cents"))["cents"] or 0)


def payments_of(tenant: TenantContext, patient_id: UUID) -> QuerySet[PatientPayment]:
    """A patient's payments, newest first."""
    return visible(PatientPayment.objects.filter(patient_id=patient_id), tenant).order_by(
        "-received_on", "-id"
    )


def last_payments(tenant: TenantContext, patient_ids: list[UUID]) -> dict[UUID, dict]:
    """The newest payment day of each patient."""
    rows = visible(PatientPayment.objects.filter(patient_id__in=patient_ids, undone_at__isnull=True), tenant)
    found = rows.order_by().values("patient_id").annotate(last=Max("received_on"))
    return {row["patient_id"]: row["last"] for row in found}


def paid_by_payers(tenant: TenantContext, claim_ids: list[UUID]) -> dict[UUID, int]:
    """What payers paid on each claim in posted remittances, take-backs subtracted, in cents."""
    answers = RemittanceClaim.objects.filter(claim_id__in=claim_ids, remittance__state=RemittanceState.POSTED)
    rows = visible(answers, tenant).order_by().values_list("claim_id")
    return dict(rows.annotate(cents=Sum("paid_cents")))


BUCKETS = ((0, 30), (31, 60), (61, 90), (91, 120), (121, None))
"""Days since the visit, both ends included."""


def owing_visits(
    tenant: TenantContext, today: date, *, words: str = "", bucket: int | None = None
) -> QuerySet:
    """Open patient shares, one row a claim, with the visit's day and its patient; from the cached balances.

    Args:
        words: Begin of a last name, or a chart number.
        bucket: Place in `BUCKETS`; None takes all.
    """
    claim = Claim.objects.filter(pk=OuterRef("claim_id"))
    rows = visible(
        Balance.objects.filter(account=Account.PATIENT_RECEIVABLE.value, amount_cents__gt=0), tenant
    )
    rows = rows.annotate(
        patient_id=Subquery(claim.values("patient_id")[:1], output_field=UUIDField()),
        visit_on=Subquery(claim.values("date_of_service")[:1]),
    )
    if words:
        people = visible(Patient.objects.all(), tenant)
        people = people.filter(Q(last_name__istartswith=words) | Q(chart_number__iexact=words))
        rows = rows.filter(patient_id__in=people.values("pk"))
    if bucket is not None:
        first, last = BUCKETS[bucket]
        rows = rows.filter(visit_on__lte=today - timedelta(days=first))
        if last is not None:
            rows = rows.filter(visit_on__gte=today - timedelta(days=last))
    return rows


def ageing(tenant: TenantContext, today: date) -> list[int]:
    """Cents owed by patients in each of `BUCKETS`."""
    sums = {}
    for place, (first, last) in enumerate(BUCKETS):
        when = Q(visit_on__lte=today - timedelta(days=first))
        if last is not None:
            when &= Q(visit_on__gte=today - timedelta(days=last))
        sums[f"b{place}"] = Sum("amount_cents", filter=when)
    found = owing_visits(tenant, today).aggregate(**sums)
    return [found[f"b{place}"] or 0 for place in range(len(BUCKETS))]


def owing_patients(
    tenant: TenantContext, today: date, *, words: str = "", bucket: int | None = None
) -> QuerySet:
    """{practice_id, patient_id, cents, visits, oldest_on} of patients who owe, most first."""
    rows = (
        owing_visits(tenant, today, words=words, bucket=bucket).order_by().values("practice_id", "patient_id")
    )
    found = rows.annotate(cents=Sum("amount_cents"), visits=Count("id"), oldest_on=Min("visit_on"))
    return found.order_by("-cents", "patient_id")


def crediting_patients(tenant: TenantContext) -> QuerySet:
    """{practice_id, patient_id, cents} of patients with money that is applied to nothing, most first."""
    legs = visible(
        Leg.objects.filter(account=Account.PATIENT_CREDITS.value, patient_id__isnull=False), tenant
    )
    rows = legs.order_by().values("practice_id", "patient_id").annotate(cents=-Sum("amount_cents"))
    return rows.filter(cents__gt=0).order_by("-cents", "patient_id")


def credits_of(tenant: TenantContext, patient_ids: list[UUID]) -> dict[UUID, int]:
    """Credit by patient, in cents; those without are left out."""
    rows = crediting_patients(tenant).filter(patient_id__in=patient_ids)
    return {row["patient_id"]: row["cents"] for row in rows}


def account_of(tenant: TenantContext, patient_id: UUID) -> list[dict]:
    """Every movement of a patient's share, in order: {claim_id, on, kind, reversal, remittance_id,
    cents, code}.
    """
    legs = visible(
        Leg.objects.filter(
            account=Account.PATIENT_RECEIVABLE.value, patient_id=patient_id, claim_id__isnull=False
        ),
        tenant,
    )
    found = list(legs.order_by("id").values("entry_id", "claim_id", "amount_cents", "group", "reason"))
    entries = {
        row["id"]: row
        for row in visible(Entry.objects.filter(pk__in={leg["entry_id"] for leg in found}), tenant).values(
            "id", "happened_on", "kind", "reverses__kind", "remittance_id"
        )
    }
    return [
        {
            "claim_id": leg["claim_id"],
            "on": entries[leg["entry_id"]]["happened_on"],
            "kind": entries[leg["entry_id"]]["reverses__kind"] or entries[leg["entry_id"]]["kind"],
            "reversal": entries[leg["entry_id"]]["reverses__kind"] is not None,
            "remittance_id": entries[leg["entry_id"]]["remittance_id"],
            "cents": leg["amount_cents"],
            "code": f"{leg['group']}-{leg['reason']}" if leg["reason"] else "",
        }
        for leg in found
        if leg["entry_id"] in entries
    ]


def accounts_of_patients(tenant: TenantContext, patient_ids: list[UUID]) -> dict[UUID, dict[str, int]]:
    """Account balances by patient, in cents, debits positive; accounts at zero are left out."""
    found: dict[UUID, dict[str, int]] = {}
    legs = visible(Leg.objects.filter(patient_id__in=patient_ids), tenant).order_by()
    rows = legs.values_list("patient_id", "account").annotate(cents=Sum("amount_cents")).exclude(cents=0)
    for patient_id, account, cents in rows:
        found.setdefault(patient_id, {})[account] = cents
    return found
