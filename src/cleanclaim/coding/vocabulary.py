"""The closed words of session facts: settings, credentials, modalities, payers."""

from __future__ import annotations

from datetime import date

PRESCRIBERS = frozenset({"MD", "PMHNP"})
PSYCHOLOGISTS = frozenset({"PhD", "PsyD"})
THERAPISTS = PSYCHOLOGISTS | {"LCSW", "LMFT", "LPC"}
SUPERVISED = frozenset({"LMSW", "LPC-associate"})
"""Count as therapists only where the payer accepts supervised clinicians and the supervisor bills."""
ANALYSTS = frozenset({"BCBA", "MD"}) | PSYCHOLOGISTS
COMMUNITY = frozenset({"QMHP", "BHP"})
ORGANISATIONS = frozenset({"OTP", "facility"})
CREDENTIALS = (
    PRESCRIBERS | THERAPISTS | SUPERVISED | COMMUNITY | ORGANISATIONS | {"BCBA", "RBT", "CPS", "TCM"}
)

CREDENTIAL_ALIASES = {
    "DO": "MD",
    "LMHC": "LPC",
    "LPCC": "LPC",
    "LCPC": "LPC",
    "LCMHC": "LPC",
}
"""State names of a licence that federal payers treat as one credential."""

SETTING_POS = {
    "office": "11",
    "home": "12",
    "community": "99",
    "cmhc": "53",
    "otp": "58",
    "outpatient_hospital": "22",
    "telehealth": "",
    "facility_ub04": "",
    "care_management": "11",
}
"""Place of service by setting; telehealth takes the payer's, a facility claim has none."""

MODALITIES = frozenset({"in_person", "video", "audio"})
PAYER_KINDS = frozenset({"medicare", "medicaid", "commercial", "tricare", "self_pay"})
EM_BASES = frozenset({"", "time", "mdm_straightforward", "mdm_low", "mdm_moderate", "mdm_high"})
PATIENT_TYPES = frozenset({"", "new", "established"})
IC_FACTORS = frozenset(
    {
        "maladaptive_communication",
        "caregiver_emotion",
        "mandated_report_sentinel_event",
        "play_equipment",
        "interpreter_only",
    }
)
PARTICIPANTS = frozenset({"patient", "family+patient", "family without patient", "caregiver", "collateral"})
PATIENT_ABSENT = frozenset({"family without patient", "caregiver", "collateral"})

DEGREE_MODIFIERS = {
    **dict.fromkeys(PSYCHOLOGISTS, "HP"),
    **dict.fromkeys(("LCSW", "LMFT", "LPC", "LMSW", "LPC-associate", "BCBA"), "HO"),
    **dict.fromkeys(COMMUNITY, "HN"),
    **dict.fromkeys(("RBT", "CPS"), "HM"),
}

MEDICARE_SINCE = {"LMFT": date(2024, 1, 1), "LPC": date(2024, 1, 1)}
"""First date of service on which Medicare recognises the credential (CMS MFT/MHC page)."""
MEDICARE_NEVER = frozenset({"BCBA", "RBT", "CPS", "TCM"}) | COMMUNITY
"""Credentials that Medicare does not enroll."""
IN_PERSON_RULE_FROM = date(2028, 1, 1)
"""Medicare's in-person visit for tele-mental health at home starts here (Consolidated Appropriations
Act, 2026)."""

PROFILE_KEYS = frozenset(
    {
        "av_mod",
        "ao_mod",
        "home_pos",
        "away_pos",
        "ncci",
        "distinct_mod",
        "rounding",
        "degree_mods",
        "supervised",
        "php_code",
        "php_rev",
        "crisis_blocks",
        "em_modifier_25",
    }
)
OTHER_KEYS = frozenset(
    {
        "requested",
        "same_day",
        "separate_sessions",
        "segments",
        "crosses_midnight",
        "dx",
        "patient_present",
        "longitudinal_relationship",
        "practitioner_video_capable",
        "patient_video",
        "entered_pos",
        "prior_in_person",
        "first_telehealth",
        "tests",
        "instruments",
        "apcm_base",
        "same_practitioner",
        "same_month",
        "days_since_last_bundle",
        "condition_code",
        "plan_hours_week",
        "mg",
        "billing_npi",
    }
)


def canonical_credential(text: str) -> str:
    """The credential word for a licence as people write it; empty when it is not known.

    Examples:
        >>> canonical_credential("lcsw"), canonical_credential("LMHC"), canonical_credential("RN")
        ('LCSW', 'LPC', '')
    """
    plain = text.strip().upper()
    plain = CREDENTIAL_ALIASES.get(plain, plain)
    return _CREDENTIALS_BY_CAPITALS.get(plain, "")


_CREDENTIALS_BY_CAPITALS = {credential.upper(): credential for credential in CREDENTIALS}
