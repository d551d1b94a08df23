"""Facts of measures, read from claims and the ledger. Grain: one row per claim family; one per event."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from cleanclaim.kpi import KpiFrames, kpi_frames
from cleanclaim.ledger.accounts import Account
from cleanclaim.ledger.entries import EntryKind
from cleanclaim_server.claims.codes import ActorKind, EventKind
from cleanclaim_server.claims.models import Claim, ClaimEvent
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.ledger.models import Entry, Leg
from cleanclaim_server.practice.models import Agency
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible

EVENT_WORDS = {
    EventKind.SENT: "submitted",
    EventKind.REJECTED: "rejected",
    EventKind.ADJUDICATED: "adjudicated",
    EventKind.EDITED: "human_edit",
    EventKind.CORRECTED: "corrected",
}


def kpi_facts(tenant: TenantContext) -> KpiFrames:
    """Families and events of the practices in reach, six queries whatever their number.

    Charges, payments and adjustments are the ledger's legs; what happened on the way are claim events. A day
    is the agency's: what is recorded in its evening belongs to that day, whatever day UTC has.
    """
    zone = ZoneInfo(Agency.objects.values_list("timezone", flat=True).get(pk=tenant.agency_id))
    rows = visible(Claim.objects.all(), tenant).order_by("created_at", "id")
    families: dict[str, dict] = {}
    family_of: dict[str, str] = {}
    events: list[dict] = []
    columns = (
        "id",
        "family_id",
        "sequence",
        "date_of_service",
        "created_at",
        "expected_cents",
        "payer_id",
        "accepted_at",
    )
    for key, family, sequence, on, created, expected, payer, accepted in rows.values_list(*columns):
        family_of[str(key)] = str(family)
        families.setdefault(
            str(family),
            {
                "family_id": str(family),
                "sequence": sequence,
                "date_of_service": on,
                "built_on": _day(created, zone),
                "expected_cents": expected,
                "payer_id": str(payer),
            },
        )
        if accepted:
            day = _day(accepted, zone)
            events.append(_event(str(family), "accepted", day, day))
    happened = visible_events(tenant)
    for claim_id, kind, at in happened:
        if str(claim_id) in family_of:
            day = _day(at, zone)
            events.append(_event(family_of[str(claim_id)], EVENT_WORDS[kind], day, day))
    for claim_id, on, cents, category in visible(Denial.objects.all(), tenant).values_list(
        "claim_id", "denied_on", "amount_cents", "category"
    ):
        if str(claim_id) in family_of:
            events.append(_event(family_of[str(claim_id)], "denied", on, on, cents, category))
    events += _money(tenant, family_of, zone)
    return kpi_frames(families.values(), events)


def visible_events(tenant: TenantContext):
    """(claim, kind, instant) that measures read; an edit counts when a person made it."""
    rows = ClaimEvent.objects.filter(
        practice_id__in=tenant.practice_ids - tenant.own_only, kind__in=EVENT_WORDS
    ).exclude(Q(kind=EventKind.EDITED), ~Q(actor_kind=ActorKind.PERSON))
    return rows.order_by("happened_at", "id").values_list("claim_id", "kind", "happened_at")


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _event(family: str, kind: str, on, recorded, cents=None, category: str = "") -> dict:
    return {"family_id": family, "kind": kind, "happened_on": on, "recorded_on": recorded, "cents": cents,
            "category": category}  # fmt: skip


INSURANCE = {EntryKind.REMITTANCE_CLAIM.value, EntryKind.APPLY_UNAPPLIED.value, EntryKind.PAYER_REFUND.value}
PATIENT = {EntryKind.PATIENT_PAYMENT.value, EntryKind.APPLY_CREDIT.value, EntryKind.PATIENT_REFUND.value}
# Where money waits or goes: what moved is read from the other legs of a claim.
MONEY = {
    Account.CASH.value, Account.DEPOSIT_CLEARING.value, Account.REFUND_CLEARING.value,
    Account.NONREIMBURSABLE_OFFSET.value, Account.UNAPPLIED_INSURANCE.value, Account.PATIENT_CREDITS.value,
    Account.PAYER_DEBT.value,
}  # fmt: skip
CONTRACTUAL = {
    Account.CONTRACTUAL_ADJUSTMENTS.value,
    Account.SEQUESTRATION.value,
    Account.QMB_ADJUSTMENTS.value,
    Account.CAPITATION_ADJUSTMENTS.value,
}


def _money(tenant: TenantContext, family_of: dict[str, str], zone: ZoneInfo) -> list[dict]:
    """The ledger as events. An entry sums to zero: what a claim's legs, cash aside, lack is money that moved.

    A reversal counts against the kind of entry that it reverses, on its own day.
    """
    columns = ("id", "kind", "happened_on", "learned_at", "reverses__kind")
    entries = {
        key: (reversed_kind or kind, on, _day(at, zone))
        for key, kind, on, at, reversed_kind in visible(Entry.objects.all(), tenant).values_list(*columns)
    }
    legs = visible(Leg.objects.filter(claim_id__isnull=False).exclude(account__in=MONEY), tenant)
    events: list[dict] = []
    moved: dict[tuple, int] = {}
    for entry_id, account, cents, claim_id in legs.values_list(
        "entry_id", "account", "amount_cents", "claim_id"
    ):
        family, entry = family_of.get(str(claim_id)), entries.get(entry_id)
        if family is None or entry is None:
            continue
        kind, on, learned = entry
        if kind in INSURANCE or kind in PATIENT:
            moved[entry_id, family] = moved.get((entry_id, family), 0) + cents
        if account == Account.PATIENT_SERVICE_REVENUE:
            events.append(_event(family, "charge", on, learned, -cents))
        elif account in CONTRACTUAL:
            events.append(_event(family, "contractual", on, learned, cents))
        elif account.startswith("write_off_"):
            events.append(
                _event(family, "written_off", on, learned, cents, account.removeprefix("write_off_"))
            )
        elif account == Account.PATIENT_RECEIVABLE and kind in INSURANCE:
            events.append(_event(family, "patient_assigned", on, learned, cents))
    for (entry_id, family), cents in moved.items():
        kind, on, learned = entries[entry_id]
        if cents:
            events.append(
                _event(family, "insurance_paid" if kind in INSURANCE else "patient_paid", on, learned, -cents)
            )
    return events
