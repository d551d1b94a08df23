"""Name what a file is when it is not X12, so that the message helps."""

from __future__ import annotations

_BY_FIRST_BYTES = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive or an office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"II*\x00", "a picture"),
    (b"UNA", "EDIFACT"),
    (b"UNB", "EDIFACT"),
    (b"MSH|", "HL7 version 2"),
    (b"-----BEGIN", "an encrypted or signed message"),
    (b"{", "JSON"),
    (b"[", "JSON"),
    (b"<", "XML or HTML"),
    (b"GS*", "X12 without its ISA segment"),
    (b"ST*", "X12 without its ISA and GS segments"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
)


def wrong_encoding(data: bytes) -> str:
    """Name the encoding of data that is not one byte a character; `''` when it may be X12 as it is.

    Examples:
        >>> wrong_encoding("ISA*00*".encode("utf-16")), wrong_encoding(b"ISA*00*")
        ('UTF-16', '')
    """
    if data[:4] in (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff") or data[:8] == b"I\0\0\0S\0\0\0":
        return "UTF-32"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:6] in (b"I\0S\0A\0", b"\0I\0S\0A"):
        return "UTF-16"
    if data[:3] == b"\xc9\xe2\xc1":
        return "EBCDIC"
    return ""


def looks_like(data: bytes) -> str:
    """Say what a file that holds no ISA segment looks like.

    Examples:
        >>> looks_like(b"%PDF-1.7"), looks_like(b"a,b\\n1,2\\n3,4\\n"), looks_like(bytes(range(8)))
        ('a PDF document', 'a CSV table', 'binary data')
    """
    start = data[:4096].lstrip()
    for mark, name in _BY_FIRST_BYTES:
        if start.startswith(mark):
            return name
    if sum(byte < 32 and byte not in b"\t\r\n\x1c\x1d\x1e\x1f" for byte in start) > len(start) // 20:
        return "binary data"
    lines = start.splitlines()[:5]
    if len(lines) > 1 and min(line.count(b",") for line in lines) > 0:
        return "a CSV table"
    return "text without segments"
