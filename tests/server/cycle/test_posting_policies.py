"""What policy holds waits in suspense with its reason; what a person decides posts, and teaches."""

from __future__ import annotations

import msgspec
import pytest
from tests.server.cycle import remitting

from cleanclaim.ledger import Account
from cleanclaim.remittance import Automation, Effect
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.posting import (
    PostingRefused,
    ask_payer,
    leave_as_posted,
    match_claim_by_hand,
    post_part,
    post_remittance,
    set_claim_aside,
    set_part_aside,
    undo_posting,
)
from cleanclaim_server.cycle.receiving import receive_file
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.ledger.models import Leg
from cleanclaim_server.ledger.queries import claim_balances, ledger_hash, verify_ledger
from cleanclaim_server.postingrules.actions import PolicyRefused, forget_hint, save_policy, switch_policy
from cleanclaim_server.postingrules.documents import PolicyDocument, PolicyInvalid
from cleanclaim_server.postingrules.hints import hints_of
from cleanclaim_server.postingrules.models import Decision, HeldPart, PolicyVersion, Said
from cleanclaim_server.remittances.models import Remittance, RemittanceClaim
from cleanclaim_server.remittances.queries import posted_remittances
from cleanclaim_server.tenancy.context import tenant_context
from cleanclaim_server.work.models import Queue, WorkItem

NOW = remitting.NOW
CASH, SUSPENSE = Account.DEPOSIT_CLEARING.value, Account.UNAPPLIED_INSURANCE.value


@pytest.fixture
def world(practice_a):
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        yield remitting.make_world(practice_a)


@pytest.fixture
def manager(make_user, practice_a):
    return make_user("manager", [practice_a])


@pytest.fixture
def keep(world, manager):
    """`keep(automation=...)`: a policy of the practice, in force."""

    def make(**says) -> PolicyVersion:
        return save_policy(
            PolicyDocument(**says), world.practice, payer=None, trial={}, acting_user=manager, now=NOW
        )

    return make


def receive(world, *payments, number: int = 1) -> Remittance:
    receive_file(
        world.practice.agency_id,
        name=f"{number}.835",
        data=remitting.file_835(*payments, number=number),
        now=NOW,
    )
    return Remittance.objects.order_by("-id").first()


def balance_of(practice, account: str) -> int:
    return sum(Leg.objects.filter(practice=practice, account=account).values_list("amount_cents", flat=True))


def sound(practice) -> bool:
    return verify_ledger(practice.pk, remittances=posted_remittances(practice.pk)) == []


def plain(claim, paid=9000, **more):
    return remitting.answer(claim, paid, ("CO", "45", claim.total_charge_cents - paid), **more)


# --- automation -------------------------------------------------------------------------------------

#        level                 claims that post, cents in suspense
LEVELS = [
    (Automation.ALL, 3, 0),
    (Automation.SAFE_LINES, 2, 0),  # the denied line moves no cash, yet it waits
    (Automation.OFF, 0, 18_000),
]


@pytest.mark.parametrize(("level", "posted", "suspense"), LEVELS)
def test_a_balanced_payment_books_all_its_cash_whatever_posts(world, keep, level, posted, suspense):
    keep(automation=level)
    one, two, three = remitting.make_claims(world, 3)
    payment = remitting.payment(
        [plain(one), plain(two), remitting.answer(three, 0, ("CO", "197", 15_000), status="4")]
    )
    row = receive(world, payment)
    assert row.state == "posted" and balance_of(world.practice, CASH) == 18_000
    assert balance_of(world.practice, SUSPENSE) == -suspense
    parts = HeldPart.objects.filter(remittance_claim__remittance=row)
    assert parts.count() == 3 - posted and all(part.reason for part in parts)
    items = WorkItem.objects.filter(queue=Queue.REMITTANCE, subject_type="remittance_claim", is_open=True)
    assert items.count() == 3 - posted
    assert Denial.objects.count() == (level is Automation.ALL)
    assert sound(world.practice)


