"""Reads of authorizations. Units used are counted from the charges that name one, never stored."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from cleanclaim_server.authorizations.models import Authorization
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def authorizations_of(tenant: TenantContext, patient_id: UUID) -> QuerySet[Authorization]:
    """A patient's authorizations, newest first, each with `used`."""
    rows = Authorization.objects.filter(patient_id=patient_id).select_related("coverage__plan__payer")
    used = Coalesce(Sum("charges__units", filter=Q(charges__is_void=False)), 0)
    return visible(rows, tenant).annotate(used=used).order_by("-ends_on", "id")


def units_used(authorization: Authorization) -> int:
    """Units of charges that name an authorization; void ones aside."""
    return authorization.charges.filter(is_void=False).aggregate(used=Coalesce(Sum("units"), 0))["used"]
