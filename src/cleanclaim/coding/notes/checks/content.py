"""What was treated, why, how, with which effect, and what comes next."""

from __future__ import annotations

from cleanclaim.coding.notes.context import Audit
from cleanclaim.coding.notes.model import spans_of

# Element of the lexicon -> finding when it is missing. Each concerns the services its requirement names.
ELEMENTS = (
    ("diagnosis", "notes.diagnosis_missing"),
    ("necessity", "notes.necessity_missing"),
    ("intervention", "notes.intervention_missing"),
    ("response", "notes.response_missing"),
    ("goal", "notes.goal_missing"),
    ("risk", "notes.risk_missing"),
    ("plan", "notes.plan_missing"),
    ("history", "notes.history_missing"),
    ("mental_status", "notes.mental_status_missing"),
    ("visit_content", "notes.visit_content_missing"),
    ("crisis_state", "notes.crisis_state_missing"),
    ("safety_plan", "notes.safety_plan_missing"),
    ("complexity", "notes.complexity_reason_missing"),
    ("tests", "notes.tests_missing"),
    ("consent_care", "notes.care_consent_missing"),
    ("scale", "notes.scale_missing"),
)


def check_content(audit: Audit) -> None:
    """Report each element that the services billed ask for and the note does not show."""
    for element, code in ELEMENTS:
        audit.require(element, code)
    left = audit.note.phrases("template")
    # A blank that another finding already shows, or an empty signature line, is not told twice.
    told = [*audit.empty_signatures, *(span for finding in audit.findings for span in spans_of(finding))]
    left = [span for span in left if not any(first <= span[0] <= last for first, last in told)]
    if left:
        audit.report("notes.template_left", left, count=len(left))
