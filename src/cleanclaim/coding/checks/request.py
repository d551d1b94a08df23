"""What the user asked to be billed: checked as asked, against codes, payer and the facts."""

from __future__ import annotations

from cleanclaim.codesets import addon_pairs, procedures
from cleanclaim.coding.families.care_management import APCM_BASES
from cleanclaim.coding.families.psychotherapy import ALONE, WITH_EM
from cleanclaim.coding.visit import Line, Visit, is_em, is_psychotherapy

PART_B_PREVENTIVE = frozenset(
    {"G0402", "G0438", "G0439", "G0442", "G0443", "G0444", "99406", "99407", "G0008", "G0009", "G0010"}
)
"""Services beside which Medicare pays G2211 although the E/M carries 25."""


def _told(code: str) -> str:
    """A requested code as a finding may repeat it: a code, not whatever text was typed there."""
    return code if len(code) <= 5 and code.isalnum() else "not a code"


def _is_prolonged(code: str) -> bool:
    found = procedures.find(code)
    return (found is not None and found.family == "prolonged") or code in ("G0316", "G0317", "G0318")


def check_codes_exist(visit: Visit) -> None:
    """Note E_CODE_DELETED for requested codes and E_CODE_NOT_IN_FORCE for any."""
    on = visit.facts.dos
    for item in visit.requested:
        if procedures.ended_before(item.code, on):
            ended = procedures.find(item.code)
            last = ended.effective_to.isoformat() if ended and ended.effective_to else ""
            visit.refuse("E_CODE_DELETED", requested=item.code, last_day=last)
    for code in visit.all_codes():
        found = procedures.find(code)
        if found is not None and found.effective_from is not None and on < found.effective_from:
            visit.refuse("E_CODE_NOT_IN_FORCE", code=code, first_day=found.effective_from.isoformat())


def check_payer_accepts(visit: Visit) -> None:
    """Note E_PAYER_CODE_NOT_ACCEPTED: Medicare status I or N.

    A prolonged code beside psychotherapy is left to its own, clearer problem.
    """
    if not visit.is_medicare:
        return
    codes = visit.all_codes()
    with_psychotherapy = any(is_psychotherapy(code) for code in codes)
    for code in codes:
        found = procedures.find(code)
        if found is None or found.medicare_status not in ("I", "N"):
            continue
        if not (_is_prolonged(code) and with_psychotherapy):
            visit.refuse("E_PAYER_CODE_NOT_ACCEPTED", code=code, medicare_status=found.medicare_status)


def check_combination(visit: Visit) -> None:
    """Note prolonged codes beside psychotherapy, and stand-alone psychotherapy beside an E/M."""
    requested = [item.code for item in visit.requested]
    codes = visit.all_codes()
    if any(is_psychotherapy(code) for code in codes):
        for code in requested:
            if _is_prolonged(code):
                visit.refuse("E_PROLONGED_NOT_ALLOWED", requested=code)
    same_day = visit.other("same_day").upper()
    with_em = visit.has_em or visit.facts.with_em or any(is_em(code) for code in codes) or is_em(same_day)
    # An E/M outside this row: claimed that day by flag or named; the computed code must be an add-on then.
    em_outside = is_em(same_day) or (visit.facts.with_em and not visit.has_em)
    asked = requested or (visit.codes() if em_outside else [])
    for code in asked:
        if with_em and code in ALONE:
            visit.refuse("E_STANDALONE_PSYTX_WITH_EM", code=code)


def check_addons_have_bases(visit: Visit) -> None:
    """Note E_ADDON_NO_BASE, among requested codes as asked and among computed ones.

    90785 has its own problem and G2211 its own place; both are left to their checks when they are
    part of the computed answer.
    """
    on = visit.facts.dos
    requested = [item.code for item in visit.requested]
    apcm = visit.other("apcm_base").upper()
    elsewhere = {apcm} if apcm in APCM_BASES else set()
    computed = visit.codes()
    for codes in (computed, requested):
        for code in codes:
            if code == "90785" or not addon_pairs.has_bases(code):
                continue
            if codes is computed and visit.has_em and code in WITH_EM:
                continue  # Its E/M is meant; what that lacks has been noted already.
            bases = addon_pairs.bases(code, on)
            if bases and bases.isdisjoint(codes) and bases.isdisjoint(elsewhere):
                visit.refuse("E_ADDON_NO_BASE", addon=code, bases=sorted(bases))


def check_complexity(visit: Visit) -> None:
    """Add 90785 when it is asked for and allowed; note why not otherwise. Never drops it silently."""
    factors = set(visit.facts.ic_factors)
    asked = any(item.code == "90785" for item in visit.requested)
    if not factors and not asked:
        return
    if factors <= {"interpreter_only"}:
        visit.refuse("E_IC_NO_FACTOR", column="ic_factors")
        return
    bases = addon_pairs.bases("90785", visit.facts.dos)
    if bases.isdisjoint(visit.codes()):
        visit.refuse("E_IC_BASE_NOT_ALLOWED", bases=sorted(bases), codes=visit.codes())
        return
    if factors:
        visit.lines.append(Line("90785", 1, group=len(visit.parts) + 1))
        visit.because(
            "A recorded factor makes the session interactively complex: 90785",
            "NCCI add-on code file 2024-06-03",
        )


def add_longitudinal(visit: Visit) -> None:
    """Add Medicare's G2211 when a lasting relationship is recorded and an office E/M is billed."""
    if not visit.is_medicare or visit.other("longitudinal_relationship") != "yes":
        return
    on = visit.facts.dos
    if procedures.is_in_force("G2211", on) and not addon_pairs.bases("G2211", on).isdisjoint(visit.codes()):
        visit.lines.append(Line("G2211", 1, group=len(visit.parts) + 2))
        visit.because(
            "An ongoing relationship for a serious or complex condition: G2211", "CY2024 PFS final rule"
        )


def check_longitudinal(visit: Visit) -> None:
    """Note E_G2211_WITH_25 once modifiers are known."""
    if not visit.is_medicare:
        return
    asked = [item.code for item in visit.requested]
    if "G2211" not in asked and "G2211" not in visit.codes():
        return
    carries = any(is_em(item.code) and "25" in item.modifiers for item in visit.requested) or any(
        is_em(line.code) and "25" in line.edit_modifiers for line in visit.lines
    )
    if not carries:
        return
    others = {code for code in [*visit.all_codes(), visit.other("same_day").upper()] if code}
    others = {code for code in others if code != "G2211" and not is_em(code)}
    if not others or not others <= PART_B_PREVENTIVE:
        visit.refuse("E_G2211_WITH_25", codes=sorted(others))


def check_request_supported(visit: Visit) -> None:
    """Note E_REQUEST_NOT_SUPPORTED when the facts lead to other codes than those asked for."""
    if visit.requested and {item.code for item in visit.requested} != set(visit.codes()):
        visit.refuse(
            "E_REQUEST_NOT_SUPPORTED",
            requested=[_told(item.code) for item in visit.requested],
            supported=visit.codes(),
        )
