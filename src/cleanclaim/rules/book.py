"""The rule book: rules looked up for a context and a date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from cleanclaim.rules.model import SPECIFICITY, Resolution, Rule, RuleConflict, RuleNotEncoded, RuleValue

_REMEMBER = 100_000
_NARROWING = ("program", "payer_kind", "service", "provider_class", "network")
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
    service: str = "",
    provider_class: str = "",
    network: str = "",
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
        "service": service,
        "provider_class": provider_class,
        "network": network,
    }


class RuleBook:
    """Every rule, ready to be asked. Immutable; answers are remembered.

    Args:
        rules: The rules, from `load_rule_book` or made by a test.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules: tuple[Rule, ...] = tuple(sorted(rules, key=lambda rule: rule.id))
        self._by_topic: dict[str, list[Rule]] = {}
        self._by_id = {rule.id: rule for rule in self.rules}
        self._remembered: dict[tuple[str, ...], tuple[Rule, ...]] = {}
        for rule in self.rules:
            self._by_topic.setdefault(rule.topic, []).append(rule)
        self._ids_of = _known_payers(self.rules)
        self._titles: dict[str, str] = {}
        for rule in self.rules:
            if rule.id.startswith("payer."):
                self._titles.setdefault(rule.id.split(".")[1], rule.title.partition(":")[0])
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
        return self._by_id[rule_id]

    def select(
        self,
        *,
        topic: str = "",
        state: str = "",
        payer: str = "",
        program: str = "",
        on: date | None = None,
    ) -> tuple[Rule, ...]:
        """Rules for a list or a browser, ordered by id. Every filter narrows; an empty one does not.

        Args:
            topic: The topic or its first words: ``timely_filing`` finds every kind of submission.
            state: Two letters; federal and payer rules of no state are left out when it is given.
            payer: A payer's id or slug as the rule files name it.
            program: For example ``medicaid_mco``.
            on: Only rules with a value in force that day.
        """

        return tuple(
            rule
            for rule in self.rules
            if (not topic or rule.topic == topic or rule.topic.startswith(f"{topic}."))
            and (not state or state in _names(rule, "state"))
            and (
                not payer
                or payer in (*_names(rule, "payer_id"), *_names(rule, "payer"), rule.id.split(".")[1])
            )
            and (not program or program in _names(rule, "program"))
            and (on is None or _answers(rule, on))
        )

    def explain(self, rule_id: str, context: Mapping[str, str], on: date) -> tuple[str, ...]:
        """Why one rule does or does not answer for a context on a date: sentences in order.

        Raises:
            KeyError: No such rule.
        """
        rule = self.find(rule_id)
        steps = [f"{rule.title} ({rule.id}) answers {rule.topic}."]
        for key, wanted in rule.applies_to.items():
            have, want = context.get(key, ""), [wanted] if isinstance(wanted, str) else wanted
            verdict = "as asked" if have in want else f"asked for {have or 'nothing'}: it does not apply"
            steps.append(f"It needs {key.replace('_', ' ')} {' or '.join(want)}: {verdict}.")
        if not rule.fits(dict(context)):
            return tuple(steps)
        holding = [value for value in rule.values if value.covers(on)]
        if not holding:
            return (*steps, f"It {_gap(rule, on)}.")
        if holding[0].value is None:
            return (*steps, f"No value is encoded: {holding[0].not_encoded}.")
        try:
            answer = self.resolve(rule.topic, context, on)
        except (RuleNotEncoded, RuleConflict) as refusal:
            return (*steps, f"{refusal}")
        if answer.rule_id != rule.id:
            steps.append(f"{answer.rule_id} is more specific and answers instead.")
        return (*steps, *answer.steps)

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
        found = self.lookup(topic, context, on)
        if found is None:
            named = self.named(context)
            raise RuleNotEncoded(topic, named, on, self._nearby(topic, named, on))
        return _resolution(*found, list(self._fitting(topic, context)), on)

    def lookup(self, topic: str, context: Mapping[str, str], on: date) -> tuple[Rule, RuleValue] | None:
        """The rule and value that `resolve` would answer with, without the trace; None instead of a refusal.

        For thousands of questions at once: which rules fit a context is remembered.

        Raises:
            RuleConflict: Two equally specific rules answer.
        """
        fitting = self._fitting(topic, context)
        if not fitting:
            return None
        first = fitting[0].specificity
        answers = [
            (rule, value)
            for rule in fitting
            if rule.specificity == first
            for value in rule.values
            if value.covers(on)
        ]
        if len(answers) > 1:
            raise RuleConflict(f"{topic} on {on}: {', '.join(one.id for one, _ in answers)} all answer")
        return answers[0] if answers and answers[0][1].value is not None else None

    def _fitting(self, topic: str, context: Mapping[str, str]) -> tuple[Rule, ...]:
        """Rules of the topic that fit a context, the most specific first."""
        key = (topic, *(context.get(name, "") for name in SPECIFICITY))
        found = self._remembered.get(key)
        if found is None:
            if len(self._remembered) > _REMEMBER:
                self._remembered.clear()
            named = self.named(context)
            found = tuple(rule for rule in self._by_topic.get(topic, ()) if rule.fits(named))
            self._remembered[key] = found
        return found

    def named(self, context: Mapping[str, str]) -> dict[str, str]:
        """The context with payer id and payer slug both filled in where one tells the other.

        An id that several payers share tells a slug only when state and kind leave one of them.
        """
        context = dict(context)
        payer, payer_id = context.get("payer", ""), context.get("payer_id", "")
        if payer in self._ids_of and payer_id in ("", payer):
            context["payer_id"] = self._ids_of[payer].payer_id
        elif payer_id and payer in ("", payer_id):
            state, kind = context.get("state", ""), context.get("payer_kind", "")
            slugs = [slug for slug, one in self._ids_of.items() if one.may_be(payer_id, state, kind)]
            if len(slugs) == 1:
                context["payer"] = slugs[0]
        return context

    def payers_of(self, rule: Rule) -> tuple[str, ...]:
        """The payers that a rule names, each once, as the titles of their own rules call them.

        Examples:
            ``payer.aetna.…`` with payer id 60054 gives ``Aetna``. A payer without rules of its own keeps its
            slug in words; an id that several payers share stays an id when nothing else is named.
        """
        if rule.id.startswith("payer."):
            return (rule.title.partition(":")[0],)
        found = []
        context = {key: wanted for key, wanted in rule.applies_to.items() if isinstance(wanted, str)}
        for key in ("payer", "payer_id"):
            for one in _names(rule, key):
                slug = self.named({**context, "payer": "", "payer_id": one}).get("payer") or one
                found.append(self._titles.get(slug, slug.replace("_", " ").title() if "_" in slug else slug))
        names = [name for name in found if not name.isdecimal()]
        return tuple(dict.fromkeys(names or found))

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
            elif len(missed) == 1 < len(rule.applies_to) and missed[0] in _NARROWING and _answers(rule, on):
                found.append((1, rule.id, _only(rule, missed[0])))
        return tuple((rule_id, why) for _, rule_id, why in sorted(found)[:5])


