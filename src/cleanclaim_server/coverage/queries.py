"""Reads of coverage: what each patient has, in order of benefits."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from cleanclaim_server.coverage.models import Consent, Coverage, Payer
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def coverages_of(tenant: TenantContext, patient_id: UUID) -> QuerySet[Coverage]:
    """All policies of a patient, in force or not, primary first."""
    rows = Coverage.objects.filter(patient_id=patient_id).select_related("plan__payer")
    return visible(rows, tenant).order_by("order", "-starts_on", "id")


def consents_of(tenant: TenantContext, patient_id: UUID) -> QuerySet[Consent]:
    """Consents and restrictions of a patient, the newest first."""
    rows = Consent.objects.filter(patient_id=patient_id).select_related("payer")
    return visible(rows, tenant).order_by("-starts_on", "-id")


def payers_of(tenant: TenantContext) -> QuerySet[Payer]:
    """The agency's payers by name, for choosers."""
    return visible(Payer.objects.all(), tenant).order_by("name", "id")
