"""The words of the product for states, fixed in one place: one state, one word, one tone, one icon.

*Rejected* never reached adjudication; *denied* did. *Held* is ours; the payer never "holds".
Keys are the values that the models store, by axis.
"""

from __future__ import annotations

from typing import NamedTuple


class Word(NamedTuple):
    """How a state is said: the word, its tone (a badge class), its icon, and a shorter word for lists."""

    text: str
    tone: str = ""
    icon: str = ""
    short: str = ""  # in lists, where the column says the rest


SEVERITY = {
    "stop": Word("Stop", "stop", "octagon-x"),
    "stop_unless_overridden": Word("Override", "override", "triangle-alert"),
    "override": Word("Override", "override", "triangle-alert"),
    "tell": Word("Tell", "tell", "info"),
    "ok": Word("Fixed by rule", "ok", "circle-check"),
    "known": Word("Known", "", "history"),
}

STATES: dict[str, dict[str, Word]] = {
    "claim": {
        "draft": Word("Draft"),
        "held": Word("Held", "", "pause"),
        "ready": Word("Ready", "accent"),
        "queued": Word("In a batch", "accent", "layers"),
        "sent": Word("Sent", "accent", "send"),
        "unsure": Word("Unsure whether it left", "override", "circle-alert", "Unsure"),
        "closed": Word("Closed", "line"),
    },
    "payer": {
        "none": Word("Not sent", "line"),
        "waiting": Word("No answer yet", "tell", "hourglass"),
        "file_accepted": Word("File accepted", "tell", "check"),
        "rejected_file": Word("Rejected: file", "override", "unplug", "Rejected"),
        "accepted_clearinghouse": Word("Accepted by the clearinghouse", "ok", "check", "Accepted"),
        "rejected_clearinghouse": Word("Rejected by the clearinghouse", "override", "unplug", "Rejected"),
        "accepted_payer": Word("Accepted by the payer", "ok", "check", "Accepted"),
        "rejected_payer": Word("Rejected by the payer", "override", "unplug", "Rejected"),
        "pending": Word("Pending at the payer", "tell", "hourglass", "Pending"),
        "silent": Word("Payer silent", "override", "hourglass"),
        "paid": Word("Paid", "ok", "check"),
        "partly_paid": Word("Partly paid", "ok", "split"),
        "denied": Word("Denied", "stop", "gavel"),
        "patient_share": Word("Patient share only", "ok", "user-check", "Patient share"),
        "reversed": Word("Reversed", "override", "undo-2"),
    },
    "refund": {
        "asked": Word("Waits for approval", "tell", "hourglass"),
        "sent": Word("Sent", "ok", "check"),
        "declined": Word("Not approved", "line"),
        "voided": Word("Taken back", "override", "undo-2"),
    },
    "remittance": {
        "unassigned": Word("No practice of ours", "override", "circle-help"),
        "held": Word("Held: does not balance", "stop", "pause"),
        "quarantined": Word("Same payment, other content", "stop", "copy"),
        "ready": Word("Balanced, not posted", "accent", "scale"),
        "posted": Word("Posted", "ok", "check"),
        "undone": Word("Posting undone", "", "undo-2"),
        "moved": Word("Moved to another practice", "", "shuffle"),
        "duplicate": Word("Already posted", "line", "copy"),
    },
    "file": {
        "stored": Word("Kept, not read yet", "tell", "hourglass"),
        "read": Word("Read", "ok", "check"),
        "findings": Word("Read, with findings", "override", "triangle-alert"),
        "unreadable": Word("Could not be read", "stop", "octagon-x"),
        "duplicate": Word("Same bytes as an earlier file", "line", "copy"),
    },
    "transfer": {
        "queued": Word("Waiting to leave", "accent", "clock"),
        "sending": Word("Leaving", "accent", "send"),
        "sent": Word("Sent", "ok", "send"),
        "unsure": Word("Unsure whether it left", "override", "circle-alert"),
        "failed": Word("Did not leave", "stop", "octagon-x"),
    },
    "ack": {
        "accepted": Word("Accepted", "ok", "check"),
        "errors": Word("Accepted, with errors", "override", "triangle-alert"),
        "rejected": Word("Rejected", "override", "unplug"),
        "pending": Word("Pending", "tell", "hourglass"),
        "information": Word("Information", "tell", "info"),
        "waiting": Word("No answer yet", "tell", "hourglass"),
    },
    "session": {
        "open": Word("Not coded yet", "line"),
        "coded": Word("Coded", "accent", "check"),
        "refused": Word("Stop: cannot be coded", "stop", "octagon-x"),
        "charged": Word("Claim built", "ok", "file-check"),
        "not_billable": Word("Not billable", "line", "ban"),
        "void": Word("Void", "line", "ban"),
        "unsigned": Word("Note not signed", "override", "pencil"),
        "signed": Word("Note signed", "ok", "file-check"),
    },
    "episode": {
        "open": Word("In the programme", "accent", "check"),
        "ended": Word("Ended", "line"),
    },
    "denial": {
        "open": Word("Denied", "stop", "gavel"),
        "working": Word("In work", "accent", "pencil"),
        "won": Word("Won", "ok", "check"),
        "lost": Word("Lost", "line", "x"),
        "written_off": Word("Written off", "line", "ban"),
        "reversed": Word("Reversed by the payer", "", "undo-2"),
    },
    "goal": {
        "met": Word("At goal", "ok", "check"),
        "near": Word("Near", "override", "triangle-alert"),
        "missed": Word("Off goal", "stop", "octagon-x"),
        "few": Word("Too few cases", "", "circle-dashed"),
        "none": Word("No value", "", "circle-dashed"),
        "immature": Word("Not settled yet", "", "hourglass"),
    },
    "severity": SEVERITY,
}

ACTORS = {
    "person": "Person",
    "rule": "Rule",
    "payer": "Payer",
    "clearinghouse": "Clearinghouse",
    "bank": "Bank",
}


def word_of(state: str, axis: str = "claim") -> Word:
    """Say a state. A state nobody gave a word to is shown as unknown, never dropped.

    Examples:
        >>> word_of("denied", "payer").text
        'Denied'
        >>> word_of("sideways").tone
        'unknown'
    """
    return STATES.get(axis, {}).get(str(state), Word("Unknown", "unknown", "circle-help"))
