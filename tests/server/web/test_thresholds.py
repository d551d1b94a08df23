"""The thresholds of a practice on their page: what is refused, and what is open follows at once."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from tests.server.cycle.remitting import NOW
from tests.server.cycle.test_banking import TODAY, Bank
from tests.server.cycle.test_underpayments import (  # noqa: F401 - fixtures
    contract,
    make_claims,
    manager,
    pay,
    short,
    underpaid_items,
    world,
)

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.cycle.banking.policy import BankPolicy
from cleanclaim_server.cycle.banking.policy import policy_of as bank_policy
from cleanclaim_server.cycle.underpayments.acting import leave_out
from cleanclaim_server.cycle.underpayments.policy import UnderpaymentPolicy
from cleanclaim_server.cycle.underpayments.policy import policy_of as shortfalls
from cleanclaim_server.tenancy.context import tenant_context
from cleanclaim_server.underpayments.models import ProjectLine, UnderpaymentProject

USUAL = {**msgspec.to_builtins(BankPolicy()), "least": "0.05"}


@pytest.fixture
def desk(make_user, client_for, practice_a, monkeypatch):
    from cleanclaim_server.web.views import shared

    monkeypatch.setattr(shared, "now", lambda: NOW)
    return client_for(make_user("manager", [practice_a]))


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def keep(client, practice, **changes):
    return client.post(f"/settings/practices/{practice.pk}/thresholds", USUAL | changes, follow=True)


def test_the_page_says_what_counts_and_keeps_what_was_typed(desk, practice_a):
    practice_a.settings = {
        "statements": {"days_between": 9},
        "bank": {"check_due_days": 30, "answer_days": "x"},
    }
    practice_a.save()
    page = text_of(desk.get(f"/settings/practices/{practice_a.pk}/thresholds"))
    assert 'name="check_due_days" type="text" value="30"' in page and "usually 21" in page
    assert 'name="answer_days" type="text" value="7"' in page and 'value="0.05"' in page
    assert "kept." in text_of(keep(desk, practice_a, check_due_days="40", least="2.50"))
    practice_a.refresh_from_db()
    assert bank_policy(practice_a) == BankPolicy(check_due_days=40)
    assert shortfalls(practice_a) == UnderpaymentPolicy(250)
    assert practice_a.settings["statements"] == {"days_between": 9}, "other policies stay"
    row = AuditRow.objects.get(action="settings.changed")
    assert (row.practice_id, row.detail["fields"]) == (practice_a.pk, ["check_due_days", "least"])


WRONG = [
    ({"check_due_days": "-1"}, "At least 0 days."),
    ({"answer_days": "0"}, "At least 1 day."),
    ({"unmatched_days": "366"}, "At most 365 days."),
    ({"patient_due_days": "soon"}, "A whole number of days."),
    ({"patient_due_days": ""}, "Say how many days."),
    ({"least": "0"}, "At least 0.01"),
    ({"least": "2.505"}, "Whole cents"),
    ({"least": "10000.01"}, "At most 10,000."),
]


@pytest.mark.parametrize(("change", "words"), WRONG)
def test_what_is_no_threshold_is_said_at_its_field_and_nothing_is_kept(desk, practice_a, change, words):
    answer = keep(desk, practice_a, **change)
    assert answer.status_code == 422 and words in text_of(answer)
    practice_a.refresh_from_db()
    assert "bank" not in practice_a.settings and "underpayments" not in practice_a.settings


@pytest.mark.parametrize("role", ["poster", "biller", "auditor"])
def test_who_does_not_set_up_changes_nothing(practice_a, make_user, client_for, role):
    client = client_for(make_user(role, [practice_a]))
    assert keep(client, practice_a).status_code == 403
    assert client.get(f"/settings/practices/{practice_a.pk}/thresholds").status_code == 403


def test_of_another_practice_the_page_is_absent(desk, practice_b):
    assert keep(desk, practice_b, least="1.00").status_code == 404
    practice_b.refresh_from_db()
    assert practice_b.settings == {}


def test_alarms_of_the_bank_follow_at_once(desk, practice_a):
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        bank = Bank(practice_a)
        bank.bring((TODAY - timedelta(days=6), 12_345, "SOMETHING ELSE"), (TODAY, 100, "INTEREST"))
        assert bank.items() == []
    assert "1 alarm of the bank opened" in text_of(keep(desk, practice_a, unmatched_days="5"))
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        assert [cents for _, cents in bank.items()] == [12_345]
    assert "opened" not in text_of(keep(desk, practice_a, unmatched_days="30"))
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        assert bank.items() == []


def test_a_lower_least_amount_reaches_what_was_paid_before(world, contract, desk, practice_a):  # noqa: F811
    small, large = make_claims(world, 2)
    pay(world, short(small, 11_996), short(large, 11_900))
    assert ProjectLine.objects.get().claim_id == large.pk  # 4 cents are below the usual 5
    assert "1 shortfall came into projects" in text_of(keep(desk, practice_a, least="0.04"))
    lines = ProjectLine.objects.filter(is_live=True)
    assert {line.claim_id: line.asked_cents for line in lines} == {small.pk: 4, large.pk: 100}
    assert UnderpaymentProject.objects.count() == 1 and underpaid_items()[0].amount_cents == 104
    assert "came into" not in text_of(keep(desk, practice_a, least="0.04"))
    assert "came into" not in text_of(keep(desk, practice_a, least="5.00"))
    assert ProjectLine.objects.filter(is_live=True).count() == 2, "a higher one takes nothing out"


def test_what_somebody_left_out_stays_out(world, contract, desk, manager, practice_a):  # noqa: F811
    (claim,) = make_claims(world)
    pay(world, short(claim, 11_900))
    line = ProjectLine.objects.get()
    leave_out(
        line.pk, line.project_id, practice_a.pk, reason="Agreed by phone", acting_user=manager, now=NOW,
        today=TODAY,
    )  # fmt: skip
    keep(desk, practice_a, least="0.04")
    assert [one.state for one in ProjectLine.objects.all()] == ["left_out"]
