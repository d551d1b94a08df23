"""A line paid short: compared at posting, collected, asked for, recovered, closed; and everything undone."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from django.db import connection
from pypdf import PdfReader
from tests.server.cycle.remitting import (
    NOW,
    PAID_ON,
    add_secondary,
    answer,
    file_835,
    make_claims,
    make_world,
    payment,
)

from cleanclaim.pricing.contracts import Rate, RateKind
from cleanclaim_server.contracts.actions import (
    ContractRefused,
    How,
    confirm_learnt,
    newest_version,
    save_version,
    start_contract,
)
from cleanclaim_server.cycle.posting import post_remittance, undo_posting
from cleanclaim_server.cycle.receiving import receive_file
from cleanclaim_server.cycle.underpayments import compare_contract, proposals
from cleanclaim_server.cycle.underpayments.acting import ProjectRefused, ask_for_project, give_up, leave_out
from cleanclaim_server.cycle.underpayments.letters import project_csv, project_pdf
from cleanclaim_server.cycle.underpayments.policy import UnderpaymentPolicy
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.ledger.queries import claim_balances
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.underpayments.models import LineComparison, ProjectLine, UnderpaymentProject
from cleanclaim_server.work.models import WorkItem

TODAY = NOW.date()
YEAR = date(2026, 1, 1)


@pytest.fixture
def manager(make_user, practice_a):
    return make_user("manager", [practice_a])


@pytest.fixture
def world(practice_a, tenant, manager):
    with tenant(practice_a):
        yield make_world(practice_a)


@pytest.fixture
def contract(world, manager):
    """$120.00 for 90837 since January; $110.00 the year before."""
    found = start_contract(world.practice, world.payer, acting_user=manager, now=NOW)
    rates = (
        Rate("old", RateKind.FIXED, date(2025, 1, 1), date(2025, 12, 31), 11000, code="90837"),
        Rate("new", RateKind.FIXED, YEAR, None, 12000, code="90837", source="exhibit A"),
    )
    save(found, manager, rates)
    return found


def save(contract, user, rates, **terms):
    newest = newest_version(contract)
    value = msgspec.structs.replace(newest.value, rates=tuple(rates), **terms)
    return save_version(
        contract, value, how=How.TYPED, note="as agreed", based_on=newest.number, acting_user=user, now=NOW
    )


def pay(world, *claims, trace="EFT1", on=PAID_ON, number=1):
    data = file_835(payment(claims, trace=trace, paid_on=on), number=number)
    receive_file(world.practice.agency_id, name=f"{trace}.835", data=data, partner=world.partner, now=NOW)
    return Remittance.objects.get(trace_number=trace)


def short(claim, paid=11000, **more):
    """Last year's rate."""
    return answer(claim, paid, ("CO", "45", claim.total_charge_cents - paid), **more)


def corrected(claim):
    """The payer takes its answer back and pays in full."""
    full = short(claim, 12000, payer_control_number=f"NEW{claim.claim_number[-5:]}")
    return [short(claim, status="22", sign=-1), full]


def current(claim) -> LineComparison:
    return LineComparison.objects.get(claim=claim, is_current=True)


def the_project() -> UnderpaymentProject:
    return UnderpaymentProject.objects.get()


def underpaid_items() -> list[WorkItem]:
    return list(WorkItem.objects.filter(queue="underpaid", is_open=True))


