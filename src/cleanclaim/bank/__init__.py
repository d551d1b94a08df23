"""The bank: statements in, deposits matched to remittances, and what is missing on either side.

Pure: bytes and values in, values and findings out. See docs/concepts/bank.md.
"""

from cleanclaim.bank.alarms import AgeBucket, Feed, age_exceptions, feeds
from cleanclaim.bank.bai2 import read_bai2
from cleanclaim.bank.camt053 import read_camt053
from cleanclaim.bank.csv_file import CsvColumns, detect_columns, read_csv_lines
from cleanclaim.bank.matching import (
    BankException,
    DepositMatch,
    ExceptionKind,
    MatchKind,
    MatchSettings,
    Reconciliation,
    match_deposits,
)
from cleanclaim.bank.reading import read_statement
from cleanclaim.bank.records import BankLine, ExpectedPayment, LineKind, Statement, find_traces
from cleanclaim.bank.subsets import unique_subset

__all__ = [
    "AgeBucket",
    "BankException",
    "BankLine",
    "CsvColumns",
    "DepositMatch",
    "ExceptionKind",
    "ExpectedPayment",
    "Feed",
    "LineKind",
    "MatchKind",
    "MatchSettings",
    "Reconciliation",
    "Statement",
    "age_exceptions",
    "detect_columns",
    "feeds",
    "find_traces",
    "match_deposits",
    "read_bai2",
    "read_camt053",
    "read_csv_lines",
    "read_statement",
    "unique_subset",
]
