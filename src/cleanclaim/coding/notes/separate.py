"""Notes that this product refuses: psychotherapy notes and SUD counseling notes.

Both analyse what was said in a session and are kept apart from the record (45 CFR 164.501, 42 CFR 2.11). No
payer may ask for them and no part of the product keeps them, so they are recognised before anything else
reads or stores the text. A progress note of psychotherapy is not one of them, nor is a progress note that
says it is none.
"""

from __future__ import annotations

import re

from cleanclaim.coding.notes.model import Span
from cleanclaim.coding.notes.reading import Note
from cleanclaim.coding.notes.requirements import make_finding, requirements
from cleanclaim.findings import Finding

PROGRESS, PSYCHOTHERAPY, SUD_COUNSELING = "progress_note", "psychotherapy_note", "sud_counseling_note"

_PSYCHOTHERAPY = re.compile(
    r"(?im)^[ \t#*\[(>=\-]*(?:confidential[ \t:,\-–—]*|private[ \t:,\-–—]*|protected[ \t:,\-–—]*|"
    r"hipaa[ \t:,\-–—]*|clinician.s[ \t]+)*"
    r"(?:(?:document|note|record)[ \t]+(?:type|class|category|title)[ \t]*[:=\-][ \t]*)?"
    r"(?:psychotherapy|process|private|personal|therapist.s(?: private| personal)?|"
    r"shadow)[ \t]+(?:\(?process\)?[ \t]+)?notes?\b(?![ \t]+(?:are|is|were|was|not)\b)"
    r"|\b(?:these|this)(?: (?:document|file|page|text))? (?:is|are|constitutes?|contains?)(?: a| an|"
    r" my)? (?:(?!not? )\w+ ){0,2}?(?:psychotherapy|process) notes?\b"
    r"|\bpsychotherapy notes?\b[^.\n]{0,60}\b(?:164\.501|hipaa|(?:kept|keep|maintained) (?:separate|apart)|"
    r"not part of (?:the|this) (?!bill|claim))"
    r"|\b(?:kept|maintained|stored|held) (?:separate(?:ly)?|"
    r"apart) from (?:the )?(?:rest of )?(?:the )?(?:medical|clinical|patient.s|designated|client.s|"
    r"treatment)[^.\n]{0,20}(?:record|chart|file)"
    r"|\bnot part of the (?:designated record set|medical record|clinical record)"
)
_SUD = re.compile(
    r"(?im)^[ \t#*\[(>=\-]*(?:confidential[ \t:,\-–—]*|protected[ \t:,\-–—]*|42 cfr part 2[ \t:,\-–—]*)*"
    r"(?:(?:document|note|record)[ \t]+(?:type|class|category|title)[ \t]*[:=\-][ \t]*)?"
    r"(?:sud|substance use(?: disorder)?|substance abuse|addiction|"
    r"drug and alcohol)[ \t]+counsell?ing[ \t]+notes?\b"
    r"|\b(?:these|this)(?: (?:document|file|page|text))? (?:is|are|constitutes?|"
    r"contains?)(?: an?)? (?:(?!not? )\w+ ){0,2}?(?:sud|substance use disorder) counsell?ing notes?\b"
    r"|\bsud counsell?ing notes?\b[^.\n]{0,60}\b(?:2\.11|part 2|kept separate|maintained separate)"
)
_DENIED = re.compile(
    r"(?i)(?:\bnot\b|\bno\b|\bnone\b|n.t\b|\bexclude[sd]?\b|\bseparate from any\b|\bunlike\b|"
    r"\brather than\b)[^.\n]{0,40}$"
)
_DENIED_AFTER = re.compile(
    r"(?i)^[^.\n]{0,40}(?:\bare not\b|\bis not\b|\bwere not\b|\bnot (?:kept|included|maintained)\b|"
    r"\bnone\b|: ?no\b)"
)
_REMARK = 300
"""Characters up to which a text may be a remark about such notes rather than one of them."""
_ABOUT = re.compile(
    r"(?i)\b(?:request\w*|ask(?:s|ed|ing)?|demand\w*|requir\w*|want\w*|need(?:s|ed)?|refus\w*|declin\w*|"
    r"den(?:y|ied|ies)|exclu\w*|withh[eo]ld\w*|omit\w*|redact\w*|releas\w*|disclos(?:ure|able)\w*|"
    r"authoriz\w*|consent\w*|polic(?:y|ies)|rules?|form|sent|send|attach\w*|enclos\w*|fax\w*|mail\w*|"
    r"upload\w*|may|must|should|cannot|can|never|stays?|remains?|belongs?|blank|empty|field|box|tab|"
    r"training|payer|insurer|insurance|plan will|copay\w*|invoice|claim|statement|balance|card|"
    r"will be|court|section|hidden|resubmit\w*|question|audit(?:or)?|letter|explained|flagged|gate|ticket|"
    r"log|updated|call(?:s|ed)?|phone|portal|prefers|pronouns?|reschedul\w*|appointment|billing|biller|address)\b"
)
"""Words of the office: what is done with such notes, or what a private remark at a desk is about."""
_OF_A_SESSION = re.compile(
    r"(?i)\b(?:session \d|hour|patient (?:said|spoke|felt|cried|described|disclosed|wept|told)|"
    r"client (?:said|spoke|felt|cried|described|disclosed|wept|told)|"
    r"(?:he|she|they) (?:said|told|felt|wept|cried|spoke|described|fears?|feels?|hates?|loves?|resents?)|"
    r"dream\w*|fantas\w*|transference|countertransference|unconscious|ashamed|shame|guilt|rage|grief|affair|abus\w*|incest|trauma\w*|"
    r"childhood|mother.s|father.s|silence|wept|cried|"
    r"my (?:own )?(?:reaction|feeling|sense|hunch|hypothes\w*))\b"
)
_PROGRESS_TITLE = re.compile(r"(?i)\bprogress\b")

