"""Bank lines from CAMT.053, the ISO 20022 statement. Read by local names, so that every version will do.

The XML is never trusted: no document type, no entities, nothing outside the file, limits on size, depth and
count. What cannot be read is refused with a finding.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from typing import Any
from xml.etree.ElementTree import ParseError

import msgspec
from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]

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
from cleanclaim.money import AmountError, parse_amount

SIZE_MAX = 32 * 1024 * 1024
DEPTH_MAX = 64
ENTRIES_MAX = 200_000


class CamtError(ValueError):
    """The file is not a statement that we read."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def read_camt053(data: bytes, *, file: str = "") -> Statement:
    """Read the booked entries of a CAMT.053 (or 052, 054) document.

    An entry of several payments whose amounts add up to it becomes one line each, with one `entry`;
    otherwise it is one line. Pending entries are left out.
    """
    findings: list[Finding] = []
    try:
        if len(data) > SIZE_MAX:
            raise CamtError("bank.file_too_large", f"The file has more than {SIZE_MAX} bytes.")
        lines = list(_lines(data, file, findings))
    except CamtError as error:
        return _refused(file, error.code, str(error), findings)
    except DefusedXmlException:
        message = "The file declares a document type or entities, which a statement never needs."
        return _refused(file, "bank.xml_unsafe", message, findings)
    except (ParseError, UnicodeError, LookupError, ValueError):
        return _refused(file, "bank.xml_broken", "The file is not well-formed XML.", findings)
    return Statement("camt.053", with_keys(lines), tuple(findings))


def _refused(file: str, code: str, message: str, findings: list[Finding]) -> Statement:
    remedy = "Fetch the file again from the bank; nothing of it was taken."
    finding = Finding(code, Severity.STOP, message, Where(file=file), remedy=remedy)
    return Statement("camt.053", (), (*findings, finding))


def _name(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _lines(data: bytes, file: str, findings: list[Finding]) -> Iterator[BankLine]:
    depth = entries = 0
    account, is_statement = "", False
    for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
        name = _name(element.tag)
        if event == "start":
            depth += 1
            if depth > DEPTH_MAX:
                raise CamtError("bank.xml_too_deep", f"Elements lie deeper than {DEPTH_MAX}.")
            is_statement = is_statement or name in (
                "BkToCstmrStmt",
                "BkToCstmrAcctRpt",
                "BkToCstmrDbtCdtNtfctn",
            )
            continue
        depth -= 1
        if name == "Acct" and depth <= 4:
            account = last_four(_text(element, "Id/IBAN") or _text(element, "Id/Othr/Id"))
        elif name == "Ntry":
            entries += 1
            if entries > ENTRIES_MAX:
                raise CamtError("bank.file_too_long", f"More than {ENTRIES_MAX} entries.")
            yield from _entry(element, account, entries, file, findings)
            element.clear()
        elif depth == 0 and not is_statement:
            raise CamtError("bank.camt_not_camt", "The document is not a bank statement (camt.053).")


def _find(element: Any, path: str) -> Any:
    """The first element at a path of local names."""
    current = element
    for step in path.split("/"):
        current = next((child for child in current if _name(child.tag) == step), None)
        if current is None:
            return None
    return current


def _text(element: Any, path: str) -> str:
    found = _find(element, path)
    return " ".join((found.text or "").split()) if found is not None else ""


def _all(element: Any, name: str) -> list[Any]:
    return [child for child in element.iter() if _name(child.tag) == name]


def _entry(entry: Any, account: str, number: int, file: str, findings: list[Finding]) -> Iterator[BankLine]:
    status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
    if status and status != "BOOK":
        return
    problem = _problem(entry)
    if problem:
        findings.append(
            Finding(problem[0], Severity.STOP, f"Entry {number}: {problem[1]}", Where(file=file, line=number))
        )
        return
    whole = _cents(_text(entry, "Amt"))
    sign = 1 if _text(entry, "CdtDbtInd") == "CRDT" else -1
    day = _day(entry)
    assert whole is not None and day is not None  # _problem has seen to it
    base = BankLine(
        "",
        day,
        sign * whole,
        account,
        bank_reference=_text(entry, "AcctSvcrRef") or _text(entry, "NtryRef"),
        position=number,
    )
    parts = _all(entry, "TxDtls")
    amounts = [_cents(_text(part, "AmtDtls/TxAmt/Amt") or _text(part, "Amt")) for part in parts]
    extra = _text(entry, "AddtlNtryInf")
    if len(parts) > 1 and None not in amounts and sum(cents or 0 for cents in amounts) == whole:
        shared = base.bank_reference or f"entry {number}"
        for part, cents in zip(parts, amounts, strict=True):
            yield _filled(
                msgspec.structs.replace(base, amount_cents=sign * (cents or 0), entry=shared), [part], extra
            )
    else:
        yield _filled(base, parts or [entry], extra)


def _problem(entry: Any) -> tuple[str, str] | None:
    amount = _find(entry, "Amt")
    if amount is None or _cents(_text(entry, "Amt")) is None:
        return "bank.amount_unreadable", "the amount cannot be read."
    if amount.get("Ccy", "USD") != "USD":
        return "bank.currency", "it is not in USD and was passed over."
    if _text(entry, "CdtDbtInd") not in ("CRDT", "DBIT"):
        return "bank.direction_unknown", "it says neither credit nor debit."
    if _day(entry) is None:
        return "bank.date_unreadable", "the booking date cannot be read."
    return None


def _day(entry: Any) -> date | None:
    for path in ("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"):
        text = _text(entry, path)
        if text:
            try:
                return date.fromisoformat(text[:10])
            except ValueError:
                return None
    return None


def _cents(text: str) -> int | None:
    try:
        return parse_amount(text)
    except AmountError:
        return None


def _filled(line: BankLine, parts: list[Any], extra: str) -> BankLine:
    words = [extra]
    end_to_end = check = payer = ""
    for part in parts:
        words += [
            " ".join((node.text or "").split())
            for name in ("Ustrd", "AddtlTxInf", "AddtlRmtInf", "Ref")
            for node in _all(part, name)
        ]
        reference = _text(part, "Refs/EndToEndId")
        end_to_end = end_to_end or ("" if reference == "NOTPROVIDED" else reference)
        check = check or _text(part, "Refs/ChqNb").lstrip("0")
        payer = payer or _text(part, "RltdPties/Dbtr/Nm") or _text(part, "RltdPties/Dbtr/Pty/Nm")
    text = " ".join(dict.fromkeys(filter(None, words)))
    kind = kind_of(f"{text} {payer}")
    return msgspec.structs.replace(
        line,
        kind=LineKind.CHECK if check and kind is LineKind.OTHER else kind,
        traces=find_traces(text),
        check_number=check or find_check_number(text),
        customer_reference=end_to_end,
        text=text,
        payer_name=payer,
    )
