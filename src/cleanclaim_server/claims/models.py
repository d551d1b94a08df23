"""Claims, their families, what happened to them, and the batches they left in."""

from __future__ import annotations

from django.db import models

from cleanclaim_server.claims.codes import ActorKind, EventKind, HoldCause, Lifecycle, PayerState
from cleanclaim_server.tenancy.models import AgencyRecord, PracticeRecord
from cleanclaim_server.tenancy.sealing import SealedField


class ClaimFamily(PracticeRecord):
    """Original, corrected, void and next-payer claims of one encounter."""

    encounter = models.OneToOneField(
        "encounters.Encounter", on_delete=models.PROTECT, related_name="claim_family"
    )
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="claim_families")

    class Meta:
        verbose_name_plural = "claim families"


class ClaimNumber(AgencyRecord):
    """The next claim number of a practice. Numbers are never used twice."""

    practice_code = models.CharField(max_length=2)
    next_number = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "practice_code"], name="claim_number_series_once")
        ]


class Claim(PracticeRecord):
    """One claim to one payer: frozen content, separate state axes, and holds.

    `frozen` is `cleanclaim.claim.Claim` as canonical JSON, sealed. Until the claim is sent it is
    rebuilt from the masters; afterwards it never changes.
    """

    clinician_path = "rendering_provider"

    family = models.ForeignKey(ClaimFamily, on_delete=models.PROTECT, related_name="claims")
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="claims")
    coverage = models.ForeignKey("coverage.Coverage", on_delete=models.PROTECT, related_name="claims")
    payer = models.ForeignKey("coverage.Payer", on_delete=models.PROTECT, related_name="claims")
    claim_number = models.CharField(max_length=17, help_text="CLM01; unique in the agency for ever")
    sequence = models.CharField(max_length=1, default="P")
    frequency = models.CharField(max_length=1, default="1")
    replaces = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    lifecycle = models.CharField(max_length=10, choices=Lifecycle.choices, default=Lifecycle.DRAFT)
    payer_state = models.CharField(max_length=24, choices=PayerState.choices, default=PayerState.NONE)
    payer_state_on = models.DateField(null=True, blank=True)
    date_of_service = models.DateField()
    date_of_service_end = models.DateField()
    rendering_provider = models.ForeignKey("practice.Provider", on_delete=models.PROTECT, related_name="+")
    place_of_service = models.CharField(max_length=2, blank=True)
    bill_type = models.CharField(
        max_length=4,
        blank=True,
        default="",
        db_default="",
        help_text="0131 and the like; empty on a professional claim",
    )
    rule_state = models.CharField(max_length=2, help_text="State whose rules govern")
    total_charge_cents = models.BigIntegerField()
    expected_cents = models.BigIntegerField(null=True, blank=True, help_text="None is unknown")
    codes = models.CharField(max_length=120, help_text="Codes of the lines, for lists")
    frozen = SealedField(kind="bytes")
    frozen_hash = models.CharField(max_length=64)
    payer_control_number = models.CharField(max_length=50, blank=True, help_text="The newest the payer gave")
    first_sent_at = models.DateTimeField(null=True, blank=True)
    first_ready_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    adjudicated_on = models.DateField(null=True, blank=True)
    filing_limit_on = models.DateField(null=True, blank=True)
    filing_limit_enforceable = models.BooleanField(default=False)
    was_clean = models.BooleanField(
        null=True, help_text="True: passed edits untouched and was never rejected"
    )
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(
        default=1, help_text="Raised with every change; a stale writer is told"
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["practice", "lifecycle", "date_of_service", "id"], name="claim_by_lifecycle"
            ),
            models.Index(fields=["practice", "payer_state", "id"], name="claim_payer_state"),
            models.Index(fields=["practice", "-date_of_service", "id"], name="claim_by_date"),
            models.Index(fields=["practice", "patient", "-date_of_service"], name="claim_by_patient"),
            models.Index(fields=["practice", "payer", "-date_of_service"], name="claim_by_payer"),
            models.Index(fields=["payer_control_number"], name="claim_by_control_number"),
            # Few claims are institutional: the index holds those alone.
            models.Index(
                fields=["practice", "-date_of_service"],
                condition=~models.Q(bill_type=""),
                name="claim_institutional",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(total_charge_cents__gte=0), name="claim_charge_not_negative"
            ),
            # Two agencies may use the same practice letters; inside one the counters keep numbers apart.
            models.UniqueConstraint(fields=["practice", "claim_number"], name="claim_number_once"),
        ]

    def __str__(self) -> str:
        return self.claim_number


class ClaimLine(PracticeRecord):
    """One service line, for joins and lists; the frozen copy is what was sent."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="lines")
    charge = models.ForeignKey(
        "charges.Charge", null=True, blank=True, on_delete=models.PROTECT, related_name="claim_lines"
    )
    number = models.PositiveSmallIntegerField()
    control_number = models.CharField(max_length=30, help_text="REF*6R")
    code = models.CharField(max_length=12)
    modifiers = models.CharField(max_length=20, blank=True)
    units = models.PositiveIntegerField(default=1)
    date_of_service = models.DateField()
    charge_cents = models.BigIntegerField()
    expected_cents = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "claim", "number"], name="claim_line_once"),
            models.UniqueConstraint(fields=["practice", "control_number"], name="line_control_number_once"),
        ]
        # Every batch is compared with what was charged around its dates.
        indexes = [models.Index(fields=["practice", "date_of_service"], name="claim_line_by_date")]


class ClaimHold(PracticeRecord):
    """One reason why a claim does not go on, with its owner."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="holds")
    cause = models.CharField(max_length=20, choices=HoldCause.choices)
    detail = models.CharField(max_length=300, blank=True)
    owner_role = models.CharField(max_length=20, default="biller")
    opened_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.UUIDField(null=True, blank=True)
    release_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["practice", "claim", "released_at"], name="hold_open")]


