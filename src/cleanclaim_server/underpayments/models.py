"""Each paid line beside what was due, as facts; and what is asked of payers because of them."""

from __future__ import annotations

from django.db import models
from django.db.models import TextChoices

from cleanclaim.pricing.underpayment import LABELS, Kind
from cleanclaim_server.tenancy.models import PracticeRecord
from cleanclaim_server.tenancy.sealing import SealedField


class Status(TextChoices):
    """What became of a line, beside its contract."""

    AGREED = "agreed", "Paid as agreed"
    UNDERPAID = "underpaid", "Paid below the contract"
    OVERPAID = "overpaid", "Paid above the contract"
    INCLUDED = "included", "Included in a day's rate"
    DENIED = "denied", "Denied or pending"
    UNKNOWN = "unknown", "Unknown: no rate answers"
    WITHDRAWN = "withdrawn", "No answer stands"


PRICED = (Status.AGREED, Status.UNDERPAID, Status.OVERPAID, Status.INCLUDED)
"""Statuses of lines for which a rate was found."""
KINDS = [(kind.value, LABELS[kind]) for kind in Kind]


class LineComparison(PracticeRecord):
    """The payer's last word on one line, compared with its contract. A newer word is a row more."""

    append_only_except = frozenset({"is_current"})
    clinician_path = "claim__rendering_provider"

    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="comparisons")
    claim_line = models.ForeignKey("claims.ClaimLine", on_delete=models.PROTECT, related_name="comparisons")
    payer = models.ForeignKey("coverage.Payer", on_delete=models.PROTECT, related_name="+")
    remittance = models.ForeignKey(
        "remittances.Remittance",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The newest payment that speaks of the line",
    )
    version = models.ForeignKey(
        "contracts.ContractVersion",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Null: plain amounts of the set-up, or no contract",
    )
    is_current = models.BooleanField(
        null=True, default=True, help_text="Null once a newer row speaks of the line"
    )
    date_of_service = models.DateField()
    status = models.CharField(max_length=10, choices=Status.choices)
    kind = models.CharField(max_length=30, choices=KINDS, blank=True)
    also = models.JSONField(default=list, help_text="Other readings of the same difference")
    allowed_cents = models.BigIntegerField(null=True, blank=True)
    expected_allowed_cents = models.BigIntegerField(null=True, blank=True)
    paid_cents = models.BigIntegerField(default=0)
    expected_paid_cents = models.BigIntegerField(null=True, blank=True)
    short_cents = models.BigIntegerField(default=0, help_text="Missing money; negative: too much")
    why = models.CharField(max_length=400, blank=True)
    rate_id = models.CharField(max_length=120, blank=True)
    rate_source = models.CharField(max_length=300, blank=True)
    steps = models.JSONField(default=list, help_text="The sum in words")
    received_on = models.DateField(null=True, blank=True)
    paid_on = models.DateField(null=True, blank=True)
    interest_paid_cents = models.BigIntegerField(default=0)
    interest_due_cents = models.BigIntegerField(
        null=True, blank=True, help_text="By law for a late payment; null: no rule says"
    )
    interest_why = models.CharField(max_length=400, blank=True)
    compared_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "claim_line", "is_current"], name="one_current_comparison"
            )
        ]
        indexes = [
            models.Index(fields=["practice", "is_current", "status", "payer"], name="comparison_by_status"),
            models.Index(fields=["practice", "claim"], name="comparison_by_claim"),
        ]

    @property
    def interest_open_cents(self) -> int:
        """Interest that is due by law and was not paid, beside what `short_cents` asks for."""
        if self.kind == Kind.INTEREST_MISSING or self.interest_due_cents is None:
            return 0
        return max(0, self.interest_due_cents - self.interest_paid_cents)

    @property
    def claimed_cents(self) -> int:
        """What a project asks for this line: the shortfall, and interest."""
        return max(0, self.short_cents) + self.interest_open_cents

    @property
    def label(self) -> str:
        """The kind in plain words."""
        return LABELS[Kind(self.kind)] if self.kind else ""


