"""One door to every typed set: by guide, from a transaction or from JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

import msgspec

from cleanclaim.findings import Finding, Severity
from cleanclaim.x12.sets.acknowledgments import read_999, write_999
from cleanclaim.x12.sets.authorization import (
    AuthorizationAnswer,
    AuthorizationRequest,
    read_278_answer,
    read_278_request,
    write_278_answer,
    write_278_request,
)
from cleanclaim.x12.sets.claim_837i import InstitutionalClaimInFile, read_837i, write_837i
from cleanclaim.x12.sets.claim_837p import read_837p, write_837p
from cleanclaim.x12.sets.claim_status import read_277, read_277ca, write_277, write_277ca
from cleanclaim.x12.sets.eligibility import (
    EligibilityAnswer,
    EligibilityQuestion,
    read_270,
    read_271,
    write_270,
    write_271,
)
from cleanclaim.x12.sets.records import ClaimInFile, GroupAck, Remittance, StatusReport
from cleanclaim.x12.sets.remittance_835 import read_835, write_835
from cleanclaim.x12.sets.status_request import StatusQuestion, read_276, write_276
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


def _dated(write: Callable[..., SetBody]) -> Callable[..., SetBody]:
    """A writer whose content carries its own time of creation, which a given one replaces."""

    def written(content: Any, *, control_number: str, created_at: datetime | None) -> SetBody:
        if created_at is not None:
            clock = f"{created_at:%H%M}"
            content = msgspec.structs.replace(content, created_on=created_at.date(), created_clock=clock)
        return write(content, control_number=control_number)

    return written


def _write_837i(
    claims: list[InstitutionalClaimInFile], *, control_number: str, created_at: datetime | None
) -> SetBody:
    return write_837i(claims, control_number=control_number, created_at=created_at)


_SETS = {
    ("837", "005010X222", ""): _Set(list[ClaimInFile], read_837p, _write_claims),
    ("837", "005010X223", ""): _Set(list[InstitutionalClaimInFile], read_837i, _write_837i),
    ("835", "005010X221", ""): _Set(Remittance, read_835, _write_remittance),
    ("999", "005010X231", ""): _Set(GroupAck, read_999, _write_group_ack),
    ("277", "005010X214", ""): _Set(StatusReport, read_277ca, _write_277ca),
    ("277", "005010X212", ""): _Set(StatusReport, read_277, _write_277),
    ("276", "005010X212", ""): _Set(StatusQuestion, read_276, _dated(write_276)),
    ("270", "005010X279", ""): _Set(EligibilityQuestion, read_270, _dated(write_270)),
    ("271", "005010X279", ""): _Set(EligibilityAnswer, read_271, _dated(write_271)),
    ("278", "005010X217", "request"): _Set(AuthorizationRequest, read_278_request, _dated(write_278_request)),
    ("278", "005010X217", "answer"): _Set(AuthorizationAnswer, read_278_answer, _dated(write_278_answer)),
}
"""By set, base of the guide, and which of two forms that share both."""
_FORMS = {"11": "answer", "01": "request", "13": "request", "36": "request"}
"""Which form a 278 is, by BHT02."""
_READ_ONLY = {("997", "005010X230"): read_999, ("997", "005010"): read_999}
"""Older forms that say the same and are never written."""


def read_typed(transaction: Transaction) -> tuple[Any, list[Finding]] | None:
    """Read a transaction by its guide, whatever the errata suffix.

    Returns:
        The content and the findings of reading it; None for a set without typed meaning. The content is
        a list of `ClaimInFile` (837P) or `InstitutionalClaimInFile` (837I), a `Remittance`, a `GroupAck`, a
        `StatusReport`, a `StatusQuestion`, an `EligibilityQuestion` or `EligibilityAnswer`, an
        `AuthorizationRequest` or `AuthorizationAnswer`.
    """
    base = transaction.guide[:_BASE]
    form = ""
    if transaction.set_id == "278":
        form = _FORMS.get(transaction.purpose, "neither")
    known = _SETS.get((transaction.set_id, base, form))
    if known is not None:
        found: tuple[Any, list[Finding]] = known.read(transaction)
        return found
    older = _READ_ONLY.get((transaction.set_id, base))
    return older(transaction) if older else None


def content_type(guide: str, set_id: str = "") -> Any:
    """The type of the content of a guide, as msgspec takes it; None when there is none.

    Args:
        guide: As in ST03.
        set_id: ST01. Needed to tell a 276 from the 277 of the same guide; where two forms remain, the type is
            their union: the content says in its field `set` which one it is.
    """
    kinds = [one.kind for key, one in _SETS.items() if key[1] == guide[:_BASE] and set_id in ("", key[0])]
    if not kinds:
        return None
    if StatusReport in kinds:
        return StatusReport  # 277, of which there is more: a 276 is asked for by its set
    return reduce(or_, kinds)


def _known(guide: str, content: Any) -> _Set | None:
    """The set that typed content of a guide is."""
    for key, one in _SETS.items():
        if key[1] != guide[:_BASE]:
            continue
        if not isinstance(one.kind, type) or isinstance(content, one.kind):
            return one
    return None


def write_typed(
    guide: str, content: Any, *, control_number: str, created_at: datetime | None = None, set_id: str = ""
) -> SetBody:
    """Write typed content as a transaction.

    Args:
        guide: As in ST03, such as ``005010X222A1``.
        content: What `read_typed` gave, or the same as plain JSON values.
        control_number: ST02.
        created_at: Time in BHT; by default the time that the content carries.
        set_id: ST01; needed only for plain JSON values of a 276, whose guide is that of the 277.

    Raises:
        WriteRefused: The guide has no typed set, the content has another shape, or the set's writer
            refuses it.
    """
    kind = content_type(guide, set_id)
    if kind is None:
        raise WriteRefused([_shape("This guide has no typed content.", "Write it from segments.")])
    if not set_id and isinstance(content, StatusQuestion):
        kind = StatusQuestion
    try:
        typed = msgspec.convert(msgspec.to_builtins(content), kind)
    except (msgspec.ValidationError, TypeError, OverflowError) as error:
        # msgspec names place and expected type, never the value.
        raise WriteRefused(
            [_shape(f"The content has another shape: {error}.", "Compare with a file read as JSON.")]
        ) from error
    known = _known(guide, typed)
    assert known is not None
    return known.write(typed, control_number=control_number, created_at=created_at)


def to_json(content: Any) -> bytes:
    """Typed content as JSON, with sorted keys: equal content gives equal bytes."""
    return msgspec.json.encode(content, order="deterministic")


def from_json(guide: str, data: bytes, set_id: str = "") -> Any:
    """The reverse of `to_json` for the content of a guide (and set, to tell a 276 from a 277).

    Raises:
        msgspec.ValidationError: The bytes are not such content.
        KeyError: The guide has no typed content.
    """
    kind = content_type(guide, set_id)
    if kind is None:
        raise KeyError(guide)
    return msgspec.json.decode(data, type=kind)


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
