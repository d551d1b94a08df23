"""Questions, answers, authorizations and institutional claims of all shapes that their guides allow."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
from hypothesis import strategies as st

from cleanclaim.x12.sets import authorization as auth
from cleanclaim.x12.sets import claim_837i as inst
from cleanclaim.x12.sets import eligibility as elig
from cleanclaim.x12.sets import status_request as stat
from cleanclaim.x12.sets.parties import (
    Attachment,
    Contact,
    Dated,
    Delivery,
    Diagnosis,
    Member,
    Party,
    PostalAddress,
    Reference,
    Rejection,
    Service,
    Trace,
)
from cleanclaim.x12.sets.records import Cas

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_NPI = "1234567893"

codes = st.sampled_from


def texts(longest: int = 20, shortest: int = 1) -> st.SearchStrategy[str]:
    return st.text(_LETTERS, min_size=shortest, max_size=longest)


def tuples(items, most: int = 2, least: int = 0):
    return st.lists(items, min_size=least, max_size=most).map(tuple)


def maybe(items):
    return st.none() | items


days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
births = st.dates(date(1930, 1, 1), date(2024, 12, 31))
clocks = st.integers(0, 1439).map(lambda minutes: f"{minutes // 60:02d}{minutes % 60:02d}")
cents = st.integers(0, 99_999_999)
numbers = st.integers(0, 99_999).map(lambda value: Decimal(value) / 100)
npis = st.just(_NPI)
addresses = st.builds(
    PostalAddress, line1=texts(30), line2=st.just("") | texts(30), city=texts(20, 2),
    state=codes(["IL", "NY", "CA"]), postal_code=codes(["60601", "627010001"]),
)  # fmt: skip
contacts = st.builds(
    Contact, name=texts(30), numbers=tuples(st.tuples(codes(["TE", "FX", "EM"]), texts(20)), 3, 1)
)
traces = st.builds(Trace, number=texts(30), origin=texts(9, 9).map(lambda text: "9" + text))
services = st.builds(
    Service, qualifier=st.just("HC"), code=codes(["90837", "90834", "H0015", "S9480"]),
    modifiers=tuples(codes(["95", "HO", "59"]), 4),
)  # fmt: skip


@st.composite
def dated(draw, *qualifiers):
    start = draw(days)
    end = draw(maybe(st.dates(start, date(2028, 1, 31))))
    return Dated(draw(codes(qualifiers)), start, end)


def references(*qualifiers, most: int = 2):
    return tuples(st.builds(Reference, qualifier=codes(qualifiers), value=texts(30)), most)


def with_members(draw, record, entity, **more):
    """A person of a kind with member number and birth date."""
    return record(
        entity=entity, kind="1", name=draw(texts(30)), first_name=draw(texts(20)),
        middle_name=draw(st.just("") | texts(10)), birth_date=draw(births), sex=draw(codes(["F", "M"])), **more,
    )  # fmt: skip


# -- eligibility -------------------------------------------------------------------------------------------

service_types = codes(["30", "MH", "AI", "A6", "A7", "98", "1"])
places = st.builds(elig.Place, qualifier=st.just("ZZ"), code=codes(["11", "12", "22"]))


@st.composite
def inquiries(draw):
    return elig.Inquiry(
        draw(tuples(service_types, 3, 1)), coverage_level=draw(codes(["", "IND", "FAM"])),
        place=draw(maybe(places)), references=draw(references("9F", "G1", most=1)), dates=draw(tuples(dated("291"), 1)),
    )  # fmt: skip


@st.composite
def questions_270(draw):
    def person(record, entity, relationship, **more):
        held = {"traces": draw(tuples(traces, 2)), "dates": draw(tuples(dated("291"), 1)),
                "inquiries": draw(tuples(inquiries(), 2, 1)), "address": draw(maybe(addresses))}  # fmt: skip
        insured = "Y" if relationship == "18" else "N"
        return with_members(
            draw, record, entity, is_subscriber=insured, relationship=relationship, **held, **more
        )

    subscribers = []
    for _ in range(draw(st.integers(1, 2))):
        dependents = [person(elig.AskedDependent, "03", "19") for _ in range(draw(st.integers(0, 2)))]
        subscribers.append(
            person(elig.AskedSubscriber, "IL", "18", id_qualifier="MI", id=draw(texts(20, 2)), dependents=tuple(dependents))
        )  # fmt: skip
    receiver = elig.AskingReceiver(
        "1P", "2", draw(texts(30)), id_qualifier="XX", id=_NPI, references=draw(references("TJ", "EO")),
        address=draw(maybe(addresses)), subscribers=tuple(subscribers),
    )  # fmt: skip
    source = elig.AskedSource(
        "PR", "2", draw(texts(30)), id_qualifier="PI", id=draw(texts(10, 2)), receivers=(receiver,)
    )
    return elig.EligibilityQuestion(draw(texts(20)), draw(days), draw(clocks), sources=(source,))


limits = st.builds(
    Delivery,
    unit=codes(["VS", "DY"]),
    quantity=numbers,
    period=codes(["23", "29"]),
    period_count=st.integers(1, 99),
)
entities = st.builds(
    Party, entity=codes(["VN", "X3", "PR"]), kind=st.just("2"), name=texts(30), id_qualifier=st.just("PI"),
    id=texts(20, 2), address=maybe(addresses), contacts=tuples(contacts, 2),
)  # fmt: skip
rejections = st.builds(Rejection, code=codes(["42", "75", "72", "52"]), follow_up=codes(["C", "N", "R"]))


@st.composite
def benefits(draw):
    quantity = draw(maybe(numbers))
    return elig.Benefit(
        draw(codes(["1", "6", "A", "B", "C", "F", "G", "U"])), draw(codes(["", "IND", "FAM"])),
        draw(tuples(service_types, 3)), draw(codes(["", "PR", "MC"])), draw(st.just("") | texts(30)),
        draw(codes(["", "23", "27", "29"])), draw(maybe(cents)),
        draw(maybe(st.integers(0, 100).map(lambda one: Decimal(one) / 100))),
        "" if quantity is None else draw(codes(["VS", "DY"])), quantity,
        draw(codes(["", "Y", "N", "U"])), draw(codes(["", "Y", "N", "W", "U"])),
        limits=draw(tuples(limits, 2)), references=draw(references("6P", "G1")),
        dates=draw(tuples(dated("292", "348"), 2)), messages=draw(tuples(texts(60), 3)),
        places=draw(tuples(places, 2)), entities=draw(tuples(entities, 2)),
    )  # fmt: skip


@st.composite
def answers_271(draw):
    def person(record, entity, **more):
        return with_members(
            draw, record, entity,
            traces=draw(tuples(traces.map(lambda one: msgspec.structs.replace(one, kind="2")), 2)),
            rejections=draw(tuples(st.builds(Rejection, code=codes(["42", "71", "52"]), follow_up=codes(["C", "N"])), 2)),
            dates=draw(tuples(dated("291", "346", "347"), 3)), benefits=draw(tuples(benefits(), 3)), **more,
        )  # fmt: skip

    subscribers = []
    for _ in range(draw(st.integers(1, 2))):
        dependents = [person(elig.AnsweredDependent, "03") for _ in range(draw(st.integers(0, 1)))]
        subscribers.append(
            person(elig.AnsweredSubscriber, "IL", id_qualifier="MI", id=draw(texts(20, 2)), dependents=tuple(dependents))
        )  # fmt: skip
    receiver = elig.AnswerReceiver(
        "1P", "2", draw(texts(30)), id_qualifier="XX", id=_NPI, subscribers=tuple(subscribers)
    )
    source = elig.AnsweringSource(
        "PR", "2", draw(texts(30)), id_qualifier="PI", id=draw(texts(10, 2)), contacts=draw(tuples(contacts, 2)),
        receivers=(receiver,),
    )  # fmt: skip
    return elig.EligibilityAnswer(draw(texts(20)), draw(days), draw(clocks), sources=(source,))


# -- claim status --------------------------------------------------------------------------------------------


@st.composite
def asked_claims(draw):
    start = draw(days)
    line = st.builds(
        stat.AskedLine, service=services, charge_cents=cents, units=st.integers(1, 99).map(Decimal),
        line_control=texts(20), service_from=st.just(start),
    )  # fmt: skip
    return stat.AskedClaim(
        draw(texts(20)), draw(st.just("") | texts(20)), claim_number=draw(texts(17)), charge_cents=draw(cents),
        service_from=start, service_to=draw(maybe(st.dates(start, date(2028, 1, 31)))), lines=draw(tuples(line, 2)),
    )  # fmt: skip


@st.composite
def questions_276(draw):
    subscribers = []
    for _ in range(draw(st.integers(1, 2))):
        dependents = tuple(
            with_members(draw, stat.StatusDependent, "QC", claims=draw(tuples(asked_claims(), 2, 1)))
            for _ in range(draw(st.integers(0, 2)))
        )
        subscribers.append(
            with_members(draw, stat.AskedPatient, "IL", id_qualifier="MI", id=draw(texts(20, 2)),
                         claims=draw(tuples(asked_claims(), 2, 0 if dependents else 1)), dependents=dependents)
        )  # fmt: skip
    provider = Party("1P", "2", draw(texts(30)), id_qualifier="XX", id=_NPI)
    asking = stat.AskingParty("41", "2", draw(texts(30)), id_qualifier="46", id=draw(texts(20, 2)),
                              groups=(stat.AskingProvider((provider,), tuple(subscribers)),))  # fmt: skip
    payer = stat.AskedPayer(
        "PR", "2", draw(texts(30)), id_qualifier="PI", id=draw(texts(10, 2)), receivers=(asking,)
    )
    return stat.StatusQuestion(draw(texts(20)), draw(days), draw(clocks), payers=(payer,))


# -- authorization ---------------------------------------------------------------------------------------------

reviews = st.builds(
    auth.Review, category=codes(["HS", "AR"]), certification_type=codes(["I", "R", "S"]), service_type=codes(["MH", "A7"]),
    facility_code=codes(["11", "22"]), facility_qualifier=st.just("B"), level_of_service=codes(["", "U", "E"]),
)  # fmt: skip
decided = st.builds(
    auth.Decision,
    action=codes(["A1", "A2", "A3", "A4", "A6"]),
    certification_number=texts(20),
    reason=codes(["", "0G"]),
)
patterns = st.builds(
    Delivery, unit=codes(["VS", "DY", "HS"]), quantity=st.integers(1, 99).map(Decimal), per=st.just("WK"),
    frequency=st.integers(1, 7).map(Decimal), period=codes(["34", "35"]), period_count=st.integers(1, 12),
)  # fmt: skip
diagnoses = st.builds(
    Diagnosis, code=codes(["F332", "F411", "F1020"]), qualifier=codes(["ABK", "ABF"]), on=maybe(days)
)
attached = st.builds(
    Attachment,
    report=codes(["08", "06"]),
    way=codes(["FX", "EL"]),
    number_qualifier=st.just("AC"),
    number=texts(20, 2),
)
institutional = st.builds(
    auth.InstitutionalService, revenue_code=codes(["0905", "0912"]), service=services, charge_cents=cents,
    unit=st.just("UN"), quantity=st.integers(1, 99).map(Decimal),
)  # fmt: skip
professional = st.builds(
    auth.ProfessionalService, service=services, charge_cents=cents, unit=st.just("UN"),
    quantity=st.integers(1, 99).map(Decimal),
)  # fmt: skip


@st.composite
def authorizations(draw, answer):
    def traced():
        found = draw(tuples(traces, 2))
        return tuple(msgspec.structs.replace(one, kind="2") for one in found) if answer else found

    def service():
        held = (
            {"institutional": draw(institutional)}
            if draw(st.booleans())
            else {"professional": draw(professional)}
        )
        return auth.RequestedService(
            traced(), review=draw(reviews), decision=draw(decided) if answer else None, dates=draw(tuples(dated("472"), 1)),
            delivery=draw(maybe(patterns)), attachments=draw(tuples(attached, 2)), messages=draw(tuples(texts(60), 1)), **held,
        )  # fmt: skip

    provider = st.builds(Party, entity=codes(["71", "SJ"]), kind=st.just("1"), name=texts(30), first_name=texts(20),
                         id_qualifier=st.just("XX"), id=npis)  # fmt: skip
    event = auth.Event(
        traced(), review=draw(reviews), decision=draw(maybe(decided)) if answer else None,
        references=draw(references("BB", "NT")), dates=draw(tuples(dated("435", "472"), 2)),
        diagnoses=draw(tuples(diagnoses, 12)), delivery=draw(maybe(patterns)),
        admission=draw(maybe(st.builds(auth.Admission, type=codes(["1", "3"])))),
        attachments=draw(tuples(attached, 2)), messages=draw(tuples(texts(60), 1)), providers=draw(tuples(provider, 3)),
        services=tuple(service() for _ in range(draw(st.integers(0, 3)))),
    )  # fmt: skip
    record = auth.AuthorizationAnswer if answer else auth.AuthorizationRequest
    dependent = None
    if draw(st.booleans()):
        dependent = with_members(draw, Member, "QC", is_subscriber="N", relationship="19")
    return record(
        draw(texts(20)), draw(days), draw(clocks),
        reviewer=Party("X3", "2", draw(texts(30)), id_qualifier="PI", id=draw(texts(10, 2))),
        requesters=(Party("1P", "2", draw(texts(30)), id_qualifier="XX", id=_NPI),),
        subscriber=with_members(draw, Member, "IL", id_qualifier="MI", id=draw(texts(20, 2))),
        dependent=dependent, events=(event,),
    )  # fmt: skip


# -- institutional claims ------------------------------------------------------------------------------------


@st.composite
def batches_837i(draw):
    home = PostalAddress("7 ELM AVE", "", "PEORIA", "IL", "616020001")
    street = PostalAddress("12 HARBOR ST", "", "SPRINGFIELD", "IL", "627010001")
    billing = inst.BillingProvider(
        "85", "2", draw(texts(30)), id_qualifier="XX", id=_NPI, address=street, provider_role="BI",
        taxonomy_qualifier="PXC", taxonomy="261QM0801X", tax_id="123456789",
    )  # fmt: skip
    submitter = Party("41", "2", draw(texts(30)), id_qualifier="46", id=draw(texts(20, 2)), contacts=(
        Contact("OFFICE", (("TE", "5555550101"),)),))  # fmt: skip
    receiver = Party("40", "2", draw(texts(30)), id_qualifier="46", id=draw(texts(20, 2)))
    made, clock, reference = draw(days), draw(clocks), draw(texts(20))
    found = []
    for number in range(draw(st.integers(1, 3))):
        child = draw(st.booleans())
        subscriber = with_members(draw, Member, "IL", id_qualifier="MI", id=draw(texts(20, 2)), address=home)
        patient = with_members(draw, Member, "QC", address=home) if child else None
        first = draw(st.dates(date(2026, 1, 1), date(2026, 9, 30)))
        charges = draw(st.lists(st.integers(1, 999_999), min_size=1, max_size=4))
        lines = tuple(
            inst.InstitutionalLine(
                at, draw(codes(["0905", "0912", "0915"])), draw(services), charge, "UN",
                draw(st.integers(1, 20).map(Decimal)), service_from=first, line_control=f"I{number}L{at}",
                noncovered_cents=draw(st.none() | st.just(charge)), note=draw(st.just("") | texts(40)),
            )
            for at, charge in enumerate(charges, 1)
        )  # fmt: skip
        total = sum(charges)
        others = ()
        if draw(st.booleans()):
            write_off = draw(st.integers(0, total))
            other_payer = inst.OtherPayer(
                "PR", "2", draw(texts(30)), id_qualifier="PI", id="OTHER1", adjudicated_on=first
            )
            others = (
                inst.OtherCoverage(
                    inst.Coverage("P" if number % 2 else "S", "18" if not child else "19", filing_code="CI"),
                    adjustments=(Cas("CO", "45", write_off),) if write_off else (),
                    paid_cents=total - write_off, benefits_assigned="Y", release_of_information="Y",
                    subscriber=msgspec.structs.replace(subscriber, birth_date=None, sex="", address=None),
                    payer=other_payer,
                ),
            )  # fmt: skip
        sequence = {"P": "S", "S": "P"}[others[0].coverage.sequence] if others else "P"
        claim = inst.InstitutionalClaim(
            f"I{number}", total, draw(codes(["13", "76", "89"])), frequency="1", accept_assignment="A",
            benefits_assigned="Y", release_of_information="Y", billing_provider=billing,
            coverage=inst.Coverage(sequence, "" if child else "18", filing_code="CI"), subscriber=subscriber,
            payer=Party("PR", "2", draw(texts(30)), id_qualifier="PI", id=draw(texts(10, 2))),
            relationship="19" if child else "", patient=patient, statement_from=first, statement_to=first,
            admission_type="3", admission_source="1", patient_status="30",
            authorization_number=draw(st.just("") | texts(20)), medical_record_number=draw(st.just("") | texts(20)),
            notes=draw(tuples(st.builds(inst.Note, kind=st.just("ADD"), text=texts(60)), 1)),
            principal_diagnosis=Diagnosis("F332"),
            visit_reasons=draw(tuples(st.just(Diagnosis("F332", "APR")), 1)),
            other_diagnoses=draw(
                st.lists(codes(["F411", "F1020", "F4310"]), max_size=3, unique=True)
                .map(lambda found: tuple(Diagnosis(one, "ABF") for one in found))
            ),
            occurrences=draw(tuples(st.builds(inst.Occurrence, code=codes(["11", "A1"]), on=days), 2)),
            value_codes=draw(tuples(st.builds(inst.ValueCode, code=codes(["80", "44"]), amount_cents=cents), 2)),
            condition_codes=draw(codes([(), ("92",), ("41", "92")])),
            attending=Party("71", "1", draw(texts(30)), draw(texts(20)), id_qualifier="XX", id=_NPI),
            other_coverages=others, lines=lines,
        )  # fmt: skip
        found.append(inst.InstitutionalClaimInFile(claim, reference, submitter, receiver, made, clock))
    return found
