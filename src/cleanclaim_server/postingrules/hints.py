"""What decisions taught about the numbers of a payer: folded from the decisions, never stored twice."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from cleanclaim.remittance import PayerHint, learn
from cleanclaim.remittance.hints import HintEffect
from cleanclaim.x12.sets.records import RemitClaim
from cleanclaim_server.postingrules.history import UNMATCHED
from cleanclaim_server.postingrules.models import Decision, Said

TAUGHT_BY = (Said.MATCHED, Said.NOT_OURS, Said.FORGOTTEN)
WORDS = {
    HintEffect.CUT_PREFIX: "puts {text} before our number",
    HintEffect.CUT_SUFFIX: "puts {text} after our number",
    HintEffect.KEEP_DIGITS: "drops the letters of our number",
    HintEffect.REPLACE_PREFIX: "writes {theirs} where our number begins with {ours}",
    HintEffect.NOT_OURS: "sends numbers of this shape that are not ours",
}


def hints_of(practice_id: UUID, payer_numbers: Sequence[str] | None = None) -> tuple[PayerHint, ...]:
    """The hints in force, of these payers or of all.

    A hint's `right` and `wrong` count the decisions since it was last revoked.
    """
    rows = Decision.objects.filter(practice_id=practice_id, said__in=TAUGHT_BY).exclude(payer_number="")
    rows = rows.filter(Q(pattern__startswith=UNMATCHED) | Q(said=Said.FORGOTTEN))
    if payer_numbers is not None:
        rows = rows.filter(payer_number__in=list(payer_numbers))
    hints: tuple[PayerHint, ...] = ()
    for payer, said, theirs, ours, gone in rows.order_by("made_at", "id").values_list(
        "payer_number", "said", "their_number", "our_number", "hint"
    ):
        if said == Said.FORGOTTEN:
            named = (payer, gone.get("pattern"), gone.get("effect"), gone.get("text", ""))
            hints = tuple(
                one for one in hints if (one.payer_id, one.pattern, str(one.effect), one.text) != named
            )
            continue
        number = ours if said == Said.MATCHED else None
        hints = learn(payer, RemitClaim(theirs, "1", 0, 0), number, hints)
    return hints


def in_words(hint: PayerHint) -> str:
    """What a hint says of its payer.

    Examples:
        >>> in_words(PayerHint("60054", "A1 95", HintEffect.CUT_PREFIX, "X"))
        'puts X before our number'
    """
    theirs, _, ours = hint.text.partition(">")
    return WORDS[hint.effect].format(text=hint.text, theirs=theirs or "nothing", ours=ours or "nothing")