def test_paid_short_project_letter_recovered_closed(world, contract, manager):
    """The whole story of one line, in one sitting."""
    (claim,) = make_claims(world)
    pay(world, short(claim))
    said = current(claim)
    assert (said.status, said.kind, said.short_cents) == ("underpaid", "old_schedule", 1000)
    assert (said.rate_id, said.rate_source) == ("new", "exhibit A")
    assert said.steps[0].startswith("rate new: names code 90837")
    assert "allowed 110.00, due 120.00" in said.why

    project = the_project()
    assert (project.state, project.kind, project.lines.get().asked_cents) == (
        "collecting",
        "old_schedule",
        1000,
    )
    (item,) = underpaid_items()
    assert (item.subject_type, item.subject_id, item.amount_cents) == ("project", project.pk, 1000)
    assert Denial.objects.count() == 0  # nothing of the contract was known when the claim was priced

    ask_for_project(project.pk, world.practice.pk, acting_user=manager, now=NOW, today=TODAY)
    project = the_project()
    assert (project.state, project.asked_by_name) == ("asked", manager.display_name)
    assert "10.00 underpaid" in project.letter and claim.claim_number in project.letter
    (item,) = underpaid_items()
    assert item.snoozed_until == TODAY + timedelta(45)  # asked: it rests until an answer should be there
    pages = PdfReader(_stream(project_pdf(project, written_on=TODAY, signer="X"))).pages
    assert "old" in pages[0].extract_text() and claim.claim_number in pages[1].extract_text()
    (head, row) = project_csv(project).splitlines()
    assert dict(zip(head.split(","), row.split(","), strict=False))["short"] == "10.00"

    pay(world, *corrected(claim), trace="EFT2", on=PAID_ON + timedelta(1), number=2)
    line, project = ProjectLine.objects.get(), the_project()
    assert current(claim).status == "agreed"
    assert (line.state, line.recovered_cents, line.settled_by.trace_number) == ("recovered", 1000, "EFT2")
    assert (project.state, project.closed_on) == ("recovered", TODAY)
    assert underpaid_items() == []
    assert [one.title for one in project.events.order_by("id")][-2:] == [
        "$10.00 came back with a later payment", "Recovered",
    ]  # fmt: skip


def _stream(data):
    import io

    return io.BytesIO(data)


def test_undoing_the_recovery_opens_the_project_again(world, contract, manager):
    (claim,) = make_claims(world)
    pay(world, short(claim))
    ask_for_project(the_project().pk, world.practice.pk, acting_user=manager, now=NOW, today=TODAY)
    again = pay(world, *corrected(claim), trace="EFT2", on=PAID_ON + timedelta(1), number=2)
    assert the_project().state == "recovered"
    undo_posting(again.pk, now=NOW, actor_id=manager.pk, reason="wrong file")
    line = ProjectLine.objects.get()
    assert (line.state, line.recovered_cents, the_project().state) == ("open", 0, "asked")
    assert current(claim).status == "underpaid"
    assert len(underpaid_items()) == 1


def test_undoing_the_short_payment_withdraws_the_line(world, contract, manager):
    (claim,) = make_claims(world)
    first = pay(world, short(claim))
    undo_posting(first.pk, now=NOW, actor_id=manager.pk, reason="wrong file")
    assert current(claim).status == "withdrawn"
    assert (ProjectLine.objects.get().state, the_project().state) == ("withdrawn", "withdrawn")
    assert underpaid_items() == []


STATUSES = [  # paid, status, short, why
    (12000, "agreed", 0, "to the cent"),
    (11999, "underpaid", 1, "a cent is a cent"),
    (12500, "overpaid", -500, "more than agreed"),
]


@pytest.mark.parametrize(("paid", "status", "missing", "why"), STATUSES)
def test_every_paid_line_is_compared_to_the_cent(world, contract, paid, status, missing, why):
    (claim,) = make_claims(world)
    pay(world, short(claim, paid))
    assert (current(claim).status, current(claim).short_cents) == (status, missing), why
    assert UnderpaymentProject.objects.exists() == (missing >= UnderpaymentPolicy().least_cents)


def test_a_contract_that_cannot_be_compared_stops_no_money(world, contract, monkeypatch):
    from cleanclaim_server.cycle.underpayments import comparing

    def broken(*args):
        raise ValueError("a rate that nobody foresaw")

    monkeypatch.setattr(comparing, "compare_lines", broken)
    (claim,) = make_claims(world)
    pay(world, short(claim, 9000))
    assert Remittance.objects.get().state == "posted"
    item = WorkItem.objects.get(queue="underpaid", subject_type="remittance")
    assert "could not be compared" in item.title and "nobody foresaw" not in item.detail
    assert LineComparison.objects.count() == 0


