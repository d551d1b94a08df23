"""The closed lists of the claim's state axes. A claim has several states, not one."""

from __future__ import annotations

from django.db.models import TextChoices


class Lifecycle(TextChoices):
    """Where the claim is in our hands."""

    DRAFT = "draft", "Draft"
    HELD = "held", "Held"
    READY = "ready", "Ready to send"
    QUEUED = "queued", "In a batch"
    SENT = "sent", "Sent"
    UNSURE = "unsure", "Unsure whether it left"
    CLOSED = "closed", "Closed"


class PayerState(TextChoices):
    """The last thing said about the claim by those who received it."""

    NONE = "none", "Not sent"
    WAITING = "waiting", "No answer yet"
    FILE_ACCEPTED = "file_accepted", "File accepted"
    REJECTED_FILE = "rejected_file", "Rejected: file"
    ACCEPTED_CLEARINGHOUSE = "accepted_clearinghouse", "Accepted by the clearinghouse"
    REJECTED_CLEARINGHOUSE = "rejected_clearinghouse", "Rejected by the clearinghouse"
    ACCEPTED_PAYER = "accepted_payer", "Accepted by the payer"
    REJECTED_PAYER = "rejected_payer", "Rejected by the payer"
    PENDING = "pending", "Pending at the payer"
    PAID = "paid", "Paid"
    PARTLY_PAID = "partly_paid", "Partly paid"
    DENIED = "denied", "Denied"
    PATIENT_SHARE = "patient_share", "Patient share only"
    REVERSED = "reversed", "Reversed"


REJECTED = frozenset({PayerState.REJECTED_FILE, PayerState.REJECTED_CLEARINGHOUSE, PayerState.REJECTED_PAYER})
ADJUDICATED = frozenset(
    {
        PayerState.PAID,
        PayerState.PARTLY_PAID,
        PayerState.DENIED,
        PayerState.PATIENT_SHARE,
        PayerState.REVERSED,
    }
)

# A later answer of a lower rung never overrides a higher one: a clearinghouse's acceptance does not
# undo a payer's rejection.
RUNG = {
    PayerState.NONE: 0,
    PayerState.WAITING: 1,
    PayerState.FILE_ACCEPTED: 2,
    PayerState.REJECTED_FILE: 2,
    PayerState.ACCEPTED_CLEARINGHOUSE: 3,
    PayerState.REJECTED_CLEARINGHOUSE: 3,
    PayerState.ACCEPTED_PAYER: 4,
    PayerState.REJECTED_PAYER: 4,
    PayerState.PENDING: 5,
    PayerState.PAID: 6,
    PayerState.PARTLY_PAID: 6,
    PayerState.DENIED: 6,
    PayerState.PATIENT_SHARE: 6,
    PayerState.REVERSED: 6,
}


class HoldCause(TextChoices):
    """Why we stopped a claim."""

    UNSIGNED_NOTE = "unsigned_note", "The note is not signed"
    EDIT = "edit", "Stopped by an edit"
    OVERRIDE = "override", "An edit asks for a person's reason"
    NO_PRICE = "no_price", "No price for a code"
    NO_COVERAGE = "no_coverage", "No coverage on the date of service"
    MANUAL = "manual", "Held by a person"
    REJECTED = "rejected", "Rejected, not yet fixed"
    PRIMARY_PENDING = "primary_pending", "Waits for the primary payer"
    CROSSOVER = "crossover", "The primary payer forwards it"


class EventKind(TextChoices):
    """What happened to a claim; the timeline."""

    BUILT = "built", "Claim built"
    EDITED = "edited", "Edits ran"
    HELD = "held", "Held"
    RELEASED = "released", "Hold released"
    QUEUED = "queued", "Put in a batch"
    SENT = "sent", "Sent"
    UNSURE = "unsure", "Unsure whether it left"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    REJECTED = "rejected", "Rejected"
    STATUS = "status", "Status"
    ADJUDICATED = "adjudicated", "Adjudicated"
    POSTED = "posted", "Posted"
    UNDONE = "undone", "Posting undone"
    NEXT_PAYER = "next_payer", "Next payer billed"
    CORRECTED = "corrected", "Corrected claim built"
    PATIENT_PAID = "patient_paid", "Patient paid"
    NOTE = "note", "Note"


class ActorKind(TextChoices):
    """Who did it; drawn as a shape."""

    PERSON = "person", "Person"
    RULE = "rule", "Rule"
    PAYER = "payer", "Payer"
    CLEARINGHOUSE = "clearinghouse", "Clearinghouse"
    BANK = "bank", "Bank"
