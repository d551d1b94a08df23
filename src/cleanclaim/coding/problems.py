"""Why a session cannot be billed as told: the closed list of answers, in order of precedence.

The first that applies is `error_code`; the others stay in the findings, so that one correction
round suffices. docs/errors/coding.md explains each.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cleanclaim.findings import Finding, Severity, Where


class Problem(msgspec.Struct, frozen=True):
    """One kind of refusal (E_) or warning (W_)."""

    code: str
    message: str
    remedy: str

    @property
    def finding_code(self) -> str:
        return f"coding.{self.code[2:].lower()}"


_TABLE = (
    ("E_INPUT_NOT_UNDERSTOOD", "The session uses a word that the coding engine does not know.",
     "Use one of the documented values in the column named."),
    ("E_STOP_BEFORE_START", "The session stops before it starts.",
     "Correct the times, or say that it crossed midnight."),
    ("E_TIME_MISSING", "A timed service has neither minutes nor both clock times.",
     "Record start and stop, or total minutes, for each timed service."),
    ("E_CODE_DELETED", "A requested code had ended before the date of service.",
     "Bill the code that replaced it; the engine's own choice is in the reasons."),
    ("E_PAYER_CODE_NOT_ACCEPTED", "Medicare does not accept this code.",
     "Use Medicare's own code for the service, or another payer if one is responsible."),
    ("E_CREDENTIAL_NO_EM", "This credential may never report an E/M.",
     "Bill the psychotherapy alone, or have the prescriber who did the E/M report it."),
    ("E_CREDENTIAL_NOT_ELIGIBLE", "This credential may not bill the service to this payer on this date.",
     "Check the licence, the supervision arrangement and the payer's recognition date."),
    ("E_NON_FACE_TO_FACE", "Individual psychotherapy needs the patient present.",
     "Collateral work is not individual psychotherapy; consider family psychotherapy without the patient."),
    ("E_GROUP_SIZE", "A group needs at least two patients (or families).",
     "Correct the roster, or bill the session as what it was."),
    ("E_PROLONGED_NOT_ALLOWED", "Prolonged-service codes never extend psychotherapy.",
     "Bill one psychotherapy code for the whole session."),
    ("E_STANDALONE_PSYTX_WITH_EM", "A stand-alone psychotherapy code may not sit beside a same-day E/M.",
     "Use the psychotherapy add-on for the same minutes (90833, 90836 or 90838)."),
    ("E_EM_TIME_WITH_PSYTX", "Time may not choose the E/M level when psychotherapy is billed with it.",
     "Choose the E/M level by medical decision making."),
    ("E_BELOW_MIN_PSYTX", "Under 16 minutes there is no psychotherapy code.",
     "Do not bill, or correct the minutes if they were recorded wrongly."),
    ("E_BELOW_MIN_FAMILY", "Under 26 minutes there is no family psychotherapy code.",
     "Do not bill, or correct the minutes if they were recorded wrongly."),
    ("E_BELOW_UNIT_MIN", "The time or content is below the first billable unit.",
     "Do not bill, or correct the record if it is wrong."),
    ("E_CC_MISSING", "A Medicare intensive outpatient claim needs condition code 92.",
     "Add condition code 92."),
    ("E_THRESHOLD_NOT_MET", "The required total for the month or week is not reached.",
     "Do not bill this month or week, or complete the record."),
    ("E_FREQ", "The last weekly bundle began less than seven days ago.",
     "Bill from the eighth day after the last bundle's first day."),
    ("E_UNITS_GT_1", "Only one unit per session may be billed.",
     "Bill one unit; two need two separately documented sessions."),
    ("E_ADDON_NO_BASE", "An add-on code is without its base code.",
     "Bill the base code by the same practitioner, or drop the add-on."),
    ("E_IC_NO_FACTOR", "An interpreter alone does not make a session interactively complex.",
     "Drop the request for 90785, or record the factor that applies."),
    ("E_IC_BASE_NOT_ALLOWED", "No service of this session may carry interactive complexity (90785).",
     "Drop the request for 90785."),
    ("E_G2211_WITH_25", "Medicare does not pay G2211 when the E/M carries modifier 25.",
     "Drop modifier 25 where it is not needed, or drop G2211."),
    ("E_CRISIS_CONFLICT", "Crisis psychotherapy shares no day with an evaluation or other psychotherapy.",
     "Bill either the crisis service or the other one."),
    ("E_CODE_PAIR_NCCI0", "Two of the codes are never paid together (NCCI, indicator 0).",
     "Bill only one of the two; no modifier helps."),
    ("E_PAIR_NEEDS_MODIFIER", "Two of the codes go together only when separate sessions are documented.",
     "Document the separate sessions, or bill only one of the two."),
    ("E_NOT_ON_TELEHEALTH_LIST", "The code is not on Medicare's telehealth list on this date.",
     "Hold the service in person, or do not bill Medicare for it."),
    ("E_AUDIO_ONLY_NOT_ALLOWED", "Medicare's conditions for audio-only are not all met.",
     "Needed: patient at home, clinician able to use video, patient who cannot or will not."),
    ("E_INPERSON_VISIT_REQUIRED", "Medicare requires an earlier in-person visit for this telehealth session.",
     "Hold an in-person visit first, or record the one that was held."),
    ("E_POS_MODALITY_MISMATCH", "The place of service does not fit how the session was held.",
     "Use the place of service given in the facts of this finding."),
    ("E_DX_NOT_BILLABLE", "A diagnosis code is a header and needs more characters.",
     "Use the most specific code below it."),
    ("E_DX_EXCLUDES1", "Two diagnoses may never be coded together (Excludes1).",
     "Keep the one that the record supports."),
    ("E_DX_NOT_PRIMARY", "Medicare does not accept this diagnosis first-listed for psychotherapy.",
     "List the mental disorder first; keep the circumstance as an additional code."),
    ("E_MUE_EXCEEDED", "The units exceed an absolute daily limit (NCCI MUE, indicator 2).",
     "Bill no more than the limit for one day."),
    ("E_UNITS_NOT_SUPPORTED", "The units asked for are not what the recorded time supports.",
     "Leave the units empty to bill what the time supports, or correct the time."),
    ("E_CODE_NOT_IN_FORCE", "The code for this service is not in force on the date of service.",
     "Check the date; if it is right, ask the payer how it wanted the service billed then."),
    ("E_PROFILE_MISSING", "The payer's contract profile lacks a value that this session needs.",
     "Record the value named in the facts in the payer's profile; it is never guessed."),
    ("E_FACT_MISSING", "The session lacks a fact that its code depends on.",
     "Record the fact named."),
    ("E_REQUEST_NOT_SUPPORTED", "The codes asked for are not those that the facts support.",
     "Bill what the facts support, or correct the facts if the record says otherwise."),
    ("W_PSYTX_TOO_SHORT", "Under 16 psychotherapy minutes: the E/M is billed alone.",
     "Nothing to do, unless the minutes were recorded wrongly."),
    ("W_MUE_EXCEEDED", "The units exceed the usual daily limit (NCCI MUE): billed, held for review.",
     "Check the record supports the units before the claim goes."),
)  # fmt: skip

PROBLEMS: dict[str, Problem] = {code: Problem(code, message, remedy) for code, message, remedy in _TABLE}
_RANK = {code: rank for rank, code in enumerate(PROBLEMS)}


def rank(code: str) -> int:
    """Place in the order of precedence; lower wins."""
    return _RANK[code]


def to_finding(code: str, facts: dict[str, Any], subject_id: str = "") -> Finding:
    """The finding of one problem with what was seen."""
    problem = PROBLEMS[code]
    column = str(facts.get("column", ""))
    return Finding(
        code=problem.finding_code,
        severity=Severity.TELL if code.startswith("W_") else Severity.STOP,
        message=problem.message,
        where=Where(column=column) if column else Where(),
        subject_id=subject_id,
        facts=facts,
        remedy=problem.remedy,
    )