@pytest.mark.parametrize("later", ["contract", "posting"])
def test_a_good_comparison_closes_the_work_on_a_bad_one(world, contract, manager, monkeypatch, later):
    from cleanclaim_server.cycle.underpayments import comparing

    def broken(*args):
        raise ValueError("a rate that nobody foresaw")

    with monkeypatch.context() as patch:
        patch.setattr(comparing, "compare_lines", broken)
        (claim,) = make_claims(world)
        pay(world, short(claim, 12000))
    mine = WorkItem.objects.filter(queue="underpaid", subject_type="remittance", is_open=True)
    assert mine.count() == 1
    if later == "contract":
        compare_contract(contract, now=NOW, today=TODAY)
    else:
        paid = Remittance.objects.get()
        undo_posting(paid.pk, now=NOW, actor_id=manager.pk, reason="again")
        post_remittance(paid.pk, now=NOW, actor_id=manager.pk)
        assert current(claim).status == "agreed"
    assert not mine.exists()


LEAST = [  # paid of 120.00, the practice's setting, whether a project opens
    (11996, {}, False),
    (11995, {}, True),
    (11999, {"least_cents": 1}, True),
    (11000, {"least_cents": 1001}, False),
    (11000, {"least_cents": 1000}, True),
    (11996, {"least_cents": "all"}, False),
]


@pytest.mark.parametrize(("paid", "setting", "opens"), LEAST)
def test_a_project_opens_from_the_practices_threshold(world, contract, paid, setting, opens):
    world.practice.settings = {**world.practice.settings, "underpayments": setting}
    world.practice.save()
    (claim,) = make_claims(world)
    pay(world, short(claim, paid))
    assert (current(claim).status, current(claim).short_cents) == ("underpaid", 12000 - paid)
    assert UnderpaymentProject.objects.exists() == opens


def test_a_bundled_line_is_worked_on_in_one_place(world, contract):
    """CO-97: the denial queue has it; a project opens only for what no denial says."""
    (claim,) = make_claims(world)
    pay(world, answer(claim, 0, ("CO", "97", claim.total_charge_cents), status="4"))
    assert (current(claim).status, current(claim).kind) == ("underpaid", "bundled")
    assert Denial.objects.get().reason == "97"
    assert not UnderpaymentProject.objects.exists()
    assert [item.subject_type for item in WorkItem.objects.filter(is_open=True)] == ["claim"]


def test_without_a_contract_a_line_is_unknown_and_never_paid_right(world):
    (claim,) = make_claims(world)
    pay(world, short(claim))
    assert (current(claim).status, current(claim).why) == ("unknown", "no contract is loaded for the payer")
    assert UnderpaymentProject.objects.count() == 0


def test_a_code_without_a_rate_is_unknown(world, contract):
    (claim,) = make_claims(world, code="99999")
    line = msgspec.structs.replace(short(claim).lines[0], code="99999")
    pay(world, short(claim, lines=(line,)))
    assert current(claim).status == "unknown"


def test_a_crossover_is_no_second_payment_of_the_first_payer(world, contract):
    """The supplement's own remittance names the first payer's claim number."""
    (claim,) = make_claims(world)
    first = answer(claim, 9000, ("CO", "45", 3000), ("PR", "2", 3000), status="19")
    pay(world, first)
    pay(
        world,
        answer(claim, 3000, ("OA", "23", 12000), status="2", payer_control_number="S1"),
        trace="EFT2",
        number=2,
    )
    assert (current(claim).status, current(claim).paid_cents) == ("agreed", 9000)


def test_a_new_version_compares_the_past_again(world, contract, manager):
    """The contract was typed wrongly: what was called underpaid was right, and the project says so."""
    claims = make_claims(world, 3)
    pay(world, *(short(claim) for claim in claims))
    assert the_project().lines.count() == 3
    save(contract, manager, [Rate("new", RateKind.FIXED, YEAR, None, 11000, code="90837")])
    assert compare_contract(contract, now=NOW, today=TODAY) == 3
    assert {current(claim).status for claim in claims} == {"agreed"}
    assert the_project().state == "withdrawn"
    assert compare_contract(contract, now=NOW, today=TODAY) == 0, "what is the same is not written again"


