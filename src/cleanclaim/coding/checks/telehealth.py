"""How the session was held: place of service, telehealth modifiers and Medicare's conditions."""

from __future__ import annotations

from cleanclaim.codesets import procedures
from cleanclaim.coding import vocabulary as words
from cleanclaim.coding.families.treatments import DIGITAL_CODES
from cleanclaim.coding.visit import Visit

_MEDICARE_PROFILE = {"av_mod": "none", "ao_mod": "93", "home_pos": "10", "away_pos": "02"}
_RULE = "AAFP FPM 2025; NGS telehealth notice 2024; 42 CFR 410.78"
_TELEHEALTH_POS = frozenset({"02", "10"})


def _of_payer(visit: Visit, key: str) -> str:
    """A telehealth value of the payer; Medicare's are known, no other payer's is guessed."""
    value = visit.profile(key, _MEDICARE_PROFILE[key] if visit.is_medicare else "")
    if not value:
        visit.refuse("E_PROFILE_MISSING", column="payer_profile", missing=[key])
    return value


def place_of_service(visit: Visit) -> None:
    """Find the place of service and compare the one typed by the user."""
    facts = visit.facts
    entered = visit.other("entered_pos")
    if visit.is_remote:
        visit.pos = _of_payer(visit, "home_pos" if facts.patient_at_home else "away_pos")
        if visit.pos:
            where = "at home" if facts.patient_at_home else "away from home"
            visit.because(f"Held by {facts.modality} with the patient {where}: place {visit.pos}", _RULE)
    elif facts.setting == "telehealth":
        visit.refuse(
            "E_POS_MODALITY_MISMATCH", column="modality", setting="telehealth", modality=facts.modality
        )
    else:
        visit.pos = words.SETTING_POS[facts.setting]
    if facts.setting == "facility_ub04":
        return
    if entered and visit.pos and entered != visit.pos:
        visit.refuse("E_POS_MODALITY_MISMATCH", column="other_inputs", expected=visit.pos)
    if not DIGITAL_CODES.isdisjoint(visit.all_codes()) and not _TELEHEALTH_POS.isdisjoint(
        (visit.pos, entered)
    ):
        visit.refuse(
            "E_POS_MODALITY_MISMATCH", column="setting", expected="neither 02 nor 10 for device treatment"
        )


def telehealth_modifier(visit: Visit) -> str:
    """The modifier of every line for video or audio; empty when none is used."""
    if not visit.is_remote:
        return ""
    value = _of_payer(visit, "ao_mod" if visit.facts.modality == "audio" else "av_mod")
    return "" if value == "none" else value.upper()


def check_medicare_telehealth(visit: Visit) -> None:
    """Note Medicare's list, audio-only conditions and in-person visit rule."""
    if not (visit.is_medicare and visit.is_remote):
        return
    facts = visit.facts
    for code in visit.codes() or [item.code for item in visit.requested]:
        if code in DIGITAL_CODES:
            continue
        if procedures.on_medicare_telehealth_list(code, facts.dos) is False:
            visit.refuse("E_NOT_ON_TELEHEALTH_LIST", code=code, on=facts.dos.isoformat())
    if facts.modality == "audio":
        unmet = [
            condition
            for condition, met in (
                ("patient at home", facts.patient_at_home),
                ("clinician able to use video", visit.other("practitioner_video_capable") == "yes"),
                (
                    "patient declines or cannot use video",
                    visit.other("patient_video") in ("declines", "cannot"),
                ),
            )
            if not met
        ]
        if unmet:
            visit.refuse("E_AUDIO_ONLY_NOT_ALLOWED", unmet=unmet)
    substance_use = any("F10" <= code[:3] <= "F19" for code in diagnosis_codes(visit))
    if (
        facts.dos >= words.IN_PERSON_RULE_FROM
        and facts.patient_at_home
        and visit.other("prior_in_person") == "no"
        and not substance_use
    ):
        visit.refuse("E_INPERSON_VISIT_REQUIRED", rule_from=words.IN_PERSON_RULE_FROM.isoformat())


def diagnosis_codes(visit: Visit) -> list[str]:
    """Diagnoses of the session as written, first-listed first, in capitals."""
    return [code.strip().upper() for code in visit.other("dx").split(",") if code.strip()]
