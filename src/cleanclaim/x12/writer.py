"""Write segments as X12 bytes: envelopes, counts and control numbers are computed here.

The writer knows no transaction set. It refuses what could not be read back: a delimiter or control
character inside data, an id that does not fit its fixed place. Callers that would rather lose a
character than a file pass free text through `clean_text` first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Literal

import msgspec

from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.x12.index import Delimiters

Element = str | tuple[str, ...] | list[str | tuple[str, ...]] | None
"""A value; a tuple is a composite; a list holds repetitions; None and '' are empty."""

_SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{1,2}\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_BLANKS = re.compile(r"\s+")
_ISA_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)

DEFAULT_DELIMITERS = Delimiters()


class WriteRefused(ValueError):
    """What was asked for cannot be written as valid X12; `findings` says why, one for each fault."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(f"{finding.message} [{finding.code}]" for finding in self.findings[:5]))


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends to whom, and how the bytes are to look.

    `control_number` is ISA13; `group_control_number` is GS06 of the first group, further groups of
    the file count up from it. `created_at` is local time of the sender: X12 carries no zone.
    `application_sender` and `application_receiver` (GS02, GS03) default to the ISA ids.
    """

    sender_id: str
    receiver_id: str
    control_number: int
    group_control_number: int
    created_at: datetime
    sender_qualifier: str = "ZZ"
    receiver_qualifier: str = "ZZ"
    application_sender: str = ""
    application_receiver: str = ""
    usage: str = "P"
    """ISA15: P production, T test."""
    ack_requested: bool = False
    delimiters: Delimiters = Delimiters()
    line_ends: bool = False
    """A line feed after each segment, for people; receivers ignore it."""
    unsafe_text: Literal["refuse", "clean"] = "refuse"
    """What becomes of a value that holds a delimiter or control character: `clean` means `clean_text`."""


class SetBody(msgspec.Struct, frozen=True):
    """One transaction without its ST and SE, which the writer adds."""

    set_id: str
    guide: str
    functional_id: str
    control_number: str
    segments: Iterable[tuple[Element, ...]]
    """Usually a list; what makes segments while it is gone through saves memory in very large answers."""
    st03: bool = True
    """Whether ST03 carries the guide; an 835 leaves it out."""


def write_x12(envelope: Envelope, sets: Sequence[SetBody], *, ta1s: Sequence[tuple[str, ...]] = ()) -> bytes:
    """Write one interchange.

    Args:
        envelope: Sender, receiver, numbers, delimiters.
        sets: Transactions in file order; neighbours of one functional id and guide share a group.
        ta1s: Whole TA1 segments (``("TA1", ...)``), written right after ISA.

    Returns:
        The bytes of the file, UTF-8.

    Raises:
        WriteRefused: With one finding for each value that cannot be written.

    Examples:
        >>> body = SetBody("999", "005010X231A1", "FA", "0001", [("AK1", "HC", "7")])
        >>> envelope = Envelope(sender_id="US", receiver_id="THEM", control_number=1,
        ...     group_control_number=5, created_at=datetime(2026, 11, 23, 9, 30))
        >>> write_x12(envelope, [body]).split(b"~")[1:4]
        [b'GS*FA*US*THEM*20261123*0930*5*X*005010X231A1', b'ST*999*0001*005010X231A1', b'AK1*HC*7']
    """
    pen = _Pen(envelope.delimiters, envelope.line_ends, clean=envelope.unsafe_text == "clean")
    _check_envelope(envelope, sets, pen)
    pen.interchange_header(envelope)
    for ta1 in ta1s:
        pen.segment(ta1)
    group_count = 0
    for (functional_id, guide), members in groupby(sets, key=lambda body: (body.functional_id, body.guide)):
        number = str(envelope.group_control_number + group_count)
        group_count += 1
        pen.segment(
            (
                "GS", functional_id,
                envelope.application_sender or envelope.sender_id.strip(),
                envelope.application_receiver or envelope.receiver_id.strip(),
                f"{envelope.created_at:%Y%m%d}", f"{envelope.created_at:%H%M}", number, "X", guide,
            )
        )  # fmt: skip
        set_count = 0
        for body in members:
            set_count += 1
            pen.set(body)
        pen.segment(("GE", str(set_count), number))
    pen.segment(("IEA", str(group_count), f"{envelope.control_number:09d}"))
    if pen.findings:
        raise WriteRefused(pen.findings)
    return bytes(pen.written)


def write_raw_interchange(
    isa: tuple[str, ...],
    groups: Sequence[tuple[tuple[str, ...], Sequence[SetBody]]],
    ta1s: Sequence[tuple[str, ...]],
    delimiters: Delimiters,
) -> bytes:
    """Write one interchange whose ISA and GS values are given, as they were read; trailers are computed.

    Args:
        isa: ISA01 to ISA16; 11 and 16 are replaced by what `delimiters` says.
        groups: GS01 to GS08 with the transactions of each group.
        ta1s: TA101 to TA105 of each TA1.
        delimiters: The marks to write with; an empty repetition separator keeps ISA11 as given.

    Raises:
        WriteRefused: With one finding for each value that cannot be written.
    """
    pen = _Pen(delimiters, False)
    fixed = [str(text) for text in isa]
    if len(fixed) != 16:
        pen.refuse(
            "x12.write.envelope", "ISA must have 16 elements.", "Give all of them.", Where(segment="ISA")
        )
        raise WriteRefused(pen.findings)
    fixed = [text.ljust(width)[:width] for text, width in zip(fixed, _ISA_WIDTHS, strict=True)]
    fixed[10] = delimiters.repetition or fixed[10]
    fixed[15] = delimiters.component
    for at, text in enumerate(fixed, 1):
        if at not in (11, 16) and pen.unsafe.search(text):
            pen._refuse_value("ISA", at, Where(segment="ISA"))
    pen.put(delimiters.element.join(("ISA", *fixed)))
    for ta1 in ta1s:
        pen.segment(("TA1", *ta1))
    for gs, sets in groups:
        pen.segment(("GS", *gs))
        for body in sets:
            pen.set(body)
        pen.segment(("GE", str(len(sets)), gs[5]))
    pen.segment(("IEA", str(len(groups)), fixed[12]))
    if pen.findings:
        raise WriteRefused(pen.findings)
    return bytes(pen.written)


def numbered(segments: Sequence[tuple[Element, ...]]) -> list[tuple[Element, ...]]:
    """Segments with HL and LX numbered as a transaction wants them.

    HL01 counts from 1; HL02 follows the number its parent had before; HL04 says whether a level follows
    below, where it was sent. LX01 counts from 1, anew in each claim (CLM).

    Examples:
        >>> numbered([("HL", "7", "", "20", "0"), ("HL", "9", "7", "22", "0"), ("CLM", "A"), ("LX", "5")])
        [('HL', '1', '', '20', '1'), ('HL', '2', '1', '22', '0'), ('CLM', 'A'), ('LX', '1')]
    """
    parents = {str(one[2]) for one in segments if one[0] == "HL" and len(one) > 2 and one[2]}
    new: dict[str, str] = {}
    lines = 0
    out: list[tuple[Element, ...]] = []
    for one in segments:
        if one[0] == "HL" and len(one) > 2:
            old = str(one[1])
            new[old] = str(len(new) + 1)
            child = ("1" if old in parents else "0",) if len(one) > 4 and one[4] else one[4:5]
            parent = new.get(str(one[2]), one[2]) if one[2] else ""
            out.append(("HL", new[old], parent, one[3], *child, *one[5:]))
            continue
        if one[0] == "CLM":
            lines = 0
        if one[0] == "LX":
            lines += 1
            one = ("LX", str(lines), *one[2:])
        out.append(one)
    return out


def clean_text(value: str, delimiters: Delimiters = DEFAULT_DELIMITERS) -> str:
    """Make free text safe to send: no delimiters, no control characters, plain ASCII, single blanks.

    Accents are folded (``José`` becomes ``Jose``); what has no ASCII form becomes a blank. Letter
    case is kept.

    Examples:
        >>> clean_text("  Muñoz~Peña*\\tLLC: ")
        'Munoz Pena LLC'
    """
    folded = unicodedata.normalize("NFKD", value)
    kept = []
    unsafe = _delimiter_characters(delimiters)
    for character in folded:
        if unicodedata.combining(character):
            continue
        if character in "‘’ʼ":
            character = "'"
        elif character in "‐‑‒–—":
            character = "-"
        kept.append(character if " " < character < "\x7f" and character not in unsafe else " ")
    return _BLANKS.sub(" ", "".join(kept)).strip()


def _delimiter_characters(delimiters: Delimiters) -> str:
    marks = (delimiters.element, delimiters.component, delimiters.repetition, delimiters.segment)
    return "".join(marks)


class _Pen:
    """Collects segments as text, and the findings about what could not be written."""

    def __init__(self, delimiters: Delimiters, line_ends: bool, *, clean: bool = False) -> None:
        self.delimiters = delimiters
        self.clean = clean
        self.end = delimiters.segment + ("\n" if line_ends and delimiters.segment not in "\r\n" else "")
        self.written = bytearray()
        self.findings: list[Finding] = []
        self.transaction = ""
        # Surrogates cannot be encoded; control characters are never data.
        marks = re.escape(_delimiter_characters(delimiters))
        self.unsafe = re.compile(rf"[{marks}\x00-\x1f\x7f\ud800-\udfff]")

    def put(self, text: str) -> None:
        """Write one segment without its terminator; what cannot be encoded has been refused before."""
        self.written += (text + self.end).encode("utf-8", "replace")

    def refuse(self, code: str, message: str, remedy: str, where: Where) -> None:
        if len(self.findings) < 100:
            self.findings.append(Finding(code, Severity.STOP, message, where, remedy=remedy))

    def interchange_header(self, envelope: Envelope) -> None:
        marks = envelope.delimiters
        header = marks.element.join(
            (
                "ISA", "00", " " * 10, "00", " " * 10,
                envelope.sender_qualifier, f"{envelope.sender_id:<15}",
                envelope.receiver_qualifier, f"{envelope.receiver_id:<15}",
                f"{envelope.created_at:%y%m%d}", f"{envelope.created_at:%H%M}",
                marks.repetition, "00501", f"{envelope.control_number:09d}",
                "1" if envelope.ack_requested else "0", envelope.usage, marks.component,
            )
        )  # fmt: skip
        self.put(header)

    def set(self, body: SetBody) -> None:
        """ST, the segments, SE with its count."""
        self.transaction = body.control_number
        self.segment(("ST", body.set_id, body.control_number, body.guide if body.st03 else ""), 1)
        position = 1
        for position, segment in enumerate(body.segments, 2):
            self.segment(segment, position)
        self.segment(("SE", str(position + 1), body.control_number))
        self.transaction = ""

    def segment(self, elements: Sequence[Element], position: int = 0) -> None:
        name = elements[0] if elements else ""
        place = Where(transaction=self.transaction, segment_index=position, segment=str(name or "")[:3])
        if not isinstance(name, str) or not _SEGMENT_ID.match(name):
            self.refuse(
                "x12.write.segment_id", "A segment has no valid id.", "Use two or three capitals.", place
            )
            return
        texts = [name, *(self._element(value, name, at, place) for at, value in enumerate(elements[1:], 1))]
        while texts and not texts[-1]:
            texts.pop()
        if len(texts) == 1:
            self.refuse("x12.write.empty_segment", f"Segment {name} has no element.", "Leave it out.", place)
        self.put(self.delimiters.element.join(texts))

    def _element(self, value: Element, name: str, at: int, place: Where) -> str:
        if not value:
            return ""
        if isinstance(value, str):
            if self.unsafe.search(value):
                if self.clean:
                    return clean_text(value, self.delimiters)
                self._refuse_value(name, at, place)
            return value
        if isinstance(value, tuple):
            return self._composite(value, name, at, place)
        repeats = [self._composite(one, name, at, place) if isinstance(one, tuple)
                   else self._element(one, name, at, place) for one in value]  # fmt: skip
        return self.delimiters.repetition.join(repeats)

    def _composite(self, components: Iterable[str | None], name: str, at: int, place: Where) -> str:
        texts = [component or "" for component in components]
        if any(map(self.unsafe.search, texts)):
            if self.clean:
                texts = [clean_text(text, self.delimiters) for text in texts]
            else:
                self._refuse_value(name, at, place)
        while texts and not texts[-1]:
            texts.pop()
        return self.delimiters.component.join(texts)

    def _refuse_value(self, name: str, at: int, place: Where) -> None:
        self.refuse(
            "x12.write.delimiter",
            f"{name}{at:02d} holds a delimiter or a control character, which would break the file.",
            "Remove the character, or choose other delimiters.",
            msgspec.structs.replace(place, element=f"{name}{at:02d}"),
        )


def _check_envelope(envelope: Envelope, sets: Sequence[SetBody], pen: _Pen) -> None:
    """What must hold before fixed-width places are filled."""

    def refuse(name: str, message: str, remedy: str) -> None:
        pen.refuse(
            "x12.write.envelope", message, remedy, Where(segment=name[:3].rstrip("0123456789"), element=name)
        )

    marks = _delimiter_characters(envelope.delimiters)
    if len(set(marks)) != 4 or any(mark.isalnum() or mark == " " or not mark.isascii() for mark in marks):
        refuse("ISA16", "The delimiters must be four different ASCII marks, none a letter, digit or blank.",
               "Choose others, such as * : ^ ~.")  # fmt: skip
    for name, text in (("ISA06", envelope.sender_id), ("ISA08", envelope.receiver_id)):
        if not text.strip() or len(text) > 15 or pen.unsafe.search(text) or not text.isascii():
            refuse(
                name, f"{name} must have 1 to 15 plain characters.", "Use the id the trading partner gave."
            )
    applications = (
        ("GS02", envelope.application_sender or envelope.sender_id.strip()),
        ("GS03", envelope.application_receiver or envelope.receiver_id.strip()),
    )
    for name, text in applications:
        if not 2 <= len(text) <= 15:
            refuse(name, f"{name} must have 2 to 15 characters.", "Use the id the trading partner gave.")
    for name, text in (("ISA05", envelope.sender_qualifier), ("ISA07", envelope.receiver_qualifier)):
        if not re.fullmatch(r"[A-Z0-9]{2}", text):
            refuse(
                name, f"{name} must be a two-character qualifier.", "Use ZZ, 01, 27, 28, 29, 30, 33 or 20."
            )
    if envelope.usage not in ("P", "T"):
        refuse("ISA15", "ISA15 must be P or T.", "Say whether the file is production or test.")
    if not 0 <= envelope.control_number <= 999_999_999:
        refuse(
            "ISA13", "The interchange control number must have at most nine digits.", "Start again from 1."
        )
    if not 0 < envelope.group_control_number <= 999_999_999:
        refuse("GS06", "The group control number must be 1 to 999999999.", "Start again from 1.")
    seen: set[tuple[str, str, str]] = set()
    for body in sets:
        if not re.fullmatch(r"[A-Za-z0-9]{4,9}", body.control_number):
            refuse("ST02", "ST02 must have four to nine letters or digits.", "Pad the number with zeros.")
        key = (body.functional_id, body.guide, body.control_number)
        if key in seen:
            refuse(
                "ST02", "Two transactions of one group carry the same ST02.", "Number them one after another."
            )
        seen.add(key)
