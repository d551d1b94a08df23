"""The measures that the month shows: which there are, what each means, and the families behind it."""

from __future__ import annotations

from calendar import monthrange
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from threading import Lock
from uuid import UUID

from django.db.models import Count

from cleanclaim import kpi
from cleanclaim_server.claims.models import Claim, ClaimEvent
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.reporting.queries import kpi_facts
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible

Compute = Callable[[kpi.KpiFrames, date, kpi.Window], kpi.Measure]


@dataclass(frozen=True)
class Definition:
    """One measure of the KPI handbook as people read it.

    Attributes:
        which: The claims it looks at.
        settled: When its value stops moving.
        goal: The handbook's target in words, empty when it names none.
        met, near: Bounds of the value in its own unit; `rising` says which side is good.
    """

    code: str
    name: str
    plain: str
    above: str
    below: str
    left_out: tuple[str, ...]
    which: str
    settled: str
    compute: Compute
    goal: str = ""
    met: float | None = None
    near: float | None = None
    rising: bool = True


def _age(label: str) -> Compute:
    place = [bucket[0] for bucket in kpi.BUCKETS].index(label)
    return lambda facts, as_of, window: kpi.receivables_by_age(facts, as_of=as_of)[place]


DEFINITIONS: dict[str, Definition] = {
    one.code: one
    for one in (
        Definition(
            "charges",
            "Charges",
            "What was charged for sessions in the month.",
            "charges of the month, less reversals",
            "",
            ("test claims", "voided claims"),
            "Charges by date of service",
            "when the month's last session is charged",
            lambda facts, as_of, window: kpi.charges(facts, as_of=as_of, window=window),
        ),
        Definition(
            "payments",
            "Payments",
            "What payers and patients paid in the month, less what was taken back or refunded.",
            "payments of the month, less refunds and take-backs",
            "",
            ("money that matches no claim",),
            "Payments by payment day",
            "when the month's last remittance is posted",
            lambda facts, as_of, window: kpi.payments(facts, as_of=as_of, window=window),
        ),
        Definition(
            "payments_insurance",
            "Insurance payments",
            "What payers paid in the month, less take-backs.",
            "payers' payments of the month, less take-backs",
            "",
            ("money that matches no claim",),
            "Payments by payment day",
            "when the month's last remittance is posted",
            lambda facts, as_of, window: kpi.payments(facts, as_of=as_of, window=window, of="insurance"),
        ),
        Definition(
            "payments_patient",
            "Patient payments",
            "What patients paid on claims in the month, less refunds.",
            "patients' payments of the month, less refunds",
            "",
            ("credits not applied to a claim",),
            "Payments by payment day",
            "at once",
            lambda facts, as_of, window: kpi.payments(facts, as_of=as_of, window=window, of="patient"),
        ),
        Definition(
            "ar",
            "Accounts receivable",
            "What payers and patients still owe, credits subtracted.",
            "charges less payments, adjustments and write-offs, to date",
            "",
            ("test claims", "voided claims"),
            "All claims with an open balance",
            "a point in time; it never settles",
            lambda facts, as_of, window: kpi.receivables(facts, as_of=as_of),
        ),
        Definition(
            "E1",
            "Days in A/R",
            "How many days of charges are still owed.",
            "receivables less credits, at the day",
            "average daily charges of the last 90 days",
            ("test claims", "voided claims"),
            "All claims with an open balance",
            "a point in time; it never settles",
            lambda facts, as_of, window: kpi.days_in_receivables(facts, as_of=as_of),
            "35 or fewer",
            35,
            50,
            False,
        ),
        Definition(
            "C1",
            "Clean claim rate",
            "Claims accepted with no human edit and no rejection.",
            "primary claims accepted with no human edit and no rejection",
            "primary claims built in the month",
            ("secondary claims", "test claims", "voided claims"),
            "Claims built in the month",
            "about a week after the month, when the last claim is acknowledged",
            lambda facts, as_of, window: kpi.clean_claim_rate(facts, as_of=as_of, window=window),
            "95% or more",
            95,
            90,
        ),
        Definition(
            "C2",
            "First-pass acceptance",
            "Claims whose first submission was not rejected.",
            "primary claims whose first submission was not rejected",
            "primary claims first sent in the month",
            ("claims sent in the last 7 days that nobody answered yet",),
            "Claims first sent in the month",
            "7 days after the month",
            lambda facts, as_of, window: kpi.first_pass_acceptance(facts, as_of=as_of, window=window),
            "98% or more",
            98,
            95,
        ),
        Definition(
            "D1c",
            "Initial denial rate",
            "Claims with a line denied by the payer's first decision.",
            "primary claims with a denial",
            "primary claims first sent in the month",
            ("duplicates", "rejections: they never reached the payer", "secondary claims", "voids"),
            "Claims first sent in the month",
            "60 days after the month",
            lambda facts, as_of, window: kpi.denial_rate(facts, as_of=as_of, window=window),
            "Under 5%",
            5,
            8,
            False,
        ),
        Definition(
            "E3",
            "A/R over 90 days",
            "The share of open balances older than 90 days.",
            "open balances more than 90 days after the date of service",
            "all open balances",
            ("credits: they are counted apart",),
            "All claims with an open balance",
            "a point in time; it never settles",
            lambda facts, as_of, window: kpi.receivables_over(facts, as_of=as_of),
            "12% or less",
            12,
            18,
            False,
        ),
        *(
            Definition(
                f"ar_{label}",
                f"A/R {label} days",
                f"Open balances {label} days after the date of service.",
                "open balances of that age",
                "",
                ("credits: they are counted apart",),
                "All claims with an open balance",
                "a point in time; it never settles",
                _age(label),
            )
            for label, *_ in kpi.BUCKETS
        ),
    )
}
STANDING = ("ar", "E")
"""Codes of balances at a day; the others count what happened in the month."""
RATES = ("C1", "C2", "D1c", "E1", "E3")


