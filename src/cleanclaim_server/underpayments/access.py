"""The doors of underpayment projects."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.underpayments.models import ProjectLine, UnderpaymentProject


def access_project(tenant: TenantContext, project_id: UUID) -> UnderpaymentProject:
    """One project of a practice in reach.

    Raises:
        Http404: There is none in reach.
    """
    rows = visible(UnderpaymentProject.objects.select_related("practice", "payer"), tenant)
    found = rows.filter(pk=project_id).first()
    if found is None:
        raise Http404
    return found


def access_project_line(tenant: TenantContext, project: UnderpaymentProject, line_id: UUID) -> ProjectLine:
    """One line of a project in reach.

    Raises:
        Http404: There is none in reach.
    """
    rows = visible(ProjectLine.objects.select_related("claim_line"), tenant)
    found = rows.filter(project=project, pk=line_id).first()
    if found is None:
        raise Http404
    return found
