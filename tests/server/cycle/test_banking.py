"""The bank joined to the cycle: 835, posting, bank line, tied; what is missing becomes work and goes away."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.server.cycle.remitting import NOW, PAID_ON, answer, file_835, make_claims, make_world, payment

from cleanclaim_server.bank.actions import (
    BankRefused,
    Decider,
    add_account,
    set_aside,
    tie,
    undo_aside,
    undo_tie,
)
from cleanclaim_server.bank.models import BankFile, Line, Proposal, SetAside, Tie, TiePart
from cleanclaim_server.bank.queries import account_totals, deposits_of, payments_with_open, with_open
from cleanclaim_server.clearinghouse.files import read_bytes
from cleanclaim_server.clearinghouse.models import StoredFile
from cleanclaim_server.cycle.banking import refresh_alarms, run_matching, take_bank_file
from cleanclaim_server.cycle.receiving import receive_file
from cleanclaim_server.ledger.queries import trial_balance, verify_ledger
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.remittances.queries import posted_remittances
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.work.models import WorkItem

TODAY = NOW.date()
LATER = date(2026, 12, 14)
PAID, WRITTEN_OFF = 9_000, 6_000


class Bank:
    """A practice with an account, and short ways to pay it and to bring files in."""

    def __init__(self, practice) -> None:
        self.practice, self.world = practice, make_world(practice)
        self.person = Decider(new_id(), "Pat Poster")
        self.account = add_account(practice, name="Operating", last_four="4321", by=self.person, now=NOW)
        self.number = 0

    def pay(self, trace: str, cents: int = PAID, on: date = PAID_ON, method: str = "ACH") -> Remittance:
        (claim,) = make_claims(self.world)
        self.number += 1
        paid = payment(
            [answer(claim, cents, ("CO", "45", claim.total_charge_cents - cents))],
            trace=trace,
            paid_on=on,
            method=method,
        )
        file = receive_file(
            self.practice.agency_id, name=f"{trace}.835", data=file_835(paid, number=self.number), now=NOW
        )
        assert file.state in ("read", "findings")
        return Remittance.objects.get(practice=self.practice, trace_number=trace)

    def bring(self, *rows: tuple[date, int, str], name: str = "march.csv", today: date = TODAY, **more):
        return take_bank_file(
            self.practice.agency_id, name=name, data=csv(*rows), practice_ids=[self.practice.pk], now=NOW,
            today=today, **more,
        )  # fmt: skip

    def line(self, **fields) -> Line:
        return with_open(Line.objects.filter(practice=self.practice, **fields)).get()

    def open_of(self, row: Remittance) -> int:
        return payments_with_open(Remittance.objects.filter(pk=row.pk)).get().open_cents

    def items(self) -> list[tuple[str, int]]:
        rows = WorkItem.objects.filter(practice=self.practice, queue="bank", is_open=True)
        return [(row.title, row.amount_cents) for row in rows.order_by("title")]


def csv(*rows: tuple[date, int, str]) -> bytes:
    lines = [f"{day.isoformat()},{text},{cents / 100:.2f}" for day, cents, text in rows]
    return "\n".join(["Date,Description,Amount", *lines, ""]).encode()


def trn(trace: str) -> str:
    return f"HCCLAIMPMT TRN*1*{trace}*1999999999"


@pytest.fixture
def bank(practice_a, tenant):
    with tenant(practice_a):
        yield Bank(practice_a)


def test_from_the_835_to_the_bank_line_and_back(bank):
    row = bank.pay("EFT100")
    assert row.state == "posted"
    assert trial_balance(bank.practice.pk)["deposit_clearing"] == PAID
    done = bank.bring((PAID_ON, PAID, trn("EFT100")))
    assert (done.state, done.lines_new, done.tied, done.tied_cents) == ("read", 1, 1, PAID)
    made = Tie.objects.get()
    assert (made.kind, made.made_by, made.why) == (
        "trace", None, "the payment's trace number stands in the bank's text",
    )  # fmt: skip
    assert [one.line_cents for one in deposits_of([row.pk])[row.pk]] == [PAID]
    balance = trial_balance(bank.practice.pk)
    assert (balance["cash"], balance.get("deposit_clearing", 0)) == (PAID, 0)
    undo_tie(made, why="Another payer's", by=bank.person, now=NOW, today=TODAY)
    balance = trial_balance(bank.practice.pk)
    assert (balance.get("cash", 0), balance["deposit_clearing"]) == (0, PAID)
    assert verify_ledger(bank.practice.pk, remittances=posted_remittances(bank.practice.pk)) == []


def test_a_payment_that_comes_after_its_money_is_tied_when_it_is_received(bank):
    bank.bring((PAID_ON, PAID, trn("EFT100")))
    assert not Tie.objects.exists()
    row = bank.pay("EFT100")
    assert bank.open_of(row) == 0


def test_an_undone_posting_leaves_the_deposit_where_it_is(bank):
    from cleanclaim_server.cycle.posting import undo_posting

    row = bank.pay("EFT100")
    bank.bring((PAID_ON, PAID, trn("EFT100")))
    undo_posting(row.pk, now=NOW, actor_id=bank.person.id, reason="Twice")
    balance = trial_balance(bank.practice.pk)
    assert (balance["cash"], balance["deposit_clearing"]) == (PAID, -PAID)


def test_the_same_file_and_a_longer_one_give_no_line_twice(bank):
    first = (PAID_ON, PAID, trn("EFT100"))
    assert bank.bring(first).lines_new == 1
    again = bank.bring(first, name="copy.csv")
    assert (again.state, again.lines_new) == ("duplicate", 0)
    longer = bank.bring(first, (PAID_ON, 500, "DEPOSIT"), name="longer.csv")
    assert (longer.lines_total, longer.lines_new) == (2, 1)
    assert Line.objects.count() == 2 and BankFile.objects.count() == 2
    assert StoredFile.objects.filter(kind="bank").count() == 3


def test_two_equal_lines_of_a_day_stay_two(bank):
    bank.bring((PAID_ON, 500, "DEPOSIT"), (PAID_ON, 500, "DEPOSIT"))
    assert Line.objects.count() == 2


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"no columns here\nnothing", "bank.csv_columns_unknown"),
        (b"Date,Description,Amount\n", "bank.no_lines"),
        (b"01,BANK,US,261118,0600,1,80,1,2/\n99,1,1,2/\n", "bank.bai2_"),
        (b"<!DOCTYPE x><Document/>", "bank."),
        (b"Date,Account,Description,Amount\n2026-11-18,000099998888,X,1.00\n", "bank.account_unknown"),
    ],
)
def test_what_cannot_be_taken_is_kept_and_says_why(bank, data, code):
    done = take_bank_file(
        bank.practice.agency_id, name="x", data=data, practice_ids=[bank.practice.pk], now=NOW, today=TODAY
    )
    assert done.state == "unreadable" and done.findings[-1].code.startswith(code)
    file = StoredFile.objects.get(kind="bank")
    assert (file.state, read_bytes(file)) == ("unreadable", data)
    assert not Line.objects.exists() and not BankFile.objects.exists()


def test_a_file_of_another_account_is_not_taken_into_the_chosen_one(bank):
    data = b"Date,Account,Description,Amount\n2026-11-18,000099998888,X,1.00\n"
    done = take_bank_file(
        bank.practice.agency_id, name="x", data=data, practice_ids=[bank.practice.pk], now=NOW, today=TODAY,
        account=bank.account,
    )  # fmt: skip
    assert [finding.code for finding in done.findings] == ["bank.other_account"]
    assert not Line.objects.exists()


def test_a_bank_file_in_a_partners_folder_is_taken(bank):
    row = bank.pay("EFT100")
    data = f"Date,Account,Description,Amount\n2026-11-18,00004321,{trn('EFT100')},90.00\n".encode()
    file = receive_file(bank.practice.agency_id, name="bank.csv", data=data, now=NOW)
    file.refresh_from_db()
    assert (file.kind, file.state, file.practice_ids) == ("bank", "read", [str(bank.practice.pk)])
    assert bank.open_of(row) == 0


def test_a_merged_deposit_is_proposed_and_one_word_accepts_it(bank):
    rows = [bank.pay(f"EFT10{n}", cents) for n, cents in enumerate((9_011, 8_022, 7_033))]
    bank.bring((PAID_ON, 24_066, "LOCKBOX DEPOSIT"))
    assert not Tie.objects.exists()
    thoughts = Proposal.objects.filter(is_match=True)
    assert {one.kind for one in thoughts} == {"merged"}
    line = bank.line()
    assert bank.items() == [("Confirm a deposit of $240.66: it looks like 3 payments", 24_066)]
    tie(bank.practice.pk, [line.pk], [row.pk for row in rows], why="", by=bank.person, now=NOW)
    assert [bank.open_of(row) for row in rows] == [0, 0, 0] and bank.line().open_cents == 0
    assert sorted(TiePart.objects.values_list("amount_cents", flat=True)) == [7_033, 8_022, 9_011]


def test_a_split_deposit_with_its_number_is_certain(bank):
    row = bank.pay("EFT100", 9_000)
    bank.bring((PAID_ON, 4_000, trn("EFT100")), (PAID_ON + timedelta(days=1), 5_000, trn("EFT100")))
    assert bank.open_of(row) == 0
    assert Tie.objects.get().kind == "trace_split"
    assert trial_balance(bank.practice.pk)["cash"] == 9_000


def test_what_a_person_took_back_is_only_proposed_again(bank):
    row = bank.pay("EFT100")
    bank.bring((PAID_ON, PAID, trn("EFT100")))
    undo_tie(Tie.objects.get(), why="Wrong", by=bank.person, now=NOW, today=TODAY)
    run_matching(bank.practice.pk, now=NOW, today=TODAY)
    assert bank.open_of(row) == PAID
    assert "took this match back" in Proposal.objects.filter(is_match=True).first().why


def test_three_ways_agree_and_the_exceptions_are_the_planted_ones(bank):
    """R-60: late, doubled, merged, split, missing on either side; every dollar is in one place."""
    plain = [bank.pay(f"EFT2{n:02}", 5_000 + 37 * n) for n in range(6)]
    split, merged = bank.pay("EFT300", 9_000), [bank.pay("EFT301", 7_013), bank.pay("EFT302", 6_029)]
    missing, differs = bank.pay("EFT400", 8_500), bank.pay("EFT401", 8_700)
    on = PAID_ON + timedelta(days=1)
    rows = [(on, row.paid_cents, trn(row.trace_number)) for row in plain]
    rows += [(on, 4_000, trn("EFT300")), (on, 5_000, trn("EFT300")), (on, 13_042, "LOCKBOX")]
    rows += [(on, 8_450, trn("EFT401")), (on, 7_777, trn("EFT999")), (PAID_ON, -1_500, "SERVICE FEE")]
    bank.bring(*rows, name="a.csv", today=LATER)
    bank.bring((on + timedelta(days=7), 5_000, trn("EFT200")), (LATER, -1, "FEE"), name="b.csv", today=LATER)
    run_matching(bank.practice.pk, now=NOW, today=LATER)
    kinds = sorted(Proposal.objects.values_list("kind", flat=True).distinct())
    assert kinds == ["amount_differs", "doubled_deposit", "merged", "missing_deposit", "missing_remittance"]
    assert [one.remittance_id for one in Proposal.objects.filter(kind="missing_deposit")] == [missing.pk]
    assert {one.remittance_id for one in Proposal.objects.filter(is_match=True, line=None)} == {
        row.pk for row in merged
    }
    totals = account_totals([bank.account.pk])[bank.account.pk]
    said = sum(cents for _, cents, _ in rows) + 5_000 - 1
    assert (totals.lines, totals.aside, totals.difference) == (said, -1_501, 0)
    assert totals.tied == sum(row.paid_cents for row in plain) + 9_000
    assert totals.open == 13_042 + 8_450 + 7_777 + 5_000
    books = trial_balance(bank.practice.pk)
    announced = sum(row.paid_cents for row in (*plain, split, *merged, missing, differs))
    assert (books["cash"], books["deposit_clearing"]) == (totals.tied, announced - totals.tied)


# --- alarms -----------------------------------------------------------------------------------------


def test_money_that_does_not_come_is_an_alarm_until_it_comes(bank):
    bank.bring((PAID_ON - timedelta(days=8), -900, "CHECK 1001"), name="a.csv")
    bank.pay("EFT100")
    assert bank.items() == []  # the bank has not spoken of the days after it
    bank.bring((PAID_ON + timedelta(days=9), -900, "CHECK 1002"), name="b.csv", today=LATER)
    assert bank.items() == [("EVERGREEN HEALTH: $90.00 announced, no deposit came", PAID)]
    item = WorkItem.objects.get(queue="bank")
    assert item.due_on == date(2026, 12, 1)  # 18 Nov, four business days, seven days to answer
    bank.bring((PAID_ON + timedelta(days=10), PAID, trn("EFT100")), name="c.csv", today=LATER)
    assert bank.items() == []
    item.refresh_from_db()
    assert item.closed_reason == "Bank and remittances agree now"


def test_a_check_has_three_weeks(bank):
    bank.bring((PAID_ON - timedelta(days=8), -900, "CHECK 1001"), name="a.csv")
    bank.pay("7001", method="CHK")
    bank.bring((PAID_ON + timedelta(days=20), -900, "CHECK 1002"), name="b.csv", today=LATER)
    assert bank.items() == []
    bank.bring((PAID_ON + timedelta(days=25), -900, "CHECK 1003"), name="c.csv", today=LATER)
    assert len(bank.items()) == 1


def test_a_payment_older_than_the_first_statement_is_no_alarm(bank):
    bank.pay("EFT100", on=PAID_ON - timedelta(days=12))
    bank.bring((PAID_ON, -900, "CHECK 1001"), (PAID_ON + timedelta(days=9), -1, "X"), today=LATER)
    assert bank.items() == []


def test_money_without_a_remittance_is_an_alarm_after_some_days(bank):
    done = bank.bring((PAID_ON, 12_345, trn("EFT555")))
    assert (done.tied, done.alone, bank.items()) == (0, 1, [])
    refresh_alarms(bank.practice, now=NOW, today=LATER)
    assert bank.items() == [("A payer deposited $123.45, and no remittance says what for", 12_345)]
    bank.pay("EFT555", 12_345)
    assert bank.items() == []


def test_differing_amounts_show_the_difference_and_may_be_tied_with_words(bank):
    row = bank.pay("EFT100", 9_000)
    bank.bring((PAID_ON, 8_700, trn("EFT100")))
    assert bank.items() == [("The bank has $87.00, the remittance says $90.00", 300)]
    line = bank.line()
    with pytest.raises(BankRefused) as caught:
        tie(bank.practice.pk, [line.pk], [row.pk], why="", by=bank.person, now=NOW)
    assert caught.value.code == "bank.sums_differ"
    tie(bank.practice.pk, [line.pk], [row.pk], why="Card fee kept", by=bank.person, now=NOW)
    assert (bank.open_of(row), bank.line().open_cents) == (300, 0)
    set_aside(row, reason="card_fee", why="", by=bank.person, now=NOW)
    run_matching(bank.practice.pk, now=NOW, today=LATER)
    assert (bank.open_of(row), bank.items()) == (0, [])
    assert trial_balance(bank.practice.pk)["deposit_clearing"] == 300  # nothing is invented to balance


def test_fees_and_money_going_out_are_set_aside_with_their_reason(bank):
    bank.bring(
        (PAID_ON, -1_500, "SERVICE CHARGE FEE"), (PAID_ON, -80_000, "RENT"), (PAID_ON, 40_000, "DEPOSIT")
    )
    assert sorted(SetAside.objects.values_list("reason", "amount_cents")) == [
        ("fee", -1_500),
        ("spent", -80_000),
    ]
    totals = account_totals([bank.account.pk])[bank.account.pk]
    assert (totals.lines, totals.tied, totals.aside, totals.open, totals.difference) == (
        -41_500,
        0,
        -81_500,
        40_000,
        0,
    )
    one = SetAside.objects.get(reason="spent")
    undo_aside(one, why="Look again", by=bank.person, now=NOW)
    run_matching(bank.practice.pk, now=NOW, today=TODAY)
    assert bank.line(amount_cents=-80_000).open_cents == -80_000  # the machine does not do it again


def test_a_line_that_nothing_explains_ages_into_work(bank):
    bank.bring((PAID_ON, 40_000, "DEPOSIT"))
    refresh_alarms(bank.practice, now=NOW, today=PAID_ON + timedelta(days=9))
    assert bank.items() == []
    refresh_alarms(bank.practice, now=NOW, today=PAID_ON + timedelta(days=10))
    assert bank.items() == [("Nothing explains a deposit of $400.00", 40_000)]
    set_aside(bank.line(), reason="patient", why="Copays", by=bank.person, now=NOW)
    run_matching(bank.practice.pk, now=NOW, today=LATER)
    assert bank.items() == []


def test_a_number_deposited_twice_is_an_alarm(bank):
    bank.pay("EFT100")
    bank.bring((PAID_ON, PAID, trn("EFT100")), name="a.csv")
    bank.bring((PAID_ON + timedelta(days=1), PAID, trn("EFT100")), name="b.csv", today=LATER)
    assert bank.items() == [("$90.00 came under a number that was deposited before", PAID)]


def test_a_dead_feed_is_an_alarm_per_payer(bank):
    claims = make_claims(bank.world, 2)
    for claim in claims:
        claim.first_sent_at = NOW - timedelta(days=46)
        claim.save()
    refresh_alarms(bank.practice, now=NOW, today=TODAY)
    assert bank.items() == [("No electronic remittance of Evergreen Health was ever received", 30_000)]


# --- who may do what, twice -------------------------------------------------------------------------


def test_the_second_of_two_people_is_told(bank):
    row, other = bank.pay("7001", method="CHK"), bank.pay("7002", method="CHK")
    bank.bring((PAID_ON, PAID, "COUNTER DEPOSIT"))
    line = bank.line()
    tie(bank.practice.pk, [line.pk], [row.pk], why="", by=bank.person, now=NOW)
    for again in (row, other):
        with pytest.raises(BankRefused) as caught:
            tie(bank.practice.pk, [line.pk], [again.pk], why="x", by=Decider(new_id(), "B"), now=NOW)
        assert caught.value.code == "bank.taken"
    with pytest.raises(BankRefused):
        set_aside(line, reason="patient", why="", by=bank.person, now=NOW)
    undo = undo_tie(Tie.objects.get(), why="No", by=bank.person, now=NOW, today=TODAY)
    with pytest.raises(BankRefused) as caught:
        undo_tie(undo.tie, why="No", by=bank.person, now=NOW, today=TODAY)
    assert caught.value.code == "bank.undone_before"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": " "}, "bank.account_name_missing"),
        ({"last_four": "12345"}, "bank.account_last_four"),
        ({"last_four": "4321"}, "bank.account_known"),
        ({"payees": ["123"]}, "bank.payee_not_npi"),
    ],
)
def test_an_account_that_cannot_be(bank, fields, code):
    with pytest.raises(BankRefused) as caught:
        add_account(
            bank.practice, **({"name": "Second", "last_four": "9999"} | fields), by=bank.person, now=NOW
        )
    assert caught.value.code == code


def test_a_payee_of_its_own_account_is_looked_for_there_alone(bank):
    second = add_account(
        bank.practice, name="Clinic", last_four="8888", payees=["1234567893"], by=bank.person, now=NOW
    )
    row = bank.pay("EFT100")
    bank.bring((PAID_ON, PAID, trn("EFT100")), account=bank.account)
    assert bank.open_of(row) == PAID
    bank.bring((PAID_ON, PAID, trn("EFT100") + " "), account=second, name="second.csv")
    assert bank.open_of(row) == 0
