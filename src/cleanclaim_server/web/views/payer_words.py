"""What payers and clearinghouses say, in our own words; the codes stay beside them."""

from __future__ import annotations

import re
from functools import lru_cache

from cleanclaim.codesets.claim_status import category, status
from cleanclaim.codesets.remittance_codes import carc, rarc
from cleanclaim.codesets.table import CodeNotKnown

GROUPS = {
    "CO": "Group CO: the patient may not be billed for this.",
    "PR": "Group PR: the payer makes it the patient's.",
    "OA": "Group OA: neither the practice's nor the patient's by itself; read the reason.",
    "PI": "Group PI: the payer lowers it on its own; the patient may not be billed.",
    "CR": "Group CR: a correction of an earlier answer.",
}
ADJUSTMENT = re.compile(r"^(CO|PR|OA|PI|CR)-(\w{1,5})$")
UNKNOWN = "Not in our code list; read the payer's own list"


@lru_cache(maxsize=4096)
def meaning(code: str) -> str:
    """An adjustment (CO-197), a remark (M62) or a claim status (A7:33:IL) in plain words.

    Examples:
        >>> meaning("CO-197"), meaning("M62")
        ('No prior authorization or notification', 'Authorization code missing or invalid')
    """
    adjusted = ADJUSTMENT.match(code)
    try:
        if adjusted:
            return carc(adjusted[2]).meaning
        if ":" in code:
            first, second, *_ = code.split(":")
            return f"{category(first).meaning}; {status(second).meaning}"
        return rarc(code).meaning
    except CodeNotKnown:
        return UNKNOWN


def coded(*codes: str) -> list[dict[str, str]]:
    """Codes with their meanings, each once, for `code_chip`."""
    return [{"code": code, "meaning": meaning(code)} for code in dict.fromkeys(codes) if code]


def sentence(codes: list[str]) -> str:
    """What some codes say together: every meaning once, as sentences.

    Examples:
        >>> sentence(["CO-197", "M62"])
        'No prior authorization or notification. Authorization code missing or invalid.'
    """
    said = dict.fromkeys(meaning(code) for code in codes)
    known = [text for text in said if text != UNKNOWN] or list(said)
    return " ".join(f"{text.rstrip('.')}." for text in known)


def group_note(codes: list[str]) -> str:
    """What the group codes among some adjustments mean for the patient."""
    groups = dict.fromkeys(found[1] for found in map(ADJUSTMENT.match, codes) if found)
    return " ".join(GROUPS[group] for group in groups)


ENTITIES = {
    "IL": "Subscriber",
    "QC": "Patient",
    "82": "Rendering clinician",
    "85": "Billing provider",
    "PR": "Payer",
    "77": "Place of service",
    "DQ": "Supervisor",
    "DN": "Referring provider",
    "41": "Submitter",
    "GB": "Other insured",
}


def rejection(codes: list[str], said: str) -> str:
    """A rejection's cause in one phrase: who or what, and whether it is missing or invalid.

    Examples:
        >>> rejection(["A6:145:82"], "")
        'Rendering clinician taxonomy: missing'
    """
    parts = next((code.split(":") for code in codes if ":" in code), None)
    if parts is None:
        return said.split(";")[0].strip() or "Rejected without a reason that we could read"
    try:
        what = status(parts[1]).meaning
    except CodeNotKnown:
        return said.split(";")[-1].strip() or UNKNOWN
    who = ENTITIES.get(parts[2], "") if len(parts) > 2 else ""
    if what.startswith("Entity") and who:
        what = f"{who}{what.removeprefix('Entity')}"
    how = {"A6": "missing", "A7": "invalid"}.get(parts[0], "")
    return f"{what}: {how}" if how and "not found" not in what else what


