"""Facts of measures, read from claims and the ledger. Grain: one row per claim family; one per event."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import polars as pl
from django.db.models import Q

from cleanclaim.kpi import KpiFrames, frames_of
from cleanclaim.ledger.accounts import Account
from cleanclaim.ledger.entries import EntryKind
from cleanclaim_server.claims.codes import ActorKind, EventKind
from cleanclaim_server.claims.models import Claim, ClaimEvent
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.ledger.models import Entry, Leg
from cleanclaim_server.practice.models import Agency
from cleanclaim_server.reporting.columns import Kind, columns_of, day_in, plain_key
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible

EVENT_WORDS = {
    EventKind.SENT: "submitted",
    EventKind.REJECTED: "rejected",
    EventKind.ADJUDICATED: "adjudicated",
    EventKind.EDITED: "human_edit",
    EventKind.CORRECTED: "corrected",
}


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
WRITE_OFF = "write_off_"


def kpi_facts(tenant: TenantContext) -> KpiFrames:
    """Families and events of the practices in reach, six queries whatever their number.

    Charges, payments and adjustments are the ledger's legs; what happened on the way are claim events. A day
    is the agency's: what is recorded in its evening belongs to that day, whatever day UTC has.
    """
    zone = ZoneInfo(Agency.objects.values_list("timezone", flat=True).get(pk=tenant.agency_id))
    claims = columns_of(
        visible(Claim.objects.all(), tenant).order_by("created_at", "id"),
        claim=("id", Kind.KEY),
        family=("family_id", Kind.KEY),
        sequence=("sequence", Kind.TEXT),
        date_of_service=("date_of_service", Kind.DAY),
        created=("created_at", Kind.INSTANT),
        expected_cents=("expected_cents", Kind.CENTS),
        payer=("payer_id", Kind.KEY),
        accepted=("accepted_at", Kind.INSTANT),
    ).with_columns(plain_key("family").alias("family_id"), plain_key("payer").alias("payer_id"))
    families = claims.unique("family", keep="first", maintain_order=True).with_columns(
        day_in("created", zone).alias("built_on")
    )
    family_of = claims.select("claim", "family_id")
    accepted = claims.filter(pl.col("accepted").is_not_null()).select(
        "family_id", kind=pl.lit("accepted"), happened_on=day_in("accepted", zone)
    )
    parts = [accepted, _happened(tenant, family_of, zone), _denied(tenant, family_of)]
    return frames_of(
        families.select("family_id", "sequence", "date_of_service", "built_on", "expected_cents", "payer_id"),
        [*parts, *_money(tenant, family_of, zone)],
    )


def _happened(tenant: TenantContext, family_of: pl.DataFrame, zone: ZoneInfo) -> pl.DataFrame:
    """What happened to claims; an edit counts when a person made it."""
    rows = ClaimEvent.objects.filter(
        practice_id__in=tenant.practice_ids - tenant.own_only, kind__in=EVENT_WORDS
    ).exclude(Q(kind=EventKind.EDITED), ~Q(actor_kind=ActorKind.PERSON))
    found = columns_of(
        rows.order_by("happened_at", "id"),
        claim=("claim_id", Kind.KEY),
        kind=("kind", Kind.TEXT),
        at=("happened_at", Kind.INSTANT),
    )
    words = {str(kind): word for kind, word in EVENT_WORDS.items()}
    return found.join(family_of, on="claim", maintain_order="left").select(
        "family_id", pl.col("kind").replace_strict(words), happened_on=day_in("at", zone)
    )


def _denied(tenant: TenantContext, family_of: pl.DataFrame) -> pl.DataFrame:
    found = columns_of(
        visible(Denial.objects.all(), tenant),
        claim=("claim_id", Kind.KEY),
        happened_on=("denied_on", Kind.DAY),
        cents=("amount_cents", Kind.CENTS),
        category=("category", Kind.TEXT),
    )
    return found.join(family_of, on="claim", maintain_order="left").select(
        "family_id", "happened_on", "cents", "category", kind=pl.lit("denied")
    )


def _money(tenant: TenantContext, family_of: pl.DataFrame, zone: ZoneInfo) -> list[pl.DataFrame]:
    """The ledger as events. An entry sums to zero: what a claim's legs, cash aside, lack is money that moved.

    A reversal counts against the kind of entry that it reverses, on its own day.
    """
    entries = columns_of(
        visible(Entry.objects.all(), tenant),
        entry=("id", Kind.KEY),
        own=("kind", Kind.TEXT),
        happened_on=("happened_on", Kind.DAY),
        learned=("learned_at", Kind.INSTANT),
        reversed=("reverses__kind", Kind.TEXT),
    ).select(
        "entry", "happened_on", entry_kind=pl.coalesce("reversed", "own"), recorded_on=day_in("learned", zone)
    )
    legs = columns_of(
        visible(Leg.objects.filter(claim_id__isnull=False).exclude(account__in=MONEY), tenant),
        entry=("entry_id", Kind.KEY),
        account=("account", Kind.TEXT),
        cents=("amount_cents", Kind.CENTS),
        claim=("claim_id", Kind.KEY),
    )
    found = legs.join(family_of, on="claim", maintain_order="left").join(
        entries, on="entry", maintain_order="left"
    )
    account, cents = pl.col("account"), pl.col("cents")
    by_payer = pl.col("entry_kind").is_in(sorted(INSURANCE))
    written_off = account.str.starts_with(WRITE_OFF)
    kind = (
        pl.when(account == Account.PATIENT_SERVICE_REVENUE)
        .then(pl.lit("charge"))
        .when(account.is_in(sorted(CONTRACTUAL)))
        .then(pl.lit("contractual"))
        .when(written_off)
        .then(pl.lit("written_off"))
        .when((account == Account.PATIENT_RECEIVABLE) & by_payer)
        .then(pl.lit("patient_assigned"))
    )
    booked = found.with_columns(kind.alias("kind")).filter(pl.col("kind").is_not_null())
    moved = (
        found.filter(by_payer | pl.col("entry_kind").is_in(sorted(PATIENT)))
        .group_by("entry", "family_id", maintain_order=True)
        .agg(cents.sum(), pl.col("happened_on", "recorded_on", "entry_kind").first())
        .filter(cents != 0)
    )
    return [
        booked.select(
            "family_id",
            "kind",
            "happened_on",
            "recorded_on",
            cents=pl.when(pl.col("kind") == "charge").then(-cents).otherwise(cents),
            category=pl.when(written_off).then(account.str.strip_prefix(WRITE_OFF)).otherwise(pl.lit("")),
        ),
        moved.select(
            "family_id",
            "happened_on",
            "recorded_on",
            kind=pl.when(by_payer).then(pl.lit("insurance_paid")).otherwise(pl.lit("patient_paid")),
            cents=-cents,
        ),
    ]
