"""Minute bands of a service, for the bar that a clinician sees while entering a session."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import msgspec

from cleanclaim.coding.compose import timed_answer
from cleanclaim.coding.services import Billed, Circumstances, register

_HORIZON = 240


class Band(msgspec.Struct, frozen=True):
    """Minutes that lead to one answer.

    Attributes:
        from_minutes: First minute, inclusive.
        to_minutes: Last minute, inclusive; None when there is no end, or when the answer goes on
            changing past the drawn part.
        label: ``not billable``, ``90834``, ``90839 + 90840 x 2``.
        codes: Codes with units, in claim order; empty when not billable.
    """

    from_minutes: int
    to_minutes: int | None
    label: str
    codes: Billed


def _label(billed: Billed) -> str:
    if not billed:
        return "not billable"
    return " + ".join(code if units == 1 else f"{code} x {units}" for code, units in billed)


@lru_cache(maxsize=2_000)
def _bands(service: str, circumstances: Circumstances, through: int) -> tuple[Band, ...]:
    spec = register().get(service)
    if spec is None or spec.timed is None:
        return ()
    starts = [0]
    answers = [timed_answer(spec, 0, circumstances)]
    for minute in range(1, through + 1):
        billed = timed_answer(spec, minute, circumstances)
        if billed != answers[-1]:
            starts.append(minute)
            answers.append(billed)
    ends: list[int | None] = [start - 1 for start in starts[1:]]
    ends.append(None)
    return tuple(
        Band(start, end, _label(billed), billed)
        for start, end, billed in zip(starts, ends, answers, strict=True)
    )


def bands_for(
    service: str,
    payer_kind: str,
    on: date,
    *,
    with_em: bool = False,
    participant: str = "",
    patient_type: str = "established",
    setting: str = "office",
    through: int = _HORIZON,
) -> tuple[Band, ...]:
    """The minute bands of a service on a date, from minute 0, without gaps.

    They come from the same function that codes the session.

    Args:
        service: A service word; an unknown or untimed one gives no bands.
        payer_kind: medicare, medicaid, commercial.
        on: Date of service.
        with_em: Beside an E/M of the same day (individual and crisis psychotherapy).
        participant: ``family without patient`` for 90846; the patient is present by default.
        patient_type: new or established, for E/M by time.
        setting: home and community matter for Medicare crisis work.
        through: Last minute drawn, at most 1440.

    Examples:
        >>> [(band.from_minutes, band.to_minutes, band.label)
        ...  for band in bands_for("individual psychotherapy", "commercial", date(2026, 11, 9))]
        [(0, 15, 'not billable'), (16, 37, '90832'), (38, 52, '90834'), (53, None, '90837')]
    """
    circumstances = Circumstances(
        on=on,
        payer_kind=payer_kind,
        setting=setting,
        participant=participant or "patient",
        patient_type=patient_type,
        with_em=with_em,
    )
    return _bands(service, circumstances, max(0, min(through, 1440)))


def psychotherapy_bands(on: date, *, with_em: bool = False) -> tuple[Band, ...]:
    """The bands of individual psychotherapy, the same for every payer."""
    return bands_for("individual psychotherapy", "commercial", on, with_em=with_em)


def services(family: str = "") -> tuple[str, ...]:
    """Service words in register order, all or of one family: for choosers on screens."""
    return tuple(name for name, spec in register().items() if not family or spec.family == family)


def is_timed(service: str) -> bool:
    """Whether minutes matter for a service."""
    spec = register().get(service)
    return spec is not None and spec.timed is not None
