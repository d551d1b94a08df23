"""Who receives care, and who owes what insurance does not."""

from __future__ import annotations

from django.db import models

from cleanclaim_server.tenancy.models import PracticeRecord
from cleanclaim_server.tenancy.sealing import SealedField


class Patient(PracticeRecord):
    """A person in care at one practice.

    Names stay readable for search; birth date, address and contact are sealed at rest. Exact
    search by birth date goes through the blind index.
    """

    clinician_path = "encounters__rendering_provider"

    chart_number = models.CharField(max_length=20, help_text="The practice's own number")
    first_name = models.CharField(max_length=40)
    middle_name = models.CharField(max_length=40, blank=True)
    last_name = models.CharField(max_length=60)
    suffix = models.CharField(max_length=10, blank=True)
    sex = models.CharField(max_length=1, default="U", help_text="F, M or U, as the payer has it on file")
    birth_date_sealed = SealedField(help_text="ISO date")
    birth_date_index = models.CharField(max_length=32, blank=True, db_index=True)
    contact = SealedField(
        kind="json", default=dict, help_text="line1, line2, city, state, postal_code, phone, email"
    )
    state = models.CharField(
        max_length=2, blank=True, help_text="Home state, readable because rules depend on it"
    )
    is_part2 = models.BooleanField(default=False, help_text="Has records under 42 CFR Part 2")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["practice", "chart_number"], name="chart_number_once")]
        indexes = [models.Index(fields=["practice", "last_name", "first_name"], name="patient_name")]

    def __str__(self) -> str:  # ids only: this text reaches logs
        return f"patient {self.id}"

    @property
    def initials(self) -> str:
        return f"{self.first_name[:1]}.{self.last_name[:1]}."

    @property
    def full_name(self) -> str:
        return " ".join(
            part for part in (self.first_name, self.middle_name, self.last_name, self.suffix) if part
        )
