"""Claims on paper: every value at its place, read back from the PDF with its position."""

from __future__ import annotations

import io
from datetime import date

import msgspec
import pytest
from pypdf import PdfReader
from tests.core.remittance.building import clp, remit
from tests.core.x12.sets.claims import CHILD, EVERGREEN, GROUP, LINE, MEDICARE, PARENT, PLAIN, SOLO, TERRY

from cleanclaim.claim import (
    Address,
    Adjustment,
    Bill,
    Clinician,
    Frequency,
    OtherPayer,
    OtherPayerLine,
    ServiceLine,
)
from cleanclaim.paper import (
    Calibration,
    ProgrammeClaim,
    ProgrammeLine,
    ProgrammePayer,
    bundle,
    cms1500,
    eob_pdf,
    form_pdf,
    money,
    plain,
    position,
    programme_claim,
    slots,
    ub04,
)
from cleanclaim.x12.sets.records import RemitParty

replace = msgspec.structs.replace
DAY = date(2026, 11, 23)


def texts(pdf: bytes) -> list[list[tuple[float, float, str]]]:
    """Per page: (x, y from the top, text) of every run, in points."""
    pages = []
    for page in PdfReader(io.BytesIO(pdf)).pages:
        found: list[tuple[float, float, str]] = []

        def see(text, cm, tm, font, size, found=found):
            if text.strip():
                x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
                y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
                found.append((x, 792 - y, text.strip()))

        page.extract_text(visitor_text=see)
        pages.append(found)
    return pages


def at(pages, text, page=0):
    """Places where a text begins."""
    squeezed = text.replace(" ", "")
    return [(x, y) for x, y, found in pages[page] if found.replace(" ", "") == squeezed]


def test_every_value_stands_at_its_place_on_the_printed_form():
    form = cms1500(PLAIN, signed_on=DAY)
    assert form.is_printable and not form.findings
    pages = texts(form_pdf(form.pages))
    for one in form.pages[0].placed:
        x, y = position(one.row, one.column)
        assert any(abs(x - left) < 1 and abs(y - top) < 1 for left, top in at(pages, one.text)), one
    assert len(pages[0]) == len(form.pages[0].placed), "data only: nothing else is printed"


FIELDS = [  # field, text, row, column
    ("insured.id", "W123456789", 8, 50),
    ("patient.name", "TESTER JR, TERRY, Q", 10, 1),
    ("patient.birth.year", "1980", 10, 37),
    ("patient.sex.f", "X", 10, 47),
    ("relationship.self", "X", 12, 33),
    ("diagnosis.a", "F331", 38, 3),
    ("diagnosis.b", "F411", 38, 16),
    ("line.from.month.1", "10", 44, 1),
    ("line.code.2", "90834", 46, 25),
    ("line.modifier1.2", "95", 46, 33),
    ("line.pointer.2", "BA", 46, 45),
    ("line.charge.1", "175 00", 44, 52),
    ("line.npi.1", "1003000126", 44, 68),
    ("tax.ein", "X", 56, 19),
    ("account", "A1003", 56, 23),
    ("total", "310 00", 56, 54),
    ("billing.npi", "1234567893", 61, 50),
    ("billing.phone.number", "555-0101", 57, 70),
]


@pytest.mark.parametrize(("field", "text", "row", "column"), FIELDS)
def test_items_of_a_plain_claim(field, text, row, column):
    placed = {one.field: one for one in cms1500(PLAIN).pages[0].placed}
    assert (placed[field].text, placed[field].row, placed[field].column) == (text, row, column)


def claim_of(count, **more):
    lines = tuple(
        replace(LINE, number=number, control_number=f"L{number}", charge_cents=1000 * number)
        for number in range(1, count + 1)
    )
    return replace(PLAIN, lines=lines, total_charge_cents=sum(line.charge_cents for line in lines), **more)


SHEETS = [(1, [1000]), (6, [21000]), (7, [21000, 7000]), (13, [21000, 57000, 13000])]


