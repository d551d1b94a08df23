"""What is open at the end of a month, by practice: one query a check, however many practices.

A check counts; it decides nothing. *Stop unless overridden* means that money of the month is not in its
books: the month closes over it only with a reason. *Tell* means work that the next month takes over.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, Sum

from cleanclaim.findings import Severity
from cleanclaim.ledger import Account
from cleanclaim_server.bank.models import Line
from cleanclaim_server.bank.queries import with_open
from cleanclaim_server.claims.codes import Lifecycle
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.credits.models import Refund, RefundState
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.ledger.models import Balance, Leg
from cleanclaim_server.remittances.models import Remittance, RemittanceClaim, RemittanceState

NOT_POSTED = (RemittanceState.HELD, RemittanceState.QUARANTINED, RemittanceState.READY)
UNSENT = (Lifecycle.DRAFT, Lifecycle.HELD, Lifecycle.READY, Lifecycle.QUEUED)
Found = dict[UUID, tuple[int, int]]
"""(how many, cents) by practice; practices with nothing are left out."""


@dataclass(frozen=True)
class Check:
    """One line of the list."""

    code: str
    words: str
    why: str
    severity: Severity
    count: Callable[[Collection[UUID], date], Found]


@dataclass(frozen=True)
class OpenThing:
    """What one check found for one practice; `count` is 0 when nothing is open."""

    check: Check
    count: int
    cents: int

    @property
    def needs_reason(self) -> bool:
        return bool(self.count) and self.check.severity is Severity.OVERRIDE

    def facts(self) -> dict:
        """As the close keeps it."""
        return {
            "code": self.check.code,
            "count": self.count,
            "cents": self.cents,
            "severity": str(self.check.severity),
        }


def open_things(practice_ids: Collection[UUID], through: date) -> dict[UUID, list[OpenThing]]:
    """Every check for every practice, in the order of `CHECKS`.

    Args:
        through: Last day of the month. What is about a later day is not counted.
    """
    found = [(check, check.count(practice_ids, through)) for check in CHECKS]
    return {
        key: [OpenThing(check, *counts.get(key, (0, 0))) for check, counts in found] for key in practice_ids
    }


def _added(rows: Iterable[tuple]) -> Found:
    return {key: (count, cents or 0) for key, count, cents in rows if count}


def _not_posted(practice_ids: Collection[UUID], through: date) -> Found:
    rows = Remittance.objects.filter(practice_id__in=practice_ids, state__in=NOT_POSTED)
    rows = rows.filter(Q(paid_on__lte=through) | Q(paid_on__isnull=True)).order_by()
    return _added(rows.values_list("practice_id").annotate(n=Count("id"), cents=Sum("paid_cents")))


def _unmatched(practice_ids: Collection[UUID], through: date) -> Found:
    rows = RemittanceClaim.objects.filter(
        practice_id__in=practice_ids, claim__isnull=True, remittance__state=RemittanceState.POSTED
    ).filter(Q(remittance__paid_on__lte=through) | Q(remittance__paid_on__isnull=True), ~Q(status="25"))
    return _added(rows.order_by().values_list("practice_id").annotate(n=Count("id"), cents=Sum("paid_cents")))


def _suspense(practice_ids: Collection[UUID], through: date) -> Found:
    """Provider adjustments whose reason nobody has read yet: their account is not at zero."""
    legs = Leg.objects.filter(
        practice_id__in=practice_ids, account=Account.PROVIDER_LEVEL_SUSPENSE.value
    ).order_by()
    rows = legs.values_list("practice_id").annotate(n=Count("id"), cents=-Sum("amount_cents"))
    return _added(row for row in rows if row[2])


def _unsure(practice_ids: Collection[UUID], through: date) -> Found:
    return _claims(practice_ids, through, Q(lifecycle=Lifecycle.UNSURE))


def _unsigned(practice_ids: Collection[UUID], through: date) -> Found:
    """Sessions whose note nobody signed, with the price of those that have a claim."""
    rows = Encounter.objects.filter(
        practice_id__in=practice_ids, date_of_service__lte=through, note_signed_at__isnull=True
    ).exclude(state__in=("void", "not_billable"))
    priced = Sum("claim_family__claims__total_charge_cents", filter=Q(claim_family__claims__sequence="P"))
    return _added(
        rows.order_by().values_list("practice_id").annotate(n=Count("id", distinct=True), cents=priced)
    )


def _uncoded(practice_ids: Collection[UUID], through: date) -> Found:
    rows = Encounter.objects.filter(
        practice_id__in=practice_ids, date_of_service__lte=through, state__in=("open", "coded", "refused")
    ).order_by()
    return {key: (count, 0) for key, count in rows.values_list("practice_id").annotate(n=Count("id"))}


def _unsent(practice_ids: Collection[UUID], through: date) -> Found:
    return _claims(
        practice_ids, through, Q(lifecycle__in=UNSENT, family__encounter__note_signed_at__isnull=False)
    )


def _claims(practice_ids: Collection[UUID], through: date, which: Q) -> Found:
    rows = Claim.objects.filter(which, practice_id__in=practice_ids, date_of_service__lte=through).order_by()
    return _added(rows.values_list("practice_id").annotate(n=Count("id"), cents=Sum("total_charge_cents")))


def _untied(practice_ids: Collection[UUID], through: date) -> Found:
    """Lines of the bank that are nobody's: not tied to a payment, not set aside."""
    rows = with_open(Line.objects.filter(practice_id__in=practice_ids, booked_on__lte=through))
    found: dict[UUID, list[int]] = {}
    for key, cents in rows.exclude(open_cents=0).values_list("practice_id", "open_cents"):
        found.setdefault(key, []).append(cents)
    return {key: (len(cents), sum(cents)) for key, cents in found.items()}


