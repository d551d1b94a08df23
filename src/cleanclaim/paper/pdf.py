"""Sheets as PDF, with Typst: values only for the printed form, or with captions on plain paper.

The text reaches Typst as data and is never read as markup. No system fonts, no packages, no clock: the same
sheets give the same bytes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import typst
from pypdf import PdfReader, PdfWriter

from cleanclaim.money import dollars
from cleanclaim.paper.layout import LINES_STEP, Page, slots
from cleanclaim.x12.sets.records import RemitClaim, Remittance

LEFT_INCHES = 0.3
"""Where the first column begins on the form."""
COLUMN_INCHES, ROW_INCHES = 0.1, 1 / 6
POINTS = 72
TITLES = {
    "cms1500": "Professional claim (items of the CMS-1500, 02/12)",
    "ub04": "Institutional claim (UB-04)",
}
CAPTION_LIFT = 7.8
"""Points from the baseline of a value up to its caption."""

FORM_SOURCE = """
#let sheets = json(bytes(sys.inputs.sheets))
#set document(date: none)
#set page(width: 8.5in, height: 11in, margin: 0pt)
#set text(font: "DejaVu Sans Mono", top-edge: "baseline", bottom-edge: "baseline", hyphenate: false)
#for (number, sheet) in sheets.enumerate() {
  if number > 0 { pagebreak() }
  for item in sheet {
    place(
      top + left, dx: item.x * 1pt, dy: item.y * 1pt,
      text(size: item.size * 1pt, fill: if item.grey { luma(110) } else { black }, tracking: item.track *
      1pt, item.text),
    )
  }
}
"""

LETTER_SOURCE = """
#let page-data = json(bytes(sys.inputs.sheets))
#set document(date: none)
#set page(width: 8.5in, height: 11in, margin: 0.8in)
#set text(font: "DejaVu Sans Mono", size: 8.5pt, hyphenate: false)
#text(size: 12pt, page-data.title)
#v(4pt)
#for row in page-data.facts { [#row.at(0): #row.at(1) \\ ] }
#v(6pt)
#table(
  columns: page-data.head.len(), stroke: 0.4pt + luma(160), inset: 4pt,
  ..page-data.head.map(cell => text(weight: "bold", cell)),
  ..page-data.rows.flatten().map(cell => [#cell]),
)
#v(6pt)
#for line in page-data.notes { [#line \\ ] }
"""


class Calibration(msgspec.Struct, frozen=True):
    """How far a printer is off, in points; positive moves right and down."""

    right: float = 0.0
    down: float = 0.0


def form_pdf(
    pages: Iterable[Page], *, plain_paper: bool = False, calibration: Calibration | None = None
) -> bytes:
    """The sheets as one PDF.

    Args:
        plain_paper: With captions and a title, for payers that take a plain copy and for reading; else values
            only, aligned for the red form.
        calibration: Offset of the printer at hand.
    """
    offset = calibration or Calibration()
    sheets = [_plain(page) if plain_paper else _values(page, offset) for page in pages]
    if not sheets:
        raise ValueError("there is no sheet to print")
    return compile_pdf(FORM_SOURCE, sheets)


def compile_pdf(source: str, data: Any) -> bytes:
    """A document of Typst source over data: the fonts that Typst brings, no packages, no clock."""
    fonts = typst.Fonts(include_system_fonts=False)
    made = typst.compile(
        source.encode(), font_paths=fonts, format="pdf", sys_inputs={"sheets": json.dumps(data)}
    )
    assert isinstance(made, bytes)  # one document, one format
    return made


def position(row: int, column: int) -> tuple[float, float]:
    """Points from the left and top edge of the sheet to a character's left edge and baseline."""
    return (LEFT_INCHES + (column - 1) * COLUMN_INCHES) * POINTS, row * ROW_INCHES * POINTS


def _item(
    row: int, column: int, text: str, *, size: float, grey: bool = False, lift: float = 0.0
) -> dict[str, Any]:
    x, y = position(row, column)
    # The font's characters are 0.602 of its size wide; tracking makes them a tenth of an inch.
    track = 0.0 if grey else COLUMN_INCHES * POINTS - 0.602 * size
    return {"x": x, "y": y - lift, "text": text, "size": size, "grey": grey, "track": track}


def _values(page: Page, offset: Calibration) -> list[dict[str, Any]]:
    items = [_item(one.row, one.column, one.text, size=10) for one in page.placed]
    return [{**item, "x": item["x"] + offset.right, "y": item["y"] + offset.down} for item in items]


def _plain(page: Page) -> list[dict[str, Any]]:
    """Captions of every filled field above its value; boxes are named only where they are marked."""
    title = f"{TITLES[page.form]}: a copy on plain paper, page {page.number} of {page.of}"
    items = [_item(64 if page.form == "cms1500" else 65, 1, title, size=6, grey=True)]
    known = slots(page.form)
    for one in page.placed:
        items.append(_item(one.row, one.column, one.text, size=9))
        field = one.field
        if field.startswith("line."):
            field, _, number = field.rpartition(".")
            if int(number) > 1 and LINES_STEP[page.form] == 1:
                continue
        slot = known[field]
        if slot.label:
            caption = f"{slot.item} {slot.label}" if slot.item != "0" else slot.label
            items.append(_item(one.row, slot.column, caption, size=5, grey=True, lift=CAPTION_LIFT))
    return items


def eob_pdf(remittance: Remittance, claim: RemitClaim, *, claim_number: str = "") -> bytes:
    """The first payer's explanation of benefits for one claim, from its electronic remittance.

    For the next payer's paper claim. It shows this claim alone: nobody else's services, no totals of the
    payment.
    """
    day = remittance.paid_on.isoformat() if remittance.paid_on else "unknown"
    number = claim_number or claim.claim_number
    facts = [
        ["Payer", remittance.payer.name],
        ["Payment", f"{remittance.trace_number} of {day}"],
        ["Provider", remittance.payee.name],
        ["Patient", ", ".join(filter(None, (claim.patient.name, claim.patient.first_name)))],
        [
            "Claim",
            f"{number}, payer's number {claim.payer_control_number}, status {claim.status}",
        ],
        ["Charge, paid", f"{dollars(claim.charge_cents)}, {dollars(claim.paid_cents)}"],
    ]
    if claim.adjustments:
        facts.append(["Adjustments of the claim", _adjusted(claim)])
    rows = [
        [
            line.service_from.isoformat() if line.service_from else "",
            ":".join((line.code, *line.modifiers)),
            line.units_paid or "1",
            dollars(line.charge_cents),
            dollars(line.allowed_cents) if line.allowed_cents is not None else "",
            dollars(line.paid_cents),
            " ".join(f"{one.group}-{one.reason} {dollars(one.amount_cents)}" for one in line.adjustments),
            " ".join(line.remarks),
        ]
        for line in claim.lines
    ]
    notes = ["Taken from the electronic remittance (835) as the payer sent it."]
    if claim.remarks:
        notes.append("Remarks of the claim: " + " ".join(claim.remarks))
    head = ["Date", "Code", "Units", "Charge", "Allowed", "Paid", "Adjustments", "Remarks"]
    data = {"title": "Explanation of benefits", "facts": facts, "head": head, "rows": rows, "notes": notes}
    return compile_pdf(LETTER_SOURCE, data)


def _adjusted(claim: RemitClaim) -> str:
    return " ".join(f"{one.group}-{one.reason} {dollars(one.amount_cents)}" for one in claim.adjustments)


def bundle(documents: Sequence[bytes]) -> bytes:
    """Several PDFs as one, in order: the claim, then what goes with it."""
    writer = PdfWriter()
    for document in documents:
        writer.append(PdfReader(io.BytesIO(document)))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