def test_rates_are_learnt_from_payments_and_confirmed_by_a_named_person(world, manager):
    claims = make_claims(world, 5)
    pay(world, *(short(claim, 11000 if place else 10000) for place, claim in enumerate(claims)))
    contract = start_contract(world.practice, world.payer, acting_user=manager, now=NOW)
    (found,) = proposals(contract, today=TODAY)
    assert (found.rate.amount_cents, found.seen, found.agreeing, found.others) == (11000, 5, 4, ((10000, 1),))
    version = confirm_learnt(contract, [found], based_on=1, acting_user=manager, now=NOW, today=TODAY)
    (rate,) = version.value.rates
    assert rate.is_confirmed and f"confirmed by {manager.display_name}" in rate.source
    compare_contract(contract, now=NOW, today=TODAY)
    assert sorted(current(claim).status for claim in claims) == ["agreed"] * 4 + ["underpaid"]
    assert proposals(contract, today=TODAY) == []


def test_who_may_not_change_contracts_changes_nothing(world, make_user, practice_a, contract):
    biller = make_user("biller", [practice_a])
    with pytest.raises(ContractRefused, match="managers and owners"):
        save(contract, biller, [])
    with pytest.raises(ContractRefused, match="managers and owners"):
        start_contract(world.practice, world.payer, acting_user=biller, now=NOW)
    assert newest_version(contract).number == 2


def test_a_version_is_refused_when_stale_empty_or_contradictory(world, contract, manager):
    newest = newest_version(contract)
    rates = newest.value.rates
    with pytest.raises(ContractRefused, match="Nothing is different"):
        save(contract, manager, rates)
    with pytest.raises(ContractRefused, match="both answer"):
        save(contract, manager, (*rates, Rate("b", RateKind.FIXED, YEAR, None, 1, code="90837")))
    with pytest.raises(ContractRefused, match="in the meantime"):
        save_version(
            contract, msgspec.structs.replace(newest.value, rates=()), how=How.TYPED, note="x", based_on=1,
            acting_user=manager, now=NOW,
        )  # fmt: skip


def test_a_line_is_left_out_and_a_project_given_up(world, contract, manager):
    claims = make_claims(world, 2)
    pay(world, *(short(claim) for claim in claims))
    project, who = the_project(), {"acting_user": manager, "now": NOW, "today": TODAY}
    first, _ = project.lines.order_by("claim__claim_number")
    with pytest.raises(ProjectRefused, match="Say why"):
        leave_out(first.pk, project.pk, world.practice.pk, reason=" ", **who)
    leave_out(first.pk, project.pk, world.practice.pk, reason="paid by hand", **who)
    give_up(project.pk, world.practice.pk, reason="too little", **who)
    assert the_project().state == "given_up"
    assert set(ProjectLine.objects.values_list("state", flat=True)) == {"left_out", "given_up"}
    with pytest.raises(ProjectRefused, match="closed"):
        give_up(project.pk, world.practice.pk, reason="again", **who)


def test_giving_up_writes_off_what_the_books_still_expect(world, contract, manager):
    (claim,) = make_claims(world)
    claim.lines.update(expected_cents=12000)
    type(claim).objects.filter(pk=claim.pk).update(expected_cents=12000)
    pay(world, short(claim))
    owed = claim_balances(world.practice.pk, [claim.pk])[claim.pk]["insurance_receivable"]
    assert (owed, Denial.objects.get().category) == (1000, "contract_underpayment")
    assert [item.subject_type for item in underpaid_items()] == ["project"], "one item, the project's"
    written = give_up(
        the_project().pk, world.practice.pk, reason="too little", acting_user=manager, now=NOW, today=TODAY
    )
    assert written == 1000
    assert claim_balances(world.practice.pk, [claim.pk])[claim.pk].get("insurance_receivable", 0) == 0


def test_new_lines_begin_another_project_once_the_payer_was_asked(world, contract, manager):
    one, two = make_claims(world, 2)
    pay(world, short(one))
    ask_for_project(the_project().pk, world.practice.pk, acting_user=manager, now=NOW, today=TODAY)
    pay(world, short(two), trace="EFT2", number=2)
    assert list(UnderpaymentProject.objects.order_by("number").values_list("number", "state")) == [
        (1, "asked"), (2, "collecting"),
    ]  # fmt: skip