@pytest.mark.parametrize(("count", "totals"), SHEETS)
def test_six_lines_to_a_form_and_each_with_its_own_total(count, totals):
    pages = cms1500(claim_of(count)).pages
    assert [page.text("total") for page in pages] == [money(cents) for cents in totals]
    assert (
        sum(len([one for one in page.placed if one.field.startswith("line.code.")]) for page in pages)
        == count
    )
    assert all(page.text("patient.name") and page.text("diagnosis.a") for page in pages), "each stands alone"
    assert len(texts(form_pdf(pages))) == len(totals)


def test_twelve_diagnoses_and_no_more():
    codes = tuple(f"F{number}.0" for number in range(20, 32))
    form = cms1500(replace(PLAIN, diagnoses=codes))
    assert [form.pages[0].text(f"diagnosis.{letter}") for letter in "al"] == ["F200", "F310"]
    placed = {one.field: (one.row, one.column) for one in form.pages[0].placed}
    assert (placed["diagnosis.e"], placed["diagnosis.l"]) == ((39, 3), (40, 42))
    refused = cms1500(replace(PLAIN, diagnoses=(*codes, "F32.0")))
    assert (refused.pages, [one.code for one in refused.findings]) == ((), ["paper.too_many_diagnoses"])
    assert [one.code for one in cms1500(replace(PLAIN, lines=())).findings] == ["paper.no_lines"]


OTHER = OtherPayer(EVERGREEN, "P", TERRY, "W1", "GRP9", paid_cents=9000, remaining_patient_cents=2000)
TOLD = OtherPayerLine(
    "60054", 9000, "90837", adjustments=(Adjustment("CO", "45", 6500), Adjustment("PR", "2", 2000))
)
SECONDARY = claim_of(1, payer=MEDICARE, sequence="S", other_payers=(OTHER,))
VARIANTS = [  # claim, field -> text, why
    (replace(PLAIN, frequency=Frequency.REPLACEMENT, payer_control_number="PCN1"), {"resubmission.code": "7", "resubmission.number": "PCN1"}, "a replacement names the payer's number"),
    (replace(PLAIN, relationship="19", patient=CHILD, subscriber=PARENT), {"relationship.child": "X", "relationship.self": "", "patient.name": "TESTER, CHARLIE", "insured.name": "TESTER, PAT"}, "a child's claim"),
    (replace(PLAIN, billing_provider=SOLO), {"tax.ssn": "X", "tax.ein": "", "billing.name": "SOLOIST, SAM"}, "a person bills with a social security number"),
    (replace(PLAIN, payer=MEDICARE), {"insurance.medicare": "X", "insured.group": "NONE", "another.no": ""}, "Medicare first: the word NONE"),
    (SECONDARY, {"insured.group": "GRP9", "other.name": ""}, "Medicare second: the group that pays before it"),
    (replace(SECONDARY, payer=EVERGREEN, lines=(replace(LINE, other_payers=(TOLD,)),)), {"another.yes": "X", "other.name": "TESTER JR, TERRY, Q", "paid": "90 00"}, "another plan has paid on the line"),
    (replace(SECONDARY, payer=EVERGREEN), {"paid": "90 00"}, "another plan has paid on the claim"),
    (replace(PLAIN, patient_paid_cents=2000), {"paid": "20 00"}, "the patient has paid"),
    (replace(PLAIN, authorization_number="AU123"), {"authorization": "AU123"}, "an authorization"),
    (replace(PLAIN, supervising=Clinician("SENIOR", "SUE", "1245319599")), {"referring.qualifier": "DQ", "referring.name": "SUE SENIOR", "referring.npi": "1245319599"}, "a supervisor"),
    (replace(PLAIN, accept_assignment="C"), {"assignment.no": "X", "assignment.yes": ""}, "assignment not accepted"),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "wanted", "why"), VARIANTS)
def test_variants(claim, wanted, why):
    page = cms1500(claim).pages[0]
    assert {field: page.text(field) for field in wanted} == wanted, why


def test_taxonomy_above_the_line_for_payers_that_want_it():
    page = cms1500(PLAIN, taxonomy_above_line=True).pages[0]
    placed = {one.field: (one.text, one.row) for one in page.placed}
    assert placed["line.id_qualifier.2"] == ("ZZ", 45) and placed["line.other_id.1"] == ("101YM0800X", 43)


