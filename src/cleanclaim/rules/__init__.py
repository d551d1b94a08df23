"""The rule book: dated, cited values, resolved for payer, plan, state, programme and date.

Rules refuse to guess: no value means `RuleNotEncoded`. Source form: YAML files in
``cleanclaim_data/rules``; run ``python -m cleanclaim.rules`` after changing one.

`deadline` answers a biller's question, `late_payment` computes what a late payer owes, `coverage` lays out
what is encoded and what is not, per state, topic and payer kind.
"""

from cleanclaim.rules.book import RuleBook, rule_context
from cleanclaim.rules.calendars import CALENDARS, add_working_days, holidays, is_working_day
from cleanclaim.rules.confirming import (
    Confirmation,
    fingerprint,
    may_confirm,
    outdated,
    with_confirmations,
)
from cleanclaim.rules.counting import AnchorMissing, UnitNotCountable, add_months, count_from
from cleanclaim.rules.deadlines import Deadline, prompt_pay_day, timely_filing_day
from cleanclaim.rules.files import load_rule_book
from cleanclaim.rules.model import (
    ANCHORS,
    SPECIFICITY,
    Clock,
    Confirmed,
    RateSpan,
    Remedy,
    Resolution,
    Rule,
    RuleConflict,
    RuleFileInvalid,
    RuleNotEncoded,
    RuleValue,
    Tier,
)
from cleanclaim.rules.questions import (
    KINDS,
    PAYER_WORDS,
    UnknownQuestion,
    context_for,
    deadline,
    presumed_receipt,
)
from cleanclaim.rules.remedies import Owed, RemedyNotComputable, late_payment, simple_interest
from cleanclaim.rules.roles import Roles, payer_roles
from cleanclaim.rules.weighing import Weighed, weigh

__all__ = [
    "ANCHORS",
    "CALENDARS",
    "KINDS",
    "PAYER_WORDS",
    "SPECIFICITY",
    "AnchorMissing",
    "Clock",
    "Confirmation",
    "Confirmed",
    "Deadline",
    "Owed",
    "RateSpan",
    "Remedy",
    "RemedyNotComputable",
    "Resolution",
    "Roles",
    "Rule",
    "RuleBook",
    "RuleConflict",
    "RuleFileInvalid",
    "RuleNotEncoded",
    "RuleValue",
    "Tier",
    "UnitNotCountable",
    "UnknownQuestion",
    "Weighed",
    "add_months",
    "add_working_days",
    "context_for",
    "count_from",
    "deadline",
    "fingerprint",
    "holidays",
    "is_working_day",
    "late_payment",
    "load_rule_book",
    "may_confirm",
    "outdated",
    "payer_roles",
    "presumed_receipt",
    "prompt_pay_day",
    "rule_context",
    "simple_interest",
    "timely_filing_day",
    "weigh",
    "with_confirmations",
]
