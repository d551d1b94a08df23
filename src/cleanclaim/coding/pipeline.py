"""The one way from facts to codes."""

from __future__ import annotations

from cleanclaim.coding.checks import credentials, diagnoses, pairs, request, telehealth, understanding, units
from cleanclaim.coding.compose import compose, next_change, read_parts
from cleanclaim.coding.facts import SessionFacts
from cleanclaim.coding.problems import rank, to_finding
from cleanclaim.coding.result import BILL, BILL_WITH_WARNING, ERROR, CodedLine, CodingResult
from cleanclaim.coding.visit import Visit, is_em
from cleanclaim.coding.vocabulary import DEGREE_MODIFIERS


def code_session(facts: SessionFacts) -> CodingResult:
    """Find what a session is billed as, or exactly why it is not.

    A total function: every combination of facts gives a result and never an exception. The first
    problem in order of precedence is `error_code`; all that were seen are in `findings`.

    Args:
        facts: One patient, one clinician or facility, one claim date or month. Rules in force on
            `facts.dos` apply.

    Returns:
        Lines in claim order with units and modifiers, the place of service, the reasons in order,
        and the next minute that would change the answer.

    Examples:
        >>> from datetime import date
        >>> session = SessionFacts(
        ...     dos=date(2026, 11, 9), service=("individual psychotherapy",), minutes=(45,),
        ...     setting="office", credential="LCSW", payer_kind="commercial")
        >>> answer = code_session(session)
        >>> answer.codes, answer.pos, answer.next_threshold
        (('90834',), '11', 53)
    """
    visit = Visit(facts)
    strangers = understanding.unknown_words(facts)
    if strangers:
        findings = tuple(to_finding("E_INPUT_NOT_UNDERSTOOD", seen, facts.case_id) for seen in strangers)
        return CodingResult(
            ERROR, error_code="E_INPUT_NOT_UNDERSTOOD", findings=findings, case_id=facts.case_id
        )

    read_parts(visit)
    compose(visit)
    understanding.disagreements(visit)
    credentials.check_credential(visit)
    units.merge_repeats(visit)
    request.check_codes_exist(visit)
    request.check_payer_accepts(visit)
    request.check_combination(visit)
    units.apply_units(visit)
    request.check_addons_have_bases(visit)
    request.check_complexity(visit)
    request.add_longitudinal(visit)
    pairs.check_crisis(visit)
    pairs.check_pairs(visit)
    _em_modifier(visit)
    request.check_longitudinal(visit)
    telehealth.place_of_service(visit)
    modifier = telehealth.telehealth_modifier(visit)
    telehealth.check_medicare_telehealth(visit)
    diagnoses.check_diagnoses(visit)
    request.check_request_supported(visit)
    pairs.check_daily_limits(visit)
    return _answer(visit, modifier)


def _em_modifier(visit: Visit) -> None:
    """Some contracts want 25 on every E/M beside another service; no edit asks for it."""
    if visit.profile("em_modifier_25") != "yes" or len(visit.lines) < 2:
        return
    for line in visit.lines:
        if is_em(line.code) and "25" not in line.edit_modifiers:
            line.edit_modifiers.append("25")


def _answer(visit: Visit, telehealth_modifier: str) -> CodingResult:
    facts = visit.facts
    checks_only = any(part.service.kind == "checks_only" for part in visit.parts)
    if not visit.lines and not visit.problems and not checks_only:
        visit.refuse("E_FACT_MISSING", column="service", fact="nothing billable was described")
    found = sorted(visit.problems, key=rank)
    findings = tuple(to_finding(code, visit.problems[code], facts.case_id) for code in found) + tuple(
        visit.notes
    )
    threshold, next_codes = _next(visit)
    common = {
        "findings": findings,
        "why": tuple(visit.reasons),
        "next_threshold": threshold,
        "next_codes": next_codes,
        "billed_under": credentials.billed_under(visit),
        "case_id": facts.case_id,
    }
    if found and found[0].startswith("E_"):
        return CodingResult(ERROR, error_code=found[0], **common)  # type: ignore[arg-type]
    degree = DEGREE_MODIFIERS.get(facts.credential, "") if visit.profile("degree_mods") == "yes" else ""
    everywhere = [modifier for modifier in (telehealth_modifier, degree) if modifier]
    lines = tuple(
        CodedLine(line.code, line.units, (*line.edit_modifiers, *everywhere), line.revenue_code)
        for line in visit.lines
    )
    return CodingResult(
        BILL_WITH_WARNING if found else BILL,
        lines=lines,
        pos=visit.pos,
        error_code=found[0] if found else "",
        **common,  # type: ignore[arg-type]
    )


def _next(visit: Visit) -> tuple[int | None, str]:
    """The next minute of the first timed service that changes its codes."""
    if visit.timed_answer is None:
        return None, ""
    change = next_change(*visit.timed_answer)
    if change is None:
        return None, ""
    return change[0], ";".join(code for code, _ in change[1])
