"""Rule files: YAML is the source form, one compiled artefact is what runs.

``python -m cleanclaim.rules`` compiles; a test fails when the artefact is older than its sources.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from cleanclaim.rules.book import RuleBook
from cleanclaim.rules.calendars import CALENDARS
from cleanclaim.rules.model import ANCHORS, SPECIFICITY, Rule, RuleFileInvalid, RuleValue
from cleanclaim_data import loader

FOLDER = "rules"
COMPILED = "rules/compiled.jsonl"
UNITS = frozenset(
    {
        "days", "working_days", "months", "months_after_service_month", "calendar_years", "years", "hours",
        "percent", "text", "code", "visits_per_year", "encounters_per_calendar_year", "hours_per_week",
        "weeks", "units_15min", "units_15min_per_180_days", "units_15min_per_week",
        "units_15min_per_fiscal_year", "per_calendar_year", "claims_per_day", "cents",
    }
)  # fmt: skip
REMEDIES = frozenset(
    {"interest", "tiered_penalty", "regulator_order", "aggregate_test", "contract", "none", "not_encoded"}
)
CONFIDENCES = frozenset({"seen", "known", "uncertain"})
STARTS_BASES = frozenset({"stated", "known_start", "seen_as_of", "unverified"})

_LINES = msgspec.json.Decoder(Rule)


@cache
def load_rule_book() -> RuleBook:
    """The rule book that ships, from the compiled artefact (milliseconds)."""
    return RuleBook(_LINES.decode_lines(loader.read_text(COMPILED)))


def read_rule_files() -> list[Rule]:
    """Every rule from its YAML file, checked, ordered by id. Slow: for compiling and for tests.

    Raises:
        RuleFileInvalid: A file breaks the format.
    """
    return [read_rule_file(name) for name in loader.list_data(FOLDER, ".yaml")]


def read_rule_file(name: str) -> Rule:
    """One rule file, strictly: doubled and unknown keys, bare codes, gaps and overlaps are errors.

    Args:
        name: Path below ``cleanclaim_data``: ``rules/federal/…/original_claim.yaml``.
    """
    try:
        return check_rule(msgspec.convert(_dates_as_text(loader.read_yaml(name)), Rule), name)
    except (msgspec.ValidationError, loader.DataInvalid) as error:
        raise RuleFileInvalid(f"{name}: {error}") from error


def check_rule(rule: Rule, name: str) -> Rule:
    """Refuse a rule whose parts do not fit together.

    Raises:
        RuleFileInvalid: With the file and the fault.
    """

    def need(good: bool, fault: str) -> None:
        if not good:
            raise RuleFileInvalid(f"{name}: {fault}")

    expected = name.removeprefix(f"{FOLDER}/").removesuffix(".yaml").replace("/", ".")
    need(rule.id == expected, f"id is {rule.id}, the path says {expected}")
    need(bool(rule.applies_to), "applies_to is empty")
    for key in rule.applies_to:
        need(key in SPECIFICITY, f"applies_to has the unknown key {key}")
    need(rule.unit in UNITS, f"unknown unit {rule.unit}")
    for anchor in (rule.anchor, *rule.anchors):
        need(anchor in ANCHORS, f"unknown anchor {anchor}")
    need(rule.anchor_choice in ("latest", "earliest"), f"unknown anchor_choice {rule.anchor_choice}")
    need(rule.calendar in ("", *CALENDARS), f"unknown calendar {rule.calendar}")
    need(rule.rolls_over in ("", "next_working_day"), f"unknown rolls_over {rule.rolls_over}")
    need(rule.unit != "working_days" or bool(rule.calendar), "working days without a calendar")
    need(bool(rule.values), "no values")
    for value in rule.values:
        need(value.confirmed is None, "confirmations belong to an agency, never to a rule file")
        need(bool(value.sources), f"the value from {value.starts} has no source")
        need(value.confidence in CONFIDENCES, f"unknown confidence {value.confidence}")
        need(value.starts_basis in STARTS_BASES, f"unknown starts_basis {value.starts_basis}")
        need((value.value is None) == bool(value.not_encoded), "a value, or not_encoded and what is known")
        need(
            value.ends is None or value.ends >= value.starts, f"the value from {value.starts} ends before it"
        )
        need(
            value.value is None or rule.unit in ("text", "code") or isinstance(value.value, int),
            f"the value from {value.starts} is not a whole number",
        )
        _check_parts(value, need)
    ordered = sorted(rule.values, key=lambda value: value.starts)
    need(list(rule.values) == ordered, "values are not ordered by their start")
    for earlier, later in itertools.pairwise(ordered):
        need(earlier.ends is not None and earlier.ends < later.starts, f"values overlap at {later.starts}")
    return rule


def _check_parts(value: RuleValue, need: Callable[[bool, str], None]) -> None:
    need(value.combine in ("", "latest", "earliest", "then"), f"unknown combine {value.combine}")
    need(bool(value.also) == bool(value.combine), "further clocks and combine belong together")
    for clock in value.also:
        need(clock.unit in UNITS, f"unknown unit {clock.unit} of a further clock")
        need(
            clock.anchor in ANCHORS or (not clock.anchor and value.combine == "then"),
            f"unknown anchor {clock.anchor} of a further clock",
        )
    remedy = value.remedy
    if remedy is None:
        return
    need(remedy.kind in REMEDIES, f"unknown remedy {remedy.kind}")
    need(remedy.confidence in CONFIDENCES, f"unknown confidence {remedy.confidence} of the remedy")
    need(
        (remedy.kind == "interest") == bool(remedy.annual_rate_pct or remedy.rates),
        "interest and a rate belong together",
    )
    need(not (remedy.annual_rate_pct and remedy.rates), "one rate, or rates by day, not both")
    for span in remedy.rates:
        need(span.first_day <= span.last_day, f"the rate from {span.first_day} ends before it")
        need(span.confidence in CONFIDENCES, f"unknown confidence of the rate from {span.first_day}")
    for earlier, later in itertools.pairwise(remedy.rates):
        need(earlier.last_day < later.first_day, f"rates overlap at {later.first_day}")
    need(
        (remedy.kind == "tiered_penalty") == bool(remedy.tiers), "a tiered penalty and tiers belong together"
    )
    need(remedy.kind != "not_encoded" or bool(remedy.note), "a remedy without a value says what is known")


def compile_rules() -> str:
    """The compiled artefact: one rule a line, ordered by id, canonical JSON."""
    encoder = msgspec.json.Encoder(order="deterministic")
    return "".join(
        encoder.encode(rule).decode() + "\n" for rule in sorted(read_rule_files(), key=lambda r: r.id)
    )


def _dates_as_text(value: Any) -> Any:
    """YAML reads bare dates as dates; msgspec wants them as text."""
    if isinstance(value, dict):
        return {key: _dates_as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_dates_as_text(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
