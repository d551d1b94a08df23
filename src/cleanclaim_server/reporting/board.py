"""Figures of the practices side by side. Grain: one row per practice."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from django.db.models import Count, Q, Sum

from cleanclaim.ledger.accounts import Account
from cleanclaim_server.claims.codes import ADJUDICATED, PayerState
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.ledger.models import Balance, Entry, Leg
from cleanclaim_server.remittances.models import Remittance, RemittanceState
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible

RECEIVABLES = (Account.INSURANCE_RECEIVABLE, Account.PATIENT_RECEIVABLE, Account.WITHHOLD_RECEIVABLE)
TRAILING_DAYS = 90


def board_money(tenant: TenantContext, today: date) -> list[dict]:
    """{practice_id, open_cents, cash_cents}: open with payers and patients; paid in the month so far."""
    owed = _owed(tenant)
    posted = Remittance.objects.filter(
        state=RemittanceState.POSTED, part=0, paid_on__gte=today.replace(day=1), paid_on__lte=today
    )
    cash = dict(
        visible(posted, tenant).order_by().values_list("practice_id").annotate(cents=Sum("paid_cents"))
    )
    return [
        {"practice_id": key, "open_cents": owed.get(key, 0), "cash_cents": cash.get(key, 0)}
        for key in sorted(tenant.practice_ids)
    ]


def _owed(tenant: TenantContext) -> dict[UUID, int]:
    rows = Balance.objects.filter(account__in=[one.value for one in RECEIVABLES])
    return dict(
        visible(rows, tenant).order_by().values_list("practice_id").annotate(cents=Sum("amount_cents"))
    )


def board_days(tenant: TenantContext, today: date) -> dict[UUID, Decimal]:
    """E1 by practice: receivables less credits per average daily charge of the last 90 days, one decimal.

    Practices that charged nothing in those days are left out: there is nothing to divide by.
    """
    first = today - timedelta(days=TRAILING_DAYS - 1)
    entries = visible(Entry.objects.filter(happened_on__range=(first, today)), tenant)
    legs = Leg.objects.filter(
        account=Account.PATIENT_SERVICE_REVENUE.value, entry_id__in=entries.values("pk")
    )
    charged = visible(legs, tenant).order_by().values_list("practice_id").annotate(cents=Sum("amount_cents"))
    owed = _owed(tenant)
    return {
        key: (Decimal(owed.get(key, 0)) * TRAILING_DAYS / -cents).quantize(Decimal("0.1"), ROUND_HALF_UP)
        for key, cents in charged
        if cents
    }


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
