"""Profiles: what one payer or one use relaxes or tightens, as rows of data.

A profile changes the severity of a finding, or leaves it out. It never invents one: what the guide does
not check, no profile can ask for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import msgspec

from cleanclaim.findings import Finding, Severity
from cleanclaim_data.loader import read_csv


class Change(msgspec.Struct, frozen=True):
    """What becomes of a finding. `severity` None leaves it out; `ack` answers one that now stops."""

    severity: Severity | None
    ack: dict[str, str] = {}


class Profile(msgspec.Struct, frozen=True):
    """Changes by finding code, or by (code, rule) for one situational rule.

    Examples:
        >>> quiet = Profile("quiet", {("x12.element.trailing_blanks", ""): Change(None)})
        >>> quiet.apply([Finding("x12.element.trailing_blanks", Severity.TELL, "Padded.")])
        []
    """

    name: str
    changes: Mapping[tuple[str, str], Change]

    def apply(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings as this profile sees them, in order."""
        kept = []
        for finding in findings:
            change = self.changes.get((finding.code, str(finding.facts.get("rule", "")))) or self.changes.get(
                (finding.code, "")
            )
            if change is None:
                kept.append(finding)
            elif change.severity is not None:
                ack = finding.ack or (change.ack if change.severity.stops else {})
                kept.append(msgspec.structs.replace(finding, severity=change.severity, ack=ack))
        return kept


@cache
def load_profile(name: str) -> Profile:
    """A profile of ``x12/profiles.csv``.

    Raises:
        LookupError: There is none of that name.
    """
    changes = {}
    for row in read_csv("x12/profiles.csv"):
        if row["profile"] == name:
            severity = None if row["severity"] == "off" else Severity(row["severity"])
            ack = {key: row[key] for key in ("ik3", "ik4") if row[key]}
            changes[row["code"], row["rule"]] = Change(severity, ack)
    if not changes:
        raise LookupError(name)
    return Profile(name, changes)


def profile_names() -> tuple[str, ...]:
    """The profiles that there are."""
    return tuple(dict.fromkeys(row["profile"] for row in read_csv("x12/profiles.csv")))
