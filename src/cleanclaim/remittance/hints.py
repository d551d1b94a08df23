"""What decisions about a payer's numbers teach, and when that may settle an answer.

A hint settles an answer only where it turns the payer's number into one of ours exactly, the charge agrees,
and it was right often enough and never wrong. Facts alone never do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from cleanclaim.remittance.matching import Candidate, Match, MatchRule
from cleanclaim.x12.sets.records import RemitClaim

HINT_TRIED_MIN = 3
"""Decisions of the same pattern, all alike, before a hint may settle an answer by itself."""

_PUNCTUATION = re.compile(r"[^A-Z0-9]")


def _bare(text: str) -> str:
    return _PUNCTUATION.sub("", text.upper())


class HintEffect(StrEnum):
    """How a payer changes our number."""

    CUT_PREFIX = "cut_prefix"
    CUT_SUFFIX = "cut_suffix"
    KEEP_DIGITS = "keep_digits"
    """It drops our letters; the digits are compared."""
    REPLACE_PREFIX = "replace_prefix"
    """It puts its own beginning in the place of ours; `text` is ``theirs>ours``."""
    NOT_OURS = "not_ours"
    """Numbers of this shape belong to somebody else."""


class PayerHint(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was learnt about one payer: answers of this shape need this effect to become our number.

    `pattern` is the shape of CLP01: letters ``A``, digits ``9``, runs counted, such as ``A1 9 6``.
    """

    payer_id: str
    pattern: str
    effect: HintEffect
    text: str = ""
    right: int = 1
    """Decisions that agreed."""
    wrong: int = 0
    """Decisions that did not."""

    @property
    def is_proven(self) -> bool:
        """Right often enough, and never wrong."""
        return self.right >= HINT_TRIED_MIN and not self.wrong


def shape_of(number: str) -> str:
    """The pattern of a number: what kinds of characters, how many.

    Examples:
        >>> shape_of("AB12345X")
        'A2 95 A1'
    """
    kinds = re.findall(r"[A-Z]+|[0-9]+", _bare(number))
    return " ".join(f"{'9' if run[0].isdecimal() else 'A'}{len(run)}" for run in kinds)


def learn(
    payer_id: str, claim: RemitClaim, our_number: str | None, hints: Iterable[PayerHint] = ()
) -> tuple[PayerHint, ...]:
    """What a person's decision teaches.

    Args:
        our_number: Claim number of ours that was chosen; None when the answer is not ours.
        hints: What is known of this payer.

    Returns:
        The hints of the payer afterwards. Hints of the same shape that would have given another answer count
        one wrong more; a decision that no simple effect explains teaches nothing new.
    """
    theirs, shape = _bare(claim.claim_number), shape_of(claim.claim_number)
    effect = HintEffect.NOT_OURS, ""
    found = effect if our_number is None else _effect(theirs, _bare(our_number))
    after: list[PayerHint] = []
    counted = False
    for hint in hints:
        if hint.payer_id == payer_id and hint.pattern == shape:
            if (hint.effect, hint.text) == found:
                hint = msgspec.structs.replace(hint, right=hint.right + 1)
                counted = True
            else:
                said = apply_hint(hint, claim.claim_number)
                if our_number is None or said != _bare(our_number):
                    hint = msgspec.structs.replace(hint, wrong=hint.wrong + 1)
        after.append(hint)
    if found is not None and not counted and shape:
        after.append(PayerHint(payer_id, shape, found[0], found[1]))
    return tuple(after)


def _effect(theirs: str, ours: str) -> tuple[HintEffect, str] | None:
    """The simplest effect that turns their number into ours; None when there is none, or none is needed."""
    if not theirs or not ours or theirs == ours:
        return None
    if theirs.endswith(ours):
        return HintEffect.CUT_PREFIX, theirs[: -len(ours)]
    if theirs.startswith(ours):
        return HintEffect.CUT_SUFFIX, theirs[len(ours) :]
    digits = re.sub(r"[^0-9]", "", ours)
    if len(digits) >= 4 and re.sub(r"[^0-9]", "", theirs) == digits:
        return HintEffect.KEEP_DIGITS, ""
    tail = 0
    while tail < min(len(theirs), len(ours)) and theirs[-1 - tail] == ours[-1 - tail]:
        tail += 1
    if tail >= 5:
        return HintEffect.REPLACE_PREFIX, f"{theirs[:-tail]}>{ours[:-tail]}"
    return None


def apply_hint(hint: PayerHint, number: str) -> str:
    """The number that a hint makes of the payer's; `''` when it does not apply.

    Examples:
        >>> apply_hint(PayerHint("1", "A1 95", HintEffect.CUT_PREFIX, "X"), "X12345")
        '12345'
    """
    bare = _bare(number)
    if shape_of(number) != hint.pattern:
        return ""
    if hint.effect is HintEffect.CUT_PREFIX and bare.startswith(hint.text):
        return bare[len(hint.text) :]
    if hint.effect is HintEffect.CUT_SUFFIX and bare.endswith(hint.text):
        return bare[: len(bare) - len(hint.text)]
    if hint.effect is HintEffect.KEEP_DIGITS:
        return re.sub(r"[^0-9]", "", bare)
    if hint.effect is HintEffect.REPLACE_PREFIX:
        theirs, _, ours = hint.text.partition(">")
        return ours + bare[len(theirs) :] if bare.startswith(theirs) else ""
    return ""


def match_by_hints(
    claim: RemitClaim, candidates: Iterable[Candidate], hints: Iterable[PayerHint], payer_ids: Sequence[str]
) -> Match | None:
    """Settle an answer by what decisions about this payer taught.

    Returns:
        A match by number. `safe` only when the hint is proven, exactly one claim of ours has the number, and
        the charge is equal; otherwise a suggestion with the reason. None when no hint speaks. An answer that
        decisions called "not ours" is suggested as such, never acted on.
    """
    held = list(candidates)
    for hint in sorted(hints, key=lambda one: (-one.right, one.wrong, one.effect, one.text)):
        if hint.payer_id not in payer_ids or hint.pattern != shape_of(claim.claim_number):
            continue
        if hint.effect is HintEffect.NOT_OURS:
            return Match(
                None, MatchRule.HINT, f"numbers of this shape were not ours in {hint.right} decisions"
            )
        number = apply_hint(hint, claim.claim_number)
        digits = hint.effect is HintEffect.KEEP_DIGITS
        hits = {
            one.key: one
            for one in held
            if number
            and number == (re.sub(r"[^0-9]", "", one.claim_number) if digits else _bare(one.claim_number))
        }
        if len(hits) > 1:
            return Match(
                None, MatchRule.HINT, f"{len(hits)} claims fit what was learnt; a person decides", tuple(hits)
            )
        for key, one in hits.items():
            equal = abs(claim.charge_cents) == one.charge_cents
            why = f"number is ours as {hint.right} decisions read this payer's numbers"
            if hint.wrong:
                why += f", {hint.wrong} did not"
            if not equal:
                why += "; the charge differs"
            return Match(key, MatchRule.HINT, why, safe=equal and hint.is_proven)
    return None
