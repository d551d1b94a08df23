"""Reads of what patients owe and paid. Amounts come from the ledger alone."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Max, QuerySet, Sum

from cleanclaim.ledger.accounts import Account
from cleanclaim_server.ledger.models import Balance, Leg
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
