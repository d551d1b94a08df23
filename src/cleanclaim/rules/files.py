"""Rule files: YAML is the source form, one compiled artefact is what runs.

``python -m cleanclaim.rules`` compiles; a test fails when the artefact is older than its sources.
"""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import msgspec

from cleanclaim.rules.book import RuleBook
from cleanclaim.rules.model import SPECIFICITY, Rule, RuleFileInvalid
from cleanclaim_data import loader

FOLDER = "rules"
COMPILED = "rules/compiled.jsonl"
UNITS = frozenset(
    {
        "days", "working_days", "months", "months_after_service_month", "calendar_years", "years", "percent",
        "text",
    }
)  # fmt: skip
ANCHORS = frozenset({"date_of_service", "primary_adjudication", "payment", "receipt"})
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
    need(rule.anchor in ANCHORS, f"unknown anchor {rule.anchor}")
    need(bool(rule.values), "no values")
    for value in rule.values:
        need(bool(value.sources), f"the value from {value.starts} has no source")
        need(value.confidence in CONFIDENCES, f"unknown confidence {value.confidence}")
        need(value.starts_basis in STARTS_BASES, f"unknown starts_basis {value.starts_basis}")
        need((value.value is None) == bool(value.not_encoded), "a value, or not_encoded and what is known")
        need(
            value.ends is None or value.ends >= value.starts, f"the value from {value.starts} ends before it"
        )
        need(
            value.value is None or rule.unit == "text" or isinstance(value.value, int),
            f"the value from {value.starts} is not a whole number",
        )
    ordered = sorted(rule.values, key=lambda value: value.starts)
    need(list(rule.values) == ordered, "values are not ordered by their start")
    for earlier, later in itertools.pairwise(ordered):
        need(earlier.ends is not None and earlier.ends < later.starts, f"values overlap at {later.starts}")
    return rule


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
