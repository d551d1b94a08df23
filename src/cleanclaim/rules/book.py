"""The rule book: rules looked up for a context and a date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from cleanclaim.rules.model import SPECIFICITY, Resolution, Rule, RuleConflict, RuleNotEncoded, RuleValue

_PROGRAM_OF_FILING_CODE = {"MB": "medicare_ffs", "MA": "medicare_ffs", "16": "medicare_advantage"}


def rule_context(
    *,
    payer_kind: str = "",
    payer_id: str = "",
    state: str = "",
    claim_filing_code: str = "",
    program: str = "",
    plan_id: str = "",
    payer: str = "",
) -> dict[str, str]:
    """Describe for whom a rule is asked.

    The programme follows from the claim filing code where that is certain (MB is fee-for-service
    Medicare, 16 is Medicare Advantage); it is never guessed for Medicaid, nor whether a commercial
    plan is insured or self-funded.

    Examples:
        >>> rule_context(payer_kind="medicare", claim_filing_code="MB")["program"]
        'medicare_ffs'
    """
    return {
        "plan_id": plan_id,
        "payer_id": payer_id,
        "payer": payer,
        "program": program or _PROGRAM_OF_FILING_CODE.get(claim_filing_code, ""),
        "state": state,
        "payer_kind": payer_kind,
    }


class RuleBook:
    """Every rule, ready to be asked. Immutable; answers are remembered.

    Args:
        rules: The rules, from `load_rule_book` or made by a test.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules: tuple[Rule, ...] = tuple(sorted(rules, key=lambda rule: rule.id))
        self._by_topic: dict[str, list[Rule]] = {}
        for rule in self.rules:
            self._by_topic.setdefault(rule.topic, []).append(rule)
        for found in self._by_topic.values():
            found.sort(key=lambda rule: (*(not named for named in rule.specificity), rule.id))

    @property
    def topics(self) -> tuple[str, ...]:
        """Topics that have at least one rule."""
        return tuple(sorted(self._by_topic))

    def find(self, rule_id: str) -> Rule:
        """One rule by id.

        Raises:
            KeyError: No such rule.
        """
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)

    def resolve(self, topic: str, context: Mapping[str, str], on: date) -> Resolution:
        """Find the value of a topic for a payer, plan, state and programme on a date.

        The most specific rule that fits wins. When that rule has no value on the date, the answer is
        a refusal: a wider rule is not stretched over the gap of a narrower one.

        Args:
            topic: For example ``timely_filing.original_claim``.
            context: From `rule_context`.
            on: The date that the rule is dated by.

        Raises:
            RuleNotEncoded: Nothing fits; the exception says what is known nearby.
            RuleConflict: Two equally specific rules fit: a fault of the data.
        """
        context = dict(context)
        fitting = [rule for rule in self._by_topic.get(topic, ()) if rule.fits(context)]
        if not fitting:
            raise RuleNotEncoded(topic, context, on, self._nearby(topic, context, on))
        rule = fitting[0]
        rivals = [other for other in fitting[1:] if other.specificity == rule.specificity]
        answers = [(one, value) for one in (rule, *rivals) for value in one.values if value.covers(on)]
        if len(answers) > 1:
            raise RuleConflict(f"{topic} on {on}: {', '.join(one.id for one, _ in answers)} all answer")
        if not answers or answers[0][1].value is None:
            raise RuleNotEncoded(topic, context, on, self._nearby(topic, context, on))
        rule, value = answers[0]
        return _resolution(rule, value, fitting, on)

    def _nearby(self, topic: str, context: dict[str, str], on: date) -> tuple[tuple[str, str], ...]:
        """Rules on the topic that miss by a date or by one key, at most five."""
        found = []
        for rule in self._by_topic.get(topic, ()):
            missed = [
                key
                for key, wanted in rule.applies_to.items()
                if context.get(key, "") not in ([wanted] if isinstance(wanted, str) else wanted)
            ]
            if not missed:
                found.append((0, rule.id, _gap(rule, on)))
            # Another state's or another payer's value is no neighbour worth naming.
            elif len(missed) == 1 < len(rule.applies_to) and missed[0] in ("program", "payer_kind"):
                found.append((1, rule.id, f"applies only with {missed[0]} {rule.applies_to[missed[0]]}"))
        return tuple((rule_id, why) for _, rule_id, why in sorted(found)[:5])


def _gap(rule: Rule, on: date) -> str:
    for value in rule.values:
        if value.covers(on):
            return value.not_encoded or "no value"
    return (
        f"has values from {min(value.starts for value in rule.values).isoformat()}, none on {on.isoformat()}"
    )


def _resolution(rule: Rule, value: RuleValue, fitting: list[Rule], on: date) -> Resolution:
    confirmed = value.confidence == "seen" or bool(rule.verified.by)
    applies = ", ".join(f"{key} {rule.applies_to[key]}" for key in SPECIFICITY if key in rule.applies_to)
    steps = [
        f"{rule.title} ({rule.id}) applies to {applies}.",
        f"Its value from {value.starts.isoformat()}"
        + (f" to {value.ends.isoformat()}" if value.ends else "")
        + f" is {value.value} {rule.unit.replace('_', ' ')}; asked for {on.isoformat()}.",
    ]
    if value.starts_basis == "unverified":
        steps.append("The day from which it holds was not verified.")
    if len(fitting) > 1:
        steps.append("It is more specific than " + ", ".join(other.id for other in fitting[1:]) + ".")
    if not confirmed:
        steps.append(
            f"It is {value.confidence}, not read in its source: it informs and does not stop a claim."
        )
    assert value.value is not None
    return Resolution(
        value=value.value,
        unit=rule.unit,
        rule_id=rule.id,
        title=rule.title,
        confidence=value.confidence,
        enforceable=confirmed,
        sources=value.sources,
        steps=tuple(steps),
        anchor=rule.anchor,
        counted_from=rule.counted_from,
        satisfied_by=rule.satisfied_by,
        note=value.note,
        details=value.details,
        exceptions_not_encoded=rule.exceptions_not_encoded,
    )
