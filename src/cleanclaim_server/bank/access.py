"""The doors of the bank: accounts and lines in reach. Posters decide; managers, owners and auditors look."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404

from cleanclaim_server.bank.models import BankAccount, Line, SetAside, Tie
from cleanclaim_server.bank.queries import with_open
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def access_account(tenant: TenantContext | None, account_id: UUID) -> BankAccount:
    """One account in reach.

    Raises:
        Http404: Not there, or not theirs: the same answer.
    """
    return get_object_or_404(visible(BankAccount.objects.select_related("practice"), tenant), pk=account_id)


def access_line(tenant: TenantContext | None, line_id: UUID) -> Line:
    """One line in reach, with what is open of it.

    Raises:
        Http404: Not there, or not theirs: the same answer.
    """
    rows = Line.objects.select_related("account", "file", "practice")
    return get_object_or_404(with_open(visible(rows, tenant)), pk=line_id)


def access_tie(tenant: TenantContext | None, tie_id: UUID) -> Tie:
    """One tie in reach.

    Raises:
        Http404: Not there, or not theirs: the same answer.
    """
    return get_object_or_404(visible(Tie.objects.select_related("practice"), tenant), pk=tie_id)


def access_aside(tenant: TenantContext | None, aside_id: UUID) -> SetAside:
    """One setting aside in reach.

    Raises:
        Http404: Not there, or not theirs: the same answer.
    """
    return get_object_or_404(visible(SetAside.objects.select_related("practice"), tenant), pk=aside_id)
