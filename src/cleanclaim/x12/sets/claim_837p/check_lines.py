"""What is billed: diagnoses and service lines, and that the charges add up."""

from __future__ import annotations

import re

from cleanclaim.claim import ServiceLine
from cleanclaim.money import dollars
from cleanclaim.x12.sets.claim_837p.check_shapes import PLACE, Shapes

MAX_LINES = 50
MAX_DIAGNOSES = 12

_LINE_CONTROL = re.compile(r"[A-Za-z0-9-]{1,30}\Z")
DIAGNOSIS = re.compile(r"[A-Z]\d[A-Z0-9](?:\.?[A-Z0-9]{1,4})?\Z")


class LineChecks(Shapes):
    def check(self) -> None:
        self.diagnoses()
        self.lines()

    def diagnoses(self) -> None:
        codes = [code.replace(".", "").upper() for code in self.claim.diagnoses]
        if not 1 <= len(codes) <= MAX_DIAGNOSES:
            self.refuse(
                "diagnosis_count",
                f"has {len(codes)} diagnoses; a claim holds 1 to {MAX_DIAGNOSES}",
                "Keep those that the lines point to, the first-listed first.",
                "2300",
                "HI01",
                count=len(codes),
            )
        if len(set(codes)) != len(codes):
            self.refuse(
                "diagnosis_twice", "lists a diagnosis twice", "List it once and point to it.", "2300", "HI01"
            )
        for at, code in enumerate(self.claim.diagnoses, 1):
            self.code(
                code.upper(),
                DIAGNOSIS,
                "diagnosis",
                f"a usable diagnosis {at}",
                "2300",
                f"HI{min(at, 12):02d}",
            )

    def lines(self) -> None:
        claim, refuse = self.claim, self.refuse
        if not 1 <= len(claim.lines) <= MAX_LINES:
            refuse(
                "line_count",
                f"has {len(claim.lines)} service lines; a claim holds 1 to {MAX_LINES}",
                "Split the claim.",
                "2400",
                "LX01",
                count=len(claim.lines),
            )
        if [line.number for line in claim.lines] != list(range(1, len(claim.lines) + 1)):
            refuse(
                "line_numbers",
                "has lines that are not numbered 1, 2, 3 …",
                "Number them in order.",
                "2400",
                "LX01",
            )
        controls = [line.control_number for line in claim.lines]
        if len(set(controls)) != len(controls):
            refuse(
                "line_control_twice",
                "gives one line control number to two lines",
                "Make them unique.",
                "2400",
                "REF02",
            )
        for line in claim.lines:
            self.line(line)
        total = sum(line.charge_cents for line in claim.lines)
        if total != claim.total_charge_cents:
            refuse(
                "charge_sum",
                f"has a total charge of {dollars(claim.total_charge_cents)} but lines of {dollars(total)}",
                "Correct a line or the total; they must be equal.",
                "2300",
                "CLM02",
                total_cents=claim.total_charge_cents,
                lines_cents=total,
            )

    def line(self, line: ServiceLine) -> None:
        name, loop = f"line {line.number}", "2400"
        self.code(
            line.control_number,
            _LINE_CONTROL,
            "line_control",
            f"a usable control number on {name}",
            loop,
            "REF02",
        )
        self.procedure(line.code, line.modifiers, name, loop, "SV101")
        self.amount(line.charge_cents, f"charge on {name}", loop, "SV102")
        self.units(line.units, name, loop, "SV104")
        if line.obligated_cents is not None:
            self.amount(line.obligated_cents, f"amount to accept on {name}", loop, "CN102")
        if line.place_of_service:
            self.code(
                line.place_of_service,
                PLACE,
                "place_of_service",
                f"a usable place of service on {name}",
                loop,
                "SV105",
            )
        pointers = line.diagnosis_pointers
        known = range(1, len(self.claim.diagnoses) + 1)
        if (
            not 1 <= len(pointers) <= 4
            or len(set(pointers)) != len(pointers)
            or any(at not in known for at in pointers)
        ):
            self.refuse(
                "pointer",
                f"has {name} not pointing to one to four diagnoses of the claim",
                "Choose the diagnoses this service treated.",
                loop,
                "SV107",
            )
        if line.date_of_service_end and line.date_of_service_end < line.date_of_service:
            self.refuse(
                "period",
                f"has {name} ending before it begins",
                "Correct the dates of service.",
                loop,
                "DTP03",
            )
        self.note(line.note, loop, f" on {name}")
        self.clinician(line.rendering, f"{name} rendering provider", "2420A")
        self.clinician(line.supervising, f"{name} supervising provider", "2420D")
