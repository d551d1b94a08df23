"""Validate the transactions of a file: structure, usage, values, balance.

SNIP levels: 1 and 2 come from the guide data (`walk`, `elements`, `hierarchy`), 3 from `balance`, 4 from
`situations`, 5 from `external`. Structure is checked once for each shape of claim (`shapes`).
The engine knows no transaction set; which balance checks apply is a column of the guide register.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from cleanclaim.findings import Finding, Where
from cleanclaim.x12.codes import make_finding
from cleanclaim.x12.guide import Guide, find_guide
from cleanclaim.x12.limits import DEFAULT_LIMITS, Limits
from cleanclaim.x12.structure import Delimiters, Transaction, X12File
from cleanclaim.x12.validate import bulk
from cleanclaim.x12.validate.profiles import Change, Profile, load_profile, profile_names
from cleanclaim.x12.validate.walk import CompiledGuide, Walker

__all__ = [
    "Change",
    "Profile",
    "TransactionReport",
    "compiled_guide",
    "load_profile",
    "profile_names",
    "validate",
    "validate_each",
]


class TransactionReport(msgspec.Struct, frozen=True):
    """What validation says of one transaction.

    `findings` hold those of its envelope (ST, SE) too, in the order of segments. `guide` is the id
    it was checked against, `''` when the set is not supported.
    """

    transaction: Transaction
    supported: bool
    guide: str
    claims: int
    findings: list[Finding]

    @property
    def valid(self) -> bool:
        """No finding stops it."""
        return not any(finding.severity.stops for finding in self.findings)


def validate(
    file: X12File, *, limits: Limits = DEFAULT_LIMITS, profile: Profile | None = None
) -> list[TransactionReport]:
    """Check every transaction of a file.

    Args:
        file: From `cleanclaim.x12.index.read_x12`. Findings about the file, its interchanges and
            groups stay there; those about a transaction are in its report.
        limits: What one transaction may ask of us.
        profile: What a payer relaxes or tightens, from `load_profile` or made by hand.

    Returns:
        One report a transaction, in file order. Never raises on input.
    """
    return list(validate_each(file, limits=limits, profile=profile))


def validate_each(
    file: X12File, *, limits: Limits = DEFAULT_LIMITS, profile: Profile | None = None
) -> Iterator[TransactionReport]:
    """The same one after the other: a report that is let go of takes no memory any more.

    For files of hundreds of thousands of transactions, read with `cleanclaim.x12.index.open_x12`.
    """
    used: set[CompiledGuide] = set()
    try:
        for transaction in file.transactions():
            report = _validate_one(transaction, file.name, limits, used)
            if profile is not None:
                report = msgspec.structs.replace(report, findings=profile.apply(report.findings))
            yield report
    finally:
        for compiled in used:
            compiled.forget()


def _validate_one(
    transaction: Transaction, file: str, limits: Limits, used: set[CompiledGuide]
) -> TransactionReport:
    findings = list(transaction.findings)
    guide = find_guide(transaction.set_id, transaction.guide, transaction.purpose)
    if not transaction.whole:
        return TransactionReport(transaction, guide is not None, guide.id if guide else "", 0, findings)
    if guide is None:
        findings.append(_unsupported(transaction, file))
        return TransactionReport(transaction, False, "", 0, findings)
    facts: dict[str, Any]
    if transaction.guide.strip() != guide.id:
        facts = {"seen": _shown(transaction.guide), "used": guide.id}
        findings.append(make_finding("x12.set.guide_variant", _st(transaction, file), facts))
    compiled = compiled_guide(guide, transaction.st.delimiters)
    used.add(compiled)
    kind = bulk.BulkWalker if transaction.size >= bulk.LEAST_BYTES else Walker
    walker = kind(compiled, transaction, file, limits)
    walker.walk()
    findings += walker.findings
    findings += walker.balance.findings
    findings += walker.rules.finish(walker.findings)
    findings += walker.check_whole()
    if walker.dropped:
        facts = {"limit": limits.findings}
        findings.append(make_finding("x12.file.too_many_findings", _st(transaction, file), facts))
    findings.sort(key=lambda finding: finding.where.segment_index)
    claims = walker.claims
    walker.forget()
    return TransactionReport(transaction, True, guide.id, claims, findings)


@lru_cache(maxsize=64)
def compiled_guide(guide: Guide, delimiters: Delimiters) -> CompiledGuide:
    return CompiledGuide(guide, delimiters)


def _st(transaction: Transaction, file: str) -> Where:
    group = transaction.group
    return Where(
        file=file,
        interchange=group.interchange.control_number,
        group=group.control_number,
        transaction=transaction.control_number,
        segment_index=1,
        offset=transaction.offset,
        segment="ST",
    )


def _unsupported(transaction: Transaction, file: str) -> Finding:
    facts = {"set": _shown(transaction.set_id), "guide": _shown(transaction.guide) or "none"}
    return make_finding("x12.set.unsupported", _st(transaction, file), facts)


def _shown(text: str) -> str:
    """An id fit for a message; anything else is not repeated."""
    text = text.strip()
    return text if text.isalnum() and len(text) <= 14 else "?" if text else ""
