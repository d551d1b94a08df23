"""The synthetic agency: complete, consistent, plainly made up, and the same every time."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import re
from collections import Counter
from datetime import date, timedelta

import msgspec
import pytest
from stdnum import luhn
from stdnum.us import ein
from synthetic_claims import Builder

from cleanclaim.claim import PayerKind
from cleanclaim.codesets import diagnoses, parties
from cleanclaim.coding import code_session, read_session_rows
from cleanclaim.coding.vocabulary import CREDENTIALS
from cleanclaim.simulator import SCENARIOS, scenario_of
from cleanclaim.simulator.synthetic import agency_contract, make_agency, session_facts, session_row, sessions
from cleanclaim.simulator.synthetic.decks import PLAIN
from cleanclaim.x12.sets.claim_837p import check_claim

FIRST_DAY = date(2025, 11, 1)
MEDICARE_NUMBER = re.compile(
    r"[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d[AC-HJKMNP-RT-Y]{2}\d{2}"
)


@pytest.fixture(scope="module")
def agency():
    return make_agency(7)


@pytest.fixture(scope="module")
def year(agency):
    return [one for back in range(365) for one in sessions(agency, FIRST_DAY + timedelta(days=back))]


def digest(value) -> str:
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()


def test_the_agency_has_the_size_it_should(agency):
    assert (len(agency.practices), len(agency.clinicians), len(agency.patients)) == (5, 18, 420)
    assert [one.kind for one in agency.practices] == [
        "solo",
        "group",
        "clinic_iop",
        "telehealth",
        "community",
    ]
    states = {state for practice in agency.practices for state in practice.states}
    assert states == {"AZ", "FL", "GA", "IL", "NC", "OH", "TX", "VA"}
    credentials = {one.credential for one in agency.clinicians}
    assert (
        credentials
        == {"MD", "PMHNP", "PhD", "PsyD", "LCSW", "LMFT", "LPC", "LPC-associate", "LMSW"}
        <= CREDENTIALS
    )


def test_identifiers_are_unique(agency):
    for values in (
        [one.code for one in agency.practices],
        [one.id for one in agency.clinicians],
        [one.npi for one in agency.clinicians],
        [one.payer_id for one in agency.payers],
        [one.id for one in agency.patients],
        [one.chart_number for one in agency.patients],
        [(one.person.first_name, one.person.last_name) for one in agency.patients],
        [(cover.payer_id, cover.member_id) for one in agency.patients for cover in one.coverages],
        [(one.payer_id, one.number) for patient in agency.patients for one in patient.authorizations],
    ):
        assert len(set(values)) == len(values)


def test_every_npi_has_its_check_digit_and_is_made_up(agency):
    numbers = [one.npi for one in (*agency.practices, *agency.clinicians)]
    assert all(luhn.is_valid("80840" + npi) for npi in numbers)
    assert all(re.fullmatch(r"2999\d{6}", npi) for npi in numbers)


def test_tax_numbers_have_a_known_prefix(agency):
    assert all(ein.is_valid(one.tax_id) for one in agency.practices)


def test_taxonomies_are_in_the_list(agency):
    codes = {one.taxonomy for one in (*agency.practices, *agency.clinicians)}
    assert {parties.taxonomy(code, FIRST_DAY).code for code in codes} == codes


def test_supervised_clinicians_have_a_licensed_supervisor_in_their_practice(agency):
    by_id = {one.id: one for one in agency.clinicians}
    supervised = [one for one in agency.clinicians if one.supervisor_id]
    assert sorted(one.credential for one in supervised) == ["LMSW", "LPC-associate"]
    assert all(by_id[one.supervisor_id].practice_code == one.practice_code for one in supervised)
    assert all(not by_id[one.supervisor_id].supervisor_id for one in supervised)


def test_clinicians_are_licensed_where_their_practice_works(agency):
    states = {one.code: set(one.states) for one in agency.practices}
    for one in agency.clinicians:
        assert {licence.state for licence in one.licences} == states[one.practice_code]


def test_payers_are_fictional(agency):
    words = ("Example", "Sample", "Demo", "Specimen", "Fixture")
    assert all(one.name.startswith(words) for one in agency.payers)
    real = [one.payer_id for one in agency.payers if parties.payers(one.payer_id)]
    assert real == []


def test_every_charge_is_above_every_contract_rate(agency):
    for payer in agency.payers:
        rates = {one.code: one.cents for one in payer.rates}
        for practice in agency.practices:
            assert all(rates[one.code] < one.cents for one in practice.charges)


def test_the_contract_of_the_simulator_is_that_of_the_payers(agency):
    contract = agency_contract(agency)
    assert len(contract.rates) == sum(len(one.rates) for one in agency.payers)


def test_diagnoses_are_billable(agency):
    codes = {code for one in agency.patients for code in one.diagnoses}
    assert {"F32.1", "F33.1", "F41.1", "F43.10", "F43.23", "F90.0", "F60.3", "F10.20"} <= codes
    assert [code for code in codes if diagnoses.is_header(code, FIRST_DAY)] == []


def test_all_scenarios_that_one_patient_can_show_are_there(agency):
    primary = Counter(scenario_of(one.coverages[0].member_id).prefix for one in agency.patients)
    assert set(primary) == {one.prefix for one in SCENARIOS} - {"T1"}
    assert sum(primary[prefix] for prefix in PLAIN) == 321


def test_medicare_numbers_have_medicares_shape(agency):
    medicare = {one.payer_id for one in agency.payers if one.kind is PayerKind.MEDICARE}
    numbers = [
        cover.member_id for one in agency.patients for cover in one.coverages if cover.payer_id in medicare
    ]
    assert len(numbers) == 50
    assert all(MEDICARE_NUMBER.fullmatch(number) for number in numbers)


def test_coverages_stand_in_order(agency):
    for patient in agency.patients:
        assert [one.sequence for one in patient.coverages] == ["P", "S"][: len(patient.coverages)]
        assert len({one.payer_id for one in patient.coverages}) == len(patient.coverages)
        for cover in patient.coverages:
            assert (cover.relationship == "18") == (cover.subscriber == patient.person)
    assert sum(len(one.coverages) == 2 for one in agency.patients) == 38


@pytest.mark.parametrize("seed", [1, 2, 3, 7])
def test_a_year_has_seven_thousand_claims_for_any_seed(seed):
    agency = make_agency(seed)
    year = [one for back in range(365) for one in sessions(agency, FIRST_DAY + timedelta(days=back))]
    assert 7000 <= len(Builder(agency).claims(year)) <= 7500


def test_the_mix_of_a_year(year):
    services = Counter(one.service for one in year)
    assert services["individual psychotherapy"] / len(year) > 0.7
    assert set(services) == {
        "individual psychotherapy", "group psychotherapy", "family psychotherapy", "crisis psychotherapy",
        "psychiatric diagnostic evaluation", "psychiatric diagnostic evaluation with medical services",
        "E/M + psychotherapy", "E/M only",
    }  # fmt: skip
    assert {one.modality for one in year} == {"in_person", "video", "audio"}
    assert {one.payer_kind for one in year} == {"commercial", "medicaid", "medicare"}
    assert {code for one in year for code in one.participants.split(":")[:1]} == {
        "patient", "family+patient", "family without patient", "group",
    }  # fmt: skip


def test_claims_are_plain_in_four_of_five(agency, year):
    builder = Builder(agency)
    prefixes = Counter(scenario_of(one.member_id).prefix for one in builder.claims(year))
    plain = sum(prefixes[prefix] for prefix in PLAIN) / sum(prefixes.values())
    assert 0.76 <= plain <= 0.82
    assert set(prefixes) == {one.prefix for one in SCENARIOS} - {"T1"}
    assert min(prefixes.values()) >= 3


CODED = {  # the fault planted, what the coding engine says of it
    "": {""},
    "unsigned": {""},
    "no_diagnosis": {""},
    "too_short": {"E_BELOW_MIN_PSYTX"},
    "no_minutes": {"E_TIME_MISSING"},
    "header_diagnosis": {"E_DX_NOT_BILLABLE"},
    "place_conflict": {"E_POS_MODALITY_MISMATCH"},
}


def test_only_planted_faults_are_caught(year):
    said: dict[str, set[str]] = {}
    for session in year:
        said.setdefault(session.fault, set()).add(code_session(session_facts(session)).error_code)
    assert said == CODED


def test_unsigned_notes_and_missing_diagnoses_show(year):
    assert all((one.note_signed_on is None) == (one.fault == "unsigned") for one in year)
    assert all((not one.diagnoses) == (one.fault == "no_diagnosis") for one in year)
    assert all(one.note_signed_on is None or 0 <= (one.note_signed_on - one.dos).days <= 3 for one in year)


def test_nobody_is_in_two_places_at_once(year):
    days: dict[tuple, list] = {}
    for one in year:
        if one.start_time and one.stop_time:
            days.setdefault((one.clinician_id, one.dos), []).append(one)
    overlaps = []
    for held in days.values():
        held.sort(key=lambda one: one.start_time)
        for before, after in itertools.pairwise(held):
            together = before.service == after.service == "group psychotherapy"
            if after.start_time < before.stop_time and not together:
                overlaps.append((before.id, after.id))
    assert overlaps == []
    assert max(Counter((one.patient_id, one.dos) for one in year).values()) == 1


def test_group_sizes_agree_with_who_was_there(year):
    there = Counter((one.clinician_id, one.dos) for one in year if one.service == "group psychotherapy")
    for one in year:
        if one.service == "group psychotherapy":
            assert one.participants == f"group:{there[one.clinician_id, one.dos]}"
            assert there[one.clinician_id, one.dos] >= 2


CLOSED = [
    (date(2026, 3, 1), "a Sunday"),
    (date(2025, 11, 27), "Thanksgiving"),
    (date(2025, 11, 28), "the day after"),
    (date(2025, 12, 24), "Christmas Eve"),
    (date(2026, 5, 25), "Memorial Day"),
    (date(2026, 7, 3), "no holiday of the banks: Independence Day 2026 is a Saturday"),
]


@pytest.mark.parametrize(("day", "why"), CLOSED)
def test_days_without_sessions(agency, day, why):
    assert (sessions(agency, day) == []) == (day != date(2026, 7, 3)), why


def test_intake_comes_first(agency, year):
    """An evaluation opens care; nobody has two within half a year from one clinician."""
    evaluations = Counter((one.patient_id, one.clinician_id) for one in year if "evaluation" in one.service)
    assert max(evaluations.values()) <= 2
    patients = {one.patient_id for one in year if one.service == "psychiatric diagnostic evaluation"}
    assert len(patients) >= 400


def test_authorizations_named_are_in_force(agency, year):
    numbers = {(patient.id, one.number): one for patient in agency.patients for one in patient.authorizations}
    named = [one for one in year if one.authorization_number]
    assert len(named) > 300
    for one in named:
        permission = numbers[one.patient_id, one.authorization_number]
        assert permission.starts_on <= one.dos <= permission.ends_on


def test_same_seed_same_agency_same_sessions(agency):
    day = date(2026, 3, 2)
    assert digest(make_agency(7)) == digest(agency) != digest(make_agency(8))
    assert digest(sessions(make_agency(7), day)) == digest(sessions(agency, day))


def test_a_day_does_not_depend_on_the_days_before(agency):
    day = date(2026, 3, 4)
    alone = sessions(make_agency(7), day)
    sessions(agency, day - timedelta(days=1))
    assert sessions(agency, day) == alone


def test_claims_can_be_written_but_for_the_chart_without_zip(agency, year):
    faults = Counter(
        finding.code for claim in Builder(agency).claims(year[:3000]) for finding in check_claim(claim)
    )
    assert set(faults) <= {"x12.837p.postal_code"}


def test_the_session_file_says_the_same(agency):
    """The CSV row read back gives the facts that were meant."""
    day = sessions(agency, date(2026, 3, 2))
    text = io.StringIO()
    rows = [session_row(one) for one in day]
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    read, findings = read_session_rows(text.getvalue().encode())
    assert findings == []
    assert [row.facts for row in read] == [session_facts(one) for one in day]
    assert read[0].extras["patient"] == day[0].patient_id