def test_the_claim_of_a_part_that_waits_is_untouched_until_somebody_posts_it(world, keep, manager):
    keep(automation=Automation.OFF)
    (claim,) = remitting.make_claims(world)
    before = claim_balances(world.practice.pk, [claim.pk])
    receive(world, remitting.payment([remitting.answer(claim, 9000, ("CO", "45", 4000), ("PR", "3", 2000))]))
    part = HeldPart.objects.get()
    held = claim_balances(world.practice.pk, [claim.pk])
    receivables = (Account.INSURANCE_RECEIVABLE.value, Account.PATIENT_RECEIVABLE.value)
    assert [held[claim.pk].get(key, 0) for key in receivables] == [
        before[claim.pk].get(key, 0) for key in receivables
    ]
    assert Claim.objects.get(pk=claim.pk).payer_state == "waiting"

    post_part(part.pk, actor_id=manager.pk, now=NOW)
    after = claim_balances(world.practice.pk, [claim.pk])[claim.pk]
    assert after.get(receivables[0], 0) == 0 and after[receivables[1]] == 2000
    assert balance_of(world.practice, SUSPENSE) == 0 and balance_of(world.practice, CASH) == 9000
    assert Claim.objects.get(pk=claim.pk).payer_state == "paid" and sound(world.practice)
    assert not WorkItem.objects.filter(queue=Queue.REMITTANCE, is_open=True).exists()
    with pytest.raises(PostingRefused, match="does not wait"):
        post_part(part.pk, actor_id=manager.pk, now=NOW)


def test_posting_part_by_part_ends_where_posting_at_once_ends(world, keep, manager, practice_a):
    claims = remitting.make_claims(world, 4)
    answers = [
        plain(claims[0]),
        remitting.answer(claims[1], 9000, ("CO", "45", 4000), ("PR", "2", 2000)),
        remitting.answer(claims[2], 0, ("CO", "197", 15_000), status="4"),
        remitting.answer(claims[3], 0, ("PR", "1", 15_000)),
    ]
    row = receive(world, remitting.payment(answers))
    at_once = {
        key: claim_balances(practice_a.pk, [claim.pk]).get(claim.pk) for key, claim in enumerate(claims)
    }
    states = list(Claim.objects.order_by("claim_number").values_list("payer_state", flat=True))
    undo_posting(row.pk, now=NOW, actor_id=manager.pk, reason="again, by hand")
    keep(automation=Automation.OFF)
    post_remittance(row.pk, now=NOW, actor_id=manager.pk)
    assert HeldPart.objects.filter(state="waiting").count() == 4
    for part in HeldPart.objects.filter(state="waiting"):
        post_part(part.pk, actor_id=manager.pk, now=NOW)
    for key, claim in enumerate(claims):
        found = claim_balances(practice_a.pk, [claim.pk])[claim.pk]
        for account in (
            Account.INSURANCE_RECEIVABLE,
            Account.PATIENT_RECEIVABLE,
            Account.CONTRACTUAL_ADJUSTMENTS,
        ):
            assert found.get(account.value, 0) == at_once[key].get(account.value, 0)
    assert list(Claim.objects.order_by("claim_number").values_list("payer_state", flat=True)) == states
    assert Denial.objects.exclude(state="reversed").count() == 1 and sound(practice_a)


# --- rules by payer and code ------------------------------------------------------------------------


def two_lines(claim, first, second):
    """One claim payment with two lines: (paid, group, reason) each, of half the charge."""
    half = claim.total_charge_cents // 2
    answer = remitting.answer(claim, 0)
    lines = tuple(
        msgspec.structs.replace(
            answer.lines[0], charge_cents=half, paid_cents=paid, line_control="",
            adjustments=(remitting.Cas(group, reason, half - paid),),
        )
        for paid, group, reason in (first, second)
    )  # fmt: skip
    paid = sum(line.paid_cents for line in lines)
    return msgspec.structs.replace(answer, lines=lines, paid_cents=paid, patient_cents=None)


def test_one_line_waits_and_the_other_posts_each_with_its_reason(world, keep, manager):
    keep(effect=Effect.HOLD, group="CO", reason_code="97", why="ask why it was bundled")
    (claim,) = remitting.make_claims(world)
    receive(world, remitting.payment([two_lines(claim, (5000, "CO", "45"), (2000, "CO", "97"))]))
    part = HeldPart.objects.get()
    assert (part.line, part.pattern, part.amount_cents) == (2, "CO-97", 2000)
    assert part.reason == "ask why it was bundled" and part.rule_id == "policy 1.1"
    assert balance_of(world.practice, CASH) == 7000 and balance_of(world.practice, SUSPENSE) == -2000
    post_part(part.pk, actor_id=manager.pk, now=NOW)
    assert balance_of(world.practice, CASH) == 7000 and balance_of(world.practice, SUSPENSE) == 0
    assert Claim.objects.get(pk=claim.pk).payer_state == "partly_paid"
    assert Denial.objects.get().amount_cents == 5500 and sound(world.practice)


