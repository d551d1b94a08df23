"""What the edits are told beside the claims: prices, programme, earlier lines, whom an authorization names."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest
from django.db import connection

from cleanclaim.claim import decode_claim
from cleanclaim_server.charges.models import ChargeRate
from cleanclaim_server.claims.models import ClaimFinding, ClaimLine
from cleanclaim_server.coverage.models import Plan
from cleanclaim_server.cycle.intake import recheck_claims
from cleanclaim_server.cycle.intake.context import history_rows, program_of

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)

PROGRAMS = [  # what a person wrote, what the rules call it
    ("insured_plan", "insured_plan"),
    ("Medicaid MCO", "medicaid_mco"),
    ("medicaid-ffs", "medicaid_ffs"),
    ("QMB", ""),
    ("", ""),
]


@pytest.mark.parametrize(("written", "program"), PROGRAMS)
def test_a_programme_is_passed_when_the_rules_know_it(written, program):
    assert program_of(Plan(program=written)) == program


@pytest.fixture
def inside(tenant, practice_a):
    with tenant(practice_a):
        yield


def check(practice, claims) -> int:
    """Run the edits again; returns how many statements that took."""
    statements = []

    def count(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        recheck_claims(practice, [claim.pk for claim in claims], now=NOW, today=TODAY)
    return len(statements)


def test_a_charge_beside_the_charge_master_is_told(make_claims, practice_a, inside):
    (claim,) = make_claims(1, change={"practice_id": str(practice_a.pk)})
    line = decode_claim(claim.frozen).lines[0]
    price = ChargeRate.objects.create(
        practice=practice_a,
        code=line.code,
        amount_cents=line.charge_cents // int(line.units) + 100,
        starts_on=date(2020, 1, 1),
    )
    said = ClaimFinding.objects.filter(claim=claim, code="edits.charge_differs_from_schedule")
    check(practice_a, [claim])
    assert [row.severity for row in said] == ["tell"]
    price.amount_cents -= 100
    price.save()
    check(practice_a, [claim])
    assert not said.all().exists()


def test_an_evaluation_of_months_ago_is_in_the_history(make_claims, practice_a, inside):
    claims = make_claims(3)
    value = decode_claim(claims[0].frozen)
    old, other, today = claims
    for claim, code in ((old, "90791"), (other, "90837")):
        ClaimLine.objects.create(
            practice=practice_a, claim=claim, number=1, code=code, date_of_service=date(2026, 6, 1),
            control_number=f"{claim.claim_number}L1", units=1, charge_cents=15000,
        )  # fmt: skip

    def seen(code: str) -> set[str]:
        line = msgspec.structs.replace(value.lines[0], code=code)
        changed = msgspec.structs.replace(value, lines=(line,))
        return {row["claim_number"] for row in history_rows([practice_a.pk], [today], [changed])}

    assert old.claim_number in seen("90791")
    assert other.claim_number not in seen("90791")
    assert old.claim_number not in seen("90837")


def test_statements_do_not_grow_with_the_batch(make_claims, practice_a, inside):
    claims = make_claims(12)
    check(practice_a, claims)
    assert check(practice_a, claims[:2]) == check(practice_a, claims)
