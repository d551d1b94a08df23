"""Services beyond the worked cases: what they bill, the first minute that bills, and what they refuse."""

from __future__ import annotations

from datetime import date

import pytest

from cleanclaim.coding import SessionFacts, code_session
from cleanclaim.coding.services import register

ON = date(2026, 11, 9)


def session(service, minutes=None, **facts):
    defaults = {"setting": "office", "credential": "LCSW", "payer_kind": "medicaid", "dos": ON}
    return SessionFacts(
        service=(service,), minutes=() if minutes is None else (minutes,), **{**defaults, **facts}
    )


def spelled(facts):
    answer = code_session(facts).spelled()
    return answer["error_code"] or (answer["codes"], answer["units"])


ANSWERS = [  # service, minutes, facts, (codes, units) or the refusal, why
    ("biofeedback with psychotherapy", 15, {}, "E_BELOW_UNIT_MIN", "one minute short"),
    ("biofeedback with psychotherapy", 16, {}, ("90875", "1"), "the first minute"),
    ("biofeedback with psychotherapy", 37, {}, ("90875", "1"), "the last of the shorter code"),
    ("biofeedback with psychotherapy", 38, {}, ("90876", "1"), "the first of the longer code"),
    ("psychoanalysis", None, {}, ("90845", "1"), "untimed"),
    ("hypnotherapy", None, {"credential": "PhD"}, ("90880", "1"), "untimed"),
    ("hypnotherapy", None, {"credential": "CPS"}, "E_CREDENTIAL_NOT_ELIGIBLE", "a peer may not"),
    ("caregiver training direct care", 16, {}, ("G0541", "1"), "more than half of thirty"),
    ("caregiver training direct care", 38, {}, ("G0541;G0542", "1;1"), "eight of the next fifteen"),
    ("caregiver training direct care", 15, {}, "E_BELOW_UNIT_MIN", "half is not enough"),
    ("caregiver behavior training group", 31, {}, ("96202", "1"), "more than half of sixty"),
    ("caregiver behavior training group", 68, {}, ("96202;96203", "1;1"), "eight of the next fifteen"),
    ("caregiver training group", None, {}, ("97552", "1"), "once per group"),
    ("caregiver training direct care group", None, {}, ("G0543", "1"), "once per group"),
    ("digital mental health treatment device", None, {}, ("G0552", "1"), "once per course"),
    ("post-discharge follow-up month", None, {}, ("G0544", "1"), "once a month"),
    ("tobacco counseling", 3, {}, "E_BELOW_UNIT_MIN", "three minutes are not over three"),
    ("tobacco counseling", 4, {}, ("99406", "1"), "over three"),
    ("tobacco counseling", 11, {}, ("99407", "1"), "over ten"),
    ("brief alcohol counseling", 8, {"credential": "MD"}, ("G0443", "1"), "more than half of fifteen"),
    ("developmental screening", None, {"other_inputs": {"instruments": "2"}}, ("96110", "2"), "each instrument"),
    ("developmental screening", None, {}, "E_FACT_MISSING", "how many were scored"),
    ("caregiver risk assessment", None, {"other_inputs": {"instruments": "1"}}, ("96161", "1"), "one"),
    ("annual depression screening", 4, {}, "E_BELOW_UNIT_MIN", "under five minutes"),
    ("annual depression screening", 5, {}, ("G0444", "1"), "five minutes"),
    ("annual alcohol misuse screening", 15, {}, ("G0442", "1"), "fifteen minutes"),
    ("peer support navigation month", 59, {"setting": "care_management"}, "E_THRESHOLD_NOT_MET", "not the full hour"),
    ("peer support navigation month", 60, {"setting": "care_management"}, ("G0140", "1"), "the full hour"),
    ("community health integration month", 90, {"setting": "care_management"}, ("G0019;G0022", "1;1"), "half an hour more"),
    ("principal illness navigation month", 119, {"setting": "care_management"}, ("G0023;G0024", "1;1"), "not yet two more"),
    ("OTP weekly other drug", None, {"credential": "OTP", "setting": "otp"}, ("G2075", "1"), "a bundle"),
    ("OTP weekly buprenorphine weekly injection", None, {"credential": "OTP", "setting": "otp", "other_inputs": {"days_since_last_bundle": "6"}}, "E_FREQ", "within seven days"),
    ("supported employment H2023", 22, {"credential": "BHP"}, ("H2023", "1"), "seven minutes of the next unit"),
    ("supported employment H2023", 23, {"credential": "BHP"}, ("H2023", "2"), "eight minutes of the next unit"),
    ("supported employment H2024", None, {"credential": "BHP"}, ("H2024", "1"), "a day"),
    ("bh day treatment H2012", 91, {"credential": "QMHP"}, ("H2012", "2"), "more than half of the second hour"),
    ("methadone administration H0020", None, {"credential": "MD"}, ("H0020", "1"), "an encounter"),
    ("crisis intervention S9484", 30, {}, "E_BELOW_UNIT_MIN", "half an hour is not more than half"),
    ("crisis intervention S9484", 31, {}, ("S9484", "1"), "more than half an hour"),
    ("mh clubhouse H2031", None, {"payer_kind": "medicare"}, "E_PAYER_CODE_NOT_ACCEPTED", "Medicare status I"),
    ("post-discharge follow-up month", None, {"dos": date(2024, 12, 31)}, "E_CODE_DELETED", "the day before the code came"),
    ("coordinated specialty care H2041", None, {"credential": "QMHP"}, ("H2041", "1"), "an encounter"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("service", "minutes", "facts", "expected", "why"),
    ANSWERS,
    ids=[f"{row[0]}-{row[1]}" for row in ANSWERS],
)
def test_answer(service, minutes, facts, expected, why):
    assert spelled(session(service, minutes, **facts)) == expected, why


LISTED = [service for service in register().values() if service.family == "listed"]


def test_every_listed_service_answers_or_refuses_precisely():
    assert len(LISTED) == 80
    for service in LISTED:
        minutes = None if service.timed is None else 60
        answer = code_session(session(service.name, minutes, credential="QMHP")).spelled()
        assert answer["codes"] == service.name.split()[-1], service.name
        if minutes:
            assert spelled(session(service.name, 1)) == "E_BELOW_UNIT_MIN"
