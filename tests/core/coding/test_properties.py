"""Properties that hold for any facts and any bytes."""

from __future__ import annotations

from datetime import date, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as some

from cleanclaim.coding import CodingResult, SessionFacts, code_session, read_session_rows, services
from cleanclaim.coding import vocabulary as words
from cleanclaim.coding.problems import PROBLEMS, rank

WORD = some.sampled_from
MINUTES = some.one_of(some.none(), some.integers(-5, 700))
CODES = WORD(
    ["90834", "90837", "90785", "99214", "99417", "99354", "G2211", "96127", "97153", "G0570", "98005", "?"]
)
DX = WORD(["F32.1", "F33.1", "F32", "F10.20", "Z63.0", "R45.851", "I69.123", "S06.0X0A", "x", ""])
OTHER = some.fixed_dictionaries(
    {},
    optional={
        "requested": some.lists(CODES, min_size=1, max_size=3).map("+".join),
        "same_day": CODES,
        "separate_sessions": WORD(["yes", "no", "maybe"]),
        "crosses_midnight": WORD(["yes", "no"]),
        "segments": WORD(["40+45", "a+b", "+"]),
        "dx": some.lists(DX, max_size=3).map(",".join),
        "patient_present": WORD(["yes", "no"]),
        "longitudinal_relationship": WORD(["yes", "no"]),
        "entered_pos": WORD(["02", "10", "11", "zz"]),
        "prior_in_person": WORD(["yes", "no"]),
        "tests": WORD(["1", "2", "x"]),
        "instruments": WORD(["0", "2", "9", "²"]),
        "apcm_base": WORD(["G0556", "none"]),
        "same_practitioner": WORD(["yes", "no"]),
        "same_month": WORD(["yes", "no"]),
        "days_since_last_bundle": WORD(["3", "7", ""]),
        "condition_code": WORD(["92", "none"]),
        "plan_hours_week": WORD(["8", "9", "-1"]),
        "mg": WORD(["56", "84", "0"]),
        "billing_npi": WORD(["own", "supervisor"]),
    },
)
PROFILE = some.fixed_dictionaries(
    {},
    optional={
        "av_mod": WORD(["none", "95", "GT"]),
        "ao_mod": WORD(["93", "FQ"]),
        "home_pos": WORD(["10", "02"]),
        "away_pos": WORD(["02"]),
        "ncci": WORD(["medicare", "none", "?"]),
        "distinct_mod": WORD(["59", "XE"]),
        "rounding": WORD(["midpoint", "full", "?"]),
        "degree_mods": WORD(["yes", "no"]),
        "supervised": WORD(["yes", "no"]),
        "php_code": WORD(["H0035"]),
        "php_rev": WORD(["0912"]),
    },
)
FACTS = some.builds(
    SessionFacts,
    dos=some.dates(date(2019, 1, 1), date(2030, 12, 31)),
    service=some.lists(WORD([*services(), "?"]), max_size=3).map(tuple),
    setting=WORD([*words.SETTING_POS, ""]),
    credential=WORD([*sorted(words.CREDENTIALS), "RN"]),
    payer_kind=WORD([*sorted(words.PAYER_KINDS), ""]),
    start_time=some.none() | some.times(max_value=time(23, 59)),
    stop_time=some.none() | some.times(max_value=time(23, 59)),
    minutes=some.lists(MINUTES, max_size=3).map(tuple),
    with_em=some.booleans(),
    em_minutes=MINUTES,
    em_basis=WORD([*sorted(words.EM_BASES), "?"]),
    patient_type=WORD(["", "new", "established"]),
    participants=some.lists(
        WORD([*sorted(words.PARTICIPANTS), "group:1", "group:8", "families:3", "", "?"]), max_size=3
    ).map(tuple),
    crisis=some.booleans(),
    ic_factors=some.lists(WORD(sorted(words.IC_FACTORS)), max_size=2).map(tuple),
    modality=WORD(["in_person", "video", "audio"]),
    patient_at_home=some.booleans(),
    payer_profile=PROFILE,
    other_inputs=OTHER,
    units=some.none() | some.integers(-1, 12),
)


@settings(max_examples=1500, deadline=None)
@given(FACTS)
def test_any_facts_give_a_result(facts):
    answer = code_session(facts)
    assert isinstance(answer, CodingResult)
    if answer.result == "error":
        assert answer.error_code in PROBLEMS and answer.error_code.startswith("E_")
        assert answer.lines == () and answer.pos == ""
    else:
        assert (answer.error_code == "") == (answer.result == "bill")
        assert all(line.units >= 1 and line.code for line in answer.lines)
        assert len(set(answer.codes)) == len(answer.codes), "one line per code"
        assert all(not finding.severity.stops for finding in answer.findings)
    # E_MUE_EXCEEDED and W_MUE_EXCEEDED are one finding of two severities.
    found = {(finding.code, finding.severity.stops) for finding in answer.findings}
    decided = [code for code in PROBLEMS if (f"coding.{code[2:].lower()}", code.startswith("E_")) in found]
    if decided:
        assert answer.error_code == min(decided, key=rank), "the first in precedence decides"
    assert code_session(facts) == answer, "the same facts give the same answer"


@settings(max_examples=300, deadline=None)
@given(
    service=WORD(
        ["individual psychotherapy", "crisis psychotherapy", "CoCM later month", "ABA assessment", "SBIRT"]
    ),
    minutes=some.integers(0, 300),
    payer=WORD(["commercial", "medicare"]),
)
def test_the_next_threshold_is_the_first_minute_with_another_answer(service, minutes, payer):
    def at(minute):
        answer = code_session(
            SessionFacts(dos=date(2026, 11, 9), service=(service,), minutes=(minute,), setting="office", credential="MD",
                         payer_kind=payer, payer_profile={"ncci": "none"})
        )  # fmt: skip
        return answer, (answer.codes, answer.units)

    answer, here = at(minutes)
    if answer.next_threshold is None:
        assert at(minutes + 120)[1] == here
    else:
        assert at(answer.next_threshold - 1)[1] == here
        assert at(answer.next_threshold)[1] != here


@settings(max_examples=300, deadline=None)
@given(some.binary(max_size=400) | some.text(max_size=400).map(str.encode))
def test_any_bytes_are_read_or_refused(data):
    rows, findings = read_session_rows(data)
    assert rows or findings


@settings(max_examples=300, deadline=None)
@given(some.lists(some.text(some.characters(codec="utf-8"), max_size=12), min_size=6, max_size=6))
def test_any_cells_are_read_or_refused(cells):
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    data = f"case_id,dos,service,setting,credential,payer_kind\n{quoted}\n".encode()
    rows, findings = read_session_rows(data)
    assert rows or findings or not any(cell.strip() for cell in cells)


@given(some.dates(date(2024, 1, 1), date(2028, 1, 1)), some.integers(0, 200))
def test_psychotherapy_is_one_unit_however_long(day, minutes):
    facts = SessionFacts(dos=day, service=("individual psychotherapy",), minutes=(minutes,), setting="office",
                         credential="LCSW", payer_kind="commercial")  # fmt: skip
    answer = code_session(facts)
    assert answer.units == ((1,) if minutes >= 16 else ())
    assert (
        code_session(SessionFacts(**{**_fields(facts), "dos": day + timedelta(days=1)})).codes == answer.codes
    )


def _fields(facts):
    return {name: getattr(facts, name) for name in facts.__struct_fields__}
