"""Plain words for what the machine thinks of a line, and who said what."""

from __future__ import annotations

from cleanclaim.bank import BankLine, ExceptionKind, LineKind, MatchKind
from cleanclaim_server.bank.models import AsideReason, Line, Proposal

LINE_KINDS = {
    LineKind.ACH: "EFT",
    LineKind.CHECK: "Check",
    LineKind.WIRE: "Wire",
    LineKind.LOCKBOX: "Lockbox",
    LineKind.CARD: "Card",
    LineKind.INTEREST: "Interest",
    LineKind.FEE: "Fee",
    LineKind.OTHER: "Other",
}
THOUGHTS = {
    ExceptionKind.MISSING_REMITTANCE: "No remittance says what for",
    ExceptionKind.MISSING_DEPOSIT: "No deposit came",
    ExceptionKind.DOUBLED_DEPOSIT: "Its number was deposited before",
    ExceptionKind.AMOUNT_DIFFERS: "The number agrees, the amount does not",
    ExceptionKind.RETURNED: "The bank took it back",
    ExceptionKind.AMBIGUOUS: "Several payments fit",
    ExceptionKind.NOT_PAYER_MONEY: "No insurance money, by its words",
    ExceptionKind.UNKNOWN: "Nothing explains it",
}
HOW = {
    MatchKind.TRACE: "Trace number",
    MatchKind.CHECK_NUMBER: "Check number",
    MatchKind.TRACE_SPLIT: "Trace number, in parts",
    MatchKind.TRACE_MERGED: "Trace number and sum",
    MatchKind.AMOUNT_AND_DAY: "Amount and day",
    MatchKind.MERGED: "Sum of payments",
    MatchKind.SPLIT: "Sum of lines",
    "person": "By hand",
}
TONES = {
    ExceptionKind.AMOUNT_DIFFERS: "stop",
    ExceptionKind.DOUBLED_DEPOSIT: "stop",
    ExceptionKind.RETURNED: "stop",
    ExceptionKind.MISSING_REMITTANCE: "override",
    ExceptionKind.AMBIGUOUS: "override",
}
SAYS_MORE = frozenset({ExceptionKind.AMBIGUOUS, ExceptionKind.RETURNED, ExceptionKind.DOUBLED_DEPOSIT})
"""Where the reason tells more than the word."""
NOT_LOOKED_AT = "Not looked at yet"


def thought(rows: list[Proposal]) -> dict:
    """What the last run said of a line or payment: words, tone, why, and whether one click accepts it."""
    if not rows:
        return {"word": NOT_LOOKED_AT, "tone": "", "why": "", "is_match": False, "kind": ""}
    first = next((row for row in rows if row.is_match), rows[0])
    if first.is_match:
        payments = sum(1 for row in rows if row.remittance_id)
        word = "Looks like one payment" if payments < 2 else f"Looks like {payments} payments together"
        if sum(1 for row in rows if row.line_id) > 1:
            word = "Looks like part of one payment"
        return {"word": word, "tone": "accent", "why": first.why, "is_match": True, "kind": first.kind}
    return {
        "word": THOUGHTS.get(first.kind, first.kind),
        "tone": TONES.get(first.kind, ""),
        "why": first.why if first.kind in SAYS_MORE else "",
        "is_match": False,
        "kind": first.kind,
    }


def deposit_state(said: Proposal | None) -> dict:
    """How a payment's deposit stands, as a badge: word, tone, icon."""
    if said is None:
        return {"word": "Awaited", "tone": "tell", "icon": "hourglass"}
    if said.is_match:
        return {"word": "A line to confirm", "tone": "accent", "icon": "circle-check"}
    if said.kind == ExceptionKind.MISSING_DEPOSIT:
        return {"word": "Late", "tone": "stop", "icon": "clock-alert"}
    if said.kind == ExceptionKind.AMOUNT_DIFFERS:
        return {"word": "Another amount came", "tone": "stop", "icon": "scale"}
    return {"word": "Several lines fit", "tone": "override", "icon": "split"}


def text_of(line: Line) -> str:
    """The bank's own words in one line."""
    words = line.words or {}
    parts = (words.get("payer_name", ""), words.get("text", ""))
    return " ".join(" ".join(dict.fromkeys(filter(None, parts))).split())


def kind_word(line: Line | BankLine) -> str:
    return LINE_KINDS.get(line.kind, "Other")


def who(name: str) -> str:
    """Who decided; nobody is the machine."""
    return name or "Cleanclaim"


def reasons(keys) -> list[tuple[str, str]]:
    return [(key, AsideReason(key).label) for key in keys]


IN_THE_BOOKS = {
    AsideReason.PATIENT: (
        "Nothing is booked: what patients paid was booked to Deposits on their way when it was "
        "taken in, and stays there until somebody says which payments this line is."
    ),
    AsideReason.CARD: (
        "Nothing is booked: the cards were booked to Deposits on their way when they were taken in,"
        " and stay there until somebody says which payments this settlement is."
    ),
    AsideReason.FEE: (
        "Nothing is booked: the bank's fees and interest are the practice's own, and these books "
        "hold what payers and patients owe and pay. No account shows them."
    ),
    AsideReason.SPENT: (
        "Nothing is booked: the practice's own spending is in its own accounting. No account here shows it."
    ),
    AsideReason.OWN: (
        "Nothing is booked: the money changed its account at the bank, not its owner. Cash is as it was."
    ),
    AsideReason.RETURNED: (
        "Nothing is booked by this. Take the match of the returned deposit back as well: then its "
        "money leaves Cash and stands in Deposits on their way again."
    ),
    AsideReason.REPLACED: (
        "Nothing is booked: this payment's money stays in Deposits on their way until its posting "
        "is undone; the payment in its place has entries of its own."
    ),
    AsideReason.ELSEWHERE: (
        "Nothing is booked: the payment is posted, and its money stays in Deposits on their way, "
        "since the account it went to is not read here."
    ),
    AsideReason.CARD_FEE: (
        "Nothing is booked: what the processor kept stays in Deposits on their way; its fee is the "
        "practice's own expense."
    ),
    AsideReason.OTHER: (
        "Nothing is booked: no account shows it. If it is a payer's or a patient's, take this back "
        "and record it."
    ),
}
"""Why setting aside books nothing, and which account shows the money."""


def in_the_books(reason: str) -> str:
    return IN_THE_BOOKS[AsideReason(reason)]
