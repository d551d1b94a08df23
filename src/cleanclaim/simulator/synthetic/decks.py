"""Which scenario each patient's coverage names: fixed decks, so that none is ever missing.

About three quarters of the patients are plainly paid; since those with odd answers come less often,
they are about four fifths of the claims. The rest is spread over every scenario that a single
patient can show (`T1` needs a whole file).
"""

from __future__ import annotations

from cleanclaim.claim import PayerKind


def _deck(text: str) -> tuple[str, ...]:
    """``PD*3 N1`` is PD, PD, PD, N1."""
    cards: list[str] = []
    for word in text.split():
        prefix, _, count = word.partition("*")
        cards += [prefix] * int(count or 1)
    return tuple(cards)


DECKS: dict[PayerKind, tuple[str, ...]] = {
    PayerKind.MEDICARE: _deck("SQ*36 XO*8 N8 N1 N4 SL UP TB"),
    PayerKind.MEDICAID: _deck("PD*84 N1*2 N3*2 N4 N5*2 N9*2 NA NC*2 NF NG NH NJ NR NT RV SL RC RP ID IN"),
    PayerKind.COMMERCIAL: _deck(
        "PD*30 CP*86 CN*45 DD*25 DC*15"
        " N1 N2*3 N3*3 N4 N5*2 N6*3 N7*2 N8*2 N9 NA NC ND*3 NE*3 NF NG*2 NH*2 NJ NM*2 NR NT"
        " PT*3 UP*4 DN*2 ID RV*2 TB TW*2 IN SL ZB CC*2 WH*2 RP RT R9"
    ),
}

PLAIN = frozenset({"PD", "CP", "CN", "DD", "DC", "SQ"})
"""Scenarios in which everything goes as planned."""