class _KnownPayer(NamedTuple):
    """What the payer's own rules say of it. Empty states or kinds: of any."""

    payer_id: str
    states: tuple[str, ...]
    kinds: frozenset[str]

    def may_be(self, payer_id: str, state: str, kind: str) -> bool:
        return (
            self.payer_id == payer_id
            and (not self.states or not state or state in self.states)
            and (not self.kinds or kind in self.kinds)
        )


def _known_payers(rules: Iterable[Rule]) -> dict[str, _KnownPayer]:
    """The payers that have rules of their own, by the second word of their ids.

    A payer is of certain kinds when each of its rules that name its id names a kind.
    """
    found: dict[str, _KnownPayer] = {}
    for rule in rules:
        payer_id = rule.applies_to.get("payer_id")
        if not rule.id.startswith("payer.") or not isinstance(payer_id, str):
            continue
        slug, kinds = rule.id.split(".")[1], frozenset(_names(rule, "payer_kind"))
        before = found.get(slug)
        if before is None:
            found[slug] = _KnownPayer(payer_id, tuple(_names(rule, "state")), kinds)
        elif payer_id == before.payer_id:
            both = before.kinds | kinds if before.kinds and kinds else frozenset()
            found[slug] = before._replace(kinds=both)
    return found


def _names(rule: Rule, key: str) -> list[str]:
    wanted = rule.applies_to.get(key, [])
    return [wanted] if isinstance(wanted, str) else list(wanted)


def _only(rule: Rule, key: str) -> str:
    wanted = rule.applies_to[key]
    return f"applies only with {key} {wanted if isinstance(wanted, str) else ' or '.join(wanted)}"


def _answers(rule: Rule, on: date) -> bool:
    return any(value.covers(on) and value.value is not None for value in rule.values)


def _gap(rule: Rule, on: date) -> str:
    for value in rule.values:
        if value.covers(on):
            return value.not_encoded or "no value"
    return (
        f"has values from {min(value.starts for value in rule.values).isoformat()}, none on {on.isoformat()}"
    )


def _resolution(rule: Rule, value: RuleValue, fitting: list[Rule], on: date) -> Resolution:
    confirmed = rule.is_enforceable(value)
    applies = ", ".join(
        f"{key} {wanted if isinstance(wanted := rule.applies_to[key], str) else ' or '.join(wanted)}"
        for key in SPECIFICITY
        if key in rule.applies_to
    )
    steps = [
        f"{rule.title} ({rule.id}) applies to {applies}.",
        f"Its value from {value.starts.isoformat()}"
        + (f" to {value.ends.isoformat()}" if value.ends else "")
        + f" is {value.value}{_unit(rule.unit)}; asked for {on.isoformat()}.",
    ]
    if value.starts_basis == "unverified":
        steps.append("The day from which it holds was not verified.")
    if len(fitting) > 1:
        steps.append("It is more specific than " + ", ".join(other.id for other in fitting[1:]) + ".")
    if value.disputed:
        steps.append(f"Disputed: {value.disputed}.")
    if value.confirmed is not None:
        said = value.confirmed
        steps.append(f"Confirmed by {said.by} on {said.on.isoformat()}: {said.source}.")
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
        also=value.also,
        combine=value.combine,
        remedy=value.remedy,
        disputed=value.disputed,
        anchors=rule.anchors,
        anchor_choice=rule.anchor_choice,
        act=rule.act,
        whose=rule.whose,
        calendar=rule.calendar,
        rolls_over=rule.rolls_over,
    )


def _unit(unit: str) -> str:
    return "" if unit == "text" else f" {unit.replace('_', ' ')}"
