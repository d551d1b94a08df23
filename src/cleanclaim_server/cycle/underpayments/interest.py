"""What the law says a payer owes for paying late: the rule book's last day and its remedy."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from cleanclaim.claim import Claim as ClaimValue
from cleanclaim.pricing.underpayment import PaidLine
from cleanclaim.rules import RuleBook, RuleNotEncoded
from cleanclaim.rules.counting import AnchorMissing, UnitNotCountable
from cleanclaim.rules.deadlines import Deadline
from cleanclaim.rules.questions import PAYER_WORDS, UnknownQuestion, deadline
from cleanclaim.rules.remedies import RemedyNotComputable, late_payment
from cleanclaim.sources import document
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.rulebook.queries import book_of

ASKS_AFTER_DAYS = 30
"""No state's period for electronic claims is shorter than this by more than a few days: a payment that came
sooner needs no word about a rule that is missing."""


def rules_of(practice_id: UUID) -> RuleBook:
    """The rule book of a practice's agency."""
    return book_of(Practice.objects.values_list("agency_id", flat=True).get(pk=practice_id))


@dataclass(frozen=True)
class Interest:
    """What is due for one line paid late. `cents` None: no rule says, `why` tells what is missing."""

    cents: int | None = None
    why: str = ""


@dataclass
class LateRules:
    """The rules of an agency, with what its people confirmed; each distinct question is looked up once."""

    book: RuleBook
    _days: dict[tuple, Deadline | str] = field(default_factory=dict)

    def interest(self, line: PaidLine, claim: ClaimValue, program: str = "") -> Interest:
        """The interest or penalty of one line by law.

        Args:
            program: How the plan is financed, where the plan says it (`Plan.program`).
        """
        if line.is_secondary or line.paid_cents <= 0 or line.received_on is None or line.paid_on is None:
            return Interest()
        word = program if program in PAYER_WORDS else claim.payer.kind.value
        found = self._last_day(
            word, claim.payer.plan_state or claim.state, claim.payer.payer_id, line.received_on
        )
        late = (line.paid_on - line.received_on).days > ASKS_AFTER_DAYS
        if isinstance(found, str):
            return Interest(None, found if late else "")
        if line.paid_on <= found.day:
            return Interest(0, "")
        if found.remedy is None:
            return Interest(None, f"Due {found.day.isoformat()} by {found.rule_id}; it names no remedy.")
        try:
            owed = late_payment(
                found.remedy,
                amount_cents=line.paid_cents,
                due=found.day,
                paid_on=line.paid_on,
                billed_cents=line.charge_cents,
            )
        except RemedyNotComputable as error:
            return Interest(None, f"{found.rule_id}: {error}")
        words = [f"{found.rule_id}:", *owed.steps]
        words += list(found.assumes)
        words += [] if owed.enforceable and found.enforceable else ["The rule was not seen in its source."]
        return Interest(owed.amount_cents, " ".join(words))

    def _last_day(self, word: str, state: str, payer_id: str, received_on: date) -> Deadline | str:
        key = (word, state, payer_id, received_on)
        if key not in self._days:
            self._days[key] = self._ask(word, state, payer_id, received_on)
        return self._days[key]

    def _ask(self, word: str, state: str, payer_id: str, received_on: date) -> Deadline | str:
        try:
            return deadline(
                "prompt_pay",
                payer_kind=word,
                state=state,
                plan=payer_id,
                on=received_on,
                rules=self.book,
            )
        except (RuleNotEncoded, AnchorMissing, UnitNotCountable, UnknownQuestion) as error:
            return f"Not encoded: {error}"


def law_of(rule_id: str, book: RuleBook) -> str:
    """A rule as a letter cites it: the provisions behind it; '' when the book does not hold the rule."""
    try:
        rule = book.find(rule_id)
    except KeyError:
        return ""
    cited: dict[str, None] = {}
    for value in rule.values:
        for source in value.sources:
            held = document(source.id)
            cited[source.at or (held.title if held else source.id)] = None
    return ", ".join(cited) or rule.title


def dispute_day(
    payer_kind: str, payer_id: str, state: str, paid_on: date, book: RuleBook
) -> tuple[date | None, bool]:
    """The last day to dispute a payment, and whether the rule can prove it; (None, False): not encoded."""
    try:
        found = deadline("dispute", payer_kind=payer_kind, state=state, plan=payer_id, on=paid_on, rules=book)
    except (RuleNotEncoded, AnchorMissing, UnitNotCountable, UnknownQuestion, ValueError):
        return None, False
    return found.day, found.enforceable
