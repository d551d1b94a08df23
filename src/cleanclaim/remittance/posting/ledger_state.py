"""The running state of one claim while its remittance is planned."""

from __future__ import annotations

from cleanclaim.remittance.posting.records import (
    WRITE_OFFS,
    ClaimState,
    DenialItem,
    PostedBefore,
    Posting,
    PostingType,
    PriorClaim,
)
from cleanclaim.x12.sets.records import RemitClaim


class RunningClaim:
    """Balances of one claim as postings are added, and what the file said about it.

    `kept_cents` is what answers of this file (not reversals) left with insurance on purpose: shares for
    the next payer and denied money. It is what a secondary payer's write-off may not eat.
    """

    __slots__ = (
        "adjusted",
        "answers",
        "downcoded",
        "file_history",
        "held",
        "held_sum",
        "indexes",
        "items",
        "kept_cents",
        "moved_to_next",
        "moved_to_patient",
        "oon_bill",
        "open_items",
        "paid",
        "patient",
        "prior",
        "remarks",
        "reversed",
        "statuses",
    )

    def __init__(self, prior: PriorClaim) -> None:
        self.prior = prior
        self.paid = prior.insurance_paid_cents
        self.adjusted = prior.adjusted_cents
        self.patient = prior.patient_responsibility_cents
        self.held_sum = 0
        self.kept_cents = 0
        self.moved_to_next = 0
        self.moved_to_patient = 0
        self.oon_bill = 0
        self.items: list[DenialItem] = []
        self.open_items: set[str] = set()
        self.statuses: set[str] = set()
        self.remarks: set[str] = set()
        self.indexes: list[int] = []
        self.reversed = False
        self.answers = 0
        self.file_history: list[PostedBefore] = []
        self.downcoded = False
        self.held = False

    @property
    def insurance_balance(self) -> int:
        return self.prior.billed_cents - self.paid - self.adjusted - self.patient

    @property
    def patient_balance(self) -> int:
        return self.patient - self.prior.patient_paid_cents

    def note(self, index: int, claim: RemitClaim, *, is_reversal: bool) -> None:
        """Remember that a CLP of the file spoke of this claim."""
        self.indexes.append(index)
        self.statuses.add(claim.status)
        if is_reversal:
            self.reversed = True
            self.remarks.update(claim.remarks)
            for line in claim.lines:
                self.remarks.update(line.remarks)
        else:
            self.answers += 1

    @property
    def history(self) -> tuple[PostedBefore, ...]:
        """What answers posted before: in earlier files and earlier in this one."""
        return (*self.prior.history, *self.file_history)

    def remember(self, posting: Posting, control: str) -> None:
        """Keep a posting for a reversal that follows in the same file."""
        if posting.type != PostingType.SUSPENSE:
            self.file_history.append(
                PostedBefore(
                    control,
                    posting.type,
                    posting.amount_cents,
                    posting.carc,
                    posting.line,
                    posting.sub,
                    posting.category,
                    posting.payer_seq,
                )
            )

    def apply(self, posting: Posting, *, is_reversal: bool) -> None:
        """Carry a posting into the balances."""
        kind, cents = posting.type, posting.amount_cents
        if kind == PostingType.PMT_INS:
            self.paid += cents
        elif kind in WRITE_OFFS:
            self.adjusted += cents
        elif kind == PostingType.XFER_PATIENT:
            self.patient += cents
            self.moved_to_patient += cents
            if posting.sub == "BALANCE_BILL_OON":
                self.oon_bill += cents
        elif kind == PostingType.XFER_NEXT:
            self.moved_to_next += cents
            if not is_reversal:
                self.kept_cents += cents
        elif kind == PostingType.DENY_HOLD:
            self.held_sum += cents
            if not is_reversal:
                self.kept_cents += cents

    def state(self) -> ClaimState:
        """The claim after everything so far."""
        prior, balance = self.prior, self.insurance_balance
        denied = prior.denied_open_cents
        if self.indexes:
            denied = max(0, min(denied + self.held_sum, balance))
        return ClaimState(
            prior.billed_cents,
            self.paid,
            self.adjusted,
            self.patient,
            prior.patient_paid_cents,
            denied,
            balance,
            self.patient_balance,
            prior.current_payer,
            prior.next_payer,
        )
