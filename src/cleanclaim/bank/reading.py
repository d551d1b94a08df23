"""One door for bank files: what it is is told from its first bytes."""

from __future__ import annotations

from cleanclaim.bank.bai2 import read_bai2
from cleanclaim.bank.camt053 import read_camt053
from cleanclaim.bank.csv_file import CsvColumns, read_csv_lines
from cleanclaim.bank.records import Statement


def read_statement(data: bytes, *, file: str = "", columns: CsvColumns | None = None) -> Statement:
    """Read a bank file: BAI2, CAMT.053 or CSV.

    Examples:
        >>> data = b"Date,Description,Amount\\n2026-03-02,HCCLAIMPMT TRN*1*T100*1999999999,90.00\\n"
        >>> found = read_statement(data)
        >>> found.format, found.lines[0].amount_cents, found.lines[0].traces
        ('csv', 9000, ('T100',))
    """
    head = data[:512].lstrip(b"\xef\xbb\xbf \r\n\t")
    if head.startswith(b"01,"):
        return read_bai2(data, file=file)
    if head.startswith(b"<") or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return read_camt053(data, file=file)
    return read_csv_lines(data, file=file, columns=columns)
