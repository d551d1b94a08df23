"""Who may do what: the role matrix, as data.

Source: handbook of compliance, minimum necessary (45 CFR 164.502(b), 164.514(d)). A practice may
narrow these, never widen them. Psychotherapy notes are no class here: no part of the product holds them.
"""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import NamedTuple


class Role(Enum):
    """A job in a practice."""

    BILLER = "biller"
    CODER = "coder"
    POSTER = "poster"
    DENIAL_SPECIALIST = "denial_specialist"
    MANAGER = "manager"
    PRACTICE_OWNER = "practice_owner"
    CLINICIAN = "clinician"
    AUDITOR = "auditor"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class DataClass(Enum):
    """A kind of data that is granted or withheld as one."""

    DEMOGRAPHICS = "demographics"
    IDENTIFIERS = "identifiers"
    COVERAGE = "coverage"
    CLAIM = "claim"
    NOTE_EXCERPT = "note_excerpt"
    PART2 = "part2"
    LEDGER = "ledger"
    BANK = "bank"
    CONTRACTS = "contracts"
    AGENCY_FEES = "agency_fees"
    AUDIT_LOG = "audit_log"
    USERS = "users"
    RULES = "rules"
    APPROVALS = "approvals"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    DataClass.DEMOGRAPHICS: "demographics and contact",
    DataClass.IDENTIFIERS: "SSN and full date of birth",
    DataClass.COVERAGE: "coverage and eligibility",
    DataClass.CLAIM: "claims, diagnoses and procedures",
    DataClass.NOTE_EXCERPT: "note excerpts that support a claim",
    DataClass.PART2: "records under 42 CFR Part 2",
    DataClass.LEDGER: "remittances and ledger",
    DataClass.BANK: "bank and card tokens",
    DataClass.CONTRACTS: "contracts and fee schedules",
    DataClass.AGENCY_FEES: "agency fee invoices",
    DataClass.AUDIT_LOG: "the audit log",
    DataClass.USERS: "users and roles",
    DataClass.RULES: "rules that billers write",
    DataClass.APPROVALS: "approving refunds and closing months",
}


class Access(IntEnum):
    """How much. A need is met by itself or more."""

    NONE = 0
    LIMITED = 1  # masked, or only for assigned work items
    READ = 2
    FULL = 3


class Limit(Enum):
    """What narrows an access."""

    OWN = "own"  # a clinician's own patients; an owner's own practice is the practice itself
    CONSENT = "consent"  # with the patient's consent on file (42 CFR 2.31)
    OPEN_DENIAL = "open_denial"  # while a denial of the claim is open
    SAMPLED = "sampled"  # for the records drawn into a sample
    MASKED = "masked"


class Cell(NamedTuple):
    """One cell of the matrix."""

    access: Access
    limits: frozenset[Limit] = frozenset()


def _cell(text: str) -> Cell:
    letter, *limits = text.split("+")
    access = {"F": Access.FULL, "R": Access.READ, "L": Access.LIMITED, "N": Access.NONE}[letter]
    return Cell(access, frozenset(Limit(limit) for limit in limits))


# One row per data class; one column per role, in the order of `Role`.
_TABLE = {
    # class                  biller    coder     poster denial        manager owner clinician auditor
    DataClass.DEMOGRAPHICS: "F         L         L      R             R       R     R+own     R",
    DataClass.IDENTIFIERS:  "L         N         N      L             L       L     L+own     L",
    DataClass.COVERAGE:     "F         R         R      R             R       R     R+own     R",
    DataClass.CLAIM:        "F         F         R      F             R       R     R+own     R",
    DataClass.NOTE_EXCERPT: "N         R         N      L+open_denial L       L     F+own     L+sampled",
    DataClass.PART2:        "L+consent L+consent L      L+consent     L       L     F+own     L",
    DataClass.LEDGER:       "R         N         F      R             R       R     N         R",
    DataClass.BANK:         "N         N         L      N             L       L     N         R+masked",
    DataClass.CONTRACTS:    "R         R         R      R             F       F     N         R",
    DataClass.AGENCY_FEES:  "N         N         N      N             F       F     N         R",
    DataClass.AUDIT_LOG:    "N         N         N      N             R       R     N         R",
    DataClass.USERS:        "N         N         N      N             F       F     N         R",
    # Not in the handbook: rules about payers hold no patient, so everybody may know them.
    DataClass.RULES:        "F         R         R      R             F       R     R         R",
    # Nor this: who posts asks for a refund, who answers for the practice approves it and closes its months.
    DataClass.APPROVALS:    "N         N         R      N             F       F     N         R",
}  # fmt: skip

MATRIX: dict[tuple[DataClass, Role], Cell] = {
    (data_class, role): _cell(text)
    for data_class, row in _TABLE.items()
    for role, text in zip(Role, row.split(), strict=True)
}


def cell(data_class: DataClass, role: Role) -> Cell:
    """Return what a role may do with a class of data."""
    return MATRIX[data_class, role]
