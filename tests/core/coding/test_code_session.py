"""Rules that the worked cases do not reach, successes beside refusals."""

from __future__ import annotations

from datetime import date, time

import pytest

from cleanclaim.coding import SessionFacts, code_session

ON = date(2026, 11, 9)
VIDEO = {"setting": "telehealth", "modality": "video", "patient_at_home": True}


def session(service, minutes=None, **facts):
    """A commercial office session of an LCSW unless said otherwise; services and minutes may be tuples."""
    services = (service,) if isinstance(service, str) else service
    if minutes is not None and not isinstance(minutes, tuple):
        minutes = (minutes,)
    defaults = {"setting": "office", "credential": "LCSW", "payer_kind": "commercial", "dos": ON}
    return SessionFacts(service=services, minutes=minutes or (), **{**defaults, **facts})


def spelled(facts):
    answer = code_session(facts).spelled()
    return answer["error_code"] or answer["codes"], answer["units"], answer["modifiers"], answer["pos"]


def em(**facts):
    return {
        "credential": "MD",
        "with_em": True,
        "em_basis": "mdm_moderate",
        "patient_type": "established",
        **facts,
    }


BILLED = [  # facts, (codes, units, modifiers, place), why
    (
        session(("E/M only", "individual psychotherapy"), (None, 45), **em()),
        ("99214;90836", "1;1", "-;-", "11"),
        "psychotherapy beside an E/M is its add-on, also when listed as two services",
    ),
    (
        session("individual psychotherapy", 45, **em()),
        ("99214;90836", "1;1", "-;-", "11"),
        "with_em brings the E/M into the row",
    ),
    (
        session("crisis psychotherapy", 60, **em(crisis=True)),
        ("99214;90839", "1;1", "-;-", "11"),
        "a separate E/M may stand beside a crisis; its minutes do not count",
    ),
    (
        session(("family psychotherapy", "family psychotherapy"), (30, 30), participants=("family+patient",) * 2,
                other_inputs={"separate_sessions": "yes"}),
        ("90847", "2", "-", "11"),
        "two documented sessions of one code are one line",
    ),
    (
        session(("peer support", "peer support"), (20, 25), credential="CPS", payer_kind="medicaid", setting="cmhc"),
        ("H0038", "3", "-", "53"),
        "minutes of one service on one date are added before rounding: 45 is three units",
    ),
    (
        session("peer support", 25, credential="CPS", payer_kind="medicaid", payer_profile={"rounding": "full"}),
        ("H0038", "1", "-", "11"),
        "a payer that wants full units",
    ),
    (
        session(("family psychotherapy", "E/M only"), (50, None), participants=("family+patient", "patient"),
                payer_profile={"ncci": "medicare"}, other_inputs={"separate_sessions": "yes"}, **em()),
        ("90847;99214", "1;1", "-;25", "11"),
        "an E/M in column 2 carries 25, never 59",
    ),
    (
        session(("individual psychotherapy", "family psychotherapy"), (45, 50), participants=("patient", "family+patient"),
                payer_profile={"ncci": "medicare", "distinct_mod": "XE", "av_mod": "95", "home_pos": "10", "degree_mods": "yes"},
                other_inputs={"separate_sessions": "yes"}, **VIDEO),
        ("90847;90834", "1;1", "95+HO;XE+95+HO", "10"),
        "edit modifier, then telehealth, then degree",
    ),
    (
        session("individual psychotherapy", start_time=time(9, 0), stop_time=time(9, 53)),
        ("90837", "1", "-", "11"),
        "stop minus start when no minutes are given",
    ),
    (
        session("individual psychotherapy", 45, payer_kind="medicare", **VIDEO),
        ("90834", "1", "-", "10"),
        "Medicare's telehealth profile is known",
    ),
    (
        session("crisis psychotherapy", 60, payer_kind="medicare", setting="home", modality="video", patient_at_home=True),
        ("90839", "1", "-", "10"),
        "Medicare's away-from-office pair needs the clinician to be there",
    ),
    (
        session("crisis psychotherapy", other_inputs={"segments": "40+45"}),
        ("90839;90840", "1;1", "-;-", "11"),
        "segments stand in when no minutes and no clock times are given",
    ),
    (
        session("crisis psychotherapy", 90, payer_profile={"crisis_blocks": "full"}),
        ("90839", "1", "-", "11"),
        "a payer that pays only full half hours past 74",
    ),
    (
        session("E/M only", **em(payer_profile={"em_modifier_25": "yes"})),
        ("99214", "1", "-", "11"),
        "25 needs another service beside the E/M",
    ),
    (
        session("E/M + psychotherapy", 40, **em(payer_profile={"em_modifier_25": "yes"})),
        ("99214;90836", "1;1", "25;-", "11"),
        "a contract that wants 25",
    ),
    (
        session("IOP week", setting="facility_ub04", credential="facility", payer_kind="medicare",
                other_inputs={"condition_code": "92", "plan_hours_week": "9"}),
        ("", "", "", ""),
        "the week's checks pass and bill nothing themselves",
    ),
    (
        session("individual psychotherapy", 45, credential="LPC-associate", payer_kind="medicare", dos=date(2023, 5, 1),
                payer_profile={"supervised": "yes"}, other_inputs={"billing_npi": "supervisor"}),
        ("90834", "1", "-", "11"),
        "incident to a supervisor whom Medicare enrolled",
    ),
    (
        session("office opioid treatment first month", 150, credential="MD"),
        ("G2086;G2088", "1;1", "-;-", "11"),
        "each full half hour past minute 120",
    ),
    (session("safety planning", 45), ("G0560", "2", "-", "11"), "each full 20 minutes"),
    (
        session("individual psychotherapy", 100, units=2, other_inputs={"separate_sessions": "yes"}),
        ("90837", "2", "-", "11"),
        "units asked for two documented sessions",
    ),
    (
        session("individual psychotherapy", 45, dos=date(2023, 3, 1), other_inputs={"dx": "F50.01"}),
        ("90834", "1", "-", "11"),
        "F50.01 became a header on 2024-10-01; before that nothing is known against it",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "expected", "why"), BILLED, ids=[row[2] for row in BILLED])
