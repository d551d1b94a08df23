"""The rule book: dated, cited values, resolved for payer, plan, state, programme and date.

Rules refuse to guess: no value means `RuleNotEncoded`. Source form: YAML files in
``cleanclaim_data/rules``; run ``python -m cleanclaim.rules`` after changing one.
"""

from cleanclaim.rules.book import RuleBook, rule_context
from cleanclaim.rules.deadlines import (
    AnchorMissing,
    Deadline,
    UnitNotCountable,
    add_months,
    count_from,
    prompt_pay_day,
    timely_filing_day,
)
from cleanclaim.rules.files import load_rule_book
from cleanclaim.rules.model import Resolution, Rule, RuleConflict, RuleFileInvalid, RuleNotEncoded, RuleValue

__all__ = [
    "AnchorMissing",
    "Deadline",
    "Resolution",
    "Rule",
    "RuleBook",
    "RuleConflict",
    "RuleFileInvalid",
    "RuleNotEncoded",
    "RuleValue",
    "UnitNotCountable",
    "add_months",
    "count_from",
    "load_rule_book",
    "prompt_pay_day",
    "rule_context",
    "timely_filing_day",
]
