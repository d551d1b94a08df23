"""Rates of a contract as a table: CSV or XLSX in, CSV out.

One row is one rate; the columns are `COLUMNS`. Faulty rows are findings of their own, the others are read.
docs/recipes/contracts.md describes each column.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

import msgspec

from cleanclaim.findings import Finding, Severity
from cleanclaim.money import dollars
from cleanclaim.pricing.contracts.editing import BY_PERCENT, rate_id
from cleanclaim.pricing.contracts.records import Contract, Rate, RateKind
from cleanclaim.pricing.contracts.selecting import ContractInvalid, check_contract
from cleanclaim.spreadsheet import SpreadsheetInvalid, is_xlsx, read_xlsx

COLUMNS = (
    "code",
    "modifier",
    "licence",
    "place",
    "plan",
    "kind",
    "amount",
    "percent",
    "starts",
    "ends",
    "covers",
    "source",
)
NEEDED = ("code", "starts")
ROWS_MAX = 20_000
AMOUNT_MAX_CENTS = 100_000_00
SAMPLE = """\
code,modifier,licence,place,plan,kind,amount,percent,starts,ends,covers,source
90837,,,,,fixed,131.10,,2026-01-01,,,Exhibit B page 2
90837,,PhD,,,fixed,144.20,,2026-01-01,,,Exhibit B page 2
90837,,,10,,fixed,131.10,,2026-01-01,,,Exhibit B page 3
90832-90838,,,,,medicare,,115,2026-01-01,2026-12-31,,Amendment 2
H0015,,,,,per_diem,412.50,,2026-01-01,,90853;90834;90837,Exhibit C
96*,,,,,carved_out,,,2026-01-01,,,Section 4.2
,,,,,charge,,60,2026-01-01,,,Section 3: everything else
"""
_DATES = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y")


class RateFile(msgspec.Struct, frozen=True):
    """What a file of rates says.

    Attributes:
        rates: The rows that can be used, in file order.
        findings: One for each row that cannot, with the row's number as people see it (the head is row 1).
        rows: Rows below the head that hold anything.
    """

    rates: tuple[Rate, ...]
    findings: tuple[Finding, ...]
    rows: int


def read_rate_file(data: bytes, *, plans: Mapping[str, str] | None = None) -> RateFile:
    """Read a table of rates.

    Args:
        data: CSV (UTF-8, or Windows-1252 as spreadsheets write it) or XLSX, whose first sheet is read.
        plans: The ids of the payer's plans by name, for the column `plan`.
    """
    try:
        table = _table(data)
    except (SpreadsheetInvalid, UnicodeDecodeError, csv.Error) as error:
        return RateFile((), (_finding("unreadable", 0, f"The file cannot be read: {error}."),), 0)
    head = [cell.strip().lower() for cell in table[0]] if table else []
    missing = [name for name in NEEDED if name not in head]
    if missing:
        said = f"The first row must name the columns; {' and '.join(missing)} is missing."
        return RateFile((), (_finding("columns", 1, said),), 0)
    strange = sorted({name for name in head if name and name not in COLUMNS})
    findings = [
        _finding("column_not_known", 1, f"Column {name!r} is not known and was not read.", Severity.TELL)
        for name in strange
    ]
    known = {name.casefold(): key for name, key in (plans or {}).items()}
    rates: list[Rate] = []
    rows = 0
    for number, cells in enumerate(table[1:], start=2):
        row = {name: cell.strip() for name, cell in zip(head, cells, strict=False)}
        if not any(row.values()):
            continue
        rows += 1
        if rows > ROWS_MAX:
            findings.append(_finding("too_many", number, f"Only {ROWS_MAX} rows are read."))
            break
        try:
            rate = _rate(row, known)
            if any(one.id == rate.id for one in rates):
                raise _Faulty("an earlier row is for the same lines from the same day")
            check_contract(Contract("file", "", (*_against(rates, rate), rate)))
        except _Faulty as fault:
            findings.append(_finding("row", number, str(fault)))
        except ContractInvalid as error:
            findings.append(_finding("row", number, f"Row {number}: {error}"))
        else:
            rates.append(rate)
    return RateFile(tuple(rates), tuple(findings), rows)


def write_rate_file(rates: Iterable[Rate], *, plans: Mapping[str, str] | None = None) -> str:
    """The rates as CSV with the same columns, so that what is read gives what was written.

    Args:
        plans: The names of plans by id.
    """
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for rate in rates:
        by_percent = rate.kind in BY_PERCENT
        table.writerow(
            [
                rate.code,
                rate.modifier,
                rate.credential,
                rate.place,
                (plans or {}).get(rate.plan_id, rate.plan_id),
                rate.kind.value,
                ""
                if by_percent or rate.kind is RateKind.CARVED_OUT
                else dollars(rate.amount_cents).replace(",", ""),
                str(rate.percent) if by_percent else "",
                rate.starts.isoformat(),
                rate.ends.isoformat() if rate.ends else "",
                ";".join(rate.covers),
                _safe(rate.source),
            ]
        )
    return out.getvalue()


def _safe(text: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


class _Faulty(ValueError):
    pass


def _table(data: bytes) -> list[list[str]]:
    if is_xlsx(data):
        return read_xlsx(data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252")
    if "\0" in text:
        raise SpreadsheetInvalid("it is neither CSV nor XLSX")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _against(rates: list[Rate], rate: Rate) -> list[Rate]:
    """Earlier rows that a row can contradict: only those for the same lines."""
    return [
        one
        for one in rates
        if (one.code, one.modifier, one.credential, one.place, one.plan_id)
        == (
            rate.code,
            rate.modifier,
            rate.credential,
            rate.place,
            rate.plan_id,
        )
    ]


def _rate(row: Mapping[str, str], plans: Mapping[str, str]) -> Rate:
    kind = _kind(row.get("kind", ""))
    code = row.get("code", "").upper().replace(" ", "")
    if len(code) > 11:
        raise _Faulty(f"code {code!r}: one code, a range such as 90832-90838, or a beginning such as H*")
    starts = _day(row.get("starts", ""), "starts")
    if starts is None:
        raise _Faulty("starts is empty: the first date of service, as 2026-01-31 or 01/31/2026")
    plan = row.get("plan", "")
    if plan and plan.casefold() not in plans:
        raise _Faulty(
            f"plan {plan!r} is none of this payer's plans: {', '.join(sorted(plans)) or 'it has none'}"
        )
    place = row.get("place", "")
    if place and not (place.isdecimal() and len(place) <= 2):
        raise _Faulty(f"place {place!r} is a place of service of two digits")
    modifier = row.get("modifier", "").upper()
    if modifier and len(modifier) != 2:
        raise _Faulty(f"modifier {modifier!r} has two characters; one row for each modifier")
    rate = Rate(
        "",
        kind,
        starts,
        _day(row.get("ends", ""), "ends"),
        0 if kind in BY_PERCENT or kind is RateKind.CARVED_OUT else _cents(row.get("amount", "")),
        _percent(row.get("percent", "")) if kind in BY_PERCENT else Decimal(0),
        code=code,
        modifier=modifier,
        credential=row.get("licence", ""),
        place=place.zfill(2) if place else "",
        plan_id=plans.get(plan.casefold(), ""),
        covers=tuple(part.strip().upper() for part in row.get("covers", "").split(";") if part.strip()),
        source=row.get("source", "").removeprefix("'")[:200],
    )
    return msgspec.structs.replace(rate, id=rate_id(rate))


def _kind(text: str) -> RateKind:
    if not text:
        return RateKind.FIXED
    try:
        return RateKind(text.lower().replace(" ", "_"))
    except ValueError:
        names = ", ".join(kind.value for kind in RateKind)
        raise _Faulty(f"kind {text!r} is none of {names}") from None


def _day(text: str, name: str) -> date | None:
    if not text:
        return None
    for form in _DATES:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise _Faulty(f"{name} {text!r} is no date; write 2026-01-31 or 01/31/2026")


def _cents(text: str) -> int:
    plain = text.replace("$", "").replace(",", "").strip()
    if not plain:
        raise _Faulty("amount is empty: dollars and cents of one unit, as 131.10")
    try:
        cents = Decimal(plain) * 100
    except InvalidOperation:
        raise _Faulty(f"amount {text!r} is no amount; write 131.10") from None
    if not cents.is_finite() or cents != int(cents):
        raise _Faulty(f"amount {text!r} has parts of a cent")
    if not 0 < cents <= AMOUNT_MAX_CENTS:
        raise _Faulty(f"amount {text!r} lies outside 0.01 to {dollars(AMOUNT_MAX_CENTS)}")
    return int(cents)


def _percent(text: str) -> Decimal:
    try:
        percent = Decimal(text.replace("%", "").strip())
    except InvalidOperation:
        raise _Faulty(f"percent {text!r} is no number; write 115 for 115 percent") from None
    if not percent.is_finite() or not 0 < percent <= 1000:
        raise _Faulty(f"percent {text!r} lies outside 0 to 1000")
    return percent


def _finding(code: str, row: int, message: str, severity: Severity = Severity.STOP) -> Finding:
    said = message if message.startswith(("Row", "The", "Only", "Column")) else f"Row {row}: {message}"
    return Finding(
        f"contracts.rate_file.{code}",
        severity,
        said,
        facts={"row": row},
        remedy="Correct the row in the file and bring it again; the other rows are not touched by it.",
    )
