"""The signature of a note: where it is, with which credential, of which day."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

from cleanclaim.coding.notes.clock import note_dates
from cleanclaim.coding.notes.model import Span
from cleanclaim.coding.vocabulary import canonical_credential

_SIGNED = re.compile(
    r"(?im)^(?P<lead>[^\n]{0,60}?)(?P<word>(?:electronically |digitally |e-?)?(?:signed|authenticated|"
    r"e-?signature|signature)\b"
    r"(?: (?:by|on file))?|/s/|signed electronically)(?P<rest>[^\n]*)"
)
_OTHERS = re.compile(
    r"\b(?:patients?|clients?|parents?|guardian|mother|father|consents?|release|roi|treatment plan|"
    r"plan of care|agreement|form|contract|"
    r"not (?:yet )?signed|unsigned|will be signed|has not)\b",
    re.IGNORECASE,
)
_DATE_ONLY = re.compile(r"\b(?:date|time|when|on)[ \t]*$", re.IGNORECASE)
"""Before "signed": the line dates a signature and is none."""
_SUPERVISOR = re.compile(r"\b(?:supervis\w*|co-?sign\w*|countersign\w*)\b", re.IGNORECASE)
_NAME = re.compile(
    r"(?:[A-Z]\.[ \t]?){1,2}[A-Z][\w'’-]+|[A-Z][a-z'’-]+[ \t]+(?:[A-Z]\.[ \t]*)?[A-Z][\w'’-]+,[ \t]*[A-Z]"
)
_FILLED = re.compile(r"[A-Za-z]{2,}")
_WORD = re.compile(r"(?<![\w@])[A-Za-z][A-Za-z.]*(?:-[A-Za-z.]+)*")
_SAME_CREDENTIAL = {
    "LICSW": "LCSW", "LCSWC": "LCSW", "LCSWR": "LCSW", "LISW": "LCSW", "LISWS": "LCSW", "CSW": "LCSW",
    "LSCSW": "LCSW", "LMFTA": "LPC-associate", "LPCA": "LPC-associate", "LPCMHSP": "LPC",
    "LCMHCA": "LPC-associate", "LAC": "LPC", "LCPC": "LPC", "APRN": "PMHNP", "NP": "PMHNP",
    "PMHNPBC": "PMHNP", "DNP": "PMHNP", "LCSWA": "LMSW", "LSW": "LMSW", "LGSW": "LMSW", "BCBAD": "BCBA",
    "EDD": "PhD", "LP": "PhD",
}  # fmt: skip
"""State names of a licence that stand for one of our credentials."""
_OTHER_CREDENTIALS = frozenset(
    (
        "RN LPN MSW MA MS MED BA BS PA PAC CNS LCADC CADC CAC LCAS LADC LCDC CPRS CPSS CRSS QP AP BSW CHW "
        "LVN PHARMD MFT LBA RBT LMFTASSOCIATE"
    ).split()
)
"""Credentials that count as shown but that we do not compare."""


class Signature(NamedTuple):
    """What stands at a signature.

    Attributes:
        span: The signature's lines.
        start: Offset at which it begins; times after it are not session times.
        credentials: Our credentials among the letters behind the name; more than one is possible.
        shows_credential: Some licence stands there, ours or another.
        signed_on: Date beside it, or None.
        date_span: Where that date is.
        is_supervisor: The words say supervisor or co-signer.
    """

    span: Span
    start: int
    credentials: frozenset[str]
    shows_credential: bool
    signed_on: date | None
    date_span: Span | None
    is_supervisor: bool


def read_signatures(text: str) -> tuple[list[Signature], list[Span]]:
    """Signatures of clinicians, and the places where one should stand but does not (an empty line).

    Signatures of patients and on consents or plans are passed over.
    """
    signatures, empty = [], []
    for match in _SIGNED.finditer(text):
        if (
            _DATE_ONLY.search(match["lead"])
            or _OTHERS.search(match["lead"] + " " + match["word"])
            or _OTHERS.match(match["rest"].strip())
        ):
            continue
        stop = _block_end(text, match.end())
        block = text[match.end("word") : stop]
        # "Signature date" alone, or a line of underscores, is no signature.
        name = re.sub(
            r"(?i)\b(?:date|time|by|on|at|signature|credentials?|clinician|provider|therapist|the)\b",
            " ",
            match["rest"],
        )
        before = _NAME.search(match["lead"])
        above = (
            None
            if before or match["lead"].strip() or _FILLED.search(name)
            else _line_above(text, match.start())
        )
        if not _FILLED.search(name) and before:
            # "A. Name, LCSW (electronically signed 11/9/2026)": the name stands first.
            block = f"{match['lead'][before.start() :]} {block}"
        elif above:
            block = f"{text[above[0] : above[1]]} {block}"
        elif not _FILLED.search(name):
            # A label alone: the name may stand on the next line ("Electronically signed by:\nA. Name, LCSW").
            after = text[match.end() : stop].strip()
            if (
                not after
                or not _FILLED.search(re.sub(r"(?i)\b(?:date|signature|time)\b", " ", after))
                or "_" in match["rest"]
            ):
                empty.append((match.start("word"), match.end()))
                continue
        ours, shown = _credentials(block)
        first = match.start("lead") + before.start() if before else above[0] if above else match.start("word")
        day, place = _day(text, first, stop)
        signatures.append(
            Signature(
                span=(first, stop),
                start=first,
                credentials=ours,
                shows_credential=shown,
                signed_on=day,
                date_span=place,
                is_supervisor=_SUPERVISOR.search(match["lead"] + block) is not None,
            )
        )
    return signatures, empty


def _line_above(text: str, place: int) -> Span | None:
    """The line above when it holds a name: "A. Name, LCSW" over "Signed 11/9/2026"."""
    stop = place - 1
    first = text.rfind("\n", 0, max(stop, 0)) + 1
    found = _NAME.match(text[first:stop].strip()) if stop > 0 else None
    return (first, stop) if found else None


def _block_end(text: str, line_end: int) -> int:
    """A signature's block: its line and up to two more, to an empty line or the next signature."""
    stop = line_end
    for _ in range(2):
        following = text.find("\n", stop + 1)
        following = len(text) if following == -1 else following
        line = text[stop + 1 : following]
        another = _SIGNED.match(line)
        if stop >= len(text) or not line.strip() or (another and not _DATE_ONLY.search(another["lead"])):
            break
        stop = following
    return stop


