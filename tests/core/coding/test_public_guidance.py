"""Fresh cases from public guidance, family by family: the answer, and the minute that would change it.

None stands among the worked cases. Each names where the public can read it.
"""

from __future__ import annotations

import pytest
from tests.core.coding.test_more_services import session

from cleanclaim.coding import code_session

CMS_CRISIS = "cms.gov, Physician Fee Schedule: Psychotherapy for Crisis"
PROLONGED = "85 FR 84572 (govinfo 2020-26815): 99205 from 89, 99215 from 69 minutes, each full 15"
CPT_PROLONGED = "AMA table of 2021: 99417 from 75 (new) and 55 minutes (established)"
NOVITAS = "Novitas 00026768: 16-37, 38-52, 53 and more"
MID = "CPT time rule: a unit begins past its midpoint (APA Services, testing and HBAI guides)"
COCM = "NGS, Psychiatric Collaborative Care Model; CMS BHI booklet MLN909432"
MFT = "cms.gov: Marriage and Family Therapists and Mental Health Counselors"
SBIRT = "CMS MLN904084: SBIRT Services"
OUD = "CMS, office-based SUD treatment: G2086 from 70 minutes, G2087 from 60, G2088 past 120"
PLAN = "89 FR 97710 (CY2025 PFS): G0560 for each 20 minutes"
UNIT = "HCPCS, each 15 minutes; half a unit and more rounds up"
TCM = "42 CFR 440.169; 1 TAC 353.1415 (Texas: QMHP-CS)"
PHP = "42 CFR 410.43: partial hospitalization, a programme of a hospital or CMHC"
SPRAVATO = "CMS HCPCS G2082 (to 56 mg), G2083 (over 56 mg)"

MEDICARE, COMMERCIAL = {"payer_kind": "medicare"}, {"payer_kind": "commercial"}
PHD, MD = {"credential": "PhD"}, {"credential": "MD"}
MONTH = {**MD, **MEDICARE, "setting": "care_management"}
CRISIS = {"crisis": True}
TWO = {"other_inputs": {"tests": "2"}}
BODY = {"other_inputs": {"dx": "E11.9"}}


def visit(minutes, kind, payer):
    return {
        **MD,
        "payer_kind": payer,
        "with_em": True,
        "em_basis": "time",
        "em_minutes": minutes,
        "patient_type": kind,
    }


RX = {
    "credential": "PMHNP",
    **MEDICARE,
    "with_em": True,
    "em_basis": "mdm_moderate",
    "patient_type": "established",
}

