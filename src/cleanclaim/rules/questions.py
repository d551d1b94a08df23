"""Deadlines as a biller asks for them: `deadline`.

A question names its kind, the state, the kind of payer and one date. The kind decides the topic of the
rule book; words that the trade uses for a payer ("medicaid_mco", "erisa", "marketplace") decide the
programme. What the asker leaves open and the answer takes for granted stands in ``assumes``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from msgspec.structs import replace

from cleanclaim.rules.book import RuleBook, rule_context
from cleanclaim.rules.deadlines import Deadline, deadline_of, first_answer
from cleanclaim.rules.model import ANCHORS, Resolution, RuleNotEncoded

KINDS: dict[str, str] = {
    "prompt_pay": "last day for the payer to pay or deny a clean claim",
    "timely_filing": "last day for an original claim to be received",
    "corrected_claim": "last day for a corrected claim",
    "secondary_claim": "last day for a claim to a later payer",
    "authorization_decision": "last day for the payer to decide a prior authorization",
    "appeal": "last day for the first appeal",
    "external_review": "last day to ask for a review outside the payer, or a fair hearing",
    "dispute": "last day for a provider's payment dispute",
    "overpayment_appeal": "last day to contest a request for money back",
    "recoupment": "last day for the payer to take money back",
    "overpayment_return": "last day to return an overpayment",
    "records_retention": "day until which a record is kept",
    "good_faith_estimate": "last day to give the estimate",
}
"""Kinds of question and what each asks for."""

PAYER_WORDS: dict[str, tuple[str, str]] = {
    "commercial": ("commercial", ""),
    "commercial_insured": ("commercial", "insured_plan"),
    "insured": ("commercial", "insured_plan"),
    "insured_plan": ("commercial", "insured_plan"),
    "marketplace": ("commercial", "insured_plan"),
    "self_funded": ("commercial", "self_funded"),
    "erisa": ("commercial", "self_funded"),
    "medicaid": ("medicaid", ""),
    "medicaid_ffs": ("medicaid", "medicaid_ffs"),
    "medicaid_mco": ("medicaid", "medicaid_mco"),
    "medicare": ("medicare", "medicare_ffs"),
    "medicare_ffs": ("medicare", "medicare_ffs"),
    "medicare_advantage": ("medicare", "medicare_advantage"),
    "tricare": ("tricare", "tricare"),
    "self_pay": ("self_pay", "self_pay"),
}
"""What people call a payer -> (payer_kind, program) of a context."""

_FIRST_APPEAL = {
    "medicare_ffs": "redetermination",
    "medicare_advantage": "plan_reconsideration",
    "medicaid_ffs": "fair_hearing",
    "medicaid_mco": "enrollee",
}
_OUTSIDE = {"medicaid_mco": "fair_hearing", "medicaid_ffs": "fair_hearing"}


class UnknownQuestion(ValueError):
    """The kind of deadline, of payer, or a fact is not known; the message lists what is."""


def context_for(
    payer_kind: str, *, state: str = "", program: str = "", plan: str = "", **attributes: str
) -> dict[str, str]:
    """A context from the words that people use.

    Args:
        payer_kind: A word of `PAYER_WORDS`.
        plan: A plan id, payer id or payer slug; rules that name any of them fit.
        attributes: service, provider_class, network.

    Raises:
        UnknownQuestion: The word is not known.
    """
    if payer_kind not in PAYER_WORDS:
        raise UnknownQuestion(f"payer kind {payer_kind!r} is not one of {', '.join(PAYER_WORDS)}")
    kind, implied = PAYER_WORDS[payer_kind]
    return rule_context(
        payer_kind=kind,
        program=program or implied,
        state=state.upper(),
        plan_id=plan,
        payer_id=plan,
        payer=plan,
        **attributes,
    )


def deadline(
    kind: str,
    *,
    payer_kind: str,
    on: date,
    rules: RuleBook,
    state: str = "",
    program: str = "",
    medium: str = "electronic",
    plan: str = "",
    facts: Mapping[str, str] | None = None,
) -> Deadline:
    """Answer one question for a deadline.

    Args:
        kind: One of `KINDS`.
        payer_kind: One of `PAYER_WORDS`. ``commercial`` alone is answered for an insured plan, and says so:
            a self-funded plan follows no state's rule.
        on: The date that the period is counted from: receipt for prompt_pay, service for timely_filing, the
            request for an authorization_decision (complete, where the law counts from then), the denial for
            an appeal, the payment for recoupment. With the fact ``from=<anchor>`` it is that anchor's date
            instead.
        state: Two letters; '' for rules that no state makes.
        medium: electronic or paper.
        plan: Plan id, payer id or payer slug, when the payer has its own rule.
        facts: Further dates by anchor name (ISO text); ``service``, ``provider_class``, ``network``;
            ``forum`` of an appeal, ``record`` of a retention, ``part`` of a recoupment; ``anchor`` names.

    Returns:
        The deadline, with ``kind``, ``remedy``, ``steps`` and ``assumes``.

    Raises:
        UnknownQuestion: Unknown kind, payer word or fact.
        RuleNotEncoded: No rule answers; the exception says what is known nearby.
        AnchorMissing: The rule counts from a date that was not given.
        UnitNotCountable: The rule is no period.

    Examples:
        >>> from cleanclaim.rules import load_rule_book
        >>> deadline("prompt_pay", payer_kind="commercial", state="TX", on=date(2026, 3, 2),
        ...          rules=load_rule_book()).day
        datetime.date(2026, 4, 1)
    """
    if kind not in KINDS:
        raise UnknownQuestion(f"deadline {kind!r} is not one of {', '.join(KINDS)}")
    dates, words = _split(facts or {})
    context = context_for(
        payer_kind,
        state=state,
        program=program,
        plan=plan,
        **{key: words[key] for key in ("service", "provider_class", "network") if key in words},
    )
    assumes: list[str] = []
    topics = _topics(kind, context, medium, words)
    # A filing limit is the one in force on the day of service, also when it is counted from another day.
    filing = kind in ("timely_filing", "corrected_claim", "secondary_claim")
    chosen_by = dates.get("date_of_service", on) if filing else on
    found, assumed = _resolve(topics, context, chosen_by, rules=rules)
    assumes += assumed
    own = words.get("from", found.anchor)
    if own == "sent" and kind == "prompt_pay":
        on, presumed = presumed_receipt(on, {**context, **_assumed(assumed)}, medium=medium, rules=rules)
        own, assumes = found.anchor, [*assumes, presumed]
    dates.setdefault(own, on)
    answer = deadline_of(found, dates, kind=kind, assumes=tuple(assumes))
    return _protected(answer, dates, on) if kind == "prompt_pay" else answer


def presumed_receipt(
    sent_on: date, context: Mapping[str, str], *, medium: str, rules: RuleBook
) -> tuple[date, str]:
    """The day on which a claim counts as received when only the day of sending is known.

    Raises:
        RuleNotEncoded: The state presumes nothing.
    """
    found = rules.resolve(f"prompt_pay.presumed_receipt.{medium}", context, sent_on)
    answer = deadline_of(found, {"sent": sent_on})
    return answer.day, f"Sent on {sent_on.isoformat()}, it counts as received on {answer.day.isoformat()}."


def _split(facts: Mapping[str, str]) -> tuple[dict[str, date], dict[str, str]]:
    known = ("service", "provider_class", "network", "forum", "record", "part", "from")
    dates: dict[str, date] = {}
    words: dict[str, str] = {}
    for key, value in facts.items():
        if key in ANCHORS:
            try:
                dates[key] = date.fromisoformat(value)
            except ValueError:
                raise UnknownQuestion(f"fact {key} is not a date (yyyy-mm-dd)") from None
        elif key in known:
            words[key] = value
        else:
            raise UnknownQuestion(f"fact {key!r} is not one of {', '.join((*known, *ANCHORS))}")
    return dates, words


def _topics(kind: str, context: Mapping[str, str], medium: str, words: Mapping[str, str]) -> tuple[str, ...]:
    program = context["program"]
    if kind == "prompt_pay":
        part = words.get("part", "clean_claim")
        return (f"prompt_pay.{part}.{medium}", f"prompt_pay.{part}.any")
    if kind == "timely_filing":
        return ("timely_filing.original_claim",)
    if kind in ("corrected_claim", "secondary_claim"):
        return (f"timely_filing.{kind}",)
    if kind == "authorization_decision":
        return ("prior_authorization.decision_time",)
    if kind == "appeal":
        return (f"appeal.{words.get('forum') or _FIRST_APPEAL.get(program, 'internal')}",)
    if kind == "external_review":
        return (f"appeal.{words.get('forum') or _OUTSIDE.get(program, 'external_review')}",)
    if kind == "dispute":
        return (f"appeal.{words.get('forum', 'provider_dispute')}",)
    if kind == "overpayment_appeal":
        return ("appeal.overpayment",)
    if kind == "recoupment":
        return (f"recoupment.{words.get('part', 'lookback')}",)
    if kind == "overpayment_return":
        return ("overpayment.return",)
    if kind == "records_retention":
        return (f"records.{words.get('record', 'clinical')}",)
    return (
        "good_faith_estimate.scheduled"
        if words.get("from") == "scheduled"
        else "good_faith_estimate.requested",
    )


_INSURED = (
    "The plan's funding was not given: this is the rule for an insured plan. A self-funded plan is not bound "
    "by it; ask with program self_funded."
)


def _assumed(assumed: list[str]) -> dict[str, str]:
    return {"program": "insured_plan"} if assumed else {}


def _resolve(
    topics: tuple[str, ...], context: dict[str, str], on: date, *, rules: RuleBook
) -> tuple[Resolution, list[str]]:
    try:
        return first_answer(topics, context, on, rules=rules), []
    except RuleNotEncoded:
        if context["payer_kind"] != "commercial" or context["program"]:
            raise
    return first_answer(topics, {**context, "program": "insured_plan"}, on, rules=rules), [_INSURED]


def _protected(answer: Deadline, dates: Mapping[str, date], received: date) -> Deadline:
    """Some states stop protecting a claim that was filed late: then the day stands, without a remedy."""
    limit = answer.details.get("protects_if_filed_within_days")
    if not limit or "date_of_service" not in dates:
        return answer
    last = dates["date_of_service"] + timedelta(days=int(limit))
    if received <= last:
        return answer
    lost = (
        f"The claim was received after {last.isoformat()}, more than {limit} days after service: this state "
        "no longer counts it as clean, and nothing is owed for paying it late."
    )
    return replace(answer, enforceable=False, remedy=None, steps=(*answer.steps, lost))
