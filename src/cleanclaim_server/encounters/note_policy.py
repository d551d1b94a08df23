"""Which findings of the note audit hold a claim: a policy of each practice."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from cleanclaim.findings import Severity
from cleanclaim_server.practice.actions import save_policy
from cleanclaim_server.practice.models import Practice

SETTING = "notes"


class Holds(StrEnum):
    """How far the audit of a note reaches."""

    NOTHING = "nothing"
    STOPS = "stops"
    ALL = "all"

    @property
    def severities(self) -> frozenset[str]:
        """Severities of findings that hold a claim."""
        return {
            Holds.NOTHING: frozenset(),
            Holds.STOPS: frozenset({Severity.STOP.value}),
            Holds.ALL: frozenset({Severity.STOP.value, Severity.OVERRIDE.value}),
        }[self]


DEFAULT_SOURCES = ("noridian_smrc_01_106", "fcso_psychotherapy_checklist")
"""What the default rests on: reviewers who denied psychotherapy for what its notes did not show."""


class NotePolicy(msgspec.Struct, frozen=True):
    """A practice's policy of note audits, as its settings keep it.

    Attributes:
        holds: By default what stops: a contradiction with the code or the session, or what a source that was
            read asks of this kind of payer. A person may release either with a reason; the audit reads
            words, and can miss them.
    """

    holds: Holds = Holds.STOPS


def note_policy(practice: Practice) -> NotePolicy:
    """The practice's policy; what it does not say is the default."""
    return msgspec.convert(practice.settings.get(SETTING, {}), NotePolicy)


def save_note_policy(practice: Practice, policy: NotePolicy) -> None:
    """Keep a practice's policy of note audits; its other settings stay. Claims follow at their next check."""
    save_policy(practice, SETTING, policy)