def test_text_that_does_not_fit_is_cut_and_told_without_repeating_it():
    long = replace(
        TERRY, last_name="W" * 40, address=Address("1 " + "LONG " * 10, "", "PEORIA", "IL", "61602")
    )
    form = cms1500(replace(PLAIN, patient=long, subscriber=long))
    assert {one.facts["item"] for one in form.findings} == {"2", "4", "5", "7"}
    assert all(
        len(one.text) <= slots("cms1500")[one.field.removesuffix(".1").removesuffix(".2")].length
        for one in form.pages[0].placed
    )
    assert "WWW" not in " ".join(one.text() for one in form.findings)
    assert form.is_printable


HOSTILE = ['#import "x": *', "$sqrt(2)$", "*bold*", '#read("/etc/passwd")', "<b>hi</b>", "\\ \" ' `"]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_data_and_never_markup(text):
    claim = replace(PLAIN, note=text, patient=replace(TERRY, first_name=text))
    pages = texts(form_pdf(cms1500(claim).pages, plain_paper=True))
    printed = " ".join(found for _, _, found in pages[0])
    assert "ROOT:" not in printed.upper()
    for word in plain(text).split():
        assert word.replace(" ", "") in printed.replace(" ", "")
    eob = texts(
        eob_pdf(
            remit(clp(150, 90, "CO-45 60", patient=RemitParty(text))),
            clp(150, 90, "CO-45 60", patient=RemitParty(text)),
        )
    )
    assert "root:" not in " ".join(found for _, _, found in eob[0])


def test_plain_paper_has_captions_and_the_printed_form_has_none():
    form = cms1500(PLAIN)
    printed = {found for _, _, found in texts(form_pdf(form.pages))[0]}
    captioned = " ".join(found for _, _, found in texts(form_pdf(form.pages, plain_paper=True))[0])
    assert "1a Insured's number" in captioned and "24f Charge" in captioned and "page 1 of 1" in captioned
    assert not any("Insured" in found for found in printed)


def test_printers_are_calibrated_and_bytes_are_the_same_each_time():
    pages = cms1500(PLAIN).pages
    moved = texts(form_pdf(pages, calibration=Calibration(right=9, down=-4.5)))
    x, y = position(8, 50)
    assert any(abs(x + 9 - left) < 1 and abs(y - 4.5 - top) < 1 for left, top in at(moved, "W123456789"))
    assert form_pdf(pages) == form_pdf(pages)
    with pytest.raises(ValueError, match="no sheet"):
        form_pdf([])


def test_the_first_payers_answer_goes_with_the_claim_and_shows_nobody_else():
    mine = clp(150, 90, "CO-45 40 PR-2 20", number="A1003", remarks=("N130",))
    other = clp(80, 80, number="B2004", control="SECRET9")
    eob = eob_pdf(remit(mine, other, trace="TRACE77", paid_on=DAY), mine)
    together = bundle([form_pdf(cms1500(PLAIN).pages), eob])
    pages = texts(together)
    printed = " ".join(found for _, _, found in pages[1])
    assert len(pages) == 2
    for word in ("TRACE77", "A1003", "CO-45", "40.00", "90.00", "N130"):
        assert word in printed, word
    assert "B2004" not in printed and "SECRET9" not in printed and "170.00" not in printed


PROGRAMME = ProgrammeClaim(
    "K9001", "131", GROUP, TERRY, date(2026, 10, 1), date(2026, 10, 31),
    tuple(ProgrammeLine("905", 41250, date(2026, 10, day), "H0015", units="1", description="INTENSIVE OUTPATIENT") for day in range(1, 31)),
    (ProgrammePayer(EVERGREEN, TERRY, "W123456789", authorization_number="AU1"),),
    ("F33.1", "F41.1"), Clinician("DOCTOR", "DEE", "1003000126"), admission_type="3", conditions=("41",), values=(("80", 3000),),
)  # fmt: skip


