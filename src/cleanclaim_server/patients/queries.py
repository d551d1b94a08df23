"""Reads of patients. Search goes by name, chart number, exact birth date (blind index)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from cleanclaim_server.coverage.models import Coverage
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.tenancy.sealing import blind_index


def find_patients(tenant: TenantContext, text: str = "") -> QuerySet[Patient]:
    """Patients in reach whose name or chart number begins with the words, or born on an ISO date."""
    rows = visible(Patient.objects.all(), tenant)
    text = " ".join(text.split())[:80]
    if not text:
        return rows
    try:
        born = date.fromisoformat(text)
    except ValueError:
        pass
    else:
        keys = [
            blind_index(born.isoformat(), purpose="birth_date", practice_id=key)
            for key in tenant.practice_ids
        ]
        return rows.filter(birth_date_index__in=keys)
    for word in text.replace(",", " ").split():
        rows = rows.filter(
            Q(last_name__istartswith=word)
            | Q(first_name__istartswith=word)
            | Q(chart_number__istartswith=word)
        )
    return rows


def payers_of_patients(tenant: TenantContext, patient_ids: list[UUID], on: date) -> dict[UUID, str]:
    """The primary payer in force on a day, by patient."""
    rows = (
        visible(Coverage.objects.filter(patient_id__in=patient_ids, order=1, starts_on__lte=on), tenant)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))
        .order_by("starts_on")
        .values_list("patient_id", "plan__payer__name")
    )
    return dict(rows)