CASES = [  # service, minutes, facts, (codes, units) or refusal, next (minute, codes) or None, source
    ("psychiatric diagnostic evaluation", None, {"credential": "LMFT", **MEDICARE}, ("90791", "1"), None, MFT),
    ("psychiatric diagnostic evaluation with medical services", None, {"credential": "LMFT", **MEDICARE}, "E_CREDENTIAL_NOT_ELIGIBLE", None, MFT),
    ("individual psychotherapy", 52, {**PHD, **MEDICARE}, ("90834", "1"), (53, "90837"), NOVITAS),
    ("individual psychotherapy", 53, {**PHD, **MEDICARE}, ("90837", "1"), None, NOVITAS),
    ("E/M + psychotherapy", 37, RX, ("99214;90833", "1;1"), (38, "90836"), NOVITAS),
    ("E/M + psychotherapy", 15, RX, "W_PSYTX_TOO_SHORT", None, NOVITAS),
    ("crisis psychotherapy", 29, {**COMMERCIAL, **CRISIS}, ("90832", "1"), (30, "90839"), "CPT: under 30 minutes the psychotherapy code"),
    ("crisis psychotherapy", 74, {**COMMERCIAL, **CRISIS}, ("90839", "1"), (75, "90839;90840"), CMS_CRISIS),
    ("crisis psychotherapy", 60, {**MEDICARE, **CRISIS, "setting": "home"}, ("G0017", "1"), (75, "G0017;G0018"), CMS_CRISIS),
    ("crisis psychotherapy", 105, {**MEDICARE, **CRISIS, "setting": "home"}, ("G0017;G0018", "1;2"), (135, "G0017;G0018"), CMS_CRISIS),
    ("family psychotherapy", 25, {**COMMERCIAL, "participants": ("family+patient",)}, "E_BELOW_MIN_FAMILY", (26, "90847"), MID),
    ("family psychotherapy", 26, {**COMMERCIAL, "participants": ("family without patient",)}, ("90846", "1"), None, MID),
    ("group psychotherapy", 90, {**PHD, **MEDICARE, "participants": ("group:8",)}, ("90853", "1"), None, "untimed"),
    ("multiple-family group", 90, {**COMMERCIAL, "participants": ("families:4",)}, ("90849", "1"), None, "untimed"),
    ("E/M only", None, visit(68, "established", "medicare"), ("99215", "1"), (69, "99215;G2212"), PROLONGED),
    ("E/M only", None, visit(69, "established", "medicare"), ("99215;G2212", "1;1"), (84, "99215;G2212"), PROLONGED),
    ("E/M only", None, visit(88, "new", "medicare"), ("99205", "1"), (89, "99205;G2212"), PROLONGED),
    ("E/M only", None, visit(104, "new", "medicare"), ("99205;G2212", "1;2"), (119, "99205;G2212"), PROLONGED),
    ("E/M only", None, visit(54, "established", "commercial"), ("99215", "1"), (55, "99215;99417"), CPT_PROLONGED),
    ("E/M only", None, visit(75, "new", "commercial"), ("99205;99417", "1;1"), (90, "99205;99417"), CPT_PROLONGED),
    ("psychological testing evaluation", 30, {**PHD, **MEDICARE}, "E_BELOW_UNIT_MIN", (31, "96130"), MID),
    ("psychological testing evaluation", 90, {**PHD, **MEDICARE}, ("96130", "1"), (91, "96130;96131"), MID),
    ("test administration by professional", 46, {**PHD, **MEDICARE, **TWO}, ("96136;96137", "1;1"), (76, "96136;96137"), MID),
    ("test administration by professional", 45, {**PHD, **MEDICARE, "other_inputs": {"tests": "1"}}, None, None, "two or more tests"),
    ("CoCM first month", 35, MONTH, ("G2214", "1"), (36, "99492"), COCM),
    ("CoCM first month", 86, MONTH, ("99492;99494", "1;1"), (116, "99492;99494"), COCM),
    ("CoCM later month", 30, MONTH, ("G2214", "1"), (31, "99493"), COCM),
    ("CoCM later month", 76, MONTH, ("99493;99494", "1;1"), (106, "99493;99494"), COCM),
    ("general BHI month", 19, MONTH, "E_THRESHOLD_NOT_MET", (20, "99484"), COCM),
    ("health behavior intervention individual", 37, {**PHD, **MEDICARE, **BODY}, ("96158", "1"), (38, "96158;96159"), MID),
    ("health behavior intervention individual", 15, {**PHD, **MEDICARE, **BODY}, "E_BELOW_UNIT_MIN", (16, "96158"), MID),
    ("ABA protocol treatment", 7, {"credential": "RBT"}, "E_BELOW_UNIT_MIN", (8, "97153"), UNIT),
    ("ABA protocol treatment", 113, {"credential": "RBT"}, ("97153", "8"), (128, "97153"), UNIT),
    ("ABA caregiver guidance", 22, {"credential": "BCBA", "participants": ("caregiver",)}, ("97156", "1"), (23, "97156"), UNIT),
    ("SBIRT", 31, {**MD, **MEDICARE}, ("G0397", "1"), None, SBIRT),
    ("SBIRT", 30, {**MD, **MEDICARE}, ("G0396", "1"), (31, "G0397"), SBIRT),
    ("office opioid treatment first month", 69, MONTH, "E_THRESHOLD_NOT_MET", (70, "G2086"), OUD),
    ("office opioid treatment later month", 60, MONTH, ("G2087", "1"), None, OUD),
    ("safety planning", 19, MEDICARE, "E_BELOW_UNIT_MIN", (20, "G0560"), PLAN),
    ("safety planning", 40, MEDICARE, ("G0560", "2"), (60, "G0560"), PLAN),
    ("esketamine", None, {**MD, **MEDICARE, "other_inputs": {"mg": "56"}}, ("G2082", "1"), None, SPRAVATO),
    ("esketamine", None, {**MD, **MEDICARE, "other_inputs": {"mg": "84"}}, ("G2083", "1"), None, SPRAVATO),
    ("ECT", None, {**MD, **MEDICARE}, ("90870", "1"), None, "untimed"),
    ("TMS delivery", None, {**MD, **MEDICARE}, ("90868", "1"), None, "untimed"),
    ("psychiatric IOP day", None, {**COMMERCIAL, "setting": "facility_ub04", "credential": "facility"}, ("0905:S9480", "1"), None, "HCPCS, per diem"),
    ("partial hospitalization day", None, {**MEDICARE, "setting": "facility_ub04", "credential": "facility"}, "E_PROFILE_MISSING", None, PHP),
    ("peer support", 22, {"credential": "CPS"}, ("H0038", "1"), (23, "H0038"), UNIT),
    ("targeted case management", 23, {"credential": "QMHP"}, ("T1017", "2"), (38, "T1017"), TCM),
    ("targeted case management", 23, {"credential": "CPS"}, "E_CREDENTIAL_NOT_ELIGIBLE", None, TCM),
    ("case management", 20, {"credential": "LCSW"}, ("T1016", "1"), (23, "T1016"), TCM),
]  # fmt: skip


@pytest.mark.parametrize(
    ("service", "minutes", "facts", "expected", "next_", "source"),
    CASES,
    ids=[f"{number}-{row[0]}" for number, row in enumerate(CASES)],
)
def test_answer_and_the_minute_that_would_change_it(service, minutes, facts, expected, next_, source):
    result = code_session(session(service, minutes, **facts))
    said = result.spelled()
    got = said["error_code"] or (said["codes"], said["units"])
    if expected is None:
        assert said["error_code"], source
    else:
        assert got == expected, source
    if next_ is not None:
        assert (result.next_threshold, result.next_codes) == next_, source
