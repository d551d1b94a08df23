"""Procedure modifiers used in behavioral health, and those of state credential programmes."""

from __future__ import annotations

from datetime import date

import msgspec

from cleanclaim.codesets.table import CodeNotKnown, day, in_force, load, pick


class Modifier(msgspec.Struct, frozen=True):
    """One modifier. `category` is edit, telehealth, credential, program, state, …"""

    code: str
    label: str
    category: str
    use_rule: str
    payer_scope: str
    effective_from: date | None
    effective_to: date | None
    source: str
    confidence: str


class CredentialModifier(msgspec.Struct, frozen=True):
    """What a state programme wants beside a code for a credential, in the programme's own words."""

    state: str
    payer_kind: str
    credential: str
    modifier: str
    note: str
    effective_from: date | None
    effective_to: date | None
    citation: str
    confidence: str


def _build(row: dict[str, str]) -> Modifier:
    return Modifier(
        row["modifier"],
        row["plain_label"],
        row["category"],
        row["use_rule"],
        row["payer_scope"],
        day(row["effective_from"]),
        day(row["effective_to"]),
        row["source"],
        row["confidence"],
    )


def _build_credential(row: dict[str, str]) -> CredentialModifier:
    return CredentialModifier(
        row["state"],
        row["payer_kind"],
        row["credential"],
        row["modifier"],
        row["note"],
        day(row["effective_from"]),
        day(row["effective_to"]),
        row["citation"],
        row["confidence"],
    )


def lookup(code: str, on: date) -> Modifier:
    """The modifier in force on a date.

    Raises:
        CodeNotKnown: Not in our table on that date.
    """
    found = pick(load("modifiers", _build, "modifier"), code, on)
    if found is None:
        raise CodeNotKnown("modifiers", code, on)
    return found


def credential_modifiers(state: str, on: date) -> tuple[CredentialModifier, ...]:
    """What the programmes of a state want on a date, in file order; empty when we hold nothing."""
    rows = load("state_credential_modifiers", _build_credential, "state")
    return tuple(row for row in rows.get(state, ()) if in_force(row, on))
