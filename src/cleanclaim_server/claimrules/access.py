"""The door of rules. Everybody who reads claims reads them; billers and managers write them."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from cleanclaim_server.claimrules.models import BillingRule
from cleanclaim_server.identity.access import tenant_for
from cleanclaim_server.identity.models import User
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def practices_to_write(user: User) -> frozenset[UUID]:
    """Practices whose rules this person may write."""
    return tenant_for(user, DataClass.RULES, Access.FULL).practice_ids


def access_rule(tenant: TenantContext, rule_id: UUID) -> BillingRule:
    """One rule of a practice in reach.

    Raises:
        Http404: There is none in reach.
    """
    found = visible(BillingRule.objects.select_related("practice"), tenant).filter(pk=rule_id).first()
    if found is None:
        raise Http404
    return found
