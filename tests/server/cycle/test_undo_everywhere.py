"""Laws of posting over many payments: cash is BPR02 or nothing, undo is byte-equal, and one payment posts once.

The payments: every 835 of `tests/files`, the public samples where they are on the machine, and made-up ones
with take-backs, denials, unknown claims, provider-level money, under every automation level.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random

import msgspec
import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.server.cycle import remitting

from cleanclaim.ledger import Account
from cleanclaim.remittance import Automation, Effect
from cleanclaim.x12.sets.records import ProviderAdjustment
from cleanclaim.x12.sets.remittance_835 import write_835
from cleanclaim.x12.writer import Envelope, write_x12
from cleanclaim_server.cycle.posting import (
    PostingRefused,
    assign_remittance,
    post_part,
    post_remittance,
    undo_posting,
)
from cleanclaim_server.cycle.posting import taking as taking_module
from cleanclaim_server.cycle.receiving import receive_file
from cleanclaim_server.ledger.models import Entry, Leg
from cleanclaim_server.ledger.queries import ledger_hash, verify_ledger
from cleanclaim_server.postingrules.actions import save_policy
from cleanclaim_server.postingrules.documents import PolicyDocument
from cleanclaim_server.postingrules.models import HeldPart
from cleanclaim_server.remittances.models import InboxRemittance, Remittance
from cleanclaim_server.remittances.queries import posted_remittances
from cleanclaim_server.tenancy.context import tenant_context

FILES = Path(__file__).resolve().parents[2] / "files"
NOW = remitting.NOW
CASH = (Account.DEPOSIT_CLEARING.value, Account.CASH.value)


@pytest.fixture
def world(practice_a):
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        yield remitting.make_world(practice_a)


@pytest.fixture
def actor(make_user, practice_a):
    return make_user("manager", [practice_a])


def cash_of(one: Remittance) -> int:
    entries = Entry.objects.filter(remittance_id=one.pk).values("id")
    legs = Leg.objects.filter(entry_id__in=entries, account__in=CASH)
    return sum(legs.values_list("amount_cents", flat=True))


def take_in(world, name: str, data: bytes, actor) -> list[Remittance]:
    """Receive a file, and give what names no practice of ours to this one."""
    before = set(Remittance.objects.values_list("pk", flat=True))
    receive_file(world.practice.agency_id, name=name, data=data, now=NOW)
    for stray in InboxRemittance.objects.filter(state="unassigned"):
        assign_remittance(stray.pk, world.practice.pk, actor_id=actor.pk, now=NOW)
    return list(Remittance.objects.exclude(pk__in=before).order_by("id"))


def posts_and_undoes(world, files: list[tuple[str, bytes]], actor) -> dict[str, int]:
    """Every payment of the files: its cash is its amount, or it is not posted; undone, all is as before."""
    practice = world.practice
    counts = {"posted": 0, "held": 0, "other": 0}
    start = ledger_hash(practice.pk)
    stack: list[tuple[Remittance, str]] = []
    before = start
    for name, data in files:
        made = take_in(world, name, data, actor)
        for one in made:
            if one.state == "posted":
                counts["posted"] += 1
                assert cash_of(one) == one.paid_cents, name
                stack.append((one, before))
            else:
                counts["held" if one.state == "held" else "other"] += 1
                assert cash_of(one) == 0 and not Entry.objects.filter(remittance_id=one.pk).exists(), name
                assert one.state != "held" or one.findings
        if len(made) == 1:
            before = ledger_hash(practice.pk)
    assert verify_ledger(practice.pk, remittances=posted_remittances(practice.pk)) == []
    for one, _ in reversed(stack):
        undo_posting(one.pk, now=NOW, actor_id=actor.pk, reason="law")
        assert cash_of(one) == 0
    assert ledger_hash(practice.pk) == start
    assert verify_ledger(practice.pk, remittances=posted_remittances(practice.pk)) == []
    return counts


def test_every_file_of_ours_posts_its_cash_and_comes_back(world, actor):
    files = [(path.name, path.read_bytes()) for path in sorted(FILES.glob("835_*.edi"))]
    counts = posts_and_undoes(world, files, actor)
    assert len(files) >= 10 and counts["posted"] >= 6


def test_every_public_sample_posts_its_cash_or_is_held_and_comes_back(world, actor, samples_dir):
    files = [
        (path.name, path.read_bytes()) for path in sorted((samples_dir / "835").rglob("*")) if path.is_file()
    ]
    counts = posts_and_undoes(world, files, actor)
    assert counts["posted"] and sum(counts.values()) >= len(files) // 2


# --- made-up payments -------------------------------------------------------------------------------


def made_up(dice: Random, claims, number: int):
    """A payment that balances: plain, shared, denied and unknown answers, take-backs, provider level."""
    answers = []
    for claim in dice.sample(claims, dice.randrange(1, len(claims))):
        charge = claim.total_charge_cents
        kind = dice.choice(("plain", "shared", "denied", "stop", "unknown"))
        paid = dice.randrange(0, charge)
        shares = {"shared": ("PR", "2"), "stop": ("CO", "192")}
        if kind == "denied":
            one = remitting.answer(claim, 0, ("CO", "197", charge), status="4")
        else:
            one = remitting.answer(claim, paid, (*shares.get(kind, ("CO", "45")), charge - paid))
        if kind == "unknown":
            one = _unknown(one, number)
        answers.append(one)
        if dice.random() < 0.25 and kind == "plain":
            back = remitting.answer(claim, paid, ("CO", "45", charge - paid), status="22", sign=-1)
            answers.append(back)
    provider = ()
    if dice.random() < 0.4:
        provider = (ProviderAdjustment("1234567893", remitting.PAID_ON, "L6", "I", -dice.randrange(1, 500)),)
    return remitting.payment(answers, trace=f"T{number}", provider=provider)


def _unknown(one, number: int):
    lines = tuple(msgspec.structs.replace(line, line_control="", service_from=None) for line in one.lines)
    return msgspec.structs.replace(
        one, claim_number=f"OTHER{number}X", payer_control_number=f"Q{number}", lines=lines
    )


ACTS = st.sampled_from(("receive", "receive", "part", "undo", "undo", "post"))


class _TakenBack(Exception):
    """Ends an example: what it did is not there for the next."""


@settings(
    max_examples=12, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(data=st.data())
def test_posting_deciding_and_undoing_in_any_order_comes_back_to_what_was(world, actor, data):
    """After any sequence each undo leaves byte-equal books of what stands, and undoing all leaves none of it."""
    with suppress(_TakenBack), transaction.atomic():
        world.made = 0
        acts = data.draw(st.lists(ACTS, min_size=4, max_size=14))
        level = data.draw(st.sampled_from(list(Automation)))
        any_order(world, actor, acts, level, Random(data.draw(st.integers(0, 2**32))))
        raise _TakenBack


def any_order(world, actor, acts, level, dice) -> None:
    practice = world.practice
    claims = remitting.make_claims(world, 5)
    save_policy(PolicyDocument(automation=level), practice, payer=None, trial={}, acting_user=actor, now=NOW)
    save_policy(
        PolicyDocument(effect=Effect.POST_AND_QUEUE, group="PR", reason_code="2"), practice, payer=None, trial={},
        acting_user=actor, now=NOW,
    )  # fmt: skip
    start = ledger_hash(practice.pk)
    before_posting: dict = {}
    standing: list = []  # payments in the order of their postings, while nothing else moved their books
    for number, act in enumerate(acts):
        rows = list(Remittance.objects.order_by("id"))
        before = ledger_hash(practice.pk)
        try:
            if act == "receive" or not rows:
                made = take_in(
                    world,
                    f"{number}.835",
                    remitting.file_835(made_up(dice, claims, number), number=number + 1),
                    actor,
                )
                for row in made:
                    if row.state == "posted":
                        before_posting[row.pk] = before
                        standing.append(row.pk)
            elif act == "part":
                parts = list(HeldPart.objects.filter(state="waiting", kind="held").order_by("id"))
                if parts:
                    part = dice.choice(parts)
                    whose = part.remittance_claim.remittance_id
                    post_part(part.pk, actor_id=actor.pk, now=NOW)
                    if standing[-1:] != [whose]:
                        standing.clear()  # books of an older payment moved: no shortcut back any more
            elif act == "undo":
                one = dice.choice(rows)
                undo_posting(one.pk, now=NOW, actor_id=actor.pk, reason="any order")
                if standing[-1:] == [one.pk]:
                    assert ledger_hash(practice.pk) == before_posting[standing.pop()]
                else:
                    standing.clear()
            else:
                one = dice.choice(rows)
                done = post_remittance(one.pk, now=NOW, actor_id=actor.pk)
                if one.state != "posted" and done.state == "posted":
                    before_posting[one.pk] = before
                    standing.append(one.pk)
        except PostingRefused:
            continue
        for row in Remittance.objects.all():
            assert cash_of(row) == (row.paid_cents if row.state == "posted" else 0)
        assert verify_ledger(practice.pk, remittances=posted_remittances(practice.pk)) == []
    for one in Remittance.objects.filter(state="posted").order_by("id"):
        undo_posting(one.pk, now=NOW, actor_id=actor.pk, reason="the end")
    assert ledger_hash(practice.pk) == start
    assert not HeldPart.objects.filter(state="waiting").exists()


def test_an_undo_that_forgets_an_entry_is_caught(world, actor, monkeypatch):
    """The planted fault: the opposite of one entry is missing."""
    from cleanclaim_server.cycle.posting import undoing

    real = undoing.write_entries
    monkeypatch.setattr(undoing, "write_entries", lambda key, entries, **more: real(key, entries[1:], **more))
    with pytest.raises(AssertionError):
        any_order(world, actor, ["receive", "undo", "receive", "undo"], Automation.ALL, Random(1))


# --- the same payment comes again -------------------------------------------------------------


def wrapped(one, *, number: int, sender: str = "SIM", sets: int = 1) -> bytes:
    envelope = Envelope(
        sender_id=sender, receiver_id="EXAMPLE01", control_number=number, group_control_number=number + 7,
        created_at=NOW + timedelta(minutes=number),
    )  # fmt: skip
    return write_x12(envelope, [write_835(one, control_number=f"{number + at:04d}") for at in range(sets)])


def returns(one) -> list[tuple[str, bytes]]:
    """The ways in which a payment comes a second time."""
    plain = wrapped(one, number=1)
    return [
        ("byte copy", plain),
        ("new numbers", wrapped(one, number=900)),
        ("line ends", plain.replace(b"~", b"~\r\n")),
        ("no line ends", plain.replace(b"\n", b"").replace(b"\r", b"")),
        ("trailing junk", plain + b"\n\n\x1a\x00"),
        ("other clearinghouse", wrapped(one, number=44, sender="OTHERCLR")),
        ("merged: twice in one file", wrapped(one, number=60, sets=2)),
        ("other separators", plain.replace(b"*", b"|")),
    ]


def posted_twice(world, actor) -> list[str]:
    """Which returns of a payment changed the books; none should."""
    claims = remitting.make_claims(world, 3)
    one = remitting.payment([remitting.answer(claim, 9000, ("CO", "45", 6000)) for claim in claims])
    take_in(world, "first.835", wrapped(one, number=1), actor)
    before, entries = ledger_hash(world.practice.pk), Entry.objects.count()
    wrong = []
    for place, (name, data) in enumerate(returns(one)):
        take_in(world, f"again-{place}.835", data, actor)
        if Entry.objects.count() != entries or ledger_hash(world.practice.pk) != before:
            wrong.append(name)
            entries, before = Entry.objects.count(), ledger_hash(world.practice.pk)
    return wrong


def test_r03_a_payment_that_comes_again_in_any_dress_posts_once(world, actor):
    assert posted_twice(world, actor) == []
    assert Remittance.objects.filter(state="posted").count() == 1


def test_r03_the_same_trace_with_other_content_goes_to_quarantine(world, actor):
    first, second = remitting.make_claims(world, 2)
    one = remitting.payment([remitting.answer(first, 9000, ("CO", "45", 6000))])
    other = remitting.payment([remitting.answer(second, 9000, ("CO", "45", 6000))])
    take_in(world, "1.835", wrapped(one, number=1), actor)
    entries = Entry.objects.count()
    (row,) = take_in(world, "2.835", wrapped(other, number=2), actor)
    assert row.state == "quarantined" and Entry.objects.count() == entries


def test_r03_a_planted_identity_by_file_is_caught(world, actor, monkeypatch):
    """Were a payment known by its bytes or numbers, its second dress would post again."""
    from cleanclaim_server.cycle.posting import whole

    def by_file(content, *, practice_id, part=""):
        return f"{practice_id[:20]}:{content.control_number}:{content.interchange_control_number or ''}"[:64]

    for module in (taking_module, whole):
        monkeypatch.setattr(module, "identity_key", by_file)
    monkeypatch.setattr(
        taking_module, "content_hash", lambda content: f"{content.control_number}{id(content)}"
    )
    assert posted_twice(world, actor)
