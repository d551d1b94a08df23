"""Whose data a received file holds: known whole, or not at all."""

from __future__ import annotations

import pytest
from tests.server.cycle.remitting import NOW, answer, file_835, make_claims, make_world, payment
from tests.server.cycle.test_receiving import ack_999, make_batch, report, said

from cleanclaim.x12.sets.records import ClaimStatus, StatusInfo
from cleanclaim_server.cycle.receiving import receive_file, receive_files
from cleanclaim_server.identity.models import Grant
from cleanclaim_server.tenancy.context import system_context


@pytest.fixture
def practices(practice_a, practice_b):
    """Two practices of one agency, told apart by their NPI."""
    practice_b.npi = "1993999998"
    practice_b.save()
    with system_context(practice_a.agency_id):
        yield practice_a, practice_b


@pytest.fixture
def worlds(practices):
    from cleanclaim_server.clearinghouse.models import TradingPartner
    from cleanclaim_server.coverage.models import Payer

    first = make_world(practices[0])
    Payer.objects.update(payer_id="99999")
    TradingPartner.objects.update(receiver_id="SIM1", name="Another")
    return first, make_world(practices[1])


def receive(world, data: bytes, name: str = "in.x12") -> list[str]:
    agency_id = world.practice.agency_id
    file = receive_file(agency_id, name=name, data=data, partner=world.partner, now=NOW)
    file.refresh_from_db()
    return file.practice_ids


def paid(world, **more):
    (claim,) = make_claims(world)
    return payment([answer(claim, 9000, ("CO", "45", 6000))], npi=world.practice.npi, **more)


def ids(*worlds) -> list[str]:
    return sorted(str(world.practice.pk) for world in worlds)


def test_a_payment_is_its_practices(worlds):
    assert receive(worlds[0], file_835(paid(worlds[0]))) == ids(worlds[0])


def test_a_file_with_payments_of_two_practices_is_of_both(worlds):
    data = file_835(paid(worlds[0], trace="A"), paid(worlds[1], trace="B"))
    assert receive(worlds[0], data) == ids(*worlds)


def test_one_payment_of_nobody_leaves_the_whole_file_to_the_agency(worlds):
    stranger = payment([answer(make_claims(worlds[0])[0], 15000)], npi="1003000126", trace="C")
    assert receive(worlds[0], file_835(paid(worlds[0]), stranger)) == []


def test_a_999_is_of_the_practice_whose_batch_it_answers(worlds):
    make_batch(worlds[0], make_claims(worlds[0]))
    assert receive(worlds[0], ack_999("A")) == ids(worlds[0])
    assert receive(worlds[0], ack_999("A", "99"), "other") == []


def test_a_277ca_that_names_a_claim_of_nobody_is_left_to_the_agency(worlds):
    (claim,) = make_claims(worlds[0])
    make_batch(worlds[0], [claim])
    mine = said(claim, "A2", "20", action="WQ", control="ICN1")
    stranger = ClaimStatus(
        "claim", (StatusInfo("A2", "20"),), mine.effective_on, "WQ", "NOBODY1", "ICN2", charge_cents=100,
        trace_number="NOBODY1", service_from=mine.service_from, member_id="X1", patient=mine.patient,
        provider=mine.provider,
    )  # fmt: skip
    assert receive(worlds[0], report(worlds[0], mine)) == ids(worlds[0])
    assert receive(worlds[0], report(worlds[0], mine, stranger), "other") == []


@pytest.mark.parametrize("data", [b"", b"name,amount\n1,2\n", b"ISA*00*"])
def test_what_cannot_be_read_is_nobodys(worlds, data):
    assert receive(worlds[0], data) == []


def test_the_same_bytes_again_are_of_the_same_practices(worlds):
    data = file_835(paid(worlds[0]))
    assert receive(worlds[0], data) == receive(worlds[0], data, "again") == ids(worlds[0])
    more = file_835(paid(worlds[1]), number=2)
    agency_id, partner = worlds[1].practice.agency_id, worlds[1].partner
    done = receive_files(agency_id, [("a", more), ("b", more)], partner=partner, now=NOW)
    assert [one.practice_ids for one in done] == [ids(worlds[1])] * 2


def test_a_poster_opens_a_file_whole_only_when_all_of_it_is_theirs(worlds, make_user, client_for):
    first, both = (
        receive_file(worlds[0].practice.agency_id, name=name, data=data, partner=None, now=NOW)
        for name, data in (
            ("first", file_835(paid(worlds[0], trace="A"))),
            ("both", file_835(paid(worlds[0], trace="B"), paid(worlds[1], trace="C"), number=2)),
        )
    )
    user = make_user("poster", [worlds[0].practice])
    client = client_for(user)
    assert client.get(f"/files/{first.pk}").status_code == 200
    assert client.get(f"/files/{first.pk}/download").status_code == 200
    assert client.get(f"/files/{both.pk}").status_code == 404
    assert client.get(f"/files/{both.pk}/download").status_code == 404
    Grant.objects.create(user=user, practice=worlds[1].practice, role="poster")
    assert client.get(f"/files/{both.pk}").status_code == 200
