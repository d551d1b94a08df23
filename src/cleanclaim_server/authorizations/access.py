"""The door of authorizations: the one way to a single record. Absent and foreign look alike."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from cleanclaim_server.authorizations.models import Authorization
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def access_authorization(tenant: TenantContext, authorization_id: UUID) -> Authorization:
    """One authorization of a patient in reach.

    Raises:
        Http404: There is none in reach.
    """
    found = (
        visible(Authorization.objects.select_related("coverage__plan__payer"), tenant)
        .filter(pk=authorization_id)
        .first()
    )
    if found is None:
        raise Http404
    return found
