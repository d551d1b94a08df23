"""Psychotherapy notes and SUD counseling notes are refused before anything is kept, on every way in.

Files pass here inside `store_file`; what people type or upload passes `web.separate_notes` before any page
sees it. A refusal quotes nothing and is counted, no more: not the text, not its size, not its name.

X12 is looked at where clinicians' words can stand: the notes (NTE) of claims and the attachments (BDS, BIN)
of a 275. What payers say about such notes in their answers is theirs to say, and is read.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Iterator

import msgspec
from pypdf import PdfReader

from cleanclaim.coding.notes import refuse_separate_note
from cleanclaim.findings import Finding, Where

LOOKED_AT = 200_000
"""Characters of a file that are read for it: such notes say what they are at their head."""
_WORDS_OF = {"837": (b"NTE",), "275": (b"NTE", b"BDS", b"BIN")}
_SPLITS = {b"NTE": 2, b"BIN": 2, b"BDS": 3}
"""Marks before the words: what follows may hold the separator."""
_TAG = re.compile(r"<[^>]{0,2000}>")


class SeparateNoteRefused(ValueError):
    """A note that this product must not hold; `finding` says which kind, without a word of it."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(f"{finding.message} {finding.remedy} [{finding.code}]")
        self.finding = finding


def refused_text(text: str) -> Finding | None:
    """The refusal of a text, or None when it may go on."""
    return refuse_separate_note(text) if len(text) > 8 else None


def refused_bytes(data: bytes) -> Finding | None:
    """The refusal of a file, with the place where it is X12; None when it may go on."""
    start = data[:4096].lstrip()[:3]
    if start == b"%PD":
        return _refused_content(data, encoded=False)
    if start == b"ISA":
        return _refused_x12(data.lstrip())
    head = data[:LOOKED_AT]
    if start == b"TA1" or b"\x00" in head[:4096]:
        return None
    return _refused_head(head)


def refuse_bytes(data: bytes) -> None:
    """Let a file pass, or refuse it.

    Raises:
        SeparateNoteRefused: It is a note that must not be kept.
    """
    finding = refused_bytes(data)
    if finding is not None:
        raise SeparateNoteRefused(finding)


def _refused_head(head: bytes) -> Finding | None:
    for encoding in ("utf-8", "latin-1"):
        try:
            return refused_text(head.decode(encoding))
        except UnicodeDecodeError as error:
            if error.start > LOOKED_AT - 8:  # a character cut at the end
                return refused_text(head.decode("utf-8", "ignore"))
    return None


def _refused_x12(data: bytes) -> Finding | None:
    """The first segment with such a note. Files without notes and attachments cost one search each."""
    if len(data) < 106 or not any(mark in data for mark in (b"NTE", b"BDS", b"BIN")):
        return None
    element, end = data[3:4], data[105:106]
    kind, control, place = "", "", 0
    for raw in _segments(data, element, end):
        name, *values = raw.split(element, _SPLITS.get(raw[:3], -1))
        place += 1
        if name == b"ST":
            kind, control, place = values[0].decode("latin-1"), values[1].decode("latin-1"), 1
            continue
        if name not in _WORDS_OF.get(kind, ()):
            continue
        told = values[1] if name == b"NTE" and len(values) > 1 else values[-1] if values else b""
        finding = _refused_content(told, encoded=name == b"BDS" and values[:1] == [b"B64"])
        if finding is not None:
            segment = name.decode("latin-1")
            where = Where(transaction=control, segment_index=place, segment=segment)
            words = f"{finding.message.rstrip('.')}. It stands in the {segment} of segment {place}."
            return msgspec.structs.replace(finding, where=where, message=words)
    return None


def _segments(data: bytes, element: bytes, end: bytes) -> Iterator[bytes]:
    """Segments in order. BIN and BDS say how long they are, so that their bytes may hold any mark."""
    at = 0
    while at < len(data):
        stop = data.find(end, at)
        stop = len(data) if stop == -1 else stop
        while data[at : at + 1] in (b"\r", b"\n"):
            at += 1
        if data[at : at + 3] in (b"BIN", b"BDS"):
            parts = data[at : at + 60].split(element, 3)[: _SPLITS[data[at : at + 3]]]
            words = at + sum(len(part) + 1 for part in parts)
            if parts[-1].isdigit() and words + int(parts[-1]) <= len(data):  # bytes
                stop = data.find(end, words + int(parts[-1]))
                stop = len(data) if stop == -1 else stop
        if segment := data[at:stop].strip(b"\r\n"):
            yield segment
        at = stop + 1


def _refused_content(data: bytes, *, encoded: bool) -> Finding | None:
    """The refusal of what a segment carries: text, marked-up text, or a PDF with text."""
    if encoded:
        try:
            data = base64.b64decode(data, validate=False)
        except (binascii.Error, ValueError):
            return None
    if data.startswith(b"%PDF"):
        try:
            pages = PdfReader(io.BytesIO(data)).pages
            text = "\n".join(page.extract_text() for page in list(pages)[:5])
        except Exception:  # damaged: whoever reads it will say so; here it only cannot be told
            return None
        return refused_text(text)
    head = data[:LOOKED_AT]
    if b"<" in head[:200]:
        head = _TAG.sub("\n", head.decode("utf-8", "replace")).encode()
    return _refused_head(head)