def _credentials(block: str) -> tuple[frozenset[str], bool]:
    ours, shown = set(), False
    for word in _WORD.findall(block):
        plain = word.replace(".", "")
        letters = plain.replace("-", "").upper()
        # A credential is written in capitals (LCSW, PhD); "Ma" in a name is not one.
        if sum(letter.isupper() for letter in plain) < 2:
            continue
        known = canonical_credential(plain) or _SAME_CREDENTIAL.get(letters, "")
        if not known and "-" in plain:  # LPCC-S, LCSW-R: a level behind the licence
            known = canonical_credential(plain.partition("-")[0]) or _SAME_CREDENTIAL.get(
                letters.partition("-")[0], ""
            )
        if known:
            ours.add(known)
        shown = shown or bool(known) or letters in _OTHER_CREDENTIALS
    return frozenset(ours), shown


def _day(text: str, first: int, stop: int) -> tuple[date | None, Span | None]:
    for found in note_dates(text[first:stop]):
        return found.day, (found.span[0] + first, found.span[1] + first)
    return None, None


def days_late(signed_on: date, date_of_service: date, limit: int) -> int:
    """Days past the service when over the limit, else 0.

    Examples:
        >>> held = date(2026, 11, 9)
        >>> days_late(date(2026, 11, 30), held, 14), days_late(date(2026, 11, 10), held, 14)
        (21, 0)
    """
    gap = signed_on - date_of_service
    return gap.days if gap > timedelta(days=limit) else 0
