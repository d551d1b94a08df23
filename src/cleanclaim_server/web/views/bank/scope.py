"""Which accounts and days the page of the bank is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import HttpRequest

from cleanclaim_server.bank.models import BankAccount
from cleanclaim_server.bank.queries import Totals, account_totals, accounts
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.web.views import shared


@dataclass(frozen=True)
class Scope:
    """What the page is about: accounts in view, and how far the bank has spoken."""

    tenant: TenantContext
    accounts: list[BankAccount]
    chosen: BankAccount | None
    totals: dict[UUID, Totals]

    @property
    def shown(self) -> list[BankAccount]:
        return [self.chosen] if self.chosen else self.accounts

    @property
    def first_on(self) -> dict[UUID, date]:
        """By practice: the first day of which its bank has told."""
        found: dict[UUID, date] = {}
        for one in self.shown:
            first = self.totals[one.pk].first_on
            if first:
                found[one.practice_id] = min(first, found.get(one.practice_id, first))
        return found


def scope_of(request: HttpRequest) -> Scope:
    tenant = shared.in_view(request)
    code = request.GET.get("practice", "")
    tenant = shared.narrowed(request, tenant, code) if code else tenant
    found = accounts(tenant)
    asked = request.GET.get("account", "")
    chosen = next((one for one in found if str(one.pk) == asked), found[0] if len(found) == 1 else None)
    return Scope(tenant, found, chosen, account_totals([one.pk for one in found]))
