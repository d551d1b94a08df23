"""The door of patients: the one way to a single record. What is absent and what is not ours look alike."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from cleanclaim_server.patients.models import Patient
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def access_patient(tenant: TenantContext, patient_id: UUID) -> Patient:
    """One patient of a practice in reach.

    Raises:
        Http404: There is none in reach.
    """
    found = visible(Patient.objects.select_related("practice"), tenant).filter(pk=patient_id).first()
    if found is None:
        raise Http404
    return found
