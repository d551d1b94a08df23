"""One door to every typed set: by guide, from a transaction or from JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

import msgspec

from cleanclaim.findings import Finding, Severity
from cleanclaim.x12.sets.acknowledgments import read_999, write_999
from cleanclaim.x12.sets.claim_837p import read_837p, write_837p
from cleanclaim.x12.sets.claim_status import read_277, read_277ca, write_277, write_277ca
from cleanclaim.x12.sets.records import ClaimInFile, GroupAck, Remittance, StatusReport
from cleanclaim.x12.sets.remittance_835 import read_835, write_835
from cleanclaim.x12.writer import SetBody, WriteRefused

if TYPE_CHECKING:
    from cleanclaim.x12.structure import Transaction

_BASE = len("005010X222")


class _Set(msgspec.Struct, frozen=True):
    kind: Any
    read: Callable[[Any], tuple[Any, list[Finding]]]
    write: Callable[..., SetBody]


def _write_claims(claims: list[ClaimInFile], *, control_number: str, created_at: datetime | None) -> SetBody:
    if not claims:
        raise WriteRefused([_shape("The list of claims is empty.", "Give at least one claim.")])
    first = claims[0]
    return write_837p(
        [one.claim for one in claims], submitter=first.submitter, receiver=first.receiver,
        batch_reference=first.batch_reference, control_number=control_number,
        created_at=_moment(created_at, first.created_at),
    )  # fmt: skip


def _write_remittance(content: Remittance, *, control_number: str, created_at: datetime | None) -> SetBody:
    return write_835(content, control_number=control_number)


def _write_group_ack(content: GroupAck, *, control_number: str, created_at: datetime | None) -> SetBody:
    return write_999(content, control_number=control_number)


def _write_277ca(content: StatusReport, *, control_number: str, created_at: datetime | None) -> SetBody:
    moment = _moment(created_at, _made_at(content))
    return write_277ca(content, control_number=control_number, created_at=moment)


def _write_277(content: StatusReport, *, control_number: str, created_at: datetime | None) -> SetBody:
    moment = _moment(created_at, _made_at(content))
    return write_277(content, control_number=control_number, created_at=moment)


_SETS = {
    "005010X222": _Set(list[ClaimInFile], read_837p, _write_claims),
    "005010X221": _Set(Remittance, read_835, _write_remittance),
    "005010X231": _Set(GroupAck, read_999, _write_group_ack),
    "005010X214": _Set(StatusReport, read_277ca, _write_277ca),
    "005010X212": _Set(StatusReport, read_277, _write_277),
}
_READ_ONLY = {("997", "005010X230"): read_999, ("997", "005010"): read_999}
"""Older forms that say the same and are never written."""


def read_typed(transaction: Transaction) -> tuple[Any, list[Finding]] | None:
    """Read a transaction by its guide, whatever the errata suffix.

    Returns:
        The content and the findings of reading it; None for a set without typed meaning. The content is
        a list of `ClaimInFile` (837P), a `Remittance`, a `GroupAck`, or a `StatusReport`.
    """
    base = transaction.guide[:_BASE]
    known = _SETS.get(base)
    if known is not None and transaction.set_id == _set_id(base):
        return known.read(transaction)
    older = _READ_ONLY.get((transaction.set_id, base))
    return older(transaction) if older else None


def _set_id(base: str) -> str:
    return {"005010X222": "837", "005010X221": "835", "005010X231": "999"}.get(base, "277")


def content_type(guide: str) -> Any:
    """The type that `read_typed` gives for a guide, as msgspec takes it; None when there is none."""
    known = _SETS.get(guide[:_BASE])
    return known.kind if known else None


def write_typed(
    guide: str, content: Any, *, control_number: str, created_at: datetime | None = None
) -> SetBody:
    """Write typed content as a transaction.

    Args:
        guide: As in ST03, such as ``005010X222A1``.
        content: What `read_typed` gave, or the same as plain JSON values.
        control_number: ST02.
        created_at: Time in BHT; by default the time that the content carries.

    Raises:
        WriteRefused: The guide has no typed set, the content has another shape, or the set's writer
            refuses it.
    """
    known = _SETS.get(guide[:_BASE])
    if known is None:
        raise WriteRefused([_shape("This guide has no typed content.", "Write it from segments.")])
    try:
        typed = msgspec.convert(msgspec.to_builtins(content), known.kind)
    except (msgspec.ValidationError, TypeError, OverflowError) as error:
        # msgspec names place and expected type, never the value.
        raise WriteRefused(
            [_shape(f"The content has another shape: {error}.", "Compare with a file read as JSON.")]
        ) from error
    return known.write(typed, control_number=control_number, created_at=created_at)


def to_json(content: Any) -> bytes:
    """Typed content as JSON, with sorted keys: equal content gives equal bytes."""
    return msgspec.json.encode(content, order="deterministic")


def from_json(guide: str, data: bytes) -> Any:
    """The reverse of `to_json` for the content of a guide.

    Raises:
        msgspec.ValidationError: The bytes are not such content.
        KeyError: The guide has no typed content.
    """
    return msgspec.json.decode(data, type=_SETS[guide[:_BASE]].kind)


def _made_at(report: StatusReport) -> datetime | None:
    """When a 277 says that it was made; midnight when it names no time."""
    clock = report.created_clock
    at = time(int(clock[:2]), int(clock[2:4])) if clock else time()
    return datetime.combine(report.created_on, at) if report.created_on else None


def _moment(*choices: datetime | None) -> datetime:
    for choice in choices:
        if choice is not None:
            return choice
    raise WriteRefused([_shape("The content carries no time of creation.", "Give created_at.")])


def _shape(message: str, remedy: str) -> Finding:
    return Finding("x12.write.shape", Severity.STOP, message, remedy=remedy)