# A rejection's status code, or the beginning of an edit's code, and which record mends it.
_BY_STATUS = {
    "33": "coverage",
    "164": "coverage",
    "97": "coverage",
    "88": "coverage",
    "109": "coverage",
    "116": "coverage",
    "125": "patient",
    "126": "patient",
    "158": "patient",
    "157": "patient",
    "21": "claim",
    "145": "practice",
    "562": "practice",
    "128": "practice",
    "132": "practice",
    "254": "session",
    "255": "session",
    "477": "session",
    "48": "authorization",
    "249": "session",
    "453": "session",
    "454": "session",
    "187": "session",
    "520": "patient",
}
_BY_EDIT = (
    ("note_unsigned", "session"),
    ("part2_consent", "consent"),
    ("diagnos", "session"),
    ("authorization", "authorization"),
    ("coverage_not_verified", "answer"),
    ("coverage_inactive", "answer"),
    ("coverage_other_payer", "answer"),
    ("coverage_patient_not_found", "answer"),
    ("not_enrolled", "enrollment"),
    ("coverage", "coverage"),
    ("member_id", "coverage"),
    ("medicare_member", "coverage"),
    ("payer", "coverage"),
    ("other_coverage", "coverage"),
    ("medicaid_not_last", "coverage"),
    ("patient_", "patient"),
    ("supervisor", "session"),
    ("place_", "session"),
    ("minutes", "session"),
    ("sessions_overlap", "session"),
    ("modifier", "session"),
    ("telehealth", "session"),
    ("timed_session", "session"),
    ("service_", "session"),
    ("billing_", "practice"),
    ("taxonomy", "practice"),
    ("impossible_day", "session"),
    ("visit_limit", "session"),
)


def mended_in(code: str) -> str:
    """Which record mends what a rejection (A7:33:IL) or an edit (edits.diagnoses_missing) complains of.

    Returns:
        coverage, patient, authorization, session, note, practice, claim; empty when no record is to blame.

    Examples:
        >>> mended_in("A7:33:IL"), mended_in("edits.diagnoses_missing"), mended_in("edits.charge_zero")
        ('coverage', 'session', '')
    """
    if ":" in code:
        return _BY_STATUS.get(code.split(":")[1], "")
    if code.startswith("notes."):
        return "note"
    name = code.removeprefix("edits.")
    return next((record for start, record in _BY_EDIT if start in name), "")


_FIELDS = (
    ("billing_npi", "npi"),
    ("billing_tax_id", "tax_id"),
    ("billing_zip", "postal_code"),
    ("billing_address", "address_line1"),
    ("billing_name", "name"),
    ("taxonomy", "taxonomy"),
    ("member_id", "member_id"),
    ("coverage_not_in_force", "starts_on"),
    ("subscriber_differs", "holder_last_name"),
    ("patient_birth", "birth_date"),
    ("patient_born", "birth_date"),
    ("patient_age", "birth_date"),
    ("patient_sex", "sex"),
    ("patient_name", "last_name"),
    ("patient_address", "line1"),
    ("diagnos", "diagnoses"),
    ("minutes", "minutes"),
    ("timed_session", "starts_at"),
    ("sessions_overlap", "starts_at"),
    ("supervisor", "supervisor"),
    ("place_", "setting"),
    ("telehealth", "modality"),
    ("audio", "modality"),
    ("service_", "date_of_service"),
)


def field_of(code: str) -> str:
    """The field of the record's form that mends an edit; empty when it is not one field.

    Examples:
        >>> field_of("edits.billing_zip_not_nine_digits"), field_of("edits.duplicate_line")
        ('postal_code', '')
    """
    if code.startswith("notes."):
        return ""
    name = code.removeprefix("edits.")
    return next((field for start, field in _FIELDS if start in name), "")


MEND_WORDS = {
    "coverage": "Open the coverage",
    "patient": "Open the patient",
    "authorization": "Open the authorizations",
    "session": "Open the session",
    "note": "Open the session",
    "consent": "Record the consent",
    "answer": "Record the payer's answer",
    "enrollment": "Open the enrollments",
    "practice": "Look at the practice",
}