class ProjectState(TextChoices):
    """How far a project is."""

    COLLECTING = "collecting", "Collecting"
    ASKED = "asked", "Asked for"
    RECOVERED = "recovered", "Recovered"
    GIVEN_UP = "given_up", "Given up"
    WITHDRAWN = "withdrawn", "Withdrawn"


LIVE = (ProjectState.COLLECTING, ProjectState.ASKED)


class UnderpaymentProject(PracticeRecord):
    """Lines of one payer with one kind of underpayment, asked for with one letter."""

    append_only_except = frozenset(
        {"state", "is_collecting", "asked_at", "asked_by", "asked_by_name", "letter", "closed_on"}
    )
    clinician_path = None

    number = models.PositiveIntegerField(help_text="From 1 in each practice; people say it")
    payer = models.ForeignKey("coverage.Payer", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30, choices=KINDS)
    state = models.CharField(max_length=10, choices=ProjectState.choices, default=ProjectState.COLLECTING)
    is_collecting = models.BooleanField(
        null=True, default=True, help_text="Null once asked or closed: new lines begin another project"
    )
    opened_on = models.DateField()
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.UUIDField(null=True, blank=True)
    asked_by_name = models.CharField(max_length=80, blank=True)
    letter = SealedField(blank=True, default="", help_text="The letter as it was sent")
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "number"], name="project_number_once"),
            models.UniqueConstraint(
                fields=["practice", "payer", "kind", "is_collecting"], name="one_collecting_project"
            ),
        ]

    @property
    def label(self) -> str:
        """The kind in plain words."""
        return LABELS[Kind(self.kind)]


class LineState(TextChoices):
    OPEN = "open", "Open"
    RECOVERED = "recovered", "Recovered"
    LEFT_OUT = "left_out", "Left out"
    GIVEN_UP = "given_up", "Given up"
    WITHDRAWN = "withdrawn", "Withdrawn"


class ProjectLine(PracticeRecord):
    """One line of a project: what is asked for it, and what came back."""

    append_only_except = frozenset(
        {
            "comparison",
            "asked_cents",
            "interest_cents",
            "recovered_cents",
            "state",
            "is_live",
            "settled_on",
            "settled_by",
            "reason",
        }
    )
    clinician_path = "claim__rendering_provider"

    project = models.ForeignKey(UnderpaymentProject, on_delete=models.PROTECT, related_name="lines")
    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="project_lines")
    claim_line = models.ForeignKey("claims.ClaimLine", on_delete=models.PROTECT, related_name="project_lines")
    comparison = models.ForeignKey(LineComparison, on_delete=models.PROTECT, related_name="+")
    asked_cents = models.BigIntegerField(help_text="The shortfall")
    interest_cents = models.BigIntegerField(default=0, help_text="Interest asked for beside it")
    recovered_cents = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=LineState.choices, default=LineState.OPEN)
    is_live = models.BooleanField(
        null=True, default=True, help_text="Null once left out or withdrawn: the line may be collected again"
    )
    settled_on = models.DateField(null=True, blank=True)
    settled_by = models.ForeignKey(
        "remittances.Remittance",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The payment that brought it",
    )
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "claim_line", "is_live"], name="one_live_project_line"
            )
        ]
        indexes = [models.Index(fields=["practice", "project", "state"], name="project_line_by_state")]


class ProjectEvent(PracticeRecord):
    """What happened to a project. Never changed."""

    append_only = True
    clinician_path = None

    project = models.ForeignKey(UnderpaymentProject, on_delete=models.PROTECT, related_name="events")
    happened_at = models.DateTimeField()
    actor_id = models.UUIDField(null=True, blank=True)
    actor_name = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=160)
    detail = models.CharField(max_length=400, blank=True)
