"""A letter to a payer with a list, one row a service line. The same words give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence

from cleanclaim.paper.pdf import compile_pdf

SOURCE = """
#let data = json(bytes(sys.inputs.sheets))
#set document(date: none)
#set page(width: 8.5in, height: 11in, margin: (x: 1in, y: 0.9in), numbering: "1 of 1")
#set text(font: "Libertinus Serif", size: 10.5pt, hyphenate: false)
#set par(leading: 0.6em)
#for (number, paragraph) in data.paragraphs.enumerate() {
  for (at, line) in paragraph.enumerate() { if at > 0 { linebreak() }; line }
  parbreak()
  v(4pt)
}
#pagebreak()
#set page(flipped: true, margin: 0.7in)
#text(size: 12pt, weight: "bold", data.title)
#v(4pt)
#set text(font: "DejaVu Sans Mono", size: 7.2pt)
#table(
  columns: data.head.len(), stroke: (x: none, y: 0.4pt + luma(170)), inset: (x: 3pt, y: 3pt),
  align: (column, row) => if column >= data.head.len() - data.amounts { right } else { left },
  table.header(..data.head.map(cell => text(weight: "bold", cell))),
  ..data.rows.flatten().map(cell => [#cell]),
)
"""


def letter_pdf(
    paragraphs: Sequence[str],
    *,
    title: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    amounts: int = 4,
) -> bytes:
    """The letter on its own sheets, the list behind it across the page.

    Args:
        paragraphs: Lines of a paragraph are divided by line ends.
        title: Above the list.
        head: The names of the list's columns; they are repeated on every sheet.
        rows: Cells as text.
        amounts: How many of the last columns are amounts, aligned to the right.
    """
    data = {
        "paragraphs": [paragraph.split("\n") for paragraph in paragraphs],
        "title": title,
        "head": list(head),
        "rows": [list(row) for row in rows],
        "amounts": amounts,
    }
    return compile_pdf(SOURCE, data)
