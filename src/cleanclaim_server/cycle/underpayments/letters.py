"""A project on paper: its letter and its list."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

from cleanclaim.money import dollars
from cleanclaim.paper import letter_pdf
from cleanclaim.pricing.underpayment import (
    Kind,
    PaidLine,
    Project,
    Verdict,
    project_letter,
    project_rows,
)
from cleanclaim.spreadsheet import write_xlsx
from cleanclaim_server.cycle.underpayments.interest import law_of, rules_of
from cleanclaim_server.underpayments.models import LineState, ProjectLine, UnderpaymentProject

HEAD = ("Claim", "Your number", "Date", "Code", "Place", "Level", "Allowed", "Due", "Short", "Interest")
LATE_HEAD = ("Claim", "Your number", "Date", "Code", "Received", "Paid on", "Paid", "Interest")
ASKED = (LineState.OPEN, LineState.RECOVERED, LineState.GIVEN_UP)


def project_value(project: UnderpaymentProject, lines: list[ProjectLine]) -> Project:
    """A project as the core tells it, from the facts by which its lines are asked for."""
    return Project(
        f"{project.payer_id}-{project.kind}",
        str(project.payer_id),
        Kind(project.kind),
        tuple(_verdict(line) for line in lines),
    )


def asked_lines(project: UnderpaymentProject) -> list[ProjectLine]:
    """The lines that the letter asks for."""
    rows = ProjectLine.objects.filter(project=project, practice_id=project.practice_id, state__in=ASKED)
    return list(
        rows.select_related("claim_line", "claim__rendering_provider", "comparison")
        .defer("claim__frozen")
        .order_by("comparison__date_of_service", "claim_line__control_number")
    )


def _verdict(line: ProjectLine) -> Verdict:
    said, own, claim = line.comparison, line.claim_line, line.claim
    paid = PaidLine(
        own.control_number,
        str(said.payer_id),
        claim.claim_number,
        own.code,
        own.date_of_service,
        own.charge_cents,
        said.paid_cents,
        said.allowed_cents,
        own.units,
        tuple(own.modifiers.split()),
        claim.place_of_service,
        claim.rendering_provider.credential,
        payer_control_number=claim.payer_control_number,
        received_on=said.received_on,
        paid_on=said.paid_on,
    )
    return Verdict(
        paid,
        said.status,
        said.expected_allowed_cents,
        said.expected_paid_cents,
        said.allowed_cents,
        line.asked_cents,
        Kind(said.kind) if said.kind else None,
        (),
        said.why,
        said.rate_id,
        said.rate_source,
    )


def letter_text(project: UnderpaymentProject, *, written_on: date, signer: str) -> str:
    """The letter's paragraphs, divided by blank lines."""
    lines = asked_lines(project)
    interest = sum(line.interest_cents for line in lines)
    return project_letter(
        project_value(project, lines),
        payer_name=project.payer.name,
        practice_name=project.practice.name,
        tax_id=project.practice.tax_id,
        written_on=written_on,
        signer=signer,
        interest_cents=interest,
        interest_by=_laws(project, lines),
    )


def _laws(project: UnderpaymentProject, lines: list[ProjectLine]) -> list[str]:
    """The provisions by which interest is due on the lines that ask for it."""
    is_late = project.kind == Kind.INTEREST_MISSING
    rules = {
        line.comparison.interest_why.partition(":")[0]
        for line in lines
        if line.comparison.interest_due_cents and (is_late or line.interest_cents)
    }
    book = rules_of(project.practice_id)
    return sorted({law_of(one, book) for one in rules} - {""})


def project_pdf(project: UnderpaymentProject, *, written_on: date, signer: str) -> bytes:
    """The letter with its list: as it was sent, or as it would be sent today."""
    lines = asked_lines(project)
    text = project.letter or letter_text(project, written_on=written_on, signer=signer)
    title = f"{project.practice.name}: underpaid lines, project {project.number}"
    if project.kind == Kind.INTEREST_MISSING:
        late = [
            [
                row["claim_number"], row["payer_control_number"], row["date_of_service"], row["code"],
                row["received_on"], row["paid_on"], dollars(row["paid_cents"]), dollars(row["short_cents"]),
            ]
            for row in project_rows(project_value(project, lines))
        ]  # fmt: skip
        return letter_pdf(text.split("\n\n"), title=title, head=LATE_HEAD, rows=late)
    rows = [
        [
            row["claim_number"],
            row["payer_control_number"],
            row["date_of_service"],
            row["code"],
            row["place_of_service"],
            row["clinician_level"],
            _dollars(row["allowed_cents"]),
            _dollars(row["due_cents"]),
            dollars(row["short_cents"]),
            dollars(line.interest_cents),
        ]
        for row, line in zip(project_rows(project_value(project, lines)), lines, strict=True)
    ]
    return letter_pdf(text.split("\n\n"), title=title, head=HEAD, rows=rows)


def _dollars(cents: int | None) -> str:
    return "unknown" if cents is None else dollars(cents)


def project_csv(project: UnderpaymentProject) -> str:
    """The list as CSV: amounts in dollars, no names, no birth dates."""
    lines = asked_lines(project)
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    rows = project_rows(project_value(project, lines))
    names = [name for name in (rows[0] if rows else {})]
    table.writerow([*(name.removesuffix("_cents") for name in names), "interest", "recovered", "state"])
    for row, line in zip(rows, lines, strict=True):
        cells = [_cell(row[name], name) for name in names]
        table.writerow([*cells, _plain(line.interest_cents), _plain(line.recovered_cents), line.state])
    return out.getvalue()


def project_xlsx(project: UnderpaymentProject) -> bytes:
    """The list as a workbook: what the CSV says, with amounts and days that a spreadsheet can reckon with."""
    lines = asked_lines(project)
    rows = project_rows(project_value(project, lines))
    names = list(rows[0]) if rows else []
    head = [name.removesuffix("_cents").replace("_", " ").capitalize() for name in names]
    return write_xlsx(
        f"Project {project.number}",
        [*head, "Interest", "Recovered", "State"],
        [
            [
                *(_reckoned(row[name], name) for name in names),
                _reckoned(line.interest_cents, "_cents"),
                _reckoned(line.recovered_cents, "_cents"),
                line.get_state_display(),
            ]
            for row, line in zip(rows, lines, strict=True)
        ],
    )


def _reckoned(value: object, name: str) -> object:
    if name.endswith("_cents"):
        return None if value is None else Decimal(int(str(value))) / 100
    if name.endswith("_on") or name == "date_of_service":
        return date.fromisoformat(str(value)) if value else None
    return value if isinstance(value, int) else str(value)


def _plain(cents: int) -> str:
    return dollars(cents).replace(",", "")


def _cell(value: object, name: str) -> object:
    if name.endswith("_cents"):
        return "" if value is None else _plain(int(str(value)))
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