def test_a_programmes_claim_on_ub04():
    form = ub04(PROGRAMME, created_on=DAY)
    first, last = form.pages
    assert (first.text("bill_type"), first.text("from"), first.text("diagnosis.principal")) == (
        "0131",
        "100126",
        "F331",
    )
    assert (first.text("line.revenue.1"), first.text("line.code.22"), last.text("line.date.8")) == (
        "0905",
        "H0015",
        "103026",
    )
    assert (first.text("total"), last.text("total")) == ("", money(41250 * 30))
    assert (first.text("page"), first.text("pages"), last.text("page")) == ("1", "2", "2")
    pages = texts(form_pdf(form.pages))
    for one in first.placed:
        x, y = position(one.row, one.column)
        assert any(abs(x - left) < 1 and abs(y - top) < 1 for left, top in at(pages, one.text)), one
    assert "Type of bill" in " ".join(
        found for _, _, found in texts(form_pdf(form.pages, plain_paper=True))[0]
    )


def test_an_institutional_claim_as_the_form_wants_it():
    """Payers by their place with what they paid, hours as two digits, revenue codes in words."""
    other = OtherPayer(EVERGREEN, "P", TERRY, "W1", "G1", paid_cents=60_000)
    bill = Bill(
        "13", date(2026, 10, 12), date(2026, 10, 16), "2", Clinician("SENIOR", "SUE", "1245319599"),
        date(2026, 10, 12), "0930", "", "3", "1", "30", conditions=("92",),
    )  # fmt: skip
    claim = replace(
        PLAIN, sequence="S", payer=replace(EVERGREEN, name="SECOND", payer_id="70001"), other_payers=(other,),
        lines=(ServiceLine(1, "L1", "S9480", date(2026, 10, 12), 27_500, revenue_code="0905"),),
        total_charge_cents=27_500, bill=bill,
    )  # fmt: skip
    (page,) = ub04(programme_claim(claim), created_on=DAY).pages
    told = {name: page.text(name) for name in (
        "bill_type", "payer.a.paid", "payer.b.name", "admission.hour", "status", "condition.1", "attending.npi",
        "line.revenue.1", "line.description.1", "total",
    )}  # fmt: skip
    assert told == {
        "bill_type": "0132", "payer.a.paid": "600 00", "payer.b.name": "SECOND", "admission.hour": "09",
        "status": "30", "condition.1": "92", "attending.npi": "1245319599", "line.revenue.1": "0905",
        "line.description.1": "INTENSIVE OUTPATIENT - P", "total": "275 00",
    }  # fmt: skip
    with pytest.raises(ValueError, match="CMS-1500"):
        programme_claim(PLAIN)


#     field, print line, column: as a federal system prints it
UB04_PLACES = [
    ("bill_type", 2, 78), ("from", 4, 61), ("line.revenue", 18, 1), ("total", 40, 61), ("npi", 41, 69),
    ("payer.a.name", 42, 1), ("insured.a.name", 46, 1), ("authorization.a", 50, 1), ("diagnosis.principal", 53, 2),
    ("attending.npi", 56, 60), ("attending.last", 57, 54), ("remarks", 60, 1),
]  # fmt: skip


@pytest.mark.parametrize(("field", "row", "column"), UB04_PLACES)
def test_where_the_ub04_has_its_fields(field, row, column):
    assert (slots("ub04")[field].row, slots("ub04")[field].column) == (row, column)


FULL = [
    (replace(PROGRAMME, diagnoses=("F33.1",) * 19), "paper.form_full"),
    (replace(PROGRAMME, conditions=("41",) * 12), "paper.form_full"),
    (replace(PROGRAMME, payers=()), "paper.incomplete"),
]


@pytest.mark.parametrize(("claim", "code"), FULL)
def test_what_does_not_fit_on_ub04_is_refused(claim, code):
    form = ub04(claim, created_on=DAY)
    assert (form.pages, [one.code for one in form.findings]) == ((), [code])


def test_places_do_not_overlap_and_lie_on_the_sheet():
    for form, width, rows in (("cms1500", 79, 66), ("ub04", 82, 66)):
        taken: dict[tuple[int, int], str] = {}
        for slot in slots(form).values():
            assert 1 <= slot.row <= rows and slot.column + slot.length - 1 <= width, slot
            for column in range(slot.column, slot.column + slot.length):
                assert (slot.row, column) not in taken, (slot.field, taken[slot.row, column])
                taken[slot.row, column] = slot.field


MONEY = [(17500, "175 00"), (5, "0 05"), (-1250, "-12 50"), (0, "0 00")]


@pytest.mark.parametrize(("cents", "text"), MONEY)
def test_money_in_two_columns(cents, text):
    assert money(cents) == text