def test_billed(facts, expected, why):
    assert spelled(facts) == expected, why


REFUSED = [  # facts, code, why
    (session("astrology", 45), "E_INPUT_NOT_UNDERSTOOD", "an unknown service"),
    (session("individual psychotherapy", 45, credential="RN"), "E_INPUT_NOT_UNDERSTOOD", "an unknown credential"),
    (session((), 45), "E_INPUT_NOT_UNDERSTOOD", "no service at all"),
    (session("individual psychotherapy", -5), "E_INPUT_NOT_UNDERSTOOD", "negative minutes"),
    (session("individual psychotherapy", 45, with_em=True, credential="MD"), "E_STANDALONE_PSYTX_WITH_EM",
     "an E/M is claimed elsewhere that day"),
    (session("individual psychotherapy", 45, credential="MD", other_inputs={"same_day": "99213"}),
     "E_STANDALONE_PSYTX_WITH_EM", "the other code of the day is an E/M"),
    (session("individual psychotherapy", 45, **em(credential="LCSW")), "E_CREDENTIAL_NO_EM", "a therapist and an E/M"),
    (session("E/M + psychotherapy", 40, **em(em_basis="")), "E_FACT_MISSING", "no basis for the level"),
    (session("E/M only", **em(patient_type="")), "E_FACT_MISSING", "new or established is not said"),
    (session("E/M only", **em(em_basis="time")), "E_TIME_MISSING", "time chosen and none recorded"),
    (session("individual psychotherapy", 45, **VIDEO), "E_PROFILE_MISSING", "no payer's telehealth rule is guessed"),
    (session("individual psychotherapy", 45, setting="telehealth"), "E_POS_MODALITY_MISMATCH", "telehealth, in person"),
    (session("individual psychotherapy", 45, other_inputs={"requested": "90837"}), "E_REQUEST_NOT_SUPPORTED",
     "45 minutes do not support 90837"),
    (session("individual psychotherapy", 45, other_inputs={"requested": "90834+90785"}), "E_IC_NO_FACTOR",
     "90785 asked for without a factor"),
    (session("peer support", 30, credential="CPS", payer_kind="medicaid", units=3), "E_UNITS_NOT_SUPPORTED",
     "three units asked, two supported"),
    (session("peer support", 30, credential="CPS", payer_kind="medicare"), "E_PAYER_CODE_NOT_ACCEPTED",
     "Medicare has no H codes"),
    (session("ABA protocol treatment", 60, credential="RBT", payer_kind="medicare"), "E_CREDENTIAL_NOT_ELIGIBLE",
     "Medicare enrolls no technicians"),
    (session("APCM BHI add-on month", setting="care_management", credential="MD", payer_kind="medicare", dos=date(2025, 12, 30),
             other_inputs={"apcm_base": "G0556", "same_practitioner": "yes", "same_month": "yes"}),
     "E_CODE_NOT_IN_FORCE", "G0570 starts 2026-01-01"),
    (session("APCM BHI add-on month", setting="care_management", credential="MD", payer_kind="medicare",
             other_inputs={"apcm_base": "G0556", "same_practitioner": "yes", "same_month": "no"}),
     "E_ADDON_NO_BASE", "the base is of another month"),
    (session("partial hospitalization day", setting="facility_ub04", credential="facility"), "E_PROFILE_MISSING",
     "the contract's codes are not recorded"),
    (session("pharmacologic management", credential="PhD"), "E_ADDON_NO_BASE", "90863 alone"),
    (session(("individual psychotherapy",) * 2, (45, 45)), "E_UNITS_GT_1", "twice, not documented as separate"),
    (session(("crisis psychotherapy", "individual psychotherapy"), (60, 45)), "E_CRISIS_CONFLICT",
     "inside the row too, where no NCCI check speaks"),
    (session(("crisis psychotherapy", "individual psychotherapy"), (60, 45), payer_profile={"ncci": "medicare"}),
     "E_CODE_PAIR_NCCI0", "with the NCCI switch the pair speaks"),
    (session("test administration by professional", 60, credential="PhD"), "E_FACT_MISSING", "how many tests"),
    (session("test administration by professional", 60, credential="PhD", other_inputs={"tests": "1"}),
     "E_BELOW_UNIT_MIN", "one test is not two"),
    (session("esketamine", credential="MD", other_inputs={"mg": "lots"}), "E_INPUT_NOT_UNDERSTOOD", "a dose is a number"),
    (session("multiple-family group", 60, participants=("families:1",)), "E_GROUP_SIZE", "one family is no group"),
    (session("individual psychotherapy", 60, start_time=time(10), stop_time=time(9, 40)), "E_STOP_BEFORE_START",
     "even when minutes are given"),
    (session("individual psychotherapy", 45, payer_kind="medicare", setting="telehealth", modality="audio",
             patient_at_home=True, other_inputs={"practitioner_video_capable": "yes"}),
     "E_AUDIO_ONLY_NOT_ALLOWED", "the patient's reason is not recorded"),
    (session("TMS delivery", credential="MD", payer_kind="medicare", **VIDEO), "E_NOT_ON_TELEHEALTH_LIST", "a device"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "code", "why"), REFUSED, ids=[row[2] for row in REFUSED])