def _refunds(practice_ids: Collection[UUID], through: date) -> Found:
    rows = Refund.objects.filter(practice_id__in=practice_ids, state=RefundState.ASKED).order_by()
    return _added(rows.values_list("practice_id").annotate(n=Count("id"), cents=Sum("amount_cents")))


def _credits(practice_ids: Collection[UUID], through: date) -> Found:
    """Money that payers are owed; it stays a liability until it goes back."""
    rows = Balance.objects.filter(
        practice_id__in=practice_ids, account=Account.INSURANCE_RECEIVABLE.value, amount_cents__lt=0
    ).order_by()
    return _added(rows.values_list("practice_id").annotate(n=Count("id"), cents=-Sum("amount_cents")))


OVERRIDE, TELL = Severity.OVERRIDE, Severity.TELL
CHECKS: tuple[Check, ...] = (
    Check(
        "remittance.not_posted",
        "Payments held or not posted",
        "Their money is not in the books.",
        OVERRIDE,
        _not_posted,
    ),
    Check(
        "remittance.unmatched",
        "Payments that match no claim",
        "Their money is in suspense.",
        OVERRIDE,
        _unmatched,
    ),
    Check(
        "ledger.suspense",
        "Provider adjustments under review",
        "Nobody has read their reason.",
        OVERRIDE,
        _suspense,
    ),
    Check(
        "claim.unsure",
        "Claims of which nobody knows whether they left",
        "They may be sent twice or not at all.",
        OVERRIDE,
        _unsure,
    ),
    Check(
        "bank.untied",
        "Bank lines that no payment explains",
        "Their money is not in the books.",
        OVERRIDE,
        _untied,
    ),
    Check(
        "session.unsigned",
        "Sessions without a signed note",
        "Their claims wait for the note.",
        TELL,
        _unsigned,
    ),
    Check(
        "session.uncoded",
        "Sessions not charged",
        "They have no price, so they are in no figure.",
        TELL,
        _uncoded,
    ),
    Check(
        "claim.unsent",
        "Claims not sent",
        "Charged, and with no payer yet.",
        TELL,
        _unsent,
    ),
    Check(
        "refund.asked",
        "Refunds that wait for approval",
        "Asked for, and not in the books.",
        TELL,
        _refunds,
    ),
    Check(
        "credit.payer",
        "Payers that are owed money",
        "Some must go back within sixty days.",
        TELL,
        _credits,
    ),
)
"""The list, money first."""

__all__ = ["CHECKS", "Check", "OpenThing", "open_things"]
