"""What every writer of a transaction set needs: segments as tuples, in the guides' shapes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from cleanclaim.claim import Address, Adjustment
from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.money import x12_amount
from cleanclaim.x12.writer import clean_text

Item = TypeVar("Item")

TRIPLES_PER_CAS = 6

# Printable ASCII without the usual delimiters: what an identifier may hold. X12's extended set.
_PLAIN = re.compile(r"[!-)+-9;-\]_a-}](?:[ !-)+-9;-\]_a-}]*[!-)+-9;-\]_a-}])?\Z")


def sent_text(value: str) -> str:
    """Free text as it travels: ASCII, capitals, no delimiters, single blanks.

    Capitals because receivers may fold lower case, and an answer should match what we keep.

    Examples:
        >>> sent_text(" Peña: Main St. ")
        'PENA MAIN ST.'
    """
    return clean_text(value).upper()


def is_plain(value: str, longest: int, shortest: int = 1) -> bool:
    """Whether an identifier can be sent as it is: length, no delimiter, no outer blanks, ASCII.

    Examples:
        >>> is_plain("XYZ123", 80), is_plain("A*B", 80), is_plain(" A", 80), is_plain("", 80)
        (True, False, False, False)
    """
    return shortest <= len(value) <= longest and bool(_PLAIN.match(value))


def nm1(
    entity: str, kind: str, name: str, first: str = "", middle: str = "", suffix: str = "",
    qualifier: str = "", identifier: str = "",
) -> tuple[str, ...]:  # fmt: skip
    """An NM1; the qualifier is sent only with its identifier."""
    return ("NM1", entity, kind, name, first, middle, "", suffix, identifier and qualifier, identifier)


def address_segments(address: Address) -> Iterator[tuple[str, ...]]:
    """N3 and N4, or nothing when the address has no street or no city."""
    if address.line1 and address.city:
        yield ("N3", address.line1, address.line2)
        yield ("N4", address.city, address.state, address.postal_code)


def sent_address(address: Address) -> Address:
    """The address as it travels; empty when it would not be sent."""
    sent = Address(
        sent_text(address.line1), sent_text(address.line2), sent_text(address.city),
        sent_text(address.state), address.postal_code.replace("-", "").strip(),
    )  # fmt: skip
    return sent if sent.line1 and sent.city else Address()


def by_group(adjustments: Iterable[Adjustment]) -> list[Adjustment]:
    """Adjustments with equal group codes brought together, otherwise in their order."""
    groups: dict[str, list[Adjustment]] = {}
    for adjustment in adjustments:
        groups.setdefault(adjustment.group, []).append(adjustment)
    return [adjustment for members in groups.values() for adjustment in members]


def cas_segments(adjustments: Iterable[Adjustment]) -> Iterator[tuple[str, ...]]:
    """CAS segments, up to six triples each, one group a segment; neighbours of a group share one."""
    pending: list[Adjustment] = []
    for adjustment in [*adjustments, None]:
        full = len(pending) == TRIPLES_PER_CAS
        if pending and (adjustment is None or full or adjustment.group != pending[0].group):
            triples = [
                part for one in pending for part in (one.reason, x12_amount(one.amount_cents), one.quantity)
            ]
            yield ("CAS", pending[0].group, *triples)
            pending = []
        if adjustment is not None:
            pending.append(adjustment)


def in_chunks(items: Sequence[Item], size: int) -> Iterator[list[Item]]:
    """Lists of at most `size` items, in order."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


class Refusals:
    """Collects what keeps a record from being written."""

    def __init__(self, family: str, subject_id: str, subject_word: str) -> None:
        self.findings: list[Finding] = []
        self._family = family
        self._subject = subject_id
        self._name = (
            f"{subject_word} {subject_id}" if subject_id.isalnum() else f"This {subject_word.lower()}"
        )

    def add(
        self, code: str, missing: str, remedy: str, loop: str = "", element: str = "", **facts: object
    ) -> None:
        """Refuse: `missing` completes the sentence "Claim A1003 …"."""
        self.findings.append(
            Finding(
                f"{self._family}.{code}", Severity.STOP, f"{self._name} {missing}.",
                Where(loop=loop, segment=element.rstrip("0123456789")[:3] or element[:3], element=element),
                self._subject, facts, remedy,
            )
        )  # fmt: skip
