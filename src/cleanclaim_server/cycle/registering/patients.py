"""Patients and their policies from a CSV: one row per patient and policy."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from cleanclaim.findings import Finding, Severity, Where
from cleanclaim_server.audit.recording import record
from cleanclaim_server.coverage.models import Coverage, Plan
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.tenancy.sealing import blind_index

REQUIRED = (
    "chart_number",
    "first_name",
    "last_name",
    "birth_date",
    "sex",
    "line1",
    "city",
    "state",
    "postal_code",
)
POLICY = ("payer_id", "plan", "member_id", "coverage_starts")
OPTIONAL = (
    "middle_name", "suffix", "line2", "phone", "group_number", "order", "relationship", "coverage_ends",
    "subscriber_first_name", "subscriber_last_name", "subscriber_birth_date", "subscriber_sex",
    "subscriber_line1", "subscriber_city", "subscriber_state", "subscriber_postal_code",
)  # fmt: skip
PATIENT_COLUMNS = (*REQUIRED, *POLICY, *OPTIONAL)
"""Columns that are read; others are left alone. A patient without a policy leaves those of `POLICY` empty."""
LARGEST_FILE = 20_000_000
ORDERS = {"": 1, "1": 1, "2": 2, "3": 3, "P": 1, "S": 2, "T": 3}


@dataclass
class PatientImport:
    """What an import did. `findings` has one entry per row that was not taken."""

    rows: int = 0
    patients: int = 0
    coverages: int = 0
    repeated: int = 0
    findings: list[Finding] = field(default_factory=list)


class _Fault(Exception):
    def __init__(self, code: str, column: str, message: str, remedy: str) -> None:
        self.code, self.column, self.message, self.remedy = code, column, message, remedy


def take_patients(
    practice: Practice, data: bytes, *, actor: str = "", actor_id: UUID | None = None
) -> PatientImport:
    """Put patients and policies on file. A row with a fault gets its finding, the others go on.

    A chart number on file keeps its patient as it is; a policy with the same plan, member number and first
    day is the one on file. Findings name rows and columns, never what a cell says.

    Runs inside a tenant context that reaches the practice.
    """
    taken = PatientImport()
    plans = {
        (plan.payer.payer_id, plan.name.casefold()): plan
        for plan in Plan.objects.filter(agency=practice.agency_id).select_related("payer")
    }
    patients = {row.chart_number: row for row in Patient.objects.filter(practice=practice)}
    policies = {
        (row.patient_id, row.plan_id, row.member_id_index, row.starts_on)
        for row in Coverage.objects.filter(practice=practice)
    }
    for line, row in _rows(data, taken):
        taken.rows += 1
        try:
            patient = patients.get(row["chart_number"])
            new_patient = patient is None
            patient = patient or _patient(practice, row)
            coverage = _coverage(practice, patient, row, plans) if row["payer_id"] else None
        except _Fault as fault:
            taken.findings.append(_finding(fault, line))
            continue
        if new_patient:
            patient.save()
            patients[patient.chart_number] = patient
            taken.patients += 1
        if coverage is not None:
            key = (patient.id, coverage.plan_id, coverage.member_id_index, coverage.starts_on)
            if key in policies:
                taken.repeated += 1
                continue
            coverage.save()
            policies.add(key)
            taken.coverages += 1
        elif not new_patient:
            taken.repeated += 1
    record(
        "patients.imported", "practice", practice.id, practice_id=practice.id, agency_id=practice.agency_id,
        actor=actor_id or actor, rows=taken.rows, taken=taken.patients, coverages=taken.coverages,
        faults=len(taken.findings),
    )  # fmt: skip
    return taken


def _rows(data: bytes, taken: PatientImport) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, cells by column) of each row; what the file as a whole lacks is a finding, and no rows."""
    if len(data) > LARGEST_FILE:
        fault = _Fault("too_large", "", f"The file is larger than {LARGEST_FILE:,} bytes.", "Split it.")
        taken.findings.append(_finding(fault, 0))
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        fault = _Fault("not_utf8", "", "The file is not UTF-8 text.", "Save it as CSV UTF-8 and try again.")
        taken.findings.append(_finding(fault, line))
        return
    reader = csv.DictReader(io.StringIO(text, newline=""), restval="", restkey="beyond")
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    missing = [name for name in REQUIRED if name not in names]
    if missing or "\x00" in text:
        fault = _Fault(
            "columns_missing", missing[0] if missing else "",
            f"The first row does not name these columns: {', '.join(missing)}."
            if missing else "The file is not text: it holds zero bytes.",
            "Name the columns in the first row; docs/recipes/sample-patients.csv shows them.",
        )  # fmt: skip
        taken.findings.append(_finding(fault, 1))
        return
    reader.fieldnames = names
    try:
        for row in reader:
            cells = {name: (row.get(name) or "").strip() for name in PATIENT_COLUMNS}
            if any(cells.values()):
                yield reader.line_num, cells
    except csv.Error:
        fault = _Fault("not_csv", "", "The rest of the file cannot be read as CSV.", "Look for a lone quote.")
        taken.findings.append(_finding(fault, reader.line_num))


