"""What payers paid and said, kept as rows: every CAS triple, remark, PLB."""

from __future__ import annotations

from django.db import models
from django.db.models import TextChoices

from cleanclaim_server.tenancy.models import AgencyRecord, PracticeRecord
from cleanclaim_server.tenancy.sealing import SealedField


class RemittanceState(TextChoices):
    UNASSIGNED = "unassigned", "No practice of ours"
    HELD = "held", "Held: does not balance"
    QUARANTINED = "quarantined", "Same payment, other content"
    READY = "ready", "Balanced, not posted"
    POSTED = "posted", "Posted"
    UNDONE = "undone", "Posting undone"
    DUPLICATE = "duplicate", "Already posted"
    MOVED = "moved", "Moved to another practice"


class InboxRemittance(AgencyRecord):
    """One 835 transaction as received, before and after a practice is found for it.

    A remittance whose payee is none of our practices stays here as *unassigned* until a person says
    where it belongs. The typed content is kept sealed, so that assigning needs no second parse.
    """

    file = models.ForeignKey("clearinghouse.StoredFile", on_delete=models.PROTECT, related_name="remittances")
    transaction = models.CharField(max_length=9)
    ordinal = models.PositiveIntegerField(help_text="Order inside the file, from 1")
    part = models.PositiveIntegerField(
        default=0, help_text="Place of the one claim payment taken out of it for another practice; 0 is all"
    )
    practice = models.ForeignKey(
        "practice.Practice", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    payee_npi = models.CharField(max_length=20, blank=True)
    payer_name = models.CharField(max_length=80, blank=True)
    trace_number = models.CharField(max_length=50, blank=True)
    paid_cents = models.BigIntegerField(default=0)
    paid_on = models.DateField(null=True, blank=True)
    claims_count = models.PositiveIntegerField(default=0)
    content = SealedField(kind="bytes", help_text="cleanclaim.x12.sets.records.Remittance as JSON")
    state = models.CharField(
        max_length=12, default="unassigned", help_text="unassigned, taken, duplicate, not_ours"
    )
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "file", "ordinal", "part"], name="inbox_part_once")
        ]
        indexes = [models.Index(fields=["agency", "state"], name="inbox_by_state")]

    @property
    def sealing_scope(self):
        """The agency's for ever: the practice of a payment is learned later, and may not re-seal it."""
        return self.agency_id


class Remittance(PracticeRecord):
    """One payment and what it was for, at one practice; or one claim payment out of another's (`part`)."""

    inbox = models.ForeignKey(
        InboxRemittance, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    file = models.ForeignKey("clearinghouse.StoredFile", on_delete=models.PROTECT, related_name="+")
    transaction = models.CharField(max_length=9)
    part = models.PositiveIntegerField(
        default=0,
        help_text="Of a claim payment that another practice's payment held: its place there. 0: a payment",
    )
    payer = models.ForeignKey(
        "coverage.Payer", null=True, blank=True, on_delete=models.PROTECT, related_name="remittances"
    )
    payer_name = models.CharField(max_length=80)
    trace_number = models.CharField(max_length=50)
    trace_payer_id = models.CharField(max_length=30)
    paid_cents = models.BigIntegerField()
    paid_on = models.DateField(null=True, blank=True)
    method = models.CharField(max_length=3, blank=True)
    claims_count = models.PositiveIntegerField(default=0)
    claims_paid_cents = models.BigIntegerField(default=0)
    plb_cents = models.BigIntegerField(default=0)
    content_hash = models.CharField(max_length=64)
    difference_cents = models.BigIntegerField(default=0)
    findings = models.JSONField(default=list)
    state = models.CharField(max_length=12, choices=RemittanceState.choices)
    received_at = models.DateTimeField()
    posted_at = models.DateTimeField(null=True, blank=True)
    posted_by = models.UUIDField(null=True, blank=True)
    posting_number = models.PositiveSmallIntegerField(
        default=0, help_text="Raised by each posting; undo and post again"
    )

    class Meta:
        indexes = [
            models.Index(fields=["practice", "state", "-received_at"], name="remittance_by_state"),
            models.Index(fields=["practice", "trace_number"], name="remittance_by_trace"),
        ]


class RemittanceScan(PracticeRecord):
    """The paper behind a payment that was keyed in: the image as it was scanned, never changed."""

    append_only = True

    remittance = models.ForeignKey(Remittance, on_delete=models.PROTECT, related_name="scans")
    file = models.ForeignKey("clearinghouse.StoredFile", on_delete=models.PROTECT, related_name="+")
    media_type = models.CharField(
        max_length=20, help_text="application/pdf, image/png, image/jpeg, image/tiff"
    )
    attached_at = models.DateTimeField()
    attached_by = models.UUIDField(null=True, blank=True)


class RemittanceIdentity(PracticeRecord):
    """The claim on a payment's business identity: one active posting a payment, whatever the file (L7).

    Written in the transaction that writes the legs; released by undo (`is_active` becomes null).
    """

    identity_key = models.CharField(
        max_length=64, help_text="Hash of practice, payer, TRN02, TRN03, BPR02, BPR16"
    )
    content_hash = models.CharField(max_length=64)
    remittance = models.ForeignKey(Remittance, on_delete=models.PROTECT, related_name="identities")
    is_active = models.BooleanField(null=True, default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "identity_key", "is_active"], name="one_active_posting"
            )
        ]