_PROCESS_WORDS = (
    r"counter-?transference",
    r"transference",
    r"free associat\w+",
    r"\bdreams?\b[^.\n]{0,40}(?:interpret\w*|latent|symbol\w*|analy[sz]\w*)",
    r"my (?:own )?(?:reaction|feeling|fantas\w+|irritation|hypothes\w+|sense is|hunch|associations?)",
    r"\bI (?:felt|wonder(?:ed)?|suspect(?:ed)?|found myself|notice(?:d)? myself|imagine)",
    r"unconscious(?:ly)?",
    r"(?:oedipal|projective identification|object relations|enactment|introject\w*|"
    r"resistance in the hour)",
    r"verbatim",
    r"(?:said|says|told me)[,:]? [\"“]",
    r"to (?:bring|take) to (?:my )?(?:supervision|consultation|own analysis)",
    r"fantas(?:y|ies)",
)
_PROCESS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _PROCESS_WORDS)
_RECORD_ELEMENTS = ("diagnosis", "intervention", "plan", "goal", "risk")


def classify_note(text: str) -> tuple[str, tuple[Span, ...], bool]:
    """What a text is, by its own words.

    Returns:
        The class (progress_note, psychotherapy_note, sud_counseling_note), where the words stand, and whether
        the text says so itself (False: it only reads like a process note and shows nothing of a record).
    """
    for kind, pattern in ((PSYCHOTHERAPY, _PSYCHOTHERAPY), (SUD_COUNSELING, _SUD)):
        spans = tuple(found.span() for found in pattern.finditer(text) if not _is_denied(text, found))
        if spans:
            return kind, spans, True
    marks = [found for pattern in _PROCESS if (found := pattern.search(text))]
    limit = requirements()["notes.separate_note_suspected"].limit or 3
    if len(marks) >= limit:
        note = Note(text)
        if sum(bool(note.shows(element)) for element in _RECORD_ELEMENTS) <= 2:
            return PSYCHOTHERAPY, tuple(found.span() for found in marks), False
    return PROGRESS, (), True


def _is_denied(text: str, found: re.Match[str]) -> bool:
    line = text.rfind("\n", 0, found.start()) + 1
    line_end = text.find("\n", found.end())
    rest = text[found.end() : line_end if line_end != -1 else len(text)]
    return bool(
        _DENIED.search(text[line : found.start()])
        or _DENIED_AFTER.match(rest)
        or _PROGRESS_TITLE.search(found[0])
        or _PROGRESS_TITLE.match(rest.strip()[:8])
        or _is_remark(text, text[line : found.start()] + rest)
    )


def _is_remark(text: str, beside: str) -> bool:
    """Whether a short text speaks about such notes, as an office does, and tells nothing of a session."""
    plain = text.strip()
    if len(plain) > _REMARK or plain.count("\n") > 1:
        return False
    return bool(_ABOUT.search(beside)) and not _OF_A_SESSION.search(plain)


def refuse_separate_note(
    text: str, *, declared: str = "", released_by_clinician: bool = False, subject_id: str = ""
) -> Finding | None:
    """Refuse a note that must not be kept. Call it before a text is stored, on every way in.

    Args:
        text: The text as offered.
        declared: The class that the sender gave it: ``psychotherapy_note`` or ``sud_counseling_note`` refuse
            whatever the text says.
        released_by_clinician: The clinician has said that this is the progress note; lifts a suspicion, never
            what the text or the sender says.
        subject_id: Our id of the session, for the finding.

    Returns:
        The finding that refuses, without a word of the note, or None when it may be read.

    Examples:
        >>> refuse_separate_note("PSYCHOTHERAPY NOTES - kept separate from the medical record").code
        'notes.psychotherapy_note_refused'
        >>> refuse_separate_note("Psychotherapy Progress Note\\nPlan: continue weekly") is None
        True
    """
    kind, spans, is_said = classify_note(text)
    if declared in (PSYCHOTHERAPY, SUD_COUNSELING):
        kind, is_said = declared, True
    if kind == PROGRESS or (not is_said and released_by_clinician):
        return None
    code = "notes.separate_note_suspected" if not is_said else f"notes.{kind}_refused"
    return make_finding(code, payer_kind="", subject_id=subject_id, spans=spans)
