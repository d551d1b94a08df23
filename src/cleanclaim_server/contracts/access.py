"""The doors of contracts. Who may read what the practice agreed, and who may change it."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from cleanclaim_server.contracts.models import ContractDocument, ContractVersion, PayerContract
from cleanclaim_server.identity.access import tenant_for
from cleanclaim_server.identity.models import User
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def practices_to_write(user: User) -> frozenset[UUID]:
    """Practices whose contracts this person may change."""
    return tenant_for(user, DataClass.CONTRACTS, Access.FULL).practice_ids


def access_contract(tenant: TenantContext, contract_id: UUID) -> PayerContract:
    """One contract of a practice in reach.

    Raises:
        Http404: There is none in reach.
    """
    rows = visible(PayerContract.objects.select_related("practice", "payer"), tenant)
    found = rows.filter(pk=contract_id).first()
    if found is None:
        raise Http404
    return found


def access_version(tenant: TenantContext, contract: PayerContract, version_id: UUID) -> ContractVersion:
    """One version of a contract in reach.

    Raises:
        Http404: There is none in reach.
    """
    rows = visible(ContractVersion.objects.select_related("source"), tenant).defer("source__content")
    found = rows.filter(contract=contract, pk=version_id).first()
    if found is None:
        raise Http404
    return found


def access_document(tenant: TenantContext, contract: PayerContract, document_id: UUID) -> ContractDocument:
    """A paper that a version of this contract names.

    Raises:
        Http404: There is none in reach.
    """
    rows = visible(ContractDocument.objects.filter(versions__contract=contract), tenant)
    found = rows.filter(pk=document_id).first()
    if found is None:
        raise Http404
    return found