def month_end(first: date) -> date:
    """Last day of the month that begins then."""
    return first.replace(day=monthrange(first.year, first.month)[1])


def measure(facts: kpi.KpiFrames, code: str, first: date, today: date) -> kpi.Measure:
    """One measure of one month: what happened in it as known today, what stood open as known at its last day.

    Raises:
        KeyError: The month shows no measure of this code.
    """
    last = month_end(first)
    as_of = min(last, today) if code.startswith(STANDING) else today
    return DEFINITIONS[code].compute(facts, as_of, kpi.Window(first, last))


def families_behind(
    tenant: TenantContext, code: str, first: date, today: date, *, side: str = "numerator"
) -> list[UUID]:
    """The claim families behind a measure: of its numerator, its denominator, or `rest`, what lies between.

    Raises:
        KeyError: The month shows no measure of this code.
    """
    one = measure(facts_of(tenant), code, first, today)
    if side == "denominator":
        keys = one.denominator_ids or one.family_ids
    elif side == "rest":
        counted = set(one.family_ids)
        keys = tuple(key for key in one.denominator_ids if key not in counted)
    else:
        keys = one.family_ids
    return [UUID(key) for key in keys]


def against(one: kpi.Measure, today: date, last: date) -> str:
    """How a value stands to the handbook's goal: met, near, missed, few, none or immature."""
    known = DEFINITIONS.get(one.code)
    if one.value is None or known is None or known.met is None or known.near is None:
        return "none"
    if one.low_volume:
        return "few"
    if one.code == "D1c" and (today - last).days < 60:
        return "immature"
    value = float(one.value)
    if known.rising:
        return "met" if value >= known.met else "near" if value >= known.near else "missed"
    return "met" if value <= known.met else "near" if value <= known.near else "missed"


# Building the facts reads every claim of the practices; they are kept until something happened.
_kept: OrderedDict[tuple, kpi.KpiFrames] = OrderedDict()
_lock = Lock()
KEPT = 4


def facts_of(tenant: TenantContext) -> kpi.KpiFrames:
    """The facts of the practices in reach; read again only when a claim, event, denial or entry was added."""
    key = (tenant.agency_id, tenant.practice_ids, tenant.own_only, tenant.provider_ids, _stamp(tenant))
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    facts = kpi_facts(tenant)
    with _lock:
        _kept[key] = facts
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return facts


def _stamp(tenant: TenantContext) -> tuple:
    """Changes whenever a fact of `kpi_facts` does: rows are added, never taken away; claims count up."""
    stamps = []
    for model, marks in (
        (Claim, {"n": Count("*"), "accepted": Count("accepted_at")}),
        (ClaimEvent, {"n": Count("*")}),
        (Denial, {"n": Count("*")}),
        (Entry, {"n": Count("*")}),
    ):
        rows = (
            model.objects.filter(practice_id__in=tenant.practice_ids)
            if model is ClaimEvent
            else visible(model.objects.all(), tenant)
        )
        stamps.append(tuple(rows.order_by().aggregate(**marks).values()))
    return tuple(stamps)
