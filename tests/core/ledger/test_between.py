"""Claim payments between practices: pairs of entries, the part's own posting, and any order of moving and taking back."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.ledger.conftest import NOW, TODAY
from tests.core.ledger.test_remittances import CLAIM, IDS, book, remit

from cleanclaim.ledger import (
    Account,
    ChargeLine,
    EntryKind,
    LedgerError,
    PostedRemittance,
    Source,
    balances,
    balances_by_claim,
    balances_hash,
    between_entries,
    charge_entry,
    check_between,
    check_invariants,
    legs_of,
    out_of_unapplied,
    reverse_entry,
)

STRANGE = msgspec.structs.replace(CLAIM, claim_number="ZZ99")
"""The same answer under a number that is none of ours."""


def side(practice, remittance_id="r1"):
    return Source(practice, TODAY, NOW, "f" * 64, "0001", 7, "user-1", "The patient is theirs", remittance_id)


def pair(cents=9000, transfer="t1", giver="practice", taker="other"):
    return between_entries(
        side(giver), side(taker, "r2"), transfer_id=transfer, amount_cents=cents, payer_id="payer"
    )


@pytest.mark.parametrize("cents", [9000, 1, -9000])
def test_both_books_balance_and_together_owe_nothing(cents):
    out, into = pair(cents)
    assert balances(out.legs) == {Account.UNAPPLIED_INSURANCE: cents, Account.INTER_PRACTICE: -cents}
    assert balances(into.legs) == {Account.UNAPPLIED_INSURANCE: -cents, Account.INTER_PRACTICE: cents}
    assert (out.practice_id, into.practice_id) == ("practice", "other")
    assert check_invariants([out, into]) == [] and check_between([out, into]) == []


def test_a_move_to_itself_or_of_nothing_is_refused():
    with pytest.raises(LedgerError, match="two of them"):
        between_entries(side("a"), side("a"), transfer_id="t", amount_cents=1)
    with pytest.raises(LedgerError, match="nothing"):
        between_entries(side("a"), side("b"), transfer_id="t", amount_cents=0)


def test_one_side_alone_and_one_side_reversed_are_found():
    out, into = pair()
    assert [one.facts for one in check_between([out])] == [{"cents": -9000, "practices": 1}]
    back = reverse_entry(into, happened_on=TODAY, learned_at=NOW, actor="u", reason="r")
    assert [one.code for one in check_between([out, into, back])] == ["ledger.l13_between"]
    both = [back, reverse_entry(out, happened_on=TODAY, learned_at=NOW, actor="u", reason="r")]
    assert check_between([out, into, *both]) == []


def test_two_halves_of_two_transfers_do_not_cover_for_each_other():
    out, _ = pair(transfer="t1")
    _, into = pair(transfer="t2")
    assert [one.subject_id for one in check_between([out, into])] == ["t1", "t2"]


def test_a_part_posts_as_the_payment_would_with_suspense_for_cash(from_file):
    _, direct = book(remit(CLAIM), from_file)
    (entry,) = out_of_unapplied(direct)
    assert entry.kind is EntryKind.REMITTANCE_CLAIM and entry.input_hash != direct[0].input_hash
    assert balances_by_claim(entry.legs)["claim-a"] == {
        Account.INSURANCE_RECEIVABLE: -15000,
        Account.CONTRACTUAL_ADJUSTMENTS: 4000,
        Account.PATIENT_RECEIVABLE: 2000,
    }
    assert balances(entry.legs)[Account.UNAPPLIED_INSURANCE] == 9000
    assert Account.DEPOSIT_CLEARING not in balances(entry.legs)


def test_what_matches_nothing_there_is_in_suspense_already(from_file):
    _, direct = book(remit(STRANGE), from_file)
    assert direct[0].kind is EntryKind.REMITTANCE_UNMATCHED and out_of_unapplied(direct) == []


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda legs: legs[:0], "ledger.l5_part_differs"),
        (lambda legs: legs, None),
    ],
)
def test_l5_of_a_part_asks_what_the_other_practice_owes(spoil, code, from_file):
    content = remit(CLAIM)
    _, into = pair()
    _, direct = book(content, msgspec.structs.replace(from_file, practice_id="other", remittance_id="r2"))
    entries = [*([into] if spoil([1]) else []), *out_of_unapplied(direct)]
    posted = PostedRemittance("r2", "key", content, is_part=True)
    assert [one.code for one in check_invariants(entries, remittances=[posted])] == ([code] if code else [])


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["move", "back", "post", "unpost"])), max_size=24),
    st.lists(st.integers(-50_000, 50_000).filter(bool), min_size=4, max_size=4),
)
def test_any_order_of_moving_posting_and_taking_back_keeps_every_promise(steps, amounts):
    """Four claim payments of one deposit; each may go to one of two practices, be posted there, and come back."""
    entries, times = [], {}
    given_to, posted = {}, {}
    base = Source("practice", TODAY, NOW, "f" * 64, "0001", remittance_id="r1")
    strange = [
        msgspec.structs.replace(
            CLAIM, claim_number=f"ZZ{n}", paid_cents=cents, charge_cents=cents, patient_cents=None,
            lines=(msgspec.structs.replace(CLAIM.lines[0], charge_cents=cents, paid_cents=cents, adjustments=()),),
        )
        for n, cents in enumerate(amounts)
    ]  # fmt: skip
    content = remit(*strange)
    _, whole = book(content, base)
    entries += whole
    fresh = balances_hash(legs_of(entries))

    def undo(entry):
        entries.append(reverse_entry(entry, happened_on=TODAY, learned_at=NOW, actor="u", reason="r"))

    for place, act in steps:
        if act == "move" and place not in given_to:
            times[place] = times.get(place, 0) + 1
            taker = f"other{place % 2}"
            transfer = f"{place}.{times[place]}"
            moved = between_entries(side("practice"), side(taker, f"p{transfer}"), transfer_id=transfer,
                                    amount_cents=amounts[place])  # fmt: skip
            given_to[place] = (moved, transfer, taker)
            entries += moved
        elif act == "post" and place in given_to and place not in posted:
            _, transfer, taker = given_to[place]
            answer = msgspec.structs.replace(strange[place], claim_number="A1003")
            source = msgspec.structs.replace(base, practice_id=taker, remittance_id=f"p{transfer}")
            ids = {
                "A1003": msgspec.structs.replace(IDS["A1003"], claim_id=f"c{place}", patient_id=f"x{place}")
            }
            _, direct = book(remit(answer), source, ids=ids)
            key = f"{transfer}:{len(entries)}"
            posted[place] = [
                msgspec.structs.replace(one, id=key, idempotency_key=key) for one in out_of_unapplied(direct)
            ]
            entries += posted[place]
        elif act in ("back", "unpost") and place in posted:
            for one in posted.pop(place):
                undo(one)
        if act == "back" and place in given_to:
            for one in given_to.pop(place)[0]:
                undo(one)
        standing = [
            PostedRemittance(
                f"p{transfer}", transfer, remit(strange[n]), undone=n not in posted, is_part=True
            )
            for n, (_, transfer, _) in given_to.items()
        ]
        told = [PostedRemittance("r1", "whole", content), *standing]
        assert check_invariants(entries, remittances=told) == []
        assert check_between(entries) == []
    for place in list(posted):
        for one in posted.pop(place):
            undo(one)
    for place in list(given_to):
        for one in given_to.pop(place)[0]:
            undo(one)
    assert balances_hash(legs_of(entries)) == fresh
    charge = charge_entry(
        side("practice"), idempotency_key="c", claim_id="c0", patient_id="x0", lines=[ChargeLine(100, "l")]
    )
    assert check_invariants([*entries, charge]) == []