class ClaimFinding(PracticeRecord):
    """What an edit said of a claim, at its last run. Overrides keep the person and the reason."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="findings")
    code = models.CharField(max_length=80)
    severity = models.CharField(max_length=24)
    line_number = models.PositiveSmallIntegerField(default=0)
    message = models.CharField(max_length=400)
    remedy = models.CharField(max_length=400, blank=True)
    facts = models.JSONField(default=dict)
    sources = models.JSONField(default=list)
    found_at = models.DateTimeField()
    overridden_by = models.UUIDField(null=True, blank=True)
    overridden_at = models.DateTimeField(null=True, blank=True)
    override_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["practice", "claim"], name="finding_by_claim")]


class ClaimRepair(PracticeRecord):
    """One value of an unsent claim that a person repaired by an edit; made again when it is built anew."""

    append_only = True
    clinician_path = "claim__rendering_provider"

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="repairs")
    edit = models.CharField(max_length=80)
    field = models.CharField(max_length=20)
    line_number = models.PositiveSmallIntegerField(default=0, help_text="0 is the claim")
    before = models.CharField(max_length=120, blank=True)
    after = models.CharField(max_length=120, blank=True)
    made_at = models.DateTimeField()
    made_by = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["practice", "claim"], name="repair_by_claim")]


class ClaimEvent(PracticeRecord):
    """One line of the timeline. Never changed."""

    append_only = True

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=16, choices=EventKind.choices)
    actor_kind = models.CharField(max_length=16, choices=ActorKind.choices)
    actor_id = models.UUIDField(null=True, blank=True)
    actor_name = models.CharField(max_length=80, blank=True)
    happened_at = models.DateTimeField()
    title = models.CharField(max_length=160)
    detail = models.CharField(max_length=400, blank=True)
    file = models.ForeignKey(
        "clearinghouse.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    transaction = models.CharField(max_length=9, blank=True, help_text="ST02 inside the file")
    position = models.PositiveIntegerField(default=0, help_text="Segment counted from ST = 1")
    position_end = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["practice", "claim", "happened_at"], name="claim_event_order")]


class Batch(PracticeRecord):
    """One 837 transaction set of one practice to one trading partner."""

    transfer = models.OneToOneField("clearinghouse.Transfer", on_delete=models.PROTECT, related_name="batch")
    reference = models.CharField(max_length=30, help_text="BHT03; comes back in the 277CA")
    interchange_control_number = models.CharField(max_length=9)
    group_control_number = models.CharField(max_length=9)
    transaction_control_number = models.CharField(max_length=9)
    claims_count = models.PositiveIntegerField()
    total_charge_cents = models.BigIntegerField()
    created_at = models.DateTimeField()
    created_by = models.UUIDField(null=True, blank=True)
    ta1_result = models.CharField(max_length=1, blank=True)
    ack_result = models.CharField(max_length=1, blank=True, help_text="IK501 of the 999")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    accepted_count = models.PositiveIntegerField(default=0)
    rejected_count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "batches"
        indexes = [
            models.Index(fields=["practice", "-created_at"], name="batch_by_time"),
            models.Index(fields=["practice", "interchange_control_number"], name="batch_by_interchange"),
            models.Index(fields=["practice", "group_control_number"], name="batch_by_group"),
        ]
        constraints = [models.UniqueConstraint(fields=["practice", "reference"], name="batch_reference_once")]


class BatchClaim(PracticeRecord):
    """A claim's place in a batch. A claim is in at most one batch that left or may have left."""

    append_only_except = frozenset({"is_live"})

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="batch_claims")
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="batch_claims")
    position = models.PositiveIntegerField(help_text="Segment of its CLM, counted from ST = 1")
    position_end = models.PositiveIntegerField()
    is_live = models.BooleanField(
        default=True, help_text="False once the batch was rejected whole: the claim may leave again"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "claim"], condition=models.Q(is_live=True), name="claim_leaves_once"
            )
        ]


class Acknowledgment(PracticeRecord):
    """One answer about one claim or batch: TA1, 999, 277CA, 277. Kept for ever: proof of timely filing."""

    append_only = True

    batch = models.ForeignKey(
        Batch, null=True, blank=True, on_delete=models.PROTECT, related_name="acknowledgments"
    )
    claim = models.ForeignKey(
        Claim, null=True, blank=True, on_delete=models.PROTECT, related_name="acknowledgments"
    )
    kind = models.CharField(max_length=6, help_text="TA1, 999, 277CA, 277")
    file = models.ForeignKey("clearinghouse.StoredFile", on_delete=models.PROTECT, related_name="+")
    transaction = models.CharField(max_length=9, blank=True)
    position = models.PositiveIntegerField(default=0)
    result = models.CharField(max_length=12, help_text="accepted, rejected, errors, pending, information")
    codes = models.CharField(max_length=120, blank=True, help_text="A7:562:85, IK5 codes, TA105")
    meaning = models.CharField(max_length=400, blank=True)
    sender = models.CharField(max_length=60, blank=True)
    payer_control_number = models.CharField(max_length=50, blank=True)
    received_at = models.DateTimeField()
