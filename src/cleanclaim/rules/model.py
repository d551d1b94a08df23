"""What a rule is: dated values with sources, and to whom they apply."""

from __future__ import annotations

from datetime import date

import msgspec

from cleanclaim.findings import Source

SPECIFICITY = (
    "plan_id",
    "payer_id",
    "payer",
    "service",
    "provider_class",
    "network",
    "program",
    "state",
    "payer_kind",
)
"""Keys of a context, the most specific first: a rule that names an earlier key wins.

`service` and `provider_class` are attributes that some laws turn on: what was done (``sud``, ``aba``,
``non_bh``) and under which licence (``mental_health``, ``physician``, ``psychologist``, …).
"""


class Clock(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One more period beside the value's own: see `RuleValue.combine`.

    Attributes:
        value, unit: As in `RuleValue` and `Rule`.
        anchor: From when it is counted; '' with ``combine: then`` means "from the end of the last one".
        label: What it is, in words.
    """

    value: int
    unit: str
    anchor: str = ""
    label: str = ""


class Tier(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One step of a penalty that grows with lateness.

    Attributes:
        from_day, to_day: Days late, both inclusive; `to_day` None is open.
        percent: Of the base, as decimal text.
        cap_cents: The penalty is never more.
        interest_pct: Annual interest on the penalty itself, from the day payment was due.
    """

    from_day: int
    percent: str
    to_day: int | None = None
    cap_cents: int | None = None
    interest_pct: str = ""


class RateSpan(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A market rate and the days of payment for which it was published, both inclusive.

    Attributes:
        confidence: As of a value. A rate that was not read where it is published is computed with, and
            says so; it is no ground for a demand.
    """

    first_day: date
    last_day: date
    annual_rate_pct: str
    confidence: str = "seen"


class Remedy(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is owed when a payer's deadline passes.

    Attributes:
        kind: interest (computable), tiered_penalty (computable), regulator_order, aggregate_test,
            contract, none, not_encoded.
        annual_rate_pct: Simple annual rate, decimal text, when `kind` is interest.
        rates: In its place where the law takes a market rate: the rate on the day of payment decides.
        day_count: Days of the year that a day's interest is a fraction of.
        minimum_cents: Interest below this is not owed.
        payable_within_days: Days after the late payment within which the interest itself is due.
        tiers: For tiered_penalty, on billed charges less the contracted rate.
        confidence: Of the remedy, which is often read elsewhere than the deadline.
        note: In our own words.
    """

    kind: str
    annual_rate_pct: str = ""
    day_count: int = 365
    minimum_cents: int = 0
    payable_within_days: int | None = None
    tiers: tuple[Tier, ...] = ()
    confidence: str = "seen"
    note: str = ""
    accrues_from: str = ""
    rates: tuple[RateSpan, ...] = ()

    def rate_on(self, paid_on: date) -> tuple[str, str]:
        """The annual rate for a payment on a day and its confidence; '' as the rate when none is known."""
        if self.annual_rate_pct:
            return self.annual_rate_pct, self.confidence
        for one in self.rates:
            if one.first_day <= paid_on <= one.last_day:
                return one.annual_rate_pct, one.confidence if self.confidence == "seen" else self.confidence
        return "", self.confidence


class Confirmed(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Who confirmed a value that was not seen in its source, when, and where they read it.

    Rule files never carry one: it comes from a person of an agency, see `cleanclaim.rules.confirming`.
    """

    by: str
    on: date
    source: str


class RuleValue(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One value and the dates for which it holds.

    Attributes:
        starts: First date, of the kind that the rule's `dated_by` names.
        value: The value in the rule's unit; None together with `not_encoded`.
        ends: Last date; None while it holds.
        starts_basis: How the start is known: stated, known_start, seen_as_of, unverified.
        confidence: seen, known or uncertain. Only what was seen, or confirmed, is enforceable.
        sources: Where it is written. Never empty.
        not_encoded: What is known although no value can be given.
        note: Exceptions and details, in our own words.
        details: Further facts of the value, by name (medium, day_type, annual_rate_pct, …).
        also: Further periods, joined to the value's own as `combine` says.
        combine: '' (none), ``latest`` or ``earliest`` of all periods, ``then`` (each begins where the one
            before it ended, or on its own anchor when that day is known).
        remedy: What is owed when the deadline passes; None when the rule is not about paying.
        disputed: Why the value is doubted, to be shown beside it.
        confirmed: The named person who read it in a source; None in every rule file.
    """

    starts: date
    value: int | str | None = None
    ends: date | None = None
    starts_basis: str = "stated"
    confidence: str = "seen"
    sources: tuple[Source, ...] = ()
    not_encoded: str = ""
    note: str = ""
    details: dict[str, str] = {}
    also: tuple[Clock, ...] = ()
    combine: str = ""
    remedy: Remedy | None = None
    disputed: str = ""
    confirmed: Confirmed | None = None

    def covers(self, on: date) -> bool:
        """Whether the value holds on a date."""
        return self.starts <= on and (self.ends is None or on <= self.ends)


class Verified(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """When a rule was last read in its source, by whom, and when to look again.

    `by` names a person only when that person confirmed the value: it makes the rule enforceable.
    """

    last_confirmed: date | None = None
    by: str = ""
    next_check: date | None = None


class NotCovered(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """An exception that the rule's source knows and this rule does not."""

    what: str
    source: str = ""
    at: str = ""


class Rule(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One rule. Its id is its path below ``cleanclaim_data/rules`` with dots.

    Attributes:
        topic: What it answers: ``timely_filing.original_claim``, ``prompt_pay.clean_claim``, …
        applies_to: Context keys and the value, or values, that they must have.
        dated_by: The date that chooses among the values.
        unit: Unit of the values.
        anchor: The date from which a period is counted, one of `ANCHORS`.
        counted_from: The same in the source's words.
        satisfied_by: What ends it, in words.
        anchors: Further dates of which the latest (or earliest, see `anchor_choice`) begins the period:
            a law that wants both the service and the correct insurer known counts from the later.
        act: What must fall inside the period: filing, initiation, notice, completion, decision.
        whose: Who has to act: provider, payer, patient.
        calendar: Regime of holidays for working days, see `cleanclaim.rules.calendars`.
        rolls_over: ``next_working_day`` when a last day on a weekend or holiday moves on.
    """

    id: str
    title: str
    topic: str
    applies_to: dict[str, str | list[str]]
    dated_by: str
    unit: str
    values: tuple[RuleValue, ...]
    anchor: str = "date_of_service"
    counted_from: str = ""
    satisfied_by: str = ""
    exceptions_not_encoded: tuple[NotCovered, ...] = ()
    verified: Verified = Verified()
    anchors: tuple[str, ...] = ()
    anchor_choice: str = "latest"
    act: str = ""
    whose: str = ""
    calendar: str = ""
    rolls_over: str = ""

    def fits(self, context: dict[str, str]) -> bool:
        """Whether every key of `applies_to` has its value in the context."""
        return all(
            context.get(key, "") in ([wanted] if isinstance(wanted, str) else wanted)
            for key, wanted in self.applies_to.items()
        )

    def is_enforceable(self, value: RuleValue) -> bool:
        """Whether a value was seen in its source or confirmed by a named person: then it may stop a claim."""
        return value.confidence == "seen" or value.confirmed is not None or bool(self.verified.by)

    @property
    def specificity(self) -> tuple[bool, ...]:
        """Sorts the more specific rule first when reversed."""
        return tuple([key in self.applies_to for key in SPECIFICITY])


ANCHORS: dict[str, str] = {
    "date_of_service": "the date of service",
    "discharge": "the day of discharge",
    "receipt": "the day the payer received the claim",
    "information_received": "the day the payer received what it asked for",
    "sent": "the day the claim was sent",
    "adjudication": "the day the payer decided",
    "primary_adjudication": "the day the earlier payer decided",
    "payment": "the day the payer paid or decided the claim",
    "remittance": "the date of the remittance or explanation of payment",
    "denial": "the day of the denial or adverse notice",
    "final_denial": "the day of the final internal denial",
    "first_level_decision": "the day the earlier appeal was decided",
    "appeal_filed": "the day the appeal was filed",
    "overpayment_notice": "the day the notice of overpayment was received",
    "audit_notice": "the day of the audit notice or preliminary report",
    "identified": "the day the overpayment was identified",
    "eligibility_posted": "the day eligibility was posted",
    "insurer_known": "the day the provider had the right insurer's name and address",
    "identifier_issued": "the day the provider's identifier was issued",
    "last_service": "the day of the last service",
    "last_entry": "the day of the last entry of the record",
    "termination": "the day treatment ended",
    "eighteenth_birthday": "the patient's eighteenth birthday",
    "contract_end": "the end of the contract period or of the audit, if later",
    "created": "the day the paper was created or last in effect",
    "scheduled": "the day the visit was scheduled",
    "requested": "the day of the request",
    "bill": "the day of the bill",
    "approval": "the day of the approval",
    "service_started": "the day the service began",
}
"""Every date that a rule counts from, and how it is said."""


class Resolution(msgspec.Struct, frozen=True, omit_defaults=True):
    """A rule's answer for one context and date.

    Attributes:
        value: In `unit`.
        enforceable: Seen in its source or confirmed by a named person: may stop a claim.
        steps: How it was found, in order, fit to be shown to a biller.
    """

    value: int | str
    unit: str
    rule_id: str
    title: str
    confidence: str
    enforceable: bool
    sources: tuple[Source, ...]
    steps: tuple[str, ...]
    anchor: str = "date_of_service"
    counted_from: str = ""
    satisfied_by: str = ""
    note: str = ""
    details: dict[str, str] = {}
    exceptions_not_encoded: tuple[NotCovered, ...] = ()
    also: tuple[Clock, ...] = ()
    combine: str = ""
    remedy: Remedy | None = None
    disputed: str = ""
    anchors: tuple[str, ...] = ()
    anchor_choice: str = "latest"
    act: str = ""
    whose: str = ""
    calendar: str = ""
    rolls_over: str = ""


class RuleNotEncoded(LookupError):
    """No rule answers for this context and date. We do not guess.

    Attributes:
        topic: What was asked.
        context: For whom.
        on: For which date.
        nearby: Ids of rules on the topic that nearly fit, the nearest first, each with why it does not.
    """

    def __init__(
        self, topic: str, context: dict[str, str], on: date, nearby: tuple[tuple[str, str], ...]
    ) -> None:
        self.topic, self.context, self.on, self.nearby = topic, context, on, nearby
        whom = ", ".join(f"{key} {value}" for key, value in context.items() if value) or "anybody"
        known = "; ".join(f"{rule_id}: {why}" for rule_id, why in nearby) or "nothing"
        super().__init__(f"no rule on {topic} for {whom} on {on.isoformat()}. Known nearby: {known}")


class RuleConflict(ValueError):
    """Two rules of one specificity answer for the same context and date: a fault of the data."""


class RuleFileInvalid(ValueError):
    """A rule file breaks the format; the message names the file and the fault."""
