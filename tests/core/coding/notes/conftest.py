"""The labelled notes: read once, audited as their labels say."""

from __future__ import annotations

from datetime import time
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
import yaml

from cleanclaim.coding import SessionFacts
from cleanclaim.coding.notes import DaySession, NoteAudit, OtherNote, audit_note

FOLDER = Path(__file__).resolve().parents[3] / "files" / "notes"


class Labelled(NamedTuple):
    """One note with its session and what is wrong with it."""

    name: str
    text: str
    expected: tuple[str, ...]
    audit: NoteAudit


def facts_of(row: dict[str, Any]) -> SessionFacts:
    """The session of a label."""
    plain = {key: value for key, value in row.items() if key not in ("codes", "state")}
    plain |= {key: f"{plain[key]}:00" for key in ("start_time", "stop_time") if key in plain}
    return msgspec.convert(plain, SessionFacts, strict=False)


@cache
def labelled() -> tuple[Labelled, ...]:
    """Every labelled note, audited."""
    document = yaml.load((FOLDER / "labels.yaml").read_text(), Loader=yaml.BaseLoader)
    found = []
    for row in document["notes"]:
        session = {**document["sessions"][row["session"]], **row.get("facts", {})}
        text = (FOLDER / row["file"]).read_text()
        audit = audit_note(
            text,
            facts_of(session),
            session["codes"],
            state=session.get("state", ""),
            other_notes=[OtherNote(name, (FOLDER / name).read_text()) for name in row.get("others", ())],
            day_sessions=[
                DaySession(name, time.fromisoformat(start), time.fromisoformat(stop))
                for name, start, stop in row.get("day", ())
            ],
        )
        name = row.get("name", row["file"].removesuffix(".txt"))
        found.append(Labelled(name, text, tuple(row["expect"]), audit))
    return tuple(found)


@pytest.fixture(scope="session")
def notes() -> tuple[Labelled, ...]:
    return labelled()
