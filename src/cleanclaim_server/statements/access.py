"""The door of statements: the one way to a single record. What is absent and what is not ours look alike."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from cleanclaim_server.statements.models import PatientPayment, PatientStatement, StatementRun
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def access_patient_payment(tenant: TenantContext, patient_payment_id: UUID) -> PatientPayment:
    """One payment of a patient in reach.

    Raises:
        Http404: There is none in reach.
    """
    found = (
        visible(PatientPayment.objects.select_related("patient"), tenant)
        .filter(pk=patient_payment_id)
        .first()
    )
    if found is None:
        raise Http404
    return found


def access_statement(tenant: TenantContext, statement_id: UUID) -> PatientStatement:
    """One statement in reach, with its sheet.

    Raises:
        Http404: There is none in reach.
    """
    found = visible(PatientStatement.objects.select_related("run", "patient"), tenant)
    return _one(found.filter(pk=statement_id))


def access_statement_run(tenant: TenantContext, run_id: UUID) -> StatementRun:
    """One run in reach.

    Raises:
        Http404: There is none in reach.
    """
    return _one(visible(StatementRun.objects.select_related("practice"), tenant).filter(pk=run_id))


def _one(rows):
    found = rows.first()
    if found is None:
        raise Http404
    return found
