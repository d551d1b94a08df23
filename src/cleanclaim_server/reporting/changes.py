"""What happened in the practices since somebody last looked, one line a fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import Count, Max, Sum
from django.db.models.functions import Coalesce

from cleanclaim_server.claims.models import Acknowledgment, Batch
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.remittances.models import Remittance, RemittanceState
from cleanclaim_server.statements.models import PatientPayment
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible

MOST = 9
PAYERS_NAMED = 4


@dataclass(frozen=True)
class Change:
    """One fact: who did it (an `ActorKind`), the words, and the rows behind it."""

    at: datetime
    actor: str
    lead: str
    text: str
    url: str = ""
    url_text: str = ""


def last_working_day(today: date) -> date:
    """The day on which people last worked before today: Friday, on a Monday."""
    back = {0: 3, 6: 2}.get(today.weekday(), 1)
    return today - timedelta(days=back)


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def _dollars(cents: int | None) -> str:
    return f"${(cents or 0) / 100:,.2f}"


def changes_since(tenant: TenantContext, money: TenantContext, since: datetime) -> list[Change]:
    """Payments, rejections, files, denials, sessions since an instant, newest first; six queries.

    Args:
        tenant: Whose claims and sessions.
        money: Whose payments and denials; may be narrower.
    """
    found = [*_payments(money, since), *_rejections(tenant, since), *_sent(tenant, since)]
    found += [*_denials(money, since), *_sessions(tenant, since), *_patients(money, since)]
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST]


def _payments(money: TenantContext, since: datetime) -> list[Change]:
    rows = visible(Remittance.objects.filter(received_at__gte=since), money).order_by()
    rows = rows.annotate(who=Coalesce("payer__name", "payer_name"))
    found = rows.values("who", "state").annotate(
        n=Count("id"), cents=Sum("paid_cents"), at=Max("received_at")
    )
    lines = []
    for payer, parts in groupby(sorted(found, key=lambda row: row["who"]), key=lambda row: row["who"]):
        states = {row["state"]: row for row in parts}
        posted = states.get(RemittanceState.POSTED)
        waiting = sum(
            row["n"] for key, row in states.items() if key in (RemittanceState.HELD, RemittanceState.READY)
        )
        at = max(row["at"] for row in states.values())
        cents = sum(row["cents"] or 0 for row in states.values())
        text = f"paid {_dollars(cents)} in {_many(sum(row['n'] for row in states.values()), 'remittance')}."
        if not cents:
            text = (
                f"answered in {_many(sum(row['n'] for row in states.values()), 'remittance')} without money."
            )
        if posted and not waiting:
            text += " All posted."
        held = f"{waiting} held" if waiting else ""
        lines.append(
            Change(
                at,
                "payer",
                payer,
                text,
                "/remittances?state=held" if waiting else "/remittances",
                held or "Open",
            )
        )
    lines.sort(key=lambda one: one.at, reverse=True)
    return lines[:PAYERS_NAMED]


def _rejections(tenant: TenantContext, since: datetime) -> list[Change]:
    rows = Acknowledgment.objects.filter(received_at__gte=since, result="rejected", claim_id__isnull=False)
    found = (
        visible(rows, tenant).order_by().aggregate(n=Count("claim_id", distinct=True), at=Max("received_at"))
    )
    if not found["n"]:
        return []
    text = f"{_many(found['n'], 'claim')} rejected before the payer's decision."
    return [Change(found["at"], "clearinghouse", "", text, "/rejections?sort=-rejected", "See why")]


def _sent(tenant: TenantContext, since: datetime) -> list[Change]:
    rows = visible(Batch.objects.filter(created_at__gte=since), tenant).order_by()
    found = rows.aggregate(
        n=Count("id"), claims=Sum("claims_count"), cents=Sum("total_charge_cents"), at=Max("created_at")
    )
    if not found["n"]:
        return []
    text = f"{_many(found['claims'], 'claim')} for {_dollars(found['cents'])} in {_many(found['n'], 'file')}."
    return [Change(found["at"], "rule", "Sent:", text, "/batches", "Batches")]


def _denials(money: TenantContext, since: datetime) -> list[Change]:
    rows = Denial.objects.filter(remittance_claim__remittance__posted_at__gte=since)
    found = (
        visible(rows, money)
        .order_by()
        .aggregate(
            n=Count("id"), cents=Sum("amount_cents"), at=Max("remittance_claim__remittance__posted_at")
        )
    )
    if not found["n"]:
        return []
    text = f"{_many(found['n'], 'line')} denied, {_dollars(found['cents'])}."
    return [Change(found["at"], "payer", "", text, "/denials?sort=-denied", "See the causes")]


def _sessions(tenant: TenantContext, since: datetime) -> list[Change]:
    rows = visible(Encounter.objects.filter(created_at__gte=since).exclude(source="demo"), tenant).order_by()
    found = rows.aggregate(n=Count("id"), at=Max("created_at"))
    if not found["n"]:
        return []
    return [
        Change(
            found["at"], "person", "", f"{_many(found['n'], 'session')} recorded.", "/sessions", "Sessions"
        )
    ]


def _patients(money: TenantContext, since: datetime) -> list[Change]:
    rows = PatientPayment.objects.filter(recorded_at__gte=since, undone_at__isnull=True)
    found = (
        visible(rows, money)
        .order_by()
        .aggregate(n=Count("id"), cents=Sum("amount_cents"), at=Max("recorded_at"))
    )
    if not found["n"]:
        return []
    text = f"Patients paid {_dollars(found['cents'])} in {_many(found['n'], 'payment')}."
    return [Change(found["at"], "person", "", text, "/balances", "Balances")]
