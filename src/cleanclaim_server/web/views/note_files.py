"""The text of a note that somebody uploads: plain text, or a PDF that holds text. Nothing is kept."""

from __future__ import annotations

import io
from typing import BinaryIO

from pypdf import PdfReader
from pypdf.errors import PyPdfError

LARGEST_FILE = 5_000_000
MOST_PAGES = 40
PASTE = "Paste the text instead."


class NoteUnreadable(ValueError):
    """The file holds no text that we can read; the words say what to do instead."""


def read_note(upload: BinaryIO) -> str:
    """The text of an uploaded note.

    Raises:
        NoteUnreadable: Word files, pictures, locked or scanned PDFs, and what is too large.
    """
    data = upload.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise NoteUnreadable(f"The file has more than {LARGEST_FILE // 1_000_000} MB. {PASTE}")
    if data.startswith(b"%PDF"):
        return _pdf(data)
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise NoteUnreadable(
            f"Word files are not read. Save the note as PDF or plain text, or: {PASTE.lower()}"
        )
    if data.startswith(b"{\\rtf"):
        raise NoteUnreadable(f"Rich text (RTF) is not read. Save it as plain text, or: {PASTE.lower()}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NoteUnreadable(
            f"The file is neither plain text (UTF-8) nor a PDF; pictures are not read. {PASTE}"
        ) from None


def _pdf(data: bytes) -> str:
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise NoteUnreadable(f"The PDF is locked with a password. {PASTE}")
        if len(reader.pages) > MOST_PAGES:
            raise NoteUnreadable(f"The PDF has {len(reader.pages)} pages. Give the note of one session.")
        text = "\n".join(page.extract_text() for page in reader.pages)
    except NoteUnreadable:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        # What pypdf raises on damaged files is not one family.
        raise NoteUnreadable(f"The PDF is damaged ({type(error).__name__}). {PASTE}") from None
    if not text.strip():
        raise NoteUnreadable(f"The PDF is a picture of paper: it holds no text. {PASTE}")
    return text