def test_refused(facts, code, why):
    answer = code_session(facts)
    assert answer.error_code == code, why
    assert answer.result == "error" and answer.lines == () and answer.pos == ""
    assert answer.findings[0].code == f"coding.{code[2:].lower()}"


THRESHOLDS = [  # service, minutes, next minute, codes from there
    ("individual psychotherapy", 10, 16, "90832"),
    ("individual psychotherapy", 37, 38, "90834"),
    ("individual psychotherapy", 53, None, ""),
    ("crisis psychotherapy", 80, 105, "90839;90840"),
    ("family psychotherapy", 20, 26, "90847"),
    ("group psychotherapy", 60, None, ""),
]


@pytest.mark.parametrize(("service", "minutes", "threshold", "codes"), THRESHOLDS)
def test_the_minute_that_would_change_the_answer(service, minutes, threshold, codes):
    participants = ("group:5",) if "group" in service else ("family+patient",) if "family" in service else ()
    answer = code_session(session(service, minutes, participants=participants))
    assert (answer.next_threshold, answer.next_codes) == (threshold, codes)


def test_every_problem_is_told_at_once():
    answer = code_session(session("individual psychotherapy", 10, other_inputs={"dx": "F32,F33.1"}))
    assert [finding.code for finding in answer.findings] == [
        "coding.below_min_psytx",
        "coding.dx_not_billable",
        "coding.dx_excludes1",
    ]


def test_contradicting_minutes_are_told_and_do_not_change_the_answer():
    answer = code_session(session("individual psychotherapy", 55, start_time=time(9), stop_time=time(9, 30)))
    assert answer.codes == ("90837",)
    assert [finding.code for finding in answer.findings] == ["coding.minutes_exceed_clock"]
    assert answer.result == "bill"


def test_roles():
    supervised = session("individual psychotherapy", 45, credential="LMSW", payer_profile={"supervised": "yes"},
                         other_inputs={"billing_npi": "supervisor"})  # fmt: skip
    assert code_session(supervised).billed_under == "supervisor"
    assert code_session(session("individual psychotherapy", 45)).billed_under == "own"


def test_g2211_beside_a_preventive_service_may_carry_25():
    asked = {"requested": "99214-25+G2211", "same_day": "G0444"}
    answer = code_session(session("E/M only", **em(payer_kind="medicare", other_inputs=asked)))
    assert "coding.g2211_with_25" not in [finding.code for finding in answer.findings]


def test_what_was_typed_as_a_code_is_not_repeated_unless_it_is_one():
    answer = code_session(
        session("individual psychotherapy", 45, other_inputs={"requested": "Jane Doe+90837"})
    )
    assert answer.findings[0].facts["requested"] == ["not a code", "90837"]
    assert "DOE" not in str(answer.findings).upper()
