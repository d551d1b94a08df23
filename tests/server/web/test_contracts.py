"""Contracts and underpayment projects as pages: what is shown, changed, imported, learnt, asked and recovered."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.server.cycle.remitting import NOW, answer, file_835, make_claims, make_world, payment

from cleanclaim.pricing.contracts import Proposal, Rate, RateKind
from cleanclaim.spreadsheet import read_xlsx
from cleanclaim_server.contracts.actions import (
    How,
    dismissal_key,
    newest_version,
    save_version,
    start_contract,
)
from cleanclaim_server.contracts.models import ContractDocument, ContractVersion, PayerContract, RateDismissed
from cleanclaim_server.cycle.receiving import receive_file
from cleanclaim_server.identity.models import Grant
from cleanclaim_server.tenancy.context import system_context
from cleanclaim_server.underpayments.models import LineComparison, ProjectLine, UnderpaymentProject

YEAR = date(2026, 1, 1)
ROLES = ("manager", "denial_specialist", "poster")


@pytest.fixture
def person(make_user, practice_a):
    user = make_user(ROLES[0], [practice_a])
    for role in ROLES[1:]:
        Grant.objects.create(user=user, practice=practice_a, role=role)
    return user


@pytest.fixture
def world(practice_a, person):
    with system_context(practice_a.agency_id):
        return make_world(practice_a)


@pytest.fixture
def contract(world, person):
    with system_context(world.practice.agency_id):
        found = start_contract(world.practice, world.payer, acting_user=person, now=NOW)
        rates = (
            Rate("old", RateKind.FIXED, date(2025, 1, 1), date(2025, 12, 31), 11000, code="90837"),
            Rate("new", RateKind.FIXED, YEAR, None, 12000, code="90837", source="exhibit A"),
        )
        value = msgspec.structs.replace(newest_version(found).value, rates=rates)
        save_version(found, value, how=How.TYPED, note="as agreed", based_on=1, acting_user=person, now=NOW)
        return found


def pay(world, count=1, paid=11000, trace="EFT1", number=1):
    with system_context(world.practice.agency_id):
        claims = make_claims(world, count)
        said = [answer(one, paid, ("CO", "45", one.total_charge_cents - paid)) for one in claims]
        data = file_835(payment(said, trace=trace), number=number)
        receive_file(world.practice.agency_id, name=f"{trace}.835", data=data, partner=world.partner, now=NOW)
        return claims


def text_of(answer) -> str:
    return answer.content.decode()


def the_project(world) -> UnderpaymentProject:
    with system_context(world.practice.agency_id):
        return UnderpaymentProject.objects.get()


def inside(world, read):
    with system_context(world.practice.agency_id):
        return read()


def test_the_list_says_for_how_many_paid_lines_a_rate_is_known(world, contract, person, client_for):
    pay(world, 3)
    page = text_of(client_for(person).get("/contracts"))
    assert "Evergreen Health" in page and "Version 2" in page
    assert "100.0% of 3 paid lines" in page.replace('<span class="num">', "").replace("</span>", "")
    assert f'href="/contracts/{contract.pk}"' in page


def test_a_payer_without_a_contract_is_unknown_and_can_be_started(world, person, client_for):
    pay(world, 2)
    client = client_for(person)
    page = text_of(client.get("/contracts"))
    assert "status=unknown" in page and "Start" in page
    body = {"practice": str(world.practice.pk), "payer": str(world.payer.pk)}
    assert client.post("/contracts/start", body).status_code == 302
    assert client.post("/contracts/start", body).status_code == 302  # a second time is told, and does nothing
    assert inside(world, PayerContract.objects.count) == 1


TESTS = [  # query, what the box says, why
    ("code=90837&on=2026-03-02", ("$120", "names code 90837", "exhibit A"), "the rate of the day"),
    ("code=90837&on=2025-03-02", ("$110",), "last year's rate"),
    (
        "code=90837&on=2026-03-02&charge=100.00",
        ("$100", "the charge 100.00 is less"),
        "the lesser of the two",
    ),
    ("code=99999&on=2026-03-02", ("Unknown", "nothing is guessed"), "no rate"),
    ("code=90837&on=2026-03-02&units=x", ("no number of units",), "nonsense is told"),
    ("code=90837&on=2026-03-02&charge=abc", ("could not be read",), "nonsense is told"),
    ("code=", ("Type a code",), "nothing was asked"),
]


@pytest.mark.parametrize(("query", "said", "why"), TESTS)
def test_the_test_box_says_which_rate_wins_and_why(query, said, why, world, contract, person, client_for):
    client = client_for(person)
    fragment = text_of(client.get(f"/contracts/{contract.pk}/test?{query}"))
    page = text_of(client.get(f"/contracts/{contract.pk}?{query}"))
    for words in said:
        assert words in fragment, (why, fragment)
        assert words in page or query == "code=", why


def changes(contract, world, **more) -> dict:
    number = inside(world, lambda: newest_version(contract).number)
    return {"based_on": number, "from": "2026-07-01", "note": "Amendment 3", **more}


def test_a_new_amount_is_a_new_version_with_its_paper_and_its_diff(world, contract, person, client_for):
    client = client_for(person)
    assert 'name="v-1"' in text_of(client.get(f"/contracts/{contract.pk}/edit"))
    paper = SimpleUploadedFile("amendment.pdf", b"%PDF signed")
    found = client.post(
        f"/contracts/{contract.pk}/edit", changes(contract, world, **{"v-1": "125.50"}, document=paper)
    )
    assert found.status_code == 302, text_of(found)[-2000:]
    page = text_of(client.get(found.url))
    assert "125.50" in page and "2026-06-30" in page and "amendment.pdf" in page and "Amendment 3" in page
    version = inside(world, lambda: newest_version(contract))
    assert (version.number, version.effective_on, version.made_by_name) == (3, YEAR, person.display_name)
    kept = inside(world, lambda: ContractDocument.objects.get())
    answer = client.get(f"/contracts/{contract.pk}/documents/{kept.pk}")
    assert answer.content == b"%PDF signed" and "attachment" in answer["Content-Disposition"]


REFUSED = [  # fields, said
    ({"v-1": "abc"}, "no amount"),
    ({"v-1": "125.50", "from": ""}, "from which date of service"),
    ({"v-1": "125.50", "note": ""}, "Say why"),
    ({"v-1": "125.50", "based_on": "1"}, "in the meantime"),
    ({}, "Nothing is different"),
    ({"n0-code": "90834"}, "amount is empty"),
    ({"terms": "1", "levels": "LCSW"}, "should read as LCSW 85"),
    ({"terms": "1", "rises": "soon 3"}, "should read as 2026-07-01"),
    ({"terms": "1", "withhold_percent": "x"}, "no percentage"),
]


@pytest.mark.parametrize(("fields", "said"), REFUSED)
def test_what_cannot_be_saved_is_said_and_nothing_is_written(
    fields, said, world, contract, person, client_for
):
    found = client_for(person).post(f"/contracts/{contract.pk}/edit", {**changes(contract, world), **fields})
    assert found.status_code == 422 and said in text_of(found).replace("&#x27;", "'")
    assert inside(world, ContractVersion.objects.count) == 2


def test_rates_and_terms_are_added_by_hand(world, contract, person, client_for):
    fields = {
        "n0-code": "90834", "n0-kind": "fixed", "n0-amount": "98.00", "n1-code": "H*", "n1-kind": "carved_out",
        "terms": "1", "is_lesser_of_charge": "1", "telehealth_parity": "1", "levels": "LCSW 85", "rises": "2026-08-01 2.5",
    }  # fmt: skip
    found = client_for(person).post(f"/contracts/{contract.pk}/edit", changes(contract, world, **fields))
    assert found.status_code == 302, text_of(found)[-1500:]
    value = inside(world, lambda: newest_version(contract).value)
    assert {rate.code for rate in value.rates} == {"90837", "90834", "H*"}
    assert str(value.credential_percents["LCSW"]) == "85" and value.escalators[0].every_months == 12


def upload(name="rates.csv", rows=""):
    return SimpleUploadedFile(name, f"code,starts,amount\n{rows}".encode())


def test_an_import_shows_what_it_changes_before_anything_is_saved(world, contract, person, client_for):
    client, target = client_for(person), f"/contracts/{contract.pk}/import"
    rows = "90834,2026-01-01,98.00\n90791,2026-01-01,abc\n90837,2026-07-01,125.00\n"
    page = client.post(target, {"file": upload(rows=rows), "mode": "add"})
    text = text_of(page)
    assert "2 rates can be read" in text and "1 row cannot" in text and "Nothing is saved yet" in text
    assert "Row 3" in text and inside(world, ContractVersion.objects.count) == 2
    kept = inside(world, lambda: ContractDocument.objects.get())
    body = {"save": "1", "document": str(kept.pk), "mode": "add", "based_on": "2", "note": "Schedule 2026"}
    saved = client.post(target, body)
    assert saved.status_code == 302
    version = inside(world, lambda: newest_version(contract))
    assert (version.how, version.source_id, len(version.value.rates)) == ("imported", kept.pk, 4)
    again = client.post(target, body | {"based_on": "3"})
    assert again.status_code == 422 and "Nothing is different" in text_of(again)


def test_an_export_reads_back_as_it_was(world, contract, person, client_for):
    client = client_for(person)
    exported = client.get(f"/contracts/{contract.pk}/rates.csv")
    found = client.post(
        f"/contracts/{contract.pk}/import",
        {"file": SimpleUploadedFile("rates.csv", exported.content), "mode": "replace"},
    )
    assert "Nothing would change" in text_of(found)


@pytest.mark.parametrize(
    ("file", "said"), [(None, "Choose a CSV"), (b"", "empty"), (b"\0\1", "cannot be read")]
)
def test_what_is_no_file_of_rates_is_said(file, said, world, contract, person, client_for):
    body = {"mode": "add"} | ({"file": SimpleUploadedFile("x.csv", file)} if file is not None else {})
    found = client_for(person).post(f"/contracts/{contract.pk}/import", body)
    assert said in text_of(found) and inside(world, ContractVersion.objects.count) == 2


def test_learnt_rates_are_shown_with_their_evidence_and_confirmed(world, person, client_for):
    pay(world, 4)
    client = client_for(person)
    client.post("/contracts/start", {"practice": str(world.practice.pk), "payer": str(world.payer.pk)})
    contract = inside(world, PayerContract.objects.get)
    page = text_of(client.get(f"/contracts/{contract.pk}/learnt"))
    assert "110.00" in page and "Nothing" in page
    wanted = page.split('name="rate" value="')[1].split('"')[0]
    found = client.post(f"/contracts/{contract.pk}/learnt", {"rate": wanted, "based_on": "1"})
    assert found.status_code == 302 and "versions" in found.url
    (rate,) = inside(world, lambda: newest_version(contract).value.rates)
    assert f"confirmed by {person.display_name}" in rate.source
    statuses = inside(
        world, lambda: set(LineComparison.objects.filter(is_current=True).values_list("status", flat=True))
    )
    assert statuses == {"agreed"}


def test_a_learnt_rate_that_is_dismissed_is_not_proposed_again_at_that_amount(world, person, client_for):
    pay(world, 4)
    client = client_for(person)
    client.post("/contracts/start", {"practice": str(world.practice.pk), "payer": str(world.payer.pk)})
    contract = inside(world, PayerContract.objects.get)
    url = f"/contracts/{contract.pk}/learnt"
    wanted = text_of(client.get(url)).split('name="rate" value="')[1].split('"')[0]
    nothing = text_of(client.post(url, {"rate": wanted, "act": "dismiss"}, follow=True))
    assert "Say why" in nothing and 'name="rate"' in nothing
    body = {"rate": wanted, "act": "dismiss", "reason": "A case rate of last year"}
    page = text_of(client.post(url, body, follow=True))
    assert "1 rate is not proposed again" in page and 'name="rate"' not in page
    assert "A case rate of last year" in page and "110.00" in page and person.display_name in page
    assert 'name="rate"' not in text_of(client.get(url))
    client.post(url, body)
    kept = inside(world, lambda: list(RateDismissed.objects.values_list("reason", "made_by")))
    assert kept == [("A case rate of last year", person.pk)]
    # The same line at another amount is another proposal.
    (other,) = inside(world, lambda: proposals_at(contract, 10500))
    assert inside(world, lambda: dismissal_key(other)) not in inside(
        world, lambda: set(RateDismissed.objects.values_list("key", flat=True))
    )
    assert inside(world, lambda: newest_version(contract).number) == 1


def proposals_at(contract, cents):
    rate = Rate("learnt", RateKind.FIXED, YEAR, amount_cents=cents, code="90837")
    return [Proposal(rate, 3, 3, YEAR, ())]


def test_a_project_from_list_to_letter_to_given_up(world, contract, person, client_for):
    claims, client = pay(world, 2), client_for(person)
    project = the_project(world)
    page = text_of(client.get("/underpayments"))
    assert f'href="/underpayments/{project.pk}"' in page and "20.00" in page
    page = text_of(client.get(f"/underpayments/{project.pk}"))
    assert claims[0].claim_number in page and "allowed 110.00, due 120.00" in page and "rate new" in page
    assert client.get(f"/underpayments/{project.pk}/letter.pdf").content.startswith(b"%PDF")
    assert claims[0].claim_number in text_of(client.get(f"/underpayments/{project.pk}/list.csv"))
    book = client.get(f"/underpayments/{project.pk}/list.xlsx")
    assert book["Content-Disposition"].endswith('.xlsx"')
    head, *rows = read_xlsx(book.content)
    told = [dict(zip(head, row, strict=False)) for row in rows]
    assert [one["Claim number"] for one in told] == sorted(claim.claim_number for claim in claims)
    assert {(one["Short"], one["Due"], one["State"]) for one in told} == {("10", "120", "Open")}
    line = inside(world, lambda: ProjectLine.objects.order_by("claim__claim_number")[0])
    client.post(f"/underpayments/{project.pk}/lines/{line.pk}/leave-out", {"reason": "paid by hand"})
    client.post(f"/underpayments/{project.pk}/ask")
    assert the_project(world).state == "asked"
    assert "as it was sent" in text_of(client.get(f"/underpayments/{project.pk}"))
    client.post(f"/underpayments/{project.pk}/give-up", {"reason": "too little"})
    assert the_project(world).state == "given_up"
    page = text_of(client.get(f"/underpayments/{project.pk}"))
    assert "paid by hand" in page and "given up" in page and "Leave out" not in page


def test_lines_above_the_contract_and_without_a_rate_have_lists(world, contract, person, client_for):
    pay(world, 1, paid=13000)
    client = client_for(person)
    page = text_of(client.get("/underpayments/lines?status=overpaid"))
    assert "allowed 130.00, the contract has 120.00" in page and "No day is encoded" in page
    assert "No line here" in text_of(client.get("/underpayments/lines?status=unknown"))


def test_the_claim_shows_each_line_beside_its_contract(world, contract, person, client_for):
    (claim,) = pay(world)
    page = text_of(client_for(person).get(f"/claims/{claim.pk}"))
    assert "Paid below the contract" in page and "allowed 110.00, due 120.00" in page
    assert f"/contracts/{contract.pk}" in page and "missing</a>" in page


def test_a_biller_reads_and_changes_nothing(world, contract, make_user, practice_a, client_for):
    pay(world)
    client, project = client_for(make_user("biller", [practice_a])), the_project(world)
    page = text_of(client.get(f"/contracts/{contract.pk}"))
    assert "Change rates" not in page and client.get(f"/contracts/{contract.pk}/edit").status_code == 403
    assert client.get(f"/underpayments/{project.pk}").status_code == 200


def test_a_coder_who_sees_no_money_cannot_act_on_a_project(
    world, contract, make_user, practice_a, client_for
):
    pay(world)
    project = the_project(world)
    found = client_for(make_user("coder", [practice_a])).post(f"/underpayments/{project.pk}/ask")
    assert found.status_code == 404 and the_project(world).state == "collecting"


PAGES = {"/contracts": 32, "/underpayments": 34, "/underpayments/lines": 34}


@pytest.mark.parametrize("path", list(PAGES))
def test_queries_do_not_grow_with_rows(path, world, contract, person, client_for):
    client, counts = client_for(person), []
    for number, more in enumerate((3, 12), start=1):
        pay(world, more, trace=f"EFT{number}", number=number)
        client.get(path)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= PAGES[path], counts
