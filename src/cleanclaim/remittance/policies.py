"""Posting policies as data, resolved for one practice and payer, with the reasons.

Two questions, each answered by the most specific row:

* How much posts by itself (automation level) and how far an adjustment may exceed the contract
  (tolerance): a setting. A row for a practice beats one for a payer, that beats one for a kind of payer.
* What happens to one adjustment: a rule. The stop-list comes first and cannot be outvoted. Then the row
  that names the first of these wins: practice, payer, kind of payer, remark, reason code, group, claim
  status. Rows that name the same things: the stricter effect wins, then the smaller id. So the order of
  rows means nothing.

Whatever a policy says, a payment that balances books its full amount to cash, and one that does not balance
posts nothing: neither is a matter of policy.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import msgspec

from cleanclaim.remittance.policy import Automation, CodeRule, Effect, PostingPolicy, code_lists
from cleanclaim_data.loader import DataInvalid, read_yaml

POLICIES_FILE = "posting/policies.yaml"

STRICTNESS = {Effect.POST: 0, Effect.POST_AND_QUEUE: 1, Effect.HOLD: 2}


class PolicySetting(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Automation level and tolerance for a scope; empty scope fields fit everything, None sets nothing."""

    id: str
    automation: Automation | None = None
    variance_tolerance_cents: int | None = None
    practice_id: str = ""
    payer_id: str = ""
    payer_kind: str = ""
    reason: str = ""
    source: str = ""
    confidence: str = ""

    def fits(self, practice_id: str, payer_ids: tuple[str, ...], payer_kind: str) -> bool:
        return (
            (not self.practice_id or self.practice_id == practice_id)
            and (not self.payer_id or self.payer_id in payer_ids)
            and (not self.payer_kind or self.payer_kind == payer_kind)
        )


class PolicyBook(msgspec.Struct, frozen=True):
    """All rows: the product's and those of the agency and its practices."""

    settings: tuple[PolicySetting, ...] = ()
    rules: tuple[CodeRule, ...] = ()


class TraceStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row that was looked at."""

    row_id: str
    says: str
    wins: bool
    why: str


class Resolution(msgspec.Struct, frozen=True):
    """The rule that decides, or None, and the rows that spoke, the winner first."""

    rule: CodeRule | None
    trace: tuple[TraceStep, ...] = ()


class ResolvedPolicy(msgspec.Struct, frozen=True):
    """The policy of one practice and payer, and where its level and tolerance come from."""

    policy: PostingPolicy
    trace: tuple[TraceStep, ...] = ()


def load_policy_book(settings: Iterable[PolicySetting] = (), rules: Iterable[CodeRule] = ()) -> PolicyBook:
    """The product's rows with those of a practice or agency added.

    Raises:
        DataInvalid: Two rows have one id, a row has none, a stop row does not hold, a tolerance is negative.
    """
    shipped = _shipped()
    book = PolicyBook((*shipped.settings, *settings), (*shipped.rules, *rules))
    seen: set[str] = set()
    for row_id in [setting.id for setting in book.settings] + [rule.id for rule in book.rules]:
        if not row_id or row_id in seen:
            raise DataInvalid(f"policy row {row_id!r}: every row has an id of its own")
        seen.add(row_id)
    for rule in book.rules:
        if rule.stop and rule.effect is not Effect.HOLD:
            raise DataInvalid(f"policy row {rule.id}: a stop row holds")
    for setting in book.settings:
        if (setting.variance_tolerance_cents or 0) < 0:
            raise DataInvalid(f"policy row {setting.id}: a tolerance is never negative")
    return book


@cache
def _shipped() -> PolicyBook:
    try:
        return msgspec.convert(read_yaml(POLICIES_FILE), PolicyBook)
    except msgspec.ValidationError as error:
        raise DataInvalid(f"{POLICIES_FILE}: {error}") from None


def policy_for(
    book: PolicyBook,
    *,
    practice_id: str = "",
    payer_ids: Iterable[str] = (),
    payer_kind: str = "",
    base: PostingPolicy | None = None,
) -> ResolvedPolicy:
    """The policy of one practice for one payer.

    Args:
        payer_ids: Every number under which the payer is known: TRN03, N104, tax id.
        base: Code lists; the product's when None.

    Returns:
        A `PostingPolicy` for `plan`, with the rules that may apply. Rules that name a payer stay in it and
        are tried against the numbers in the remittance.

    Examples:
        >>> policy_for(load_policy_book()).policy.automation
        <Automation.ALL: 'all'>
        >>> careful = PolicySetting("acme.new_payer", Automation.SAFE_LINES, payer_id="1999999999")
        >>> policy_for(load_policy_book([careful]), payer_ids=["1999999999"]).policy.automation
        <Automation.SAFE_LINES: 'safe_lines'>
    """
    ids = tuple(payer_ids)
    fitting = [row for row in book.settings if row.fits(practice_id, ids, payer_kind)]
    fitting.sort(key=lambda row: (_scope(row), row.id), reverse=True)
    level = next((row for row in fitting if row.automation is not None), None)
    tolerance = next((row for row in fitting if row.variance_tolerance_cents is not None), None)
    rules = tuple(
        rule
        for rule in book.rules
        if (not rule.practice_id or rule.practice_id == practice_id)
        and (not rule.payer_kind or rule.payer_kind == payer_kind)
    )
    policy = msgspec.structs.replace(
        base or code_lists(),
        automation=level.automation if level and level.automation else Automation.OFF,
        variance_tolerance_cents=(tolerance.variance_tolerance_cents or 0) if tolerance else 0,
        rules=rules,
    )
    trace = tuple(
        TraceStep(
            row.id,
            f"automation {row.automation or '-'}, tolerance {row.variance_tolerance_cents}",
            row is level or row is tolerance,
            _scope_words(row),
        )
        for row in fitting
    )
    return ResolvedPolicy(policy, trace)


def _scope(row: PolicySetting | CodeRule) -> tuple[bool, ...]:
    return bool(row.practice_id), bool(row.payer_id), bool(row.payer_kind)


def _scope_words(row: PolicySetting | CodeRule) -> str:
    named = [
        word
        for word, value in (
            ("practice", row.practice_id),
            ("payer", row.payer_id),
            ("kind of payer", row.payer_kind),
        )
        if value
    ]
    return f"names the {' and the '.join(named)}" if named else "names no practice and no payer"


def specificity(rule: CodeRule) -> tuple[bool, ...]:
    """How particular a rule is, for comparison: stop-list, then what it names, in order of weight."""
    return (
        rule.stop,
        *_scope(rule),
        bool(rule.remark),
        bool(rule.carc),
        bool(rule.group),
        bool(rule.status),
    )


def rule_order(rules: Iterable[CodeRule]) -> list[CodeRule]:
    """Rules from the one that wins to the one that loses against all."""
    by_id = sorted(rules, key=lambda rule: rule.id)
    return sorted(by_id, key=lambda rule: (specificity(rule), STRICTNESS[rule.effect]), reverse=True)


def resolve_rule(
    rules: Iterable[CodeRule],
    payer_ids: tuple[str, ...],
    group: str,
    carc: str,
    remarks: tuple[str, ...] = (),
    status: str = "",
) -> Resolution:
    """What policy says about one adjustment, and why.

    Examples:
        >>> found = resolve_rule(load_policy_book().rules, (), "CO", "192")
        >>> found.rule.effect, found.trace[0].why
        (<Effect.HOLD: 'hold'>, 'on the stop-list; names reason code')
    """
    fitting = rule_order(rule for rule in rules if rule.fits(payer_ids, group, carc, remarks, status))
    if not fitting:
        return Resolution(None)
    first = fitting[0]
    return Resolution(
        first,
        tuple(TraceStep(rule.id, str(rule.effect), rule is first, _names(rule)) for rule in fitting),
    )


def _names(rule: CodeRule) -> str:
    words = ("practice", "payer", "kind of payer", "remark", "reason code", "group", "claim status")
    named = [word for word, value in zip(words, specificity(rule)[1:], strict=True) if value]
    text = f"names {', '.join(named)}" if named else "names nothing"
    return f"on the stop-list; {text}" if rule.stop else text


class RuleTable:
    """The rules of a policy, sorted once; each question is answered once. One per remittance."""

    def __init__(self, policy: PostingPolicy, payer_ids: tuple[str, ...]) -> None:
        self._payer_ids = payer_ids
        self._rules = rule_order(
            rule for rule in policy.rules if not rule.payer_id or rule.payer_id in payer_ids
        )
        self._known: dict[tuple[str, str, tuple[str, ...], str], CodeRule | None] = {}
        self.codes = frozenset(rule.carc for rule in self._rules if rule.carc)
        """Reason codes that some rule names."""
        self.is_general = any(not rule.carc for rule in self._rules)
        """Whether some rule may speak of any reason code, or of a line without one."""

    def __bool__(self) -> bool:
        return bool(self._rules)

    def find(self, group: str, carc: str, remarks: tuple[str, ...], status: str) -> CodeRule | None:
        """The rule that decides about an adjustment of these codes."""
        key = (group, carc, remarks, status)
        if key not in self._known:
            self._known[key] = next(
                (rule for rule in self._rules if rule.fits(self._payer_ids, *key)),
                None,
            )
        return self._known[key]