class RemittanceClaim(PracticeRecord):
    """One CLP, and the claim of ours that it answers."""

    remittance = models.ForeignKey(Remittance, on_delete=models.PROTECT, related_name="claims")
    number = models.PositiveIntegerField(help_text="Order in the remittance, from 1")
    claim = models.ForeignKey(
        "claims.Claim", null=True, blank=True, on_delete=models.PROTECT, related_name="remittance_claims"
    )
    matched_by = models.CharField(
        max_length=24, blank=True, help_text="line_control, claim_number, payer_control, facts, person"
    )
    match_why = models.CharField(max_length=200, blank=True)
    claim_number = models.CharField(max_length=40, help_text="CLP01")
    status = models.CharField(max_length=3)
    charge_cents = models.BigIntegerField()
    paid_cents = models.BigIntegerField()
    patient_cents = models.BigIntegerField(null=True, blank=True)
    payer_control_number = models.CharField(max_length=50, blank=True)
    patient_name = SealedField(
        blank=True, default="", help_text="As the payer spelled it; shown when a person matches by hand"
    )
    remarks = models.JSONField(default=list)
    crossover_to = models.CharField(max_length=80, blank=True)
    next_action = models.CharField(max_length=60, blank=True)
    position = models.PositiveIntegerField(default=0)
    position_end = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "remittance", "number"], name="remittance_claim_once")
        ]
        indexes = [models.Index(fields=["practice", "claim"], name="remittance_claim_by_claim")]


class RemittanceLine(PracticeRecord):
    """One SVC, and the line of ours that it answers."""

    remittance_claim = models.ForeignKey(RemittanceClaim, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField()
    claim_line = models.ForeignKey(
        "claims.ClaimLine", null=True, blank=True, on_delete=models.PROTECT, related_name="remittance_lines"
    )
    code = models.CharField(max_length=12)
    modifiers = models.CharField(max_length=20, blank=True)
    submitted_code = models.CharField(max_length=12, blank=True)
    units = models.CharField(max_length=10, blank=True)
    service_on = models.DateField(null=True, blank=True)
    charge_cents = models.BigIntegerField()
    paid_cents = models.BigIntegerField()
    allowed_cents = models.BigIntegerField(null=True, blank=True)
    remarks = models.JSONField(default=list)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "remittance_claim", "number"], name="remittance_line_once"
            )
        ]


class RemittanceAdjustment(PracticeRecord):
    """One CAS triple, of a line or of a whole claim."""

    remittance_claim = models.ForeignKey(
        RemittanceClaim, on_delete=models.PROTECT, related_name="adjustments"
    )
    line = models.ForeignKey(
        RemittanceLine, null=True, blank=True, on_delete=models.PROTECT, related_name="adjustments"
    )
    group = models.CharField(max_length=2)
    reason = models.CharField(max_length=5)
    amount_cents = models.BigIntegerField()
    quantity = models.CharField(max_length=15, blank=True)
    position = models.PositiveIntegerField(default=0)


class ProviderAdjustment(PracticeRecord):
    """One PLB pair."""

    remittance = models.ForeignKey(Remittance, on_delete=models.PROTECT, related_name="provider_adjustments")
    code = models.CharField(max_length=2)
    reference = models.CharField(max_length=50, blank=True)
    amount_cents = models.BigIntegerField(help_text="The 835's own sign: positive takes from us")
    claim = models.ForeignKey(
        "claims.Claim",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The claim a take-back names; money never posts to it",
    )
    position = models.PositiveIntegerField(default=0)


class ClaimTransfer(PracticeRecord):
    """One claim payment that left a practice's payment for another practice: a row in each of the two.

    Both rows have one `transfer_id`, which the entries of both ledgers name. Taking it back dates the rows
    and reverses the entries; a new move is a new transfer.
    """

    append_only_except = frozenset({"undone_at", "undone_by", "undone_reason"})

    transfer_id = models.UUIDField(help_text="The same on both sides")
    is_out = models.BooleanField(help_text="The side whose deposit holds the money")
    remittance = models.ForeignKey(Remittance, on_delete=models.PROTECT, related_name="transfers")
    remittance_claim = models.ForeignKey(
        RemittanceClaim, null=True, blank=True, on_delete=models.PROTECT, related_name="transfers"
    )
    other_practice = models.UUIDField(help_text="practice.Practice of the other side")
    other_remittance = models.UUIDField(help_text="remittances.Remittance of the other side")
    other_paid_cents = models.BigIntegerField(help_text="Amount of the payment on the other side")
    amount_cents = models.BigIntegerField(help_text="The claim payment; negative when the payer took back")
    reason = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    made_by = models.UUIDField()
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.UUIDField(null=True, blank=True)
    undone_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "transfer_id"], name="transfer_once_a_side"),
        ]
        indexes = [models.Index(fields=["practice", "undone_at"], name="transfer_standing")]
