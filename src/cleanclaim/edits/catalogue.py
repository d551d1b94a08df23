"""The catalogue page, generated: ``python -m cleanclaim.edits.catalogue > docs/reference/edits.md``."""

from __future__ import annotations

import re
import sys

from cleanclaim.edits.model import Edit
from cleanclaim.edits.prevention import prevention_page
from cleanclaim.edits.registry import all_edits
from cleanclaim.findings import Severity

GROUPS = (
    "Claim",
    "Providers",
    "Subscriber and payer",
    "Dates",
    "Codes",
    "Modifiers",
    "Place and telehealth",
    "Diagnoses",
    "Credentials",
    "Coverage",
    "Coordination of benefits",
    "Authorization",
    "Disclosure",
    "History",
    "Timely filing",
    "Programmes",
)
_SEVERITY = {
    Severity.STOP: "stop",
    Severity.OVERRIDE: "stop unless overridden",
    Severity.TELL: "tell",
}


def catalogue() -> str:
    """The whole page as Markdown."""
    edits = all_edits()
    parts = [
        "# Claim edits",
        "",
        f"Generated from the code; do not edit by hand. {len(edits)} edits. *Prevents* names the "
        "reason codes (CARC) of the denials that an edit keeps from happening; where it is empty, the claim "
        "would be rejected before anybody decides on it. *Needs* names what must be known beside the claim.",
    ]
    for group in GROUPS:
        parts += ["", f"## {group}", ""]
        for edit in (edit for edit in edits if edit.group == group):
            parts += _entry(edit)
    return "\n".join([*parts, "", *prevention_page()]) + "\n"


def _entry(edit: Edit) -> list[str]:
    sources = "; ".join(f"{source.id}, {source.at}" if source.at else source.id for source in edit.sources)
    facts = [f"severity: {_SEVERITY[edit.severity]}"]
    if edit.claims != "any":
        facts.append(f"{edit.claims} claims")
    if edit.prevents:
        facts.append("prevents: " + ", ".join(edit.prevents))
    if edit.needs:
        facts.append("needs: " + ", ".join(sorted(edit.needs)))
    message = re.sub(
        r"\{(\w+)\}",
        lambda found: f"‹{found.group(1).removesuffix('_cents').replace('_', ' ')}›",
        edit.message,
    )
    return [
        f"### {edit.title}",
        "",
        f"`{edit.id}` · " + " · ".join(facts),
        "",
        f"{message} {_plain(edit.remedy)}",
        "",
        f"Source: {sources}.",
        "",
    ]


def _plain(text: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: f"‹{found.group(1).replace('_', ' ')}›", text)


if __name__ == "__main__":
    sys.stdout.write(catalogue())
