"""The values that planning takes and gives. Amounts are whole cents; signs as README.md says."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from cleanclaim.findings import Finding


class PostingType(StrEnum):
    """What a posting does. Provider-level postings are named by the PLB table (PLB_...)."""

    PMT_INS = "PMT_INS"
    ADJ_CONTRACT = "ADJ_CONTRACT"
    ADJ_SEQUESTRATION = "ADJ_SEQUESTRATION"
    ADJ_CAPITATION = "ADJ_CAPITATION"
    ADJ_QMB = "ADJ_QMB"
    WITHHOLD_RECEIVABLE = "WITHHOLD_RECEIVABLE"
    XFER_PATIENT = "XFER_PATIENT"
    XFER_NEXT = "XFER_NEXT"
    DENY_HOLD = "DENY_HOLD"
    INFO = "INFO"
    UNMATCHED_CLAIM = "UNMATCHED_CLAIM"
    SUSPENSE = "SUSPENSE"
    """Cash of a line that policy holds: to unapplied insurance, the claim unchanged."""


WRITE_OFFS = frozenset(
    {
        PostingType.ADJ_CONTRACT,
        PostingType.ADJ_SEQUESTRATION,
        PostingType.ADJ_CAPITATION,
        PostingType.ADJ_QMB,
        PostingType.WITHHOLD_RECEIVABLE,
    }
)
"""Postings that raise `adjusted`."""


class Posting(msgspec.Struct, frozen=True, omit_defaults=True):
    """One movement, or one thing worth knowing (INFO, XFER_NEXT, DENY_HOLD move no money).

    `line` is the place of the service line inside its own CLP, from 1; 0 for claim level. `clp_index`
    is the place of the CLP in the remittance, from 0; -1 for provider-level postings.
    """

    type: str
    amount_cents: int
    claim: str | None = None
    carc: str = ""
    """GROUP-CARC."""
    line: int = 0
    sub: str = ""
    category: str = ""
    payer_seq: str = ""
    reference: str | None = None
    cash_effect_cents: int | None = None
    clp01: str = ""
    reason: str = ""
    clp_index: int = -1
    plb_index: int = -1
    ledger_class: str = ""
    plb_code: str = ""
    position: int = 0
    """The segment that says so: CLP, CAS or PLB, counted from ST = 1."""


class PostedBefore(msgspec.Struct, frozen=True, omit_defaults=True):
    """One posting made earlier from the same payer answer: what a reversal mirrors."""

    payer_control_number: str
    type: str
    amount_cents: int
    carc: str = ""
    line: int = 0
    sub: str = ""
    category: str = ""
    payer_seq: str = ""


class PriorClaim(msgspec.Struct, frozen=True, omit_defaults=True):
    """One claim of ours before the remittance.

    Money invariant: billed = insurance_paid + adjusted + patient_responsibility + insurance balance.
    """

    claim_number: str
    billed_cents: int
    insurance_paid_cents: int = 0
    adjusted_cents: int = 0
    patient_responsibility_cents: int = 0
    patient_paid_cents: int = 0
    denied_open_cents: int = 0
    current_payer: str = "P"
    next_payer: str | None = None
    expected_allowed_cents: int | None = None
    """Contract allowed of the whole claim; None when no schedule is known: no variance test."""
    expected_by_line: dict[str, int] = {}
    """Contract allowed by line control number. Preferred to the claim's figure when every line of the
    payer's answer is in it, since a payer may answer a claim in parts."""
    capitated: bool = False
    out_of_network: bool = False
    never_bill_patient: bool = False
    """Medicaid or QMB coverage on file: a patient share is held, never billed."""
    history: tuple[PostedBefore, ...] = ()
    """Earlier postings, so that a reversal mirrors what was posted and not what was sent."""

    @property
    def insurance_balance_cents(self) -> int:
        return (
            self.billed_cents
            - self.insurance_paid_cents
            - self.adjusted_cents
            - self.patient_responsibility_cents
        )

    @property
    def patient_balance_cents(self) -> int:
        return self.patient_responsibility_cents - self.patient_paid_cents


class PriorState(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything of ours that planning may look at. Claim numbers are unique in it."""

    claims: tuple[PriorClaim, ...] = ()
    posted_traces: frozenset[str] = frozenset()
    """TRN02 already posted for this payer."""
    payer_debt_cents: int = 0
    """What we owe this payer and it has not yet collected."""


class ClaimState(msgspec.Struct, frozen=True):
    """One claim after the remittance."""

    billed_cents: int
    insurance_paid_cents: int
    adjusted_cents: int
    patient_responsibility_cents: int
    patient_paid_cents: int
    denied_open_cents: int
    insurance_balance_cents: int
    patient_balance_cents: int
    current_payer: str
    next_payer: str | None


class Credit(msgspec.Struct, frozen=True):
    """Money that a claim of the file owes back. `owner` is ``payer`` or ``patient``."""

    claim: str
    owner: str
    amount_cents: int


class DenialItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One piece of denied or disputed money, to be worked.

    `amount_cents` is what is held; `at_stake_cents` is that less what the payer added elsewhere on the
    claim for the same services (a bundled line whose paying line was paid above its charge). `action`
    is the next action of the vocabulary, `action_code` the playbook's own.
    """

    claim: str
    clp_index: int
    line: int
    group: str
    carc: str
    amount_cents: int
    at_stake_cents: int
    category: str
    action_code: str
    action: str
    cause: str
    owner: str = ""
    remarks: tuple[str, ...] = ()
    line_control: str = ""
    code: str = ""
    position: int = 0
    is_variance: bool = False
    """True for a contractual adjustment beyond the contract (UNDERPAYMENT)."""


class HeldMoney(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line (or a whole CLP: line 0) that policy keeps from posting, and why. Its cash is in suspense."""

    claim: str
    clp_index: int
    line: int
    amount_cents: int
    reason: str
    position: int = 0
    rule_id: str = ""
    """The policy's rule; empty when the automation level alone holds it."""


class QueuedLook(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something posted that policy wants a person to look at (`post_and_queue`)."""

    claim: str
    clp_index: int
    line: int
    """0 for the claim as a whole."""
    carc: str
    """GROUP-CARC; empty for a line without adjustments."""
    reason: str
    rule_id: str = ""
    position: int = 0


class ClaimOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the remittance asks us to do about one of our claims."""

    claim: str
    next_action: str
    rank: int
    clp_indexes: tuple[int, ...] = ()


class PostingPlan(msgspec.Struct, frozen=True, omit_defaults=True):
    """What posting this remittance would do. A value: nothing has happened yet.

    `claims_after` holds every claim of the prior state. `payer_debt_after_cents` is None when the
    remittance has no provider adjustment that touches the debt. `postings` is a multiset in file order.
    """

    balanced: bool
    postings: tuple[Posting, ...]
    claims_after: dict[str, ClaimState]
    bank_deposit_cents: int
    next_action: str
    flags: tuple[str, ...] = ()
    credits: tuple[Credit, ...] = ()
    payer_debt_after_cents: int | None = None
    denials: tuple[DenialItem, ...] = ()
    outcomes: tuple[ClaimOutcome, ...] = ()
    held: tuple[HeldMoney, ...] = ()
    queued: tuple[QueuedLook, ...] = ()
    matched: tuple[str | None, ...] = ()
    """Our claim number for each CLP, in file order; None when no claim of ours was found."""
    difference_cents: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def posts(self) -> bool:
        """True when carrying the plan out would change anything."""
        return bool(self.postings)
