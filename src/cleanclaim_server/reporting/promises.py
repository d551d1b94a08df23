"""The promises of the books (L1 to L13), checked over what an agency has on file, each by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection
from django.db.models import F, Sum

from cleanclaim.findings import Finding, Severity
from cleanclaim.ledger import Account, check_between
from cleanclaim_server.charges.models import Charge
from cleanclaim_server.claims.models import Claim, ClaimLine
from cleanclaim_server.ledger.closing import has_moved
from cleanclaim_server.ledger.models import Entry, Leg, Period
from cleanclaim_server.ledger.queries import entry_values, verify_ledger
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import (
    Remittance,
    RemittanceClaim,
    RemittanceIdentity,
    RemittanceState,
)
from cleanclaim_server.remittances.queries import posted_remittances
from cleanclaim_server.tenancy import guards

WORDS = {
    "L1": "the legs of every entry sum to zero",
    "L2": "no entry was changed or removed, and the database would refuse it",
    "L3": "every correction is a linked, exact reversal",
    "L4": "what claims owe follows from their charges and the entries",
    "L5": "the cash of every payment is its amount, and its claims less its provider adjustments",
    "L6": "charge less adjustments is what was paid, by line and by claim",
    "L7": "every payment is posted once",
    "L8": "no credit is used twice",
    "L9": "no leg names a claim, a patient or an entry of another practice",
    "L10": "closed months have the hash with which they were closed",
    "L11": "every entry names its source",
    "L12": "cached balances are the sums of their legs",
    "L13": "what practices owe each other adds up to nothing, claim payment by claim payment",
}
# The core calls a cached balance that differs a breach of L4; here it has its own name.
_RENAMED = {"ledger.l4_cache_differs": "L12"}


@dataclass
class Promise:
    """One promise: how many things were looked at, and what broke it."""

    name: str
    checked: int = 0
    breaches: list[Finding] = field(default_factory=list)

    @property
    def words(self) -> str:
        return WORDS[self.name]

    @property
    def holds(self) -> bool:
        return not self.breaches


def check_promises(agency_id: UUID) -> list[Promise]:
    """Check L1 to L13 for every practice of an agency.

    Runs in a tenant context over all practices of the agency. Reads everything; writes nothing.

    Returns:
        Thirteen promises, in order.
    """
    promises = {name: Promise(name) for name in WORDS}
    between = []
    for practice_id in (
        Practice.objects.filter(agency_id=agency_id).order_by("code").values_list("pk", flat=True)
    ):
        _count(practice_id, promises)
        remittances = posted_remittances(practice_id)
        for finding in verify_ledger(practice_id, remittances=remittances):
            name = _RENAMED.get(finding.code) or finding.code.split(".")[1].split("_")[0].upper()
            promises[name].breaches.append(finding)
        promises["L4"].breaches += _charges_differ(practice_id)
        promises["L7"].breaches += _identities_differ(practice_id)
        promises["L9"].breaches += _crossing(practice_id)
        promises["L10"].breaches += _reopened(practice_id)
        owed = Leg.objects.filter(practice_id=practice_id, account=Account.INTER_PRACTICE.value)
        between += entry_values(practice_id, Entry.objects.filter(pk__in=owed.values("entry_id")))
    promises["L13"].breaches += check_between(between)
    promises["L13"].checked = len(between)
    tables = ("ledger_entry", "ledger_leg")
    absent = [one for one in guards.missing(connection) if any(table in one for table in tables)]
    promises["L2"].breaches += [_breach("l2_guard_missing", f"{one} is missing.", "") for one in absent]
    return list(promises.values())


def _breach(code: str, message: str, subject: object, **facts: object) -> Finding:
    return Finding(
        f"ledger.{code}",
        Severity.STOP,
        message,
        subject_id=str(subject),
        facts=facts,
        remedy="An invariant of the ledger is broken: stop posting and find the cause.",
    )


def _count(practice_id: UUID, promises: dict[str, Promise]) -> None:
    entries = Entry.objects.filter(practice_id=practice_id)
    legs = Leg.objects.filter(practice_id=practice_id).count()
    posted = Remittance.objects.filter(practice_id=practice_id, state=RemittanceState.POSTED).count()
    looked_at = {
        "L1": entries.count(),
        "L2": entries.count(),
        "L3": entries.filter(reverses__isnull=False).count(),
        "L4": Charge.objects.filter(practice_id=practice_id).count(),
        "L5": posted,
        "L6": RemittanceClaim.objects.filter(
            practice_id=practice_id, remittance__state=RemittanceState.POSTED
        ).count(),
        "L7": posted,
        "L8": Leg.objects.filter(practice_id=practice_id, account=Account.PATIENT_CREDITS.value).count(),
        "L9": legs,
        "L10": Period.objects.filter(practice_id=practice_id, closed_at__isnull=False).count(),
        "L11": entries.count(),
        "L12": legs,
    }
    for name, count in looked_at.items():
        promises[name].checked += count


def _charges_differ(practice_id: UUID) -> list[Finding]:
    """L4: the revenue in the books of each session is what its charges say."""
    billed = ClaimLine.objects.filter(practice_id=practice_id, charge_id__isnull=False).values("charge_id")
    charged = dict(
        Charge.objects.filter(practice_id=practice_id, is_void=False, pk__in=billed)
        .values_list("encounter_id")
        .annotate(cents=Sum("amount_cents"))
        .order_by()
    )
    booked = dict(
        Leg.objects.filter(practice_id=practice_id, account=Account.PATIENT_SERVICE_REVENUE.value)
        .values_list("encounter_id")
        .annotate(cents=Sum("amount_cents"))
        .order_by()
    )
    return [
        _breach(
            "l4_charge_differs", "The revenue of a session is not what its charges say.", key,
            charged_cents=charged.get(key, 0), booked_cents=-booked.get(key, 0),
        )
        for key in sorted(set(charged) | set(booked), key=str)
        if charged.get(key, 0) != -booked.get(key, 0)
    ]  # fmt: skip


def _identities_differ(practice_id: UUID) -> list[Finding]:
    """L7: a posted payment has exactly one active identity, one that is not posted has none."""
    active: dict[UUID, int] = {}
    for key in RemittanceIdentity.objects.filter(practice_id=practice_id, is_active=True).values_list(
        "remittance_id", flat=True
    ):
        active[key] = active.get(key, 0) + 1
    states = dict(Remittance.objects.filter(practice_id=practice_id).values_list("pk", "state"))
    return [
        _breach("l7_identity_differs", "A payment's identity is not in step with its posting.", key)
        for key, state in sorted(states.items(), key=lambda item: str(item[0]))
        if active.get(key, 0) != (state == RemittanceState.POSTED)
    ]


def _crossing(practice_id: UUID) -> list[Finding]:
    """L9: asked of the rows themselves, beside the triggers and keys that refuse such a leg."""
    found = []
    legs = Leg.objects.filter(practice_id=practice_id)
    for column, parents in (("claim_id", Claim), ("patient_id", Patient), ("entry_id", Entry)):
        own = parents.objects.filter(practice_id=practice_id).values("pk")
        strangers = legs.filter(**{f"{column}__isnull": False}).exclude(**{f"{column}__in": own})
        found += [
            _breach("l9_crosses", f"A leg names a {column.removesuffix('_id')} of another practice.", key)
            for key in strangers.values_list("pk", flat=True)
        ]
    outside = Entry.objects.filter(practice_id=practice_id, reverses__isnull=False).exclude(
        reverses__practice_id=F("practice_id")
    )
    return found + [
        _breach("l9_crosses", "A reversal names an entry of another practice.", key)
        for key in outside.values_list("pk", flat=True)
    ]


def _reopened(practice_id: UUID) -> list[Finding]:
    closed = Period.objects.filter(practice_id=practice_id, closed_at__isnull=False).order_by("month")
    return [
        _breach(
            "l10_month_changed", f"The month {period.month:%B %Y} was changed after it was closed.", period.pk
        )
        for period in closed
        if has_moved(period)
    ]
