"""Accounts, files, lines, ties and their opposites. What the bank said and what was decided never changes.

A *tie* says that lines and payments are the same money; it is taken back by a `TieUndo`, never edited. What
was found to be no insurance money, or a payment that needs no deposit, is a `SetAside`, taken back by a
`SetAsideUndo`. Only `Proposal` is no fact: what the machine thinks of what is open, made anew by each run.
"""

from __future__ import annotations

from django.db import models

from cleanclaim_server.tenancy.models import PracticeRecord
from cleanclaim_server.tenancy.sealing import SealedField


class BankAccount(PracticeRecord):
    """An account of a practice. Only the end of its number is kept."""

    name = models.CharField(max_length=60)
    last_four = models.CharField(max_length=4)
    payees = models.JSONField(
        default=list, blank=True, help_text="Payee NPIs paid into it; empty: all that no other account names"
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "last_four"], name="bank_account_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} …{self.last_four}"


class BankFile(PracticeRecord):
    """What one file said about one account. The bytes are the `StoredFile`'s."""

    append_only = True

    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="files")
    file = models.ForeignKey("clearinghouse.StoredFile", on_delete=models.PROTECT, related_name="+")
    format = models.CharField(max_length=8, help_text="csv, bai2, camt053")
    sha256 = models.CharField(max_length=64)
    lines_total = models.PositiveIntegerField(default=0)
    lines_new = models.PositiveIntegerField(default=0)
    total_cents = models.BigIntegerField(default=0, help_text="All lines of the account in the file")
    first_on = models.DateField(null=True, blank=True)
    last_on = models.DateField(null=True, blank=True)
    taken_at = models.DateTimeField()
    taken_by = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "account", "sha256"], name="bank_file_once"),
        ]


class Line(PracticeRecord):
    """One booked line of an account. Credits positive, debits negative."""

    append_only = True

    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="lines")
    file = models.ForeignKey(BankFile, on_delete=models.PROTECT, related_name="lines")
    key = models.CharField(
        max_length=40, help_text="cleanclaim.bank.BankLine.key: the same line, the same key"
    )
    booked_on = models.DateField()
    amount_cents = models.BigIntegerField()
    kind = models.CharField(max_length=8, help_text="cleanclaim.bank.LineKind")
    traces = models.JSONField(default=list)
    check_number = models.CharField(max_length=20, blank=True)
    words = SealedField(
        kind="json", default=dict, help_text="text, payer_name and references: a payer's name, or a patient's"
    )
    position = models.PositiveIntegerField(default=0, help_text="Line of the file, from 1")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "account", "key"], name="bank_line_once"),
            models.CheckConstraint(condition=~models.Q(amount_cents=0), name="bank_line_not_zero"),
        ]
        indexes = [
            models.Index(fields=["practice", "account", "-booked_on"], name="bank_line_by_date"),
        ]


class Decision(PracticeRecord):
    """Who decided, when and why; nobody means the machine."""

    append_only = True

    why = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    made_by = models.UUIDField(null=True, blank=True)
    made_by_name = models.CharField(max_length=80, blank=True)

    class Meta:
        abstract = True


class Tie(Decision):
    """Lines and payments that are the same money, in the parts that are below it."""

    kind = models.CharField(max_length=16, help_text="cleanclaim.bank.MatchKind, or person")
    amount_cents = models.BigIntegerField()


class TiePart(PracticeRecord):
    """So much of a line is so much of a payment."""

    append_only = True

    tie = models.ForeignKey(Tie, on_delete=models.PROTECT, related_name="parts")
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="parts")
    remittance = models.ForeignKey(
        "remittances.Remittance", on_delete=models.PROTECT, related_name="bank_parts"
    )
    amount_cents = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice", "tie", "line", "remittance"], name="tie_part_once"),
            models.CheckConstraint(condition=models.Q(amount_cents__gt=0), name="tie_part_positive"),
        ]
        indexes = [
            models.Index(fields=["practice", "line"], name="tie_part_by_line"),
            models.Index(fields=["practice", "remittance"], name="tie_part_by_remittance"),
        ]


class TieUndo(Decision):
    """A tie that does not hold any more."""

    tie = models.ForeignKey(Tie, on_delete=models.PROTECT, related_name="undone")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "tie"], name="tie_undone_once")]


class AsideReason(models.TextChoices):
    """Why a line is no insurance money, or a payment needs no deposit here."""

    PATIENT = "patient", "Paid by a patient"
    FEE = "fee", "Bank fee or interest"
    CARD = "card", "Card settlement"
    RETURNED = "returned", "Taken back by the bank"
    SPENT = "spent", "Money going out"
    OWN = "own", "Moved between own accounts"
    OTHER = "other", "Something else"
    REPLACED = "replaced", "Paid again under another number"
    ELSEWHERE = "elsewhere", "Paid into another account"
    CARD_FEE = "card_fee", "Kept by the card processor"


LINE_REASONS = ("patient", "fee", "card", "returned", "spent", "own", "other")
PAYMENT_REASONS = ("replaced", "elsewhere", "card_fee", "returned", "other")


class SetAside(Decision):
    """What is left of a line is no insurance money; or what is left of a payment needs no deposit here."""

    reason = models.CharField(max_length=10, choices=AsideReason.choices)
    line = models.ForeignKey(Line, null=True, blank=True, on_delete=models.PROTECT, related_name="asides")
    remittance = models.ForeignKey(
        "remittances.Remittance", null=True, blank=True, on_delete=models.PROTECT, related_name="bank_asides"
    )
    amount_cents = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(line__isnull=False, remittance__isnull=True)
                | models.Q(line__isnull=True, remittance__isnull=False),
                name="set_aside_of_one_side",
            ),
            models.CheckConstraint(condition=~models.Q(amount_cents=0), name="set_aside_not_zero"),
        ]
        indexes = [
            models.Index(fields=["practice", "line"], name="set_aside_by_line"),
            models.Index(fields=["practice", "remittance"], name="set_aside_by_remittance"),
        ]


class SetAsideUndo(Decision):
    """A setting aside that does not hold any more."""

    aside = models.ForeignKey(SetAside, on_delete=models.PROTECT, related_name="undone")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "aside"], name="set_aside_undone_once")]


class Proposal(PracticeRecord):
    """One side of what the last run thinks of an open line or payment. Rows of a `group` belong together."""

    group = models.UUIDField()
    kind = models.CharField(max_length=20, help_text="MatchKind or ExceptionKind of cleanclaim.bank")
    is_match = models.BooleanField(default=False)
    why = models.CharField(max_length=200)
    line = models.ForeignKey(Line, null=True, blank=True, on_delete=models.PROTECT, related_name="proposals")
    remittance = models.ForeignKey(
        "remittances.Remittance", null=True, blank=True, on_delete=models.PROTECT, related_name="proposals"
    )
    made_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["practice", "line"], name="proposal_by_line"),
            models.Index(fields=["practice", "remittance"], name="proposal_by_remittance"),
        ]
