"""Corrected and void claims: with the payer's newest number, or by the payer's own path."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

import msgspec

from cleanclaim.claim import Claim, Frequency, PayerParty
from cleanclaim_data.loader import read_csv

NEVER_PROCESSED = frozenset({"MA130", "N142", "N517"})
NOT_FOUND = "31"


class Way(StrEnum):
    """How an adjudicated (or refused) claim is put right."""

    NEW_CLAIM = "new_claim"
    REPLACEMENT = "replacement"
    VOID = "void"
    VOID_THEN_NEW = "void_then_new"
    REOPENING = "reopening"
    WAIT = "wait"


class PayerNumber(msgspec.Struct, frozen=True):
    """A payer control number (CLP07 or REF*1K) and the day we learnt it."""

    number: str
    learnt_on: date
    is_reversal: bool = False


class Correction(msgspec.Struct, frozen=True, omit_defaults=True):
    """The way, the number to send, and why."""

    way: Way
    why: str
    payer_control_number: str = ""
    words: str = ""
    """The payer's own path in words, where it takes neither."""
    source: str = ""


def newest_number(numbers: Iterable[PayerNumber]) -> str:
    """The newest number that is not a reversal's; of one day, the last given."""
    best = ""
    best_on = date.min
    for one in numbers:
        if not one.is_reversal and one.number.strip() and one.learnt_on >= best_on:
            best, best_on = one.number.strip(), one.learnt_on
    return best


BY_PATH = {
    "resubmit": Way.NEW_CLAIM,
    "paper": Way.NEW_CLAIM,
    "call": Way.REOPENING,
    "reopening": Way.REOPENING,
}
"""What is done where a payer takes neither replacement nor void, by the column ``path``; see `path_words`."""


def _path(payer: PayerParty) -> dict[str, str] | None:
    """The payer's own row where it has one, else that of its kind and plan."""
    held = read_csv("posting/correction_paths.csv")
    if payer.payer_id and (named := [row for row in held if row["payer_id"] == payer.payer_id]):
        return named[0]
    rows = [row for row in held if not row["payer_id"] and row["payer_kind"] == payer.kind.value]
    own = [row for row in rows if row["claim_filing_code"] == payer.claim_filing_code]
    general = [row for row in rows if not row["claim_filing_code"]]
    return next(iter(own or general), None)


def correction_path(
    payer: PayerParty,
    numbers: Iterable[PayerNumber],
    *,
    is_adjudicated: bool,
    is_pending: bool = False,
    remarks: Iterable[str] = (),
    carcs: Iterable[str] = (),
    changes_identity: bool = False,
    bills_in_error: bool = False,
) -> Correction:
    """How to put a claim right. First that fits.

    Args:
        numbers: Every number this payer gave the claim.
        is_adjudicated: An 835 has paid or denied it; a rejection (999, 277CA) is no adjudication.
        changes_identity: Patient, another person's member number, or billing provider was wrong.
        bills_in_error: The service must not have been billed to this payer at all.

    Source:
        transactions.md 2.3.
    """
    held = list(numbers)
    number, told = newest_number(held), set(remarks)
    if is_pending:
        return Correction(Way.WAIT, "the claim is still in process; a second one would be a duplicate (N779)")
    if not is_adjudicated:
        return Correction(Way.NEW_CLAIM, "it was refused before anybody decided it")
    if told & NEVER_PROCESSED:
        return Correction(
            Way.NEW_CLAIM, f"{', '.join(sorted(told & NEVER_PROCESSED))}: no claim was processed"
        )
    row = _path(payer)
    if row is None:
        return Correction(Way.REOPENING, "how this kind of payer takes corrections is not encoded: ask it")
    voids, replaces = row["accepts_void"] == "yes", row["accepts_replacement"] == "yes"
    if not voids and not replaces:
        whom = "this payer" if row["payer_id"] else payer.claim_filing_code or payer.kind.value
        why = f"{whom} takes neither replacement nor void"
        way = BY_PATH.get(row["path"], Way.REOPENING)
        return Correction(way, why, number if way is Way.REOPENING else "", row["path_words"], row["source"])
    if NOT_FOUND in set(carcs):
        return Correction(Way.NEW_CLAIM, "the member was not found: nothing was decided for anybody")
    if not number:
        return Correction(Way.REOPENING, "the payer's number of the claim is not known: ask for it first")
    if bills_in_error and not voids:
        why = "the payer takes no void: ask it how it takes back what it should not have been billed"
        return Correction(Way.REOPENING, why, number, row["path_words"], row["source"])
    if not bills_in_error and not replaces and not changes_identity:
        why = "the payer takes no replacement: void what was decided, then send it anew"
        return Correction(Way.VOID_THEN_NEW, why, number, row["path_words"], row["source"])
    if bills_in_error:
        return Correction(Way.VOID, "billed in error", number, source=row["source"])
    if changes_identity:
        why = "a replacement cannot change patient or billing provider"
        return Correction(Way.VOID_THEN_NEW, why, number, source=row["source"])
    return Correction(Way.REPLACEMENT, "decided, and our data were wrong", number, source=row["source"])


def corrected_claim(original: Claim, now_says: Claim, correction: Correction, *, claim_number: str) -> Claim:
    """The replacement: all lines as they should be, frequency 7, the payer's number.

    Raises:
        ValueError: The way is no replacement, or the number is missing.
    """
    if correction.way is not Way.REPLACEMENT or not correction.payer_control_number:
        raise ValueError(f"a corrected claim cannot be built: {correction.why}")
    return _numbered(now_says, original, claim_number, Frequency.REPLACEMENT, correction.payer_control_number)


def void_claim(original: Claim, correction: Correction, *, claim_number: str) -> Claim:
    """The void: the claim exactly as it was paid, frequency 8, the payer's number.

    Raises:
        ValueError: The way needs no void, or the number is missing.
    """
    if correction.way not in (Way.VOID, Way.VOID_THEN_NEW) or not correction.payer_control_number:
        raise ValueError(f"a void cannot be built: {correction.why}")
    return _numbered(original, original, claim_number, Frequency.VOID, correction.payer_control_number)


def _numbered(value: Claim, original: Claim, number: str, frequency: Frequency, control: str) -> Claim:
    lines = tuple(
        msgspec.structs.replace(line, control_number=f"{number}L{line.number}") for line in value.lines
    )
    return msgspec.structs.replace(
        value,
        claim_number=number,
        frequency=frequency,
        payer_control_number=control,
        lines=lines,
        sequence=original.sequence,
    )
