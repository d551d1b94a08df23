"""What a rule is: dated values with sources, and to whom they apply."""

from __future__ import annotations

from datetime import date

import msgspec

from cleanclaim.findings import Source

SPECIFICITY = ("plan_id", "payer_id", "payer", "program", "state", "payer_kind")
"""Keys of a context, the most specific first: a rule that names an earlier key wins."""


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
        anchor: The date from which a period is counted: date_of_service, primary_adjudication (the day an
            earlier payer decided), payment (the day this payer decided), receipt.
        counted_from: The same in the source's words.
        satisfied_by: What ends it, in words.
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

    def fits(self, context: dict[str, str]) -> bool:
        """Whether every key of `applies_to` has its value in the context."""
        return all(
            context.get(key, "") in ([wanted] if isinstance(wanted, str) else wanted)
            for key, wanted in self.applies_to.items()
        )

    @property
    def specificity(self) -> tuple[bool, ...]:
        """Sorts the more specific rule first when reversed."""
        return tuple(key in self.applies_to for key in SPECIFICITY)


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
