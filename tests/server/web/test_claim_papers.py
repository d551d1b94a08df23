"""A claim on paper with the first payer's answer, corrected and void claims by what the payer takes."""

from __future__ import annotations

import io

import msgspec
import pytest
from pypdf import PdfReader
from tests.server.cycle import remitting

from cleanclaim.claim import Address, Clinician, Frequency, PayerKind, PayerParty, decode_claim, encode_claim
from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.receiving import receive_file
from cleanclaim_server.identity.models import Grant
from cleanclaim_server.tenancy.context import tenant_context


@pytest.fixture
def world(practice_a):
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        yield remitting.make_world(practice_a)


@pytest.fixture
def biller(make_user, client_for, practice_a):
    user = make_user("biller", [practice_a])
    Grant.objects.create(user=user, practice=practice_a, role="poster")
    return client_for(user)


def receive(world, *answers, number: int = 1) -> None:
    data = remitting.file_835(remitting.payment(answers, trace=f"T{number}"), number=number)
    receive_file(world.practice.agency_id, name=f"{number}.835", data=data, now=remitting.NOW)


def text_of(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def test_the_second_payers_paper_claim_carries_the_first_payers_answer(world, biller):
    remitting.add_secondary(world)
    claims = remitting.make_claims(world, 2)
    receive(world, *(remitting.answer(one, 9000, ("CO", "45", 4000), ("PR", "2", 2000)) for one in claims))
    second = Claim.objects.get(sequence="S", family_id=claims[0].family_id)
    for paper in ("form", "plain"):
        answer = biller.get(f"/claims/{second.pk}/paper?on={paper}&answers=1")
        assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
        pages = text_of(answer.content)
        assert len(pages) == 2 and "CO-45" in pages[1] and claims[0].claim_number in pages[1]
        assert claims[1].claim_number not in "".join(pages)  # nobody else's services
    assert AuditRow.objects.filter(action="claim.printed").count() == 2
    alone = biller.get(f"/claims/{claims[0].pk}/paper?on=plain&answers=1")
    assert len(text_of(alone.content)) == 1


def test_a_coder_prints_the_claim_without_what_was_paid(world, make_user, client_for, practice_a):
    remitting.add_secondary(world)
    (claim,) = remitting.make_claims(world)
    receive(world, remitting.answer(claim, 9000, ("CO", "45", 4000), ("PR", "2", 2000)))
    coder = client_for(make_user("coder", [practice_a]))
    second = Claim.objects.get(sequence="S")
    assert len(text_of(coder.get(f"/claims/{second.pk}/paper?answers=1").content)) == 1


def as_registered(world, claim, **changes) -> None:
    """The claim with what a real one carries, so that the edits have nothing to say of it."""
    value = decode_claim(bytes(claim.frozen))
    address = Address("1 Example St", "", "Albany", "NY", "122070001")
    biller = msgspec.structs.replace(
        value.billing_provider, address=address, taxonomy="261QM0850X", tax_id="123456789"
    )
    person = msgspec.structs.replace(value.patient, sex="F")
    claim.frozen = encode_claim(
        msgspec.structs.replace(
            value, billing_provider=biller, subscriber=person, patient=person, signed_note=True,
            rendering=Clinician("Ray", "Ada", "1003000126", "103T00000X", "PhD"),
            practice_id=str(world.practice.pk), patient_id=str(world.patient.pk), **changes,
        )
    )  # fmt: skip
    claim.save()


def test_a_void_that_could_not_be_read_is_held(world, biller):
    """The edits that judge a document judge a void too: nobody's name is on this one's claim any more."""
    (claim,) = remitting.make_claims(world)
    as_registered(world, claim)
    value = decode_claim(bytes(claim.frozen))
    nobody = msgspec.structs.replace(value.patient, last_name="", first_name="")
    claim.frozen = encode_claim(msgspec.structs.replace(value, patient=nobody, subscriber=nobody))
    claim.save()
    receive(world, remitting.answer(claim, 9000, ("CO", "45", 6000)))
    page = biller.post(f"/claims/{claim.pk}/void", {"reason": "Billed in error"}, follow=True)
    made = Claim.objects.get(frequency="8")
    assert made.lifecycle == "held" and "is held" in page.content.decode()
    assert "edits.patient_name_missing" in made.findings.values_list("code", flat=True)


def test_a_void_names_the_payers_newest_number_and_goes_out_as_it_was_paid(world, biller):
    (claim,) = remitting.make_claims(world)
    as_registered(world, claim)
    receive(world, remitting.answer(claim, 9000, ("CO", "45", 6000)))
    page = biller.post(f"/claims/{claim.pk}/void", {"reason": "Billed in error"}, follow=True)
    made = Claim.objects.get(frequency="8")
    assert "is built" in page.content.decode() and made.replaces_id == claim.pk and made.lifecycle == "ready"
    value, sent = decode_claim(bytes(made.frozen)), decode_claim(bytes(claim.frozen))
    assert value.frequency is Frequency.VOID
    assert value.payer_control_number == f"PCN{claim.claim_number[-6:]}"
    assert [(one.code, one.charge_cents) for one in value.lines] == [
        (one.code, one.charge_cents) for one in sent.lines
    ]
    again = biller.post(f"/claims/{claim.pk}/void", {"reason": "again"}, follow=True)
    assert "voided already" in again.content.decode() and Claim.objects.filter(frequency="8").count() == 1


REFUSED = [("void", {"reason": " "}, "Say why"), ("void", {"reason": "x"}, "reopen")]


@pytest.mark.parametrize(("act", "body", "words"), [*REFUSED, ("correct", {}, "reopen")])
def test_medicare_part_b_takes_neither_and_the_page_says_what_it_takes(world, biller, act, body, words):
    (claim,) = remitting.make_claims(world)
    value = decode_claim(bytes(claim.frozen))
    medicare = PayerParty("Medicare", "60054", PayerKind.MEDICARE, claim_filing_code="MB")
    claim.frozen = encode_claim(msgspec.structs.replace(value, payer=medicare))
    claim.save()
    receive(world, remitting.answer(claim, 9000, ("CO", "45", 6000)))
    page = biller.post(f"/claims/{claim.pk}/{act}", body, follow=True).content.decode()
    assert words in page
    assert Claim.objects.count() == 1
