"""The doors of posting policies and of what waits. Managers write policies; posters decide lines."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from cleanclaim_server.identity.access import tenant_for
from cleanclaim_server.identity.models import User
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.postingrules.models import HeldPart, PostingPolicy
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def may_write_policies(user: User, practice_id: UUID) -> bool:
    """Whether this person may say what posts by itself in a practice."""
    return practice_id in tenant_for(user, DataClass.CONTRACTS, Access.FULL).practice_ids


def access_policy(tenant: TenantContext | None, policy_id: UUID) -> PostingPolicy:
    """One policy of a practice in reach.

    Raises:
        Http404: Not there, or not theirs: the same answer.
    """
    found = visible(PostingPolicy.objects.select_related("practice"), tenant).filter(pk=policy_id).first()
    if found is None:
        raise Http404
    return found


def access_part(tenant: TenantContext | None, part_id: UUID) -> HeldPart:
    """One part that waits, in reach.

    Raises:
        Http404: Not there, or not theirs: the same answer.
    """
    rows = HeldPart.objects.select_related("remittance_claim__remittance", "payer", "practice")
    found = visible(rows, tenant).filter(pk=part_id).first()
    if found is None:
        raise Http404
    return found
