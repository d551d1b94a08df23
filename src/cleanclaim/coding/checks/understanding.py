"""Whether every word of the facts is known, and whether the facts agree with each other."""

from __future__ import annotations

from cleanclaim.coding import vocabulary as words
from cleanclaim.coding.facts import SessionFacts, group_size
from cleanclaim.coding.services import register
from cleanclaim.coding.visit import Visit, is_whole


def unknown_words(facts: SessionFacts) -> list[dict[str, str]]:
    """One entry per column whose value is outside the vocabulary; the value itself is not repeated."""
    found: list[dict[str, str]] = []

    def check(column: str, ok: bool, expected: str) -> None:
        if not ok:
            found.append({"column": column, "expected": expected})

    check(
        "service",
        bool(facts.service) and all(name in register() for name in facts.service),
        "a known service",
    )
    check("setting", facts.setting in words.SETTING_POS, ", ".join(words.SETTING_POS))
    check("credential", facts.credential in words.CREDENTIALS, ", ".join(sorted(words.CREDENTIALS)))
    check("payer_kind", facts.payer_kind in words.PAYER_KINDS, ", ".join(sorted(words.PAYER_KINDS)))
    check("modality", facts.modality in words.MODALITIES, ", ".join(sorted(words.MODALITIES)))
    check("em_basis", facts.em_basis in words.EM_BASES, ", ".join(sorted(words.EM_BASES - {""})))
    check("patient_type", facts.patient_type in words.PATIENT_TYPES, "new or established")
    check("ic_factors", words.IC_FACTORS.issuperset(facts.ic_factors), ", ".join(sorted(words.IC_FACTORS)))
    check(
        "participants",
        all(
            not item or item in words.PARTICIPANTS or group_size(item) is not None
            for item in facts.participants
        ),
        ", ".join(sorted(words.PARTICIPANTS)) + ", group:N, families:N",
    )
    services = len(facts.service)
    check("minutes", len(facts.minutes) <= max(services, 1), "one per service")
    check(
        "minutes",
        all(value is None or 0 <= value < 100_000 for value in facts.minutes),
        "whole minutes, not negative",
    )
    check("participants", len(facts.participants) <= max(services, 1), "one per service")
    check(
        "em_minutes",
        facts.em_minutes is None or 0 <= facts.em_minutes < 100_000,
        "whole minutes, not negative",
    )
    rounding = facts.payer_profile.get("rounding", "") or "midpoint"
    check("payer_profile", rounding in ("midpoint", "full"), "rounding=midpoint or rounding=full")
    blocks = facts.payer_profile.get("crisis_blocks", "") or "started"
    check(
        "payer_profile", blocks in ("started", "midpoint", "full"), "crisis_blocks=started, midpoint or full"
    )
    ncci = facts.payer_profile.get("ncci", "") or "none"
    check("payer_profile", ncci in ("medicare", "none"), "ncci=medicare or ncci=none")
    distinct = facts.payer_profile.get("distinct_mod", "") or "59"
    check("payer_profile", distinct in ("59", "XE", "XP", "XS", "XU"), "distinct_mod=59, XE, XP, XS or XU")
    return found


def disagreements(visit: Visit) -> None:
    """Tell where the facts contradict each other without changing the answer."""
    facts = visit.facts
    unknown = sorted(
        (facts.payer_profile.keys() - words.PROFILE_KEYS) | (facts.other_inputs.keys() - words.OTHER_KEYS)
    )
    if unknown:
        visit.tell(
            "key_ignored",
            f"{len(unknown)} key(s) of payer_profile or other_inputs are not known and were not read.",
        )
    is_crisis = any(part.service.kind == "crisis" for part in visit.parts)
    if facts.crisis and not is_crisis:
        visit.tell(
            "crisis_flag", "Marked as a crisis, but the service is not crisis psychotherapy.", "crisis"
        )
    segments = visit.other("segments")
    first = visit.parts[0].minutes if visit.parts else None
    if segments and first is not None:
        pieces = segments.split("+")
        if not all(map(is_whole, pieces)) or sum(map(int, pieces)) != first:
            visit.tell(
                "segments_differ",
                "The segments do not add up to the minutes; the minutes were used.",
                "minutes",
            )
