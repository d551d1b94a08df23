"""Underpayments: each paid line against what was due, the difference named, collected into projects.

See docs/concepts/contracts.md.
"""

from cleanclaim.pricing.underpayment.comparing import allowed_of, compare_line, compare_lines
from cleanclaim.pricing.underpayment.projects import (
    OverpaymentClock,
    Project,
    Recovery,
    collect_projects,
    overpayment_clock,
    project_letter,
    project_rows,
    recognise_recovery,
)
from cleanclaim.pricing.underpayment.reading import observations, paid_lines
from cleanclaim.pricing.underpayment.records import LABELS, Kind, PaidLine, Verdict

__all__ = [
    "LABELS",
    "Kind",
    "OverpaymentClock",
    "PaidLine",
    "Project",
    "Recovery",
    "Verdict",
    "allowed_of",
    "collect_projects",
    "compare_line",
    "compare_lines",
    "observations",
    "overpayment_clock",
    "paid_lines",
    "project_letter",
    "project_rows",
    "recognise_recovery",
]
