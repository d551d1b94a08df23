"""Bank lines from BAI2, the cash-management format of US banks.

Records: 01 file, 02 group (its date), 03 account, 16 detail, 88 continuation, 49/98/99 trailers with control
totals. A record ends with ``/`` or, when its last field is free text, with the line. Amounts have two implied
decimals; type codes 100-399 are credits, 400-699 debits. A file whose totals or counts fail is refused whole:
part of a statement must not be matched against a whole month.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from cleanclaim.bank.records import (
    BankLine,
    LineKind,
    Statement,
    find_check_number,
    find_traces,
    kind_of,
    last_four,
    with_keys,
)
from cleanclaim.findings import Finding, Severity, Where

RECORDS_MAX = 500_000
FULL_LINE = 79
"""A line this long was broken by its width, not at the end of a word."""

# Type codes of detail records whose kind is certain; others go by their text.
KINDS = {
    **dict.fromkeys(("142", "145", "155", "164", "165", "166", "168", "169"), LineKind.ACH),
    **dict.fromkeys(("115", "116", "135", "136"), LineKind.LOCKBOX),
    **dict.fromkeys(("195", "196", "208", "495"), LineKind.WIRE),
    **dict.fromkeys(("172", "174", "175", "301", "355"), LineKind.CHECK),
    **dict.fromkeys(("255", "555", "475", "395"), LineKind.CHECK),
    **dict.fromkeys(("354",), LineKind.INTEREST),
    **dict.fromkeys(("698", "661"), LineKind.FEE),
}


class Bai2Error(ValueError):
    """The file is not BAI2, or does not add up. `line` counts from 1."""

    def __init__(self, code: str, message: str, line: int) -> None:
        self.code, self.line = code, line
        super().__init__(message)


class _Record(msgspec.Struct):
    """A record with its continuations, as fields; `text_at` is where free text begins, for a 16."""

    code: str
    fields: list[str]
    line: int
    physical: int = 1


def read_bai2(data: bytes, *, file: str = "") -> Statement:
    """Read the booked lines of a BAI2 file.

    Returns:
        Lines in file order; on a broken file none, and a finding that stops and says where.
    """
    findings: list[Finding] = []
    try:
        lines = _read(data.decode("utf-8", errors="replace"), file, findings)
    except Bai2Error as error:
        where = Where(file=file, line=error.line)
        remedy = "Fetch the file again from the bank; nothing of it was taken."
        finding = Finding(error.code, Severity.STOP, str(error), where, remedy=remedy)
        return Statement("bai2", (), (*findings, finding))
    return Statement("bai2", with_keys(lines), tuple(findings))


def _read(text: str, file: str, findings: list[Finding]) -> list[BankLine]:
    records = _records(text)
    if not records or records[0].code != "01":
        raise Bai2Error("bank.bai2_not_bai2", "The file does not begin with a file header (01).", 1)
    lines: list[BankLine] = []
    state = _State()
    for record in records:
        if state.file_closed:
            raise Bai2Error(
                "bank.bai2_order", f"Record {record.code} follows the end of the file.", record.line
            )
        state.count(record)
        if record.code == "02":
            state.open_group(record)
        elif record.code == "03":
            state.open_account(record)
        elif record.code == "16":
            line = state.detail(record, file, findings)
            if line is not None:
                lines.append(line)
        elif record.code in ("49", "98", "99"):
            state.close(record)
        elif record.code != "01":
            raise Bai2Error(
                "bank.bai2_record_unknown", f"Record code {record.code[:4]!r} is unknown.", record.line
            )
    if not state.file_closed:
        raise Bai2Error("bank.bai2_cut_off", "The file ends without its trailer (99).", records[-1].line)
    return lines


def _records(text: str) -> list[_Record]:
    records: list[_Record] = []
    open_text, length = False, 0
    for number, raw in enumerate(text.splitlines(), start=1):
        if number > RECORDS_MAX:
            raise Bai2Error("bank.file_too_long", f"More than {RECORDS_MAX} records.", number)
        row = raw.strip("\r\n\x1a ")
        if not row:
            continue
        code, _, rest = row.partition(",")
        code = code.rstrip("/")
        ended = rest.endswith("/")
        rest = rest[:-1] if ended else rest
        if code == "88":
            if not records:
                raise Bai2Error("bank.bai2_order", "A continuation stands before any record.", number)
            record = records[-1]
            record.physical += 1
            if open_text and record.code == "16":
                # Free text runs on: banks break it at a fixed width, in the middle of a word if need be.
                glue = "" if length >= FULL_LINE or rest[:1] == " " else " "
                record.fields[-1] += glue + rest
            else:
                record.fields += rest.split(",")
        else:
            records.append(_Record(code, rest.split(","), number))
        open_text, length = not ended, len(raw.rstrip("\r\n"))
    return records


class _State:
    """Where the reader is, and the totals so far."""

    def __init__(self) -> None:
        self.day: date | None = None
        self.currency = "USD"
        self.group_currency = "USD"
        self.account = ""
        self.totals = {"49": 0, "98": 0, "99": 0}
        self.counts = {"49": 0, "98": 0, "99": 0}
        self.children = {"98": 0, "99": 0}
        self.file_closed = False
        self.in_account = self.in_group = False

    def count(self, record: _Record) -> None:
        for trailer in ("49", "98", "99"):
            if trailer == "49" and not (self.in_account or record.code == "03"):
                continue
            if trailer == "98" and not (self.in_group or record.code == "02"):
                continue
            self.counts[trailer] += record.physical

    def open_group(self, record: _Record) -> None:
        self.in_group = True
        self.day = _date(_field(record, 3))
        self.group_currency = _field(record, 5) or "USD"
        if self.day is None:
            raise Bai2Error("bank.bai2_date", "The date of a group cannot be read.", record.line)

    def open_account(self, record: _Record) -> None:
        if not self.in_group:
            raise Bai2Error("bank.bai2_order", "An account stands outside a group.", record.line)
        self.in_account = True
        self.account = last_four(_field(record, 0))
        self.currency = _field(record, 1) or self.group_currency
        index = 2
        while index < len(record.fields):
            if not record.fields[index].strip():
                index += 1
                continue
            amount = _field(record, index + 1)
            self.totals["49"] += _cents(amount, record.line) if amount else 0
            index = _after_funds(record.fields, index + 3)

    def detail(self, record: _Record, file: str, findings: list[Finding]) -> BankLine | None:
        if not self.in_account or self.day is None:
            raise Bai2Error("bank.bai2_order", "A detail stands outside an account.", record.line)
        code, raw = _field(record, 0), _field(record, 1)
        amount = _cents(raw, record.line) if raw else 0
        self.totals["49"] += amount
        index = _after_funds(record.fields, 2)
        bank, customer = _field(record, index), _field(record, index + 1)
        text = ",".join(record.fields[index + 2 :]).strip(" ,")
        if not code.isdecimal() or not 100 <= int(code) <= 699:
            return None  # status and loan codes move no money of ours
        if self.currency != "USD":
            findings.append(
                Finding(
                    "bank.currency",
                    Severity.OVERRIDE,
                    f"A line is in {self.currency[:3]}, not in USD; it was passed over.",
                    Where(file=file, line=record.line),
                )
            )
            return None
        signed = amount if int(code) < 400 else -amount
        words = f"{text} {customer}"
        check = find_check_number(text)
        kind = KINDS.get(code, kind_of(words))
        if not check and kind is LineKind.CHECK and customer.isdecimal():
            check = customer.lstrip("0")
        return BankLine(
            "",
            self.day,
            signed,
            self.account,
            kind,
            find_traces(words),
            check,
            bank,
            customer,
            text,
            position=record.line,
        )

    def close(self, record: _Record) -> None:
        code = record.code
        total, count = _cents(_field(record, 0), record.line), _number(record.fields[-1], record.line)
        if total != self.totals[code]:
            difference = total - self.totals[code]
            raise Bai2Error(
                "bank.bai2_total",
                f"The control total of record {code} is {difference} cents off what its records add up to.",
                record.line,
            )
        if count != self.counts[code]:
            raise Bai2Error(
                "bank.bai2_count",
                f"Record {code} counts {count} records; there are {self.counts[code]}.",
                record.line,
            )
        if code in self.children and _number(_field(record, 1), record.line) != self.children[code]:
            raise Bai2Error(
                "bank.bai2_count", f"Record {code} counts other parts than there are.", record.line
            )
        self.totals[code], self.counts[code] = 0, 0
        if code == "49":
            self.totals["98"] += total
            self.children["98"] += 1
            self.in_account = False
        elif code == "98":
            self.totals["99"] += total
            self.children["99"] += 1
            self.children["98"] = 0
            self.in_group = False
        else:
            self.file_closed = True


def _field(record: _Record, index: int) -> str:
    return record.fields[index].strip() if index < len(record.fields) else ""


def _after_funds(fields: list[str], index: int) -> int:
    """The field after a funds type and what belongs to it."""
    kind = fields[index].strip().upper() if index < len(fields) else ""
    if kind == "S":
        return index + 4
    if kind == "V":
        return index + 3
    if kind == "D":
        text = fields[index + 1].strip() if index + 1 < len(fields) else "0"
        return index + 2 + 2 * (int(text) if text.isdecimal() and len(text) < 4 else 0)
    return index + 1


def _cents(text: str, line: int) -> int:
    bare = text.strip().lstrip("+")
    if not bare.lstrip("-").isdecimal() or len(bare) > 18:
        raise Bai2Error("bank.amount_unreadable", "An amount cannot be read.", line)
    return int(bare)


def _number(text: str, line: int) -> int:
    if not text.strip().isdecimal() or len(text) > 12:
        raise Bai2Error("bank.bai2_count", "A count cannot be read.", line)
    return int(text)


def _date(text: str) -> date | None:
    for form in ("%y%m%d", "%Y%m%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a calendar date, no instant
        except ValueError:
            continue
    return None
