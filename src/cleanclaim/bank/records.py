"""Lines of a bank account, and the payments that are expected on it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum

import msgspec

from cleanclaim.findings import Finding


class LineKind(StrEnum):
    """How money came, as far as the bank says."""

    ACH = "ach"
    CHECK = "check"
    WIRE = "wire"
    LOCKBOX = "lockbox"
    CARD = "card"
    INTEREST = "interest"
    FEE = "fee"
    OTHER = "other"


class BankLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One booked line. Credits positive, debits negative, whole cents.

    `key` is stable: reading the same line again, alone or in another file, gives the same key; two equal
    lines of one day get two keys.
    """

    key: str
    booked_on: date
    amount_cents: int
    account: str = ""
    """Last four characters only, as far as the file tells."""
    kind: LineKind = LineKind.OTHER
    traces: tuple[str, ...] = ()
    """TRN02 values found in the text."""
    check_number: str = ""
    bank_reference: str = ""
    customer_reference: str = ""
    text: str = ""
    payer_name: str = ""
    position: int = 0
    """Line of the file where it stands, from 1."""
    entry: str = ""
    """Shared by lines that the bank booked as one entry."""


class Statement(msgspec.Struct, frozen=True):
    """What was read from one file: lines in file order, and what is wrong with it.

    A file whose own control totals fail has no lines and a finding that stops.
    """

    format: str
    lines: tuple[BankLine, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def total_cents(self) -> int:
        """Sum of all lines."""
        return sum(line.amount_cents for line in self.lines)


class ExpectedPayment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A payment that a remittance announces, or one taken in at the desk.

    `key` is what the caller wants back. Amounts of zero (NON) need no deposit.
    """

    key: str
    amount_cents: int
    paid_on: date
    trace_number: str = ""
    method: str = ""
    """BPR04."""
    payer_id: str = ""
    payer_name: str = ""
    practice_id: str = ""


# TRN*1*trace*1TIN as the addenda of a CCD+ payment carries it; banks change the delimiters.
_TRN = re.compile(r"TRN[*|^:\s]+1[*|^:\s]+([A-Z0-9._/-]{3,50}?)(?=[*|^:\\~\s]|$)", re.IGNORECASE)
_TRACE = re.compile(
    r"\b(?:TRACE|TRN|EFT|REF)\s*(?:NUMBER|NUM|NBR|NO|ID|#)*[#.:\s]+(?=[A-Z-]*[0-9])([A-Z0-9-]{5,30})",
    re.IGNORECASE,
)
_CHECK = re.compile(
    r"\b(?:CK|CHK|CHECK|CHEQUE)\s*(?:NUMBER|NUM|NBR|NO|#)*[#.:\s]*([0-9]{3,12})\b", re.IGNORECASE
)


def find_traces(text: str) -> tuple[str, ...]:
    """Trace numbers in a bank's text, the reassociation segment first.

    Examples:
        >>> find_traces("HCCLAIMPMT TRN*1*0042187*1999999999\\\\")
        ('0042187',)
        >>> find_traces("ACH CREDIT Trace# 091000012345678")
        ('091000012345678',)
    """
    found = [match.group(1) for match in _TRN.finditer(text)]
    found = found or [match.group(1) for match in _TRACE.finditer(text)]
    return tuple(dict.fromkeys(found))


def find_check_number(text: str) -> str:
    """The check number in a bank's text, without leading zeros; `''` when there is none."""
    match = _CHECK.search(text)
    return match.group(1).lstrip("0") if match else ""


_KINDS = (
    (LineKind.LOCKBOX, r"LOCK\s?BOX"),
    (LineKind.WIRE, r"\bWIRE\b|FEDWIRE"),
    (LineKind.CARD, r"MERCHANT|BANKCARD|CARD SETTLE"),
    (LineKind.INTEREST, r"\bINTEREST\b"),
    (LineKind.FEE, r"\bFEE\b|SERVICE CHARGE"),
    (LineKind.ACH, r"\bACH\b|HCCLAIM|\bCCD\b|\bCTX\b|\bEFT\b|DIRECT DEP|PREAUTH"),
    (LineKind.CHECK, r"\bCHECK\b|\bCHK\b|\bDEPOSIT\b"),
)


def kind_of(text: str) -> LineKind:
    """The kind of a line by its words."""
    upper = text.upper()
    return next((kind for kind, pattern in _KINDS if re.search(pattern, upper)), LineKind.OTHER)


def with_keys(lines: Iterable[BankLine]) -> tuple[BankLine, ...]:
    """Lines with their stable keys: account, day, amount, references, text, and which of its equals it is."""
    seen: dict[str, int] = {}
    keyed = []
    for line in lines:
        text = " ".join(line.text.upper().split())
        parts = (
            line.account,
            line.booked_on.isoformat(),
            str(line.amount_cents),
            line.bank_reference,
            line.customer_reference,
            text,
        )
        digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
        seen[digest] = seen.get(digest, 0) + 1
        keyed.append(msgspec.structs.replace(line, key=f"{digest}-{seen[digest]}"))
    return tuple(keyed)


def last_four(account: str) -> str:
    """The end of an account number: enough to tell accounts apart, useless to a thief."""
    return "".join(ch for ch in account if ch.isalnum())[-4:]
