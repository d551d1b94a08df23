"""Rules that billers write: conditions over documented claim fields, and one action.

`read_rule` refuses what is outside the closed lists; `sentence` says what a rule does; `replay_rule` tries
it on the claims of the past; `judge_claims` applies rules to claims that have not left. Rules never touch
money, codes, units, diagnoses or people, and never a claim that was sent.
"""

from cleanclaim.edits.practice_rules.actions import PAYMENT_MODIFIERS, ROLES, SETTABLE
from cleanclaim.edits.practice_rules.compiling import CompiledRule, View
from cleanclaim.edits.practice_rules.fields import FIELDS, OPERATORS, Field, Kind, Operator
from cleanclaim.edits.practice_rules.model import (
    ACTIONS,
    REPAIRS,
    Action,
    Change,
    Condition,
    Judged,
    PracticeRule,
    RuleInvalid,
)
from cleanclaim.edits.practice_rules.reading import encode_rule, read_rule, rule_hash
from cleanclaim.edits.practice_rules.replay import (
    OUTCOME_SCHEMA,
    OUTCOMES,
    Example,
    Replay,
    Share,
    replay_rule,
)
from cleanclaim.edits.practice_rules.running import judge_claims, repair_finding, unreadable
from cleanclaim.edits.practice_rules.sentence import sentence

__all__ = [
    "ACTIONS",
    "FIELDS",
    "OPERATORS",
    "OUTCOMES",
    "OUTCOME_SCHEMA",
    "PAYMENT_MODIFIERS",
    "REPAIRS",
    "ROLES",
    "SETTABLE",
    "Action",
    "Change",
    "CompiledRule",
    "Condition",
    "Example",
    "Field",
    "Judged",
    "Kind",
    "Operator",
    "PracticeRule",
    "Replay",
    "RuleInvalid",
    "Share",
    "View",
    "encode_rule",
    "judge_claims",
    "read_rule",
    "repair_finding",
    "replay_rule",
    "rule_hash",
    "sentence",
    "unreadable",
]
