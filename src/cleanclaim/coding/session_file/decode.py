"""From bytes to text: is this a text file at all, and in which encoding?"""

from __future__ import annotations

from cleanclaim.findings import Finding, Severity

_KINDS = (
    (b"PK\x03\x04", "a spreadsheet or ZIP archive", "Save the sheet as CSV (UTF-8) and give that file."),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet (.xls)", "Save the sheet as CSV (UTF-8) and give that file."),
    (b"\x1f\x8b", "a compressed file (.gz)", "Unpack it and give the CSV inside."),
    (b"%PDF", "a PDF", "Export the sessions as CSV from the system that made the PDF."),
    (b"{", "a JSON file", "Export the sessions as CSV."),
    (b"[", "a JSON file", "Export the sessions as CSV."),
    (b"<", "a web page or XML file", "Export the sessions as CSV."),
)
_SNIFFED = 4_096


def whole_file(code: str, message: str, remedy: str, **facts: object) -> Finding:
    """A finding that refuses the file."""
    return Finding(f"sessions.{code}", Severity.STOP, message, facts=dict(facts), remedy=remedy)


def _wrong_kind(data: bytes) -> Finding | None:
    start = data[:_SNIFFED].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"ISA") and len(start) > 3 and not start[3:4].isalnum() and start[3:4] != b",":
        return whole_file(
            "wrong_kind",
            "This is an X12 file (it begins with ISA), not a session file.",
            "Read X12 with `cleanclaim x12 show`, or import a remittance as a remittance.",
            seen="X12",
        )
    for magic, kind, remedy in _KINDS:
        if start.startswith(magic):
            return whole_file("wrong_kind", f"This is {kind}, not a session file.", remedy, seen=kind)
    return None


def _utf16_without_mark(data: bytes) -> str:
    """Latin text in UTF-16 has a zero in nearly every second byte."""
    sample = data[:_SNIFFED]
    pairs = max(1, len(sample) // 2)
    if sample[1::2].count(0) > pairs * 0.7:
        return "utf-16-le"
    if sample[0::2].count(0) > pairs * 0.7:
        return "utf-16-be"
    return ""


def decode(data: bytes, max_bytes: int) -> tuple[str | None, list[Finding]]:
    """The text of a session file, or None with the finding that refuses it.

    UTF-8 (with or without its mark) and UTF-16 are read; anything else that is text is read as
    Windows-1252 and said to be so.
    """
    if len(data) > max_bytes:
        return None, [
            whole_file(
                "too_large",
                f"The file has {len(data):,} bytes; at most {max_bytes:,} are read at once.",
                "Split it by month or by practice and give the parts one after the other.",
                bytes=len(data),
                limit=max_bytes,
            )
        ]
    if not data.strip():
        return None, [
            whole_file("empty", "The file is empty.", "Export the sessions again.", bytes=len(data))
        ]
    wrong = _wrong_kind(data)
    if wrong is not None:
        return None, [wrong]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(data, "utf-16")
    guessed = _utf16_without_mark(data)
    if guessed:
        return _strictly(data, guessed)
    if b"\x00" in data:
        return None, [_binary()]
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    text = data.decode("cp1252", errors="replace")
    note = Finding(
        "sessions.encoding_guessed",
        Severity.TELL,
        f"The file is not UTF-8 (first other byte on line {line}); it was read as Windows-1252.",
        facts={"line": line},
        remedy="Check accented letters, or save the file as CSV UTF-8.",
    )
    return text, [note]


def _strictly(data: bytes, encoding: str) -> tuple[str | None, list[Finding]]:
    try:
        return data.decode(encoding).removeprefix("\ufeff"), []
    except UnicodeDecodeError:
        return None, [_binary()]


def _binary() -> Finding:
    return whole_file(
        "encoding_unreadable",
        "The file is not readable text.",
        "Save it as CSV UTF-8 and give that file.",
    )