def test_a_policy_names_its_payer_and_leaves_the_others_alone(world, keep, manager):
    for payer_id, held in (("60054", 1), ("99999", 0)):
        version = keep(automation=Automation.OFF, payer_id=payer_id, payer_name="One")
        (claim,) = remitting.make_claims(world)
        row = receive(world, remitting.payment([plain(claim)], trace=f"T{payer_id}"), number=int(payer_id))
        assert HeldPart.objects.filter(remittance_claim__remittance=row).count() == held
        switch_policy(version.policy, "off", acting_user=manager, now=NOW)


def test_no_practice_can_post_what_is_on_the_stop_list(world, keep):
    keep(effect=Effect.POST, payer_id="60054", group="CO", reason_code="192")
    (claim,) = remitting.make_claims(world)
    receive(world, remitting.payment([remitting.answer(claim, 9000, ("CO", "192", 6000))]))
    assert HeldPart.objects.get().rule_id == "stop.carc_192"


def test_a_look_posts_and_waits_for_eyes_only(world, keep, manager):
    keep(effect=Effect.POST_AND_QUEUE, group="CO", reason_code="45", why="new contract, look once")
    (claim,) = remitting.make_claims(world)
    receive(world, remitting.payment([plain(claim)]))
    part = HeldPart.objects.get()
    assert (part.kind, part.amount_cents) == ("look", 0)
    assert Claim.objects.get(pk=claim.pk).payer_state == "paid"
    with pytest.raises(PostingRefused):
        post_part(part.pk, actor_id=manager.pk, now=NOW)
    leave_as_posted(part.pk, actor_id=manager.pk, now=NOW)
    assert not WorkItem.objects.filter(queue=Queue.REMITTANCE, is_open=True).exists()
    assert Decision.objects.get().said == Said.SEEN


def test_undoing_a_posting_with_parts_posted_by_hand_is_byte_equal(world, keep, manager, practice_a):
    keep(effect=Effect.HOLD, group="CO", reason_code="97")
    first, second = remitting.make_claims(world, 2)
    before = ledger_hash(practice_a.pk)
    row = receive(
        world,
        remitting.payment([two_lines(first, (5000, "CO", "45"), (2000, "CO", "97")), plain(second)]),
    )
    post_part(HeldPart.objects.get().pk, actor_id=manager.pk, now=NOW)
    undo_posting(row.pk, now=NOW, actor_id=manager.pk, reason="the deposit came back")
    assert ledger_hash(practice_a.pk) == before and sound(practice_a)
    post_remittance(row.pk, now=NOW, actor_id=manager.pk)
    assert HeldPart.objects.filter(state="waiting").count() == 1
    undo_posting(row.pk, now=NOW, actor_id=manager.pk, reason="once more")
    assert not HeldPart.objects.filter(state="waiting").exists() and ledger_hash(practice_a.pk) == before


def test_asking_the_payer_settles_nothing_and_setting_aside_needs_a_reason(world, keep, manager):
    keep(automation=Automation.OFF)
    (claim,) = remitting.make_claims(world)
    receive(world, remitting.payment([plain(claim)]))
    part = HeldPart.objects.get()
    ask_payer(part.pk, note="called, reference 88", actor_id=manager.pk, now=NOW)
    for refused in (ask_payer, set_part_aside):
        with pytest.raises(PostingRefused):
            refused(part.pk, note="  ", actor_id=manager.pk, now=NOW)
    assert HeldPart.objects.get().state == "waiting"
    set_part_aside(part.pk, note="the payer takes it back", actor_id=manager.pk, now=NOW)
    assert HeldPart.objects.get().state == "settled" and balance_of(world.practice, SUSPENSE) == -9000


# --- who writes, and what is refused ----------------------------------------------------------------

