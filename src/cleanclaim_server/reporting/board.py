"""Figures of the practices side by side. Grain: one row per practice."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Q, Sum

from cleanclaim.ledger.accounts import Account
from cleanclaim_server.claims.codes import ADJUDICATED, PayerState
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.ledger.models import Balance
from cleanclaim_server.remittances.models import Remittance, RemittanceState
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def board_money(tenant: TenantContext, today: date) -> list[dict]:
    """{practice_id, open_cents, cash_cents}: open with payers; remitted and posted since the month began."""
    open_rows = visible(Balance.objects.filter(account=Account.INSURANCE_RECEIVABLE.value), tenant).order_by()
    owed = dict(open_rows.values_list("practice_id").annotate(cents=Sum("amount_cents")))
    posted = Remittance.objects.filter(
        state=RemittanceState.POSTED, paid_on__gte=today.replace(day=1), paid_on__lte=today
    )
    cash = dict(
        visible(posted, tenant).order_by().values_list("practice_id").annotate(cents=Sum("paid_cents"))
    )
    return [
        {"practice_id": key, "open_cents": owed.get(key, 0), "cash_cents": cash.get(key, 0)}
        for key in sorted(tenant.practice_ids)
    ]


def board_quality(tenant: TenantContext) -> list[dict]:
    """{practice_id, denied, decided, clean, checked} over all claims of each practice."""
    rows = visible(Claim.objects.all(), tenant).order_by().values("practice_id")
    return list(
        rows.annotate(
            denied=Count("id", filter=Q(payer_state=PayerState.DENIED)),
            decided=Count("id", filter=Q(payer_state__in=ADJUDICATED)),
            clean=Count("id", filter=Q(was_clean=True)),
            checked=Count("id", filter=Q(was_clean__isnull=False)),
        )
    )
