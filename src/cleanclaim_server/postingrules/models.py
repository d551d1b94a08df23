"""Policies as versions, parts of payments that wait, and decisions about them. See README.md here."""

from __future__ import annotations

from django.db import models
from django.db.models import TextChoices

from cleanclaim_server.tenancy.models import PracticeRecord


class PolicyState(TextChoices):
    """Whether a version applies."""

    ON = "on", "On"
    OFF = "off", "Off"


class PostingPolicy(PracticeRecord):
    """One policy of one practice; what it says stands in its versions, the newest of which is in force."""

    append_only = True
    clinician_path = ""  # about no patient

    number = models.PositiveIntegerField(help_text="From 1 in each practice; people say it")
    created_at = models.DateTimeField()
    created_by = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "number"], name="posting_policy_number_once")
        ]


class PolicyVersion(PracticeRecord):
    """What a policy says from a moment on, by whom, and what it would have done to the past month."""

    append_only = True
    clinician_path = ""

    policy = models.ForeignKey(PostingPolicy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(help_text="From 1 in each policy")
    state = models.CharField(max_length=3, choices=PolicyState.choices)
    payer = models.ForeignKey(
        "coverage.Payer", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    document = models.JSONField(help_text="postingrules.documents.PolicyDocument")
    sentence = models.TextField(help_text="The policy as it was read when it was saved")
    trial = models.JSONField(default=dict, help_text="Counts and cents of the dry run; no ids")
    made_at = models.DateTimeField()
    made_by = models.UUIDField(null=True, blank=True)
    made_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "policy", "number"], name="posting_version_once")
        ]


class PartKind(TextChoices):
    """Why a part of a payment is before a person."""

    HELD = "held", "Waits in suspense"
    LOOK = "look", "Posted, somebody should look"


class PartState(TextChoices):
    """What became of a part."""

    WAITING = "waiting", "Waits"
    SETTLED = "settled", "Settled"
    UNDONE = "undone", "The posting was undone"


class HeldPart(PracticeRecord):
    """One line of a claim payment (0: the whole of it) that policy put before a person, in one posting."""

    append_only_except = frozenset({"state", "settled_at", "settled_by"})

    remittance_claim = models.ForeignKey(
        "remittances.RemittanceClaim", on_delete=models.PROTECT, related_name="held_parts"
    )
    posting_number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=4, choices=PartKind.choices)
    line = models.PositiveIntegerField(help_text="Order in the claim payment, from 1; 0 for all of it")
    payer = models.ForeignKey(
        "coverage.Payer", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    pattern = models.CharField(
        max_length=40, help_text="What is alike in other payments: CO-192, reversal, …"
    )
    amount_cents = models.BigIntegerField(help_text="Cash that waits in suspense; 0 when only looked at")
    reason = models.CharField(max_length=200)
    rule_id = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=8, choices=PartState.choices, default=PartState.WAITING)
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "remittance_claim", "posting_number", "kind", "line"],
                name="held_part_once",
            )
        ]
        indexes = [models.Index(fields=["practice", "state", "remittance_claim"], name="held_part_by_state")]


class Said(TextChoices):
    """What a person decided."""

    POSTED = "posted", "Posted as the payer says"
    SEEN = "seen", "Looked at, left as posted"
    MATCHED = "matched", "Matched to a claim"
    NOT_OURS = "not_ours", "Set aside as not ours"
    MOVED = "moved", "Moved to another practice"
    ASKED = "asked", "Asked the payer"
    FORGOTTEN = "forgotten", "A hint was revoked"


class Decision(PracticeRecord):
    """What a person said about one part, or about a hint; never changed."""

    append_only = True

    remittance_claim = models.ForeignKey(
        "remittances.RemittanceClaim",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="decisions",
    )
    payer_number = models.CharField(max_length=30, blank=True, help_text="The payer as its 835 names it")
    payer_name = models.CharField(max_length=80, blank=True)
    pattern = models.CharField(max_length=40, blank=True)
    said = models.CharField(max_length=10, choices=Said.choices)
    their_number = models.CharField(max_length=40, blank=True, help_text="CLP01")
    our_number = models.CharField(max_length=20, blank=True, help_text="Claim number that was chosen")
    hint = models.JSONField(default=dict, help_text="For a revocation: pattern, effect, text")
    note = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    made_by = models.UUIDField(null=True, blank=True)
    made_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["practice", "payer_number", "pattern"], name="decision_by_pattern")]