def test_a_late_payment_owes_interest_by_the_rule_of_its_state(world, contract, manager):
    """New York: a year's 12 percent from day 31 for an insured plan; the claim lies in NY."""
    (claim,) = make_claims(world)
    set_state(claim, "NY")
    pay(world, short(claim, 12000, received_on=PAID_ON - timedelta(95)))
    said = current(claim)
    assert (said.status, said.kind) == ("underpaid", "interest_missing")
    assert said.interest_due_cents == said.short_cents > 0
    assert "insured" in said.interest_why


@pytest.mark.parametrize("with_contract", [True, False])
def test_late_payments_are_a_project_whose_letter_names_the_law(world, request, manager, with_contract):
    """The law asks for no contract: interest is claimed for a payer whose rates nobody loaded, too."""
    if with_contract:
        request.getfixturevalue("contract")
    (claim,) = make_claims(world)
    set_state(claim, "NY")
    pay(world, short(claim, 12000, received_on=PAID_ON - timedelta(95)))
    project = the_project()
    said = current(claim)
    assert (project.kind, said.expected_allowed_cents is None) == ("interest_missing", not with_contract)
    # 12 percent a year on 120.00 for the days after the thirtieth.
    assert said.short_cents == said.interest_due_cents == round(12000 * 0.12 * 65 / 365)
    ask_for_project(project.pk, world.practice.pk, acting_user=manager, now=NOW, today=TODAY)
    letter = the_project().letter
    assert "N.Y. Ins. Law 3224-a" in letter and "of interest not paid" in letter
    assert "95 days later" in letter and "allowed" not in letter
    assert letter_rows(project)[0]["received_on"] == (PAID_ON - timedelta(95)).isoformat()


def letter_rows(project):
    from cleanclaim.pricing.underpayment import project_rows
    from cleanclaim_server.cycle.underpayments.letters import asked_lines, project_value

    return project_rows(project_value(project, asked_lines(project)))


def test_a_late_payment_in_a_state_without_a_rule_is_not_claimed(world):
    (claim,) = make_claims(world)
    set_state(claim, "ZZ")
    pay(world, short(claim, 12000, received_on=PAID_ON - timedelta(95)))
    assert not UnderpaymentProject.objects.exists()
    assert current(claim).interest_why.startswith("Not encoded")


def test_interest_that_no_rule_says_is_unknown_and_told(world, contract):
    (claim,) = make_claims(world)
    set_state(claim, "ZZ")
    pay(world, short(claim, 12000, received_on=PAID_ON - timedelta(95)))
    said = current(claim)
    assert (said.status, said.interest_due_cents) == ("agreed", None)
    assert said.interest_why.startswith("Not encoded")


def set_state(claim, state):
    from cleanclaim.claim import decode_claim, encode_claim

    value = decode_claim(bytes(claim.frozen))
    claim.frozen = encode_claim(msgspec.structs.replace(value, state=state))
    claim.save(update_fields=["frozen"])


def test_a_secondary_answer_is_not_called_short(world, contract):
    add_secondary(world)
    (claim,) = make_claims(world)
    pay(world, answer(claim, 9000, ("CO", "45", 3000), ("PR", "2", 3000)))
    assert current(claim).status == "agreed"


def test_comparing_costs_no_query_for_each_line(world, contract):
    counts = []
    for number, size in enumerate((3, 30), start=1):
        claims = make_claims(world, size)
        seen = []

        def count(execute, sql, params, many, context, seen=seen):
            seen.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            pay(world, *(short(claim) for claim in claims), trace=f"EFT{number}", number=number)
        counts.append(len(seen))
    assert counts[1] <= counts[0] + 3, counts


def test_a_foreign_practice_sees_no_comparison_and_no_project(world, contract, practice_b, make_user):
    from cleanclaim_server.identity.access import tenant_for
    from cleanclaim_server.identity.roles import Access, DataClass
    from cleanclaim_server.tenancy.scope import visible

    (claim,) = make_claims(world)
    pay(world, short(claim))
    theirs = tenant_for(make_user("manager", [practice_b]), DataClass.LEDGER, Access.READ)
    for model in (LineComparison, UnderpaymentProject, ProjectLine):
        assert model.objects.count() == 1
        assert visible(model.objects.all(), theirs).count() == 0