REFUSED = [
    {},
    {"automation": Automation.ALL, "effect": Effect.HOLD, "group": "CO"},
    {"effect": Effect.HOLD},
    {"effect": Effect.POST, "group": "CO", "reason_code": "97", "is_stop": True},
    {"effect": Effect.HOLD, "reason_code": "99999"},
    {"effect": Effect.HOLD, "group": "XX"},
    {"tolerance_cents": 100_000},
    {"tolerance_cents": -1},
]


@pytest.mark.parametrize("says", REFUSED)
def test_a_policy_that_says_nothing_or_too_much_is_refused(keep, says):
    with pytest.raises(PolicyInvalid):
        keep(**says)
    assert not PolicyVersion.objects.exists()


def test_a_poster_does_not_write_policies(world, make_user):
    poster = make_user("poster", [world.practice])
    with pytest.raises(PolicyRefused):
        save_policy(
            PolicyDocument(automation=Automation.OFF), world.practice, payer=None, trial={}, acting_user=poster,
            now=NOW,
        )  # fmt: skip


def test_a_policy_changes_by_versions_and_the_old_ones_stay(world, keep, manager):
    version = keep(automation=Automation.OFF)
    with pytest.raises(PolicyRefused):
        switch_policy(version.policy, "on", acting_user=manager, now=NOW)
    switch_policy(version.policy, "off", acting_user=manager, now=NOW)
    assert list(PolicyVersion.objects.order_by("number").values_list("number", "state")) == [
        (1, "on"),
        (2, "off"),
    ]
    (claim,) = remitting.make_claims(world)
    receive(world, remitting.payment([plain(claim)]))
    assert not HeldPart.objects.exists()


# --- hints ------------------------------------------------------------------------------------------


def strange(claim, prefix="X"):
    """The answer to a claim under the payer's own spelling of our number."""
    answer = plain(claim)
    lines = tuple(msgspec.structs.replace(line, line_control="") for line in answer.lines)
    return msgspec.structs.replace(
        answer,
        claim_number=f"{prefix}{claim.claim_number}",
        payer_control_number=f"P{claim.claim_number}",
        lines=lines,
    )


def test_decisions_teach_a_hint_that_the_next_match_uses_and_says_so(world, manager):
    claims = remitting.make_claims(world, 5)
    for number, claim in enumerate(claims[:3], start=1):
        receive(world, remitting.payment([strange(claim)], trace=f"T{number}"), number=number)
        row = RemittanceClaim.objects.get(claim_number=f"X{claim.claim_number}")
        assert row.claim_id is None
        match_claim_by_hand(row.pk, claim.pk, actor_id=manager.pk, now=NOW)
    (hint,) = hints_of(world.practice.pk)
    assert hint.is_proven and (hint.payer_id, hint.text) == ("1999999999", "X")
    receive(world, remitting.payment([strange(claims[3])], trace="T4"), number=4)
    row = RemittanceClaim.objects.get(claim_number=f"X{claims[3].claim_number}")
    assert row.claim_id == claims[3].pk and row.matched_by == "hint"
    assert "3 decisions" in row.match_why and sound(world.practice)

    forget_hint(
        world.practice, hint.payer_id, hint.pattern, hint.effect, hint.text, actor_id=manager.pk, now=NOW
    )
    assert hints_of(world.practice.pk) == ()
    receive(world, remitting.payment([strange(claims[4])], trace="T5"), number=5)
    assert RemittanceClaim.objects.get(claim_number=f"X{claims[4].claim_number}").claim_id is None


def test_not_ours_teaches_a_suggestion_and_never_acts_by_itself(world, manager):
    claims = remitting.make_claims(world, 2)
    for number, claim in enumerate(claims, start=1):
        other = msgspec.structs.replace(strange(claim), claim_number=f"QQ-{number}4711")
        receive(world, remitting.payment([other], trace=f"T{number}"), number=number)
        row = RemittanceClaim.objects.get(claim_number=f"QQ-{number}4711")
        if number == 1:
            set_claim_aside(row.pk, reason="the clinic upstairs", actor_id=manager.pk, now=NOW)
        else:
            assert row.claim_id is None and "not ours in 1 decisions" in row.match_why
            assert row.next_action != "NOT_OURS"
