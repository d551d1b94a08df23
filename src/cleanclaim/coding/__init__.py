"""From session facts to codes, units, modifiers and place of service, with the reasons.

`code_session` answers for one session; `bands_for` draws the minutes that lead to each answer;
`read_session_rows` reads a session file. Families of services live in `families/`, what is checked
over a composed session in `checks/`, the closed list of refusals in `problems.py`.
"""

from cleanclaim.coding.bands import Band, bands_for, is_timed, psychotherapy_bands, services
from cleanclaim.coding.facts import SessionFacts
from cleanclaim.coding.pipeline import code_session
from cleanclaim.coding.result import CodedLine, CodingResult, Reason
from cleanclaim.coding.session_file import SessionRow, read_session_rows
from cleanclaim.coding.vocabulary import canonical_credential

__all__ = [
    "Band",
    "CodedLine",
    "CodingResult",
    "Reason",
    "SessionFacts",
    "SessionRow",
    "bands_for",
    "canonical_credential",
    "code_session",
    "is_timed",
    "psychotherapy_bands",
    "read_session_rows",
    "services",
]
