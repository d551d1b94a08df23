"""How and where the session was held, and who was there."""

from __future__ import annotations

import re

from cleanclaim.coding.facts import group_size
from cleanclaim.coding.notes.context import Audit
from cleanclaim.coding.notes.model import Span
from cleanclaim.coding.notes.reading import lexicon

_WORDS = {"video": "live video", "audio": "audio only", "in_person": "in person"}
_NUMBERS = {
    word: number
    for number, word in enumerate(
        (
            "zero one two three four five six seven eight nine ten "
            "eleven twelve thirteen fourteen fifteen sixteen"
        ).split()
    )
}
_NUMBER = rf"(?P<n>\d{{1,2}}|{'|'.join(list(_NUMBERS)[2:])})"
_MEMBER = (
    r"(?:members?|participants?|patients?|clients?|attendees|group members?|individuals?|people|families|"
    r"persons?)"
)
_SIZE = tuple(
    re.compile(pattern.replace("{n}", _NUMBER).replace("{m}", _MEMBER), re.IGNORECASE)
    for pattern in (
        r"\b(?:group size|number (?:of|in) (?:group )?{m}|(?:number|total) (?:of )?(?:present|"
        r"attending|in group|in attendance)|{m} (?:present|in attendance|attending|in group)|"
        r"attendance|census|group census)\s*(?:\([^)\n]*\))?\s*(?:was|is|[:=-])*\s*{n}\b",
        r"\bgroup (?:consisted |was made up |composed )?of {n}\b",
        r"\b{n}\s+(?:other |group |total |adult |adolescent |teen )*{m}\b(?:[^.\n]{0,30}(?:present|"
        r"attend\w*|in (?:the )?group|participat\w*|were))?",
        r"\b{n} (?:of|out of) (?:the )?\d{1,2} (?:\w+ ){0,2}{m}\b",
        r"\bN\s*=\s*{n}\b",
        r"\b{n}[- ](?:person|member|patient|client) group\b",
    )
)
_ABSENT = re.compile(
    r"\b(?:patient|client|pt|identified patient|member)\b[^.\n]{0,20}\b(?:was |is )?(?:not (?:present|"
    r"in attendance|in the (?:room|session))|absent|did not (?:attend|join|participate))"
    r"|\bwithout (?:the )?(?:patient|client)(?: (?:being )?present)?\b|\bpatient present\s*:\s*no\b",
    re.IGNORECASE,
)
_PRESENT = re.compile(
    r"\b(?:patient|client|pt)\b[^.\n]{0,30}\b(?:was present|were present|is present|attended|joined|"
    r"participated)\b|\b(?:with|and) (?:the )?(?:patient|client)(?: present)?\b"
    r"|\bpatient present\s*:\s*yes\b|\b(?:patient|client) and (?:his|her|their)\b",
    re.IGNORECASE,
)


def _modalities(audit: Audit) -> dict[str, tuple[Span, ...]]:
    """Ways of holding the session that the note names, with their places."""
    note = audit.note
    found = {kind: tuple(note.phrases(f"modality_{kind}")) for kind in _WORDS}
    # "no video" in the reason for audio is not a video session; "audio only" outweighs a word of video.
    reason = [
        span
        for section in note.headed(lexicon()["audio_reason"].headings)
        for span in [(section.start, section.stop)]
    ]
    reason += note.phrases("audio_reason")
    found["video"] = tuple(span for span in found["video"] if not _inside(span, reason))
    for section in note.headed(lexicon()["modality"].headings):
        first, last = note.content(section)
        value = note.text[first : min(last, _line_end(note.text, first))]
        for kind, pattern in (
            ("audio", r"(?i)\b(?:audio[- ]only|(?:tele)?phone|telephonic)\b"),
            ("video", r"(?i)\b(?:video|audio[ -]?(?:/|and|-)?[ -]?visual)\b"),
            ("in_person", r"(?i)\b(?:in[- ]person|face[- ]to[- ]face|office|on[- ]site)\b"),
        ):
            if re.search(pattern, value):
                found[kind] = (*found[kind], (first, first + len(value)))
                break
    return {kind: spans for kind, spans in found.items() if spans}


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end == -1 else end


def _inside(span: Span, others: list[Span]) -> bool:
    return any(first <= span[0] < last for first, last in others)


def check_setting(audit: Audit) -> None:
    """Modality against the session, and what telehealth asks for."""
    modality = audit.facts.modality
    if audit.facts.setting in ("care_management", "facility_ub04"):
        return
    named = _modalities(audit)
    virtual = tuple(audit.note.phrases("telehealth_unspecified"))
    if named:
        audit.read["modality"] = next(iter(named)) if len(named) == 1 else sorted(named)
    if modality in named:
        audit.evidence["modality"] = named[modality]
    elif named:
        kind = next(kind for kind in ("audio", "video", "in_person") if kind in named)
        audit.report(
            "notes.modality_differs",
            named[kind],
            note_modality=_WORDS[kind],
            modality=_WORDS.get(modality, modality),
        )
    elif modality == "in_person" and virtual:
        audit.report("notes.modality_differs", virtual, note_modality="telehealth", modality=_WORDS[modality])
    elif modality != "in_person":
        audit.report("notes.modality_missing", virtual, modality=_WORDS.get(modality, modality))
    if modality == "in_person":
        return
    audit.require("telehealth_consent", "notes.telehealth_consent_missing")
    audit.require("patient_place", "notes.patient_place_missing")
    audit.require("clinician_place", "notes.clinician_place_missing")
    if modality == "audio":
        audit.require("audio_reason", "notes.audio_reason_missing")


def check_people(audit: Audit) -> None:
    """Who took part in a family session, how many in a group."""
    audit.require("family_people", "notes.participants_missing")
    _presence(audit)
    if "group" not in audit.classes:
        return
    found = [match for pattern in _SIZE for match in pattern.finditer(audit.note.text)]
    if not found:
        audit.report("notes.group_size_missing")
        return
    sizes = [_number(match["n"]) for match in found]
    spans = [match.span() for match in found]
    recorded = next(
        (size for word in audit.facts.participants if (size := group_size(word)) is not None), None
    )
    size = recorded if recorded in sizes else max(sizes)
    audit.read["group_size"] = size
    audit.evidence["group_size"] = tuple(spans)
    if recorded is not None and recorded != size:
        audit.report("notes.group_size_differs", spans, note_size=size, session_size=recorded)
    if recorded is None:
        audit.not_checked.append("group size: the session record has none")
    if size > audit.limit("notes.group_too_large"):
        audit.report("notes.group_too_large", spans, note_size=size)


def _presence(audit: Audit) -> None:
    billed = next((code for code in audit.codes if code in ("90846", "90847")), "")
    if not billed:
        return
    absent = [match.span() for match in _ABSENT.finditer(audit.note.text)]
    present = [match.span() for match in _PRESENT.finditer(audit.note.text)]
    if billed == "90847" and absent:
        audit.report("notes.patient_presence_differs", absent, billed=billed, note_presence="absent")
    elif billed == "90846" and present and not absent:
        audit.report("notes.patient_presence_differs", present, billed=billed, note_presence="present")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else _NUMBERS[text.lower()]