def _patient(practice: Practice, row: dict[str, str]) -> Patient:
    for column in REQUIRED:
        if not row[column]:
            raise _Fault("cell_empty", column, f"The cell {column} is empty.", "Fill it in; claims need it.")
    born = _day(row, "birth_date")
    if row["sex"].upper() not in ("F", "M", "U"):
        raise _Fault("sex", "sex", "The sex is not F, M or U.", "Write it as the payer has it on file.")
    _fits(row, {"chart_number": 20, "first_name": 40, "middle_name": 40, "last_name": 60, "suffix": 10})
    return Patient(
        practice=practice,
        chart_number=row["chart_number"],
        first_name=row["first_name"],
        middle_name=row["middle_name"],
        last_name=row["last_name"],
        suffix=row["suffix"],
        sex=row["sex"].upper(),
        birth_date_sealed=born.isoformat(),
        birth_date_index=blind_index(born.isoformat(), purpose="birth_date", practice_id=practice.id),
        contact=_contact(row, "") | ({"phone": row["phone"]} if row["phone"] else {}),
        state=_state(row, "state"),
    )


def _coverage(
    practice: Practice, patient: Patient, row: dict[str, str], plans: dict[tuple[str, str], Plan]
) -> Coverage:
    for column in POLICY:
        if not row[column]:
            raise _Fault("cell_empty", column, f"The cell {column} is empty.", "A policy needs it.")
    plan = plans.get((row["payer_id"], row["plan"].casefold()))
    if plan is None:
        raise _Fault(
            "plan_unknown", "plan", "The agency has no such plan of that payer.",
            "Add payer and plan with `cleanclaim import practice`, or correct the row.",
        )  # fmt: skip
    if row["order"].upper() not in ORDERS:
        raise _Fault("order", "order", "The order is not 1, 2 or 3.", "1 is billed first.")
    starts = _day(row, "coverage_starts")
    ends = _day(row, "coverage_ends") if row["coverage_ends"] else None
    if ends is not None and ends < starts:
        raise _Fault("dates", "coverage_ends", "The policy ends before it starts.", "Correct the dates.")
    relationship = row["relationship"] or "18"
    order = ORDERS[row["order"].upper()]
    _fits(row, {"member_id": 80, "group_number": 50, "relationship": 2})
    return Coverage(
        practice=practice,
        patient=patient,
        plan=plan,
        order=order,
        member_id=row["member_id"],
        member_id_index=blind_index(row["member_id"], purpose="member_id", practice_id=practice.id),
        group_number=row["group_number"],
        relationship=relationship,
        subscriber=_subscriber(row) if relationship != "18" else {},
        insurance_type="12" if order > 1 and plan.payer.kind == "medicare" else "",
        starts_on=starts,
        ends_on=ends,
        source="imported",
    )


def _subscriber(row: dict[str, str]) -> dict[str, object]:
    needed = ("first_name", "last_name", "birth_date", "sex", "line1", "city", "state", "postal_code")
    for name in needed:
        if not row[f"subscriber_{name}"]:
            raise _Fault(
                "subscriber", f"subscriber_{name}", "Somebody else holds the policy, and the cell is empty.",
                "Say who holds the policy, or write relationship 18 when the patient does.",
            )  # fmt: skip
    return {
        "first_name": row["subscriber_first_name"],
        "last_name": row["subscriber_last_name"],
        "birth_date": _day(row, "subscriber_birth_date").isoformat(),
        "sex": row["subscriber_sex"].upper(),
        "address": _contact(row, "subscriber_"),
    }


def _contact(row: dict[str, str], prefix: str) -> dict[str, str]:
    return {
        "line1": row[f"{prefix}line1"],
        "line2": row.get(f"{prefix}line2", ""),
        "city": row[f"{prefix}city"],
        "state": _state(row, f"{prefix}state"),
        "postal_code": row[f"{prefix}postal_code"].replace("-", ""),
    }


def _state(row: dict[str, str], column: str) -> str:
    state = row[column].upper()
    if len(state) != 2 or not state.isascii() or not state.isalpha():
        raise _Fault("state", column, "The state is not two letters.", "Write it like NY.")
    return state


def _day(row: dict[str, str], column: str) -> date:
    try:
        return date.fromisoformat(row[column])
    except ValueError:
        raise _Fault("date", column, f"{column} is not a date.", "Write dates like 1990-04-02.") from None


def _fits(row: dict[str, str], lengths: dict[str, int]) -> None:
    for column, longest in lengths.items():
        if len(row[column]) > longest:
            raise _Fault("too_long", column, f"{column} has more than {longest} characters.", "Shorten it.")


def _finding(fault: _Fault, line: int) -> Finding:
    return Finding(
        code=f"patients.{fault.code}",
        severity=Severity.STOP,
        message=fault.message,
        where=Where(line=line, column=fault.column),
        remedy=fault.remedy,
    )
