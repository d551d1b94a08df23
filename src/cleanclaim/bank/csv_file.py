"""Bank lines from CSV: columns found by their headers, or as the caller says."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime

import msgspec

from cleanclaim.bank.records import (
    BankLine,
    Statement,
    find_check_number,
    find_traces,
    kind_of,
    last_four,
    with_keys,
)
from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.money import AmountError, parse_amount

ROWS_MAX = 200_000


class CsvColumns(msgspec.Struct, frozen=True, omit_defaults=True):
    """Header of each column; empty when the file has none. Either `amount` or `credit` and `debit`."""

    date: str = ""
    amount: str = ""
    credit: str = ""
    debit: str = ""
    text: tuple[str, ...] = ()
    check_number: str = ""
    reference: str = ""
    account: str = ""
    direction: str = ""
    """A column that says credit or debit in words."""

    @property
    def is_usable(self) -> bool:
        return bool(self.date and (self.amount or self.credit))


# What banks call their columns, in order of preference; compared in lower case, letters and digits only.
_HEADERS: dict[str, tuple[str, ...]] = {
    "date": tuple(
        "postingdate posteddate bookingdate transactiondate postdate date valuedate asofdate".split()
    ),
    "credit": tuple("credit creditamount deposits deposit moneyin paidin credits".split()),
    "debit": tuple("debit debitamount withdrawals withdrawal moneyout paidout debits".split()),
    "amount": tuple("amount transactionamount amountusd netamount".split()),
    "check_number": tuple("checknumber checkorslip check checkno chequenumber serialnumber".split()),
    "reference": tuple(
        "reference bankreference referencenumber transactionid fitid traceid tracenumber".split()
    ),
    "account": tuple("account accountnumber accountno".split()),
    "direction": tuple("details creditdebit type transactiontype drcr creditdebitindicator".split()),
}
_TEXTS = tuple(
    "description transactiondescription memo payee narrative addenda extendeddescription text "
    "customerreference name details".split()
)
_FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y", "%Y%m%d", "%Y/%m/%d", "%d-%b-%Y", "%b %d, %Y")


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def detect_columns(header: list[str]) -> CsvColumns:
    """Columns by what banks usually call them."""
    names = {_bare(cell): cell for cell in reversed(header) if cell.strip()}
    found: dict[str, str] = {}
    for field, wanted in _HEADERS.items():
        found[field] = next((names[name] for name in wanted if name in names), "")
    if found["amount"]:
        found["credit"] = found["debit"] = ""
    texts = tuple(dict.fromkeys(names[name] for name in _TEXTS if name in names))
    return CsvColumns(text=texts, **found)


def read_csv_lines(data: bytes, *, file: str = "", columns: CsvColumns | None = None) -> Statement:
    """Read bank lines from CSV.

    Args:
        columns: Headers by meaning; found by themselves when None.

    Returns:
        One line per row with an amount, in file order. A row that cannot be read is a finding, and the
        others go on; a file without usable columns has no lines and a finding that stops.
    """
    text = data.decode("utf-8-sig", errors="replace")
    rows = [line for line in text.splitlines() if line.strip()]
    start, delimiter = _header(rows, columns)
    if start is None:
        finding = Finding(
            "bank.csv_columns_unknown",
            Severity.STOP,
            "No row of the file names a date and an amount.",
            Where(file=file),
            remedy="Say which column holds the date, the amount (or credit and debit) and the description.",
        )
        return Statement("csv", (), (finding,))
    reader = csv.DictReader(io.StringIO("\n".join(rows[start:])), delimiter=delimiter)
    header = [name for name in reader.fieldnames or [] if name]
    chosen = columns or detect_columns(header)
    lines: list[BankLine] = []
    findings: list[Finding] = []
    for number, row in enumerate(reader, start=start + 2):
        if number > ROWS_MAX:
            findings.append(_finding("bank.file_too_long", f"More than {ROWS_MAX} rows.", file, number))
            return Statement("csv", (), tuple(findings))
        line = _line(row, chosen, file, number, findings)
        if line is not None:
            lines.append(line)
    return Statement("csv", with_keys(lines), tuple(findings))


def _header(rows: list[str], columns: CsvColumns | None) -> tuple[int | None, str]:
    """The first of the first rows that names the columns, and its delimiter (banks put titles above)."""
    for number, row in enumerate(rows[:30]):
        for delimiter in (",", ";", "\t", "|"):
            cells = next(csv.reader([row], delimiter=delimiter), [])
            cells = [cell.strip() for cell in cells]
            if columns is not None:
                wanted = {columns.date, columns.amount or columns.credit}
                if columns.is_usable and wanted <= set(cells):
                    return number, delimiter
            elif len(cells) > 1 and detect_columns(cells).is_usable:
                return number, delimiter
    return None, ","


def _finding(code: str, message: str, file: str, line: int, severity: Severity = Severity.STOP) -> Finding:
    return Finding(code, severity, message, Where(file=file, line=line))


def _line(
    row: dict[str, str | None], columns: CsvColumns, file: str, number: int, findings: list[Finding]
) -> BankLine | None:
    def cell(name: str) -> str:
        value = row.get(name) if name else ""
        return value.strip() if isinstance(value, str) else ""

    try:
        cents = _amount(cell(columns.amount), cell(columns.credit), cell(columns.debit))
    except AmountError:
        findings.append(_finding("bank.amount_unreadable", "The amount cannot be read.", file, number))
        return None
    if cents is None:
        return None  # a total or a balance row
    direction = cell(columns.direction).upper()
    if cents > 0 and columns.amount and direction.startswith(("DEBIT", "DR", "WITHDRAW")):
        cents = -cents
    day = read_date(cell(columns.date))
    if day is None:
        findings.append(_finding("bank.date_unreadable", "The date cannot be read.", file, number))
        return None
    text = " ".join(filter(None, (cell(name) for name in columns.text)))
    check = re.sub(r"[^0-9]", "", cell(columns.check_number)).lstrip("0")
    reference = cell(columns.reference)
    return BankLine(
        "",
        day,
        cents,
        last_four(cell(columns.account)),
        kind_of(f"{direction} {text}"),
        find_traces(text),
        check or find_check_number(text),
        reference,
        text=text,
        position=number,
    )


def _amount(amount: str, credit: str, debit: str) -> int | None:
    if amount:
        return read_money(amount)
    if credit and (read_money(credit) or not debit):
        return abs(read_money(credit))
    return -abs(read_money(debit)) if debit else None


def read_money(text: str) -> int:
    """Cents of ``$1,234.50``, ``(12.00)``, ``12.00-``, ``1234.5 CR``.

    Raises:
        AmountError: Not an amount.
    """
    bare = text.upper().replace("$", "").replace("USD", "").replace(",", "").replace(" ", "")
    negative = bare.startswith("(") and bare.endswith(")")
    bare = bare.strip("()")
    for ending, is_negative in (("CR", False), ("DR", True), ("-", True)):
        if bare.endswith(ending):
            bare, negative = bare[: -len(ending)], negative or is_negative
    cents = parse_amount(bare)
    return -abs(cents) if negative else cents


def read_date(text: str) -> date | None:
    """A calendar date in one of the forms that US banks write; None when it is none of them."""
    bare = text.strip().split("T")[0].strip()
    for form in _FORMATS:
        try:
            return datetime.strptime(bare, form).date()  # noqa: DTZ007 - a calendar date, no instant
        except ValueError:
            continue
    return None
