"""Sessions come in: rows or a form become encounters, coded, priced, and built into claims.

`masters` reads what a practice has on file once per batch; `sessions` turns input into encounters;
`coding` asks the coding engine; `building` makes frozen claims and books charges; `checking` runs
the edits. Every step takes a whole batch: no query stands inside a loop over sessions.
"""

from cleanclaim_server.cycle.intake.checking import recheck_claims
from cleanclaim_server.cycle.intake.masters import Masters
from cleanclaim_server.cycle.intake.process import override_finding, process_encounters, sign_note
from cleanclaim_server.cycle.intake.sessions import (
    Intake,
    SessionInput,
    keep_session_file,
    record_sessions,
    resolve_session,
    take_in,
    take_sessions,
)

__all__ = [
    "Intake",
    "Masters",
    "SessionInput",
    "keep_session_file",
    "override_finding",
    "process_encounters",
    "recheck_claims",
    "record_sessions",
    "resolve_session",
    "sign_note",
    "take_in",
    "take_sessions",
]
