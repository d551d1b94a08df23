"""Which denials of the playbook an edit keeps from happening, and why none does for the rest."""

from __future__ import annotations

from cleanclaim.denials.playbook import PlaybookRow, playbook
from cleanclaim.edits.model import Edit
from cleanclaim.edits.registry import all_edits

BEYOND_EDITS: dict[str, str] = {
    "257": "premium grace is known to the exchange plan alone; its answers may say it, no claim does",
    "258": "custody is asked at intake and stands on no claim",
    "39": "a refusal before care is worked as a request, before there is a claim",
    "210": "when a payer was notified stands on no claim",
    "243": "whether a plan wants a referral is not on file; a recorded referring provider is sent",
    "55": "what a payer calls experimental is decided by its policy and asked for as an authorization",
    "227": "what the payer waits for is asked of the member, not told by the claim",
    "B11": "the payer forwards the claim itself",
    "122": "a reduction of the plan is contested after the answer (parity)",
    "60": "an inpatient stay elsewhere is not known before the answer",
    "147": "rates and contract terms are compared when the payer has answered",
    "193": "an upheld decision answers an appeal",
    "285": "an appeal's path and time are kept in the denial's work",
    "216": "a review chooses its claims itself",
    "A1": "the answer names no fault; the payer has to say one",
    "19": "causes of an accident are not recorded with mental-health sessions",
    "275": "the plan's own rule; the next payer's share is known from its answer",
    "303": "a QMB's share is told by the answer, and kept from the patient",
    "142": "the month's liability is told by the answer",
}
"""A reason code of each playbook row that no edit names -> why the claim does not show it before sending."""


def edits_against(row: PlaybookRow) -> tuple[Edit, ...]:
    """Edits that keep a denial of this row from happening, by the reason codes that they name."""
    return tuple(edit for edit in all_edits() if set(edit.prevents) & set(row.carcs))


def why_none(row: PlaybookRow) -> str:
    """Why no edit prevents a row; empty when one does, or when nobody has said why."""
    if edits_against(row):
        return ""
    return next((BEYOND_EDITS[carc] for carc in row.carcs if carc in BEYOND_EDITS), "")


def prevention_page() -> list[str]:
    """The joined table as lines of Markdown: each row of the playbook with its edits, or why none."""
    lines = ["## Denials of the playbook and their edits", ""]
    lines += ["| reason codes | denial | edits, or why none |", "| --- | --- | --- |"]
    for row in playbook():
        named = ", ".join(f"`{edit.id.removeprefix('edits.')}`" for edit in edits_against(row))
        codes = ", ".join(row.carcs)
        lines.append(f"| {codes} | {row.root_cause} | {named or f'none: {why_none(row)}'} |")
    return lines
