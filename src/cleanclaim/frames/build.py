"""Claims as values -> claim frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from operator import attrgetter
from typing import Any

import polars as pl

from cleanclaim.claim import Address, Claim, Clinician, Organization, ServiceLine
from cleanclaim.frames import schema

_NOBODY = Clinician(last_name="")
_NOWHERE = Organization(name="")
_FEW = 8


@dataclass(frozen=True)
class ClaimFrames:
    """A batch of claims as frames; see `cleanclaim.frames.schema` for the columns.

    Attributes:
        claims: One row per claim, in batch order.
        lines: One row per service line.
        diagnoses: One row per diagnosis of a claim.
        other_payers: One row per other coverage of a claim.
        other_lines: One row per service line and earlier payer that answered it.
        adjustments: One row per CAS triple of an earlier payer.
    """

    claims: pl.DataFrame
    lines: pl.DataFrame
    diagnoses: pl.DataFrame
    other_payers: pl.DataFrame
    other_lines: pl.DataFrame
    adjustments: pl.DataFrame

    @property
    def height(self) -> int:
        """Number of claims."""
        return self.claims.height


def frames_from_claims(claims: Sequence[Claim]) -> ClaimFrames:
    """Lay claims out as frames, one column at a time (a hundred thousand claims take seconds).

    Args:
        claims: Any claims; unfinished ones too. Their order becomes `claim_row`.

    Returns:
        Frames whose columns and types are always those of `cleanclaim.frames.schema`, also for an
        empty batch.
    """
    # Parallel lists, not tuples: a hundred thousand small objects would set the garbage collector to work.
    lines = [line for claim in claims for line in claim.lines]
    owners = [claim for claim in claims for _ in claim.lines]
    rows = [row for row, claim in enumerate(claims) for _ in claim.lines]
    others = [
        (row, number, other)
        for row, claim in enumerate(claims)
        for number, other in enumerate(claim.other_payers, start=1)
    ]
    answered = [
        (row, line_row, line, other)
        for line_row, (row, line) in enumerate(zip(rows, lines, strict=True))
        for other in line.other_payers
    ]
    return ClaimFrames(
        claims=_frame(schema.CLAIMS, _claim_columns(claims)),
        lines=_frame(schema.LINES, _line_columns(rows, owners, lines)),
        diagnoses=_frame(
            schema.DIAGNOSES,
            {
                "claim_row": [row for row, claim in enumerate(claims) for _ in claim.diagnoses],
                "diagnosis_number": [n for claim in claims for n in range(1, len(claim.diagnoses) + 1)],
                "diagnosis": [diagnosis for claim in claims for diagnosis in claim.diagnoses],
            },
        ),
        other_payers=_frame(
            schema.OTHER_PAYERS,
            {
                "claim_row": [row for row, _, _ in others],
                "other_number": [number for _, number, _ in others],
                "other_payer_id": [other.payer.payer_id for _, _, other in others],
                "other_payer_kind": [str(other.payer.kind) for _, _, other in others],
                "other_sequence": [other.sequence for _, _, other in others],
                "other_member_id": [other.member_id for _, _, other in others],
                "other_paid_cents": [other.paid_cents for _, _, other in others],
                "other_remaining_cents": [other.remaining_patient_cents for _, _, other in others],
                "other_adjudicated_on": [_answered_on(claims[row], other) for row, _, other in others],
                "other_line_count": [
                    sum(
                        answer.payer_id == other.payer.payer_id
                        for line in claims[row].lines
                        for answer in line.other_payers
                    )
                    for row, _, other in others
                ],
            },
        ),
        other_lines=_frame(
            schema.OTHER_LINES,
            {
                "claim_row": [row for row, *_ in answered],
                "line_row": [line_row for _, line_row, _, _ in answered],
                "line_number": [line.number for _, _, line, _ in answered],
                "other_payer_id": [other.payer_id for *_, other in answered],
                "other_line_paid_cents": [other.paid_cents for *_, other in answered],
                "other_line_adjusted_cents": [
                    sum(adjustment.amount_cents for adjustment in other.adjustments) for *_, other in answered
                ],
            },
        ),
        adjustments=_adjustments(others, answered),
    )


def _adjustments(others: Sequence[tuple[Any, ...]], answered: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    triples = [
        (row, None, other.payer.payer_id, adjustment)
        for row, _, other in others
        for adjustment in other.adjustments
    ] + [
        (row, line_row, other.payer_id, adjustment)
        for row, line_row, _, other in answered
        for adjustment in other.adjustments
    ]
    if not triples:
        return _nothing(schema.ADJUSTMENTS)
    return _frame(
        schema.ADJUSTMENTS,
        {
            "claim_row": [row for row, *_ in triples],
            "line_row": [line_row for _, line_row, *_ in triples],
            "other_payer_id": [payer_id for _, _, payer_id, _ in triples],
            "adjustment_group": [adjustment.group for *_, adjustment in triples],
            "adjustment_reason": [adjustment.reason for *_, adjustment in triples],
            "adjustment_cents": [adjustment.amount_cents for *_, adjustment in triples],
        },
    ).sort("claim_row", "line_row", maintain_order=True, nulls_last=False)


def context_frame(kind: str, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Build a frame of what is known beside the claims from plain rows.

    Args:
        kind: ``history``, ``coverage``, ``authorizations``, ``consents``, ``documents``, ``charges`` or
            ``enrollments``.
        rows: Mappings with the documented column names. A missing text is '', a missing list is
            empty, anything else missing is null. Unknown names are refused.

    Raises:
        KeyError: A row has a column that the schema does not know, or `kind` is unknown.
    """
    columns = schema.ALL[kind]
    known = {column.name for column in columns}
    rows = list(rows)
    for row in rows:
        if unknown := set(row) - known:
            raise KeyError(f"{kind} has no column {sorted(unknown)[0]}")
    defaults: dict[str, Any] = {
        column.name: "" if column.dtype == pl.String else [] if isinstance(column.dtype, pl.List) else None
        for column in columns
    }
    data = {
        name: [default if (value := row.get(name)) is None else value for row in rows]
        for name, default in defaults.items()
    }
    return _frame(columns, data)


def units_milli(text: str) -> int | None:
    """Units in thousandths; None when the text is not a plain number.

    Examples:
        >>> units_milli("1"), units_milli("1.5"), units_milli("x"), units_milli("1e5")
        (1000, 1500, None, None)
    """
    if text == "1":
        return 1000
    if not text or not set(text) <= set("0123456789.-"):
        return None
    try:
        scaled = Decimal(text) * 1000
    except InvalidOperation:
        return None
    if scaled != scaled.to_integral_value() or abs(scaled) > 10**15:
        return None
    return int(scaled)


def _answered_on(claim: Claim, other: Any) -> Any:
    if other.adjudicated_on is not None:
        return other.adjudicated_on
    days = [
        answer.adjudicated_on
        for line in claim.lines
        for answer in line.other_payers
        if answer.payer_id == other.payer.payer_id and answer.adjudicated_on is not None
    ]
    return max(days, default=None)


@cache
def _nothing(columns: tuple[schema.Column, ...]) -> pl.DataFrame:
    return pl.DataFrame(schema=schema.polars_schema(columns))


def _frame(columns: tuple[schema.Column, ...], data: Mapping[str, Sequence[Any]]) -> pl.DataFrame:
    """The columns as one frame. Few rows go in as rows: a hundred columns cost more than a row of them."""
    height = len(data[columns[0].name])
    if not height:
        return _nothing(columns)
    if height <= _FEW:
        rows = list(zip(*(data[column.name] for column in columns), strict=True))
        return pl.DataFrame(rows, schema=schema.polars_schema(columns), orient="row", strict=True)
    return pl.DataFrame(
        [
            _lists(column, data[column.name])
            if isinstance(column.dtype, pl.List)
            else pl.Series(column.name, data[column.name], dtype=column.dtype, strict=True)
            for column in columns
        ]
    )


def _lists(column: schema.Column, values: Sequence[Sequence[Any]]) -> pl.Series:
    """A list column. Lists repeat (few modifiers, few pointers), so each distinct one is built once."""
    numbers: dict[tuple[Any, ...], int] = {}
    rows = [numbers.setdefault(tuple(value), len(numbers)) for value in values]
    distinct = pl.Series(column.name, [list(value) for value in numbers], dtype=column.dtype, strict=True)
    return distinct.gather(rows) if rows else distinct


def _address_columns(prefix: str, addresses: list[Address]) -> dict[str, list[Any]]:
    return {
        f"{prefix}_line1": [a.line1 for a in addresses],
        f"{prefix}_city": [a.city for a in addresses],
        f"{prefix}_region": [a.state for a in addresses],
        f"{prefix}_postal_code": [a.postal_code for a in addresses],
    }


def _clinician_columns(prefix: str, people: list[Clinician | None]) -> dict[str, list[Any]]:
    named = [person or _NOBODY for person in people]
    return {
        f"has_{prefix}": [person is not None for person in people],
        f"{prefix}_name": [person.last_name for person in named],
        f"{prefix}_npi": [person.npi for person in named],
        f"{prefix}_taxonomy": [person.taxonomy for person in named],
    }


def _claim_columns(claims: Sequence[Claim]) -> dict[str, list[Any]]:
    facilities = [claim.service_facility or _NOWHERE for claim in claims]
    columns: dict[str, list[Any]] = {"claim_row": list(range(len(claims)))}
    for name in (
        "claim_number", "practice_id", "patient_id", "encounter_id", "plan_id", "state", "sequence",
        "relationship", "member_id", "group_number", "insurance_type", "payer_control_number",
        "place_of_service", "modality", "signed_note", "part2", "total_charge_cents", "patient_paid_cents",
        "authorization_number", "provider_signature", "accept_assignment", "benefits_assigned",
        "release_of_information",
    ):  # fmt: skip
        columns[name] = list(map(attrgetter(name), claims))
    columns |= {
        "claim_note": [claim.note for claim in claims],
        "payer_id": [claim.payer.payer_id for claim in claims],
        "payer_name": [claim.payer.name for claim in claims],
        "payer_kind": [claim.payer.kind.value for claim in claims],
        "claim_filing_code": [claim.payer.claim_filing_code for claim in claims],
        "frequency": [claim.frequency.value for claim in claims],
        "subscriber_last_name": [claim.subscriber.last_name for claim in claims],
        "subscriber_birth_date": [claim.subscriber.birth_date for claim in claims],
        "subscriber_sex": [claim.subscriber.sex for claim in claims],
        "patient_last_name": [claim.patient.last_name for claim in claims],
        "patient_first_name": [claim.patient.first_name for claim in claims],
        "patient_birth_date": [claim.patient.birth_date for claim in claims],
        "patient_sex": [claim.patient.sex for claim in claims],
        "billing_name": [claim.billing_provider.name for claim in claims],
        "billing_npi": [claim.billing_provider.npi for claim in claims],
        "billing_taxonomy": [claim.billing_provider.taxonomy for claim in claims],
        "billing_is_person": [claim.billing_provider.is_person for claim in claims],
        "billing_tax_id": [claim.billing_provider.tax_id for claim in claims],
        "billing_tax_id_kind": [claim.billing_provider.tax_id_kind for claim in claims],
        "has_facility": [claim.service_facility is not None for claim in claims],
        "facility_npi": [facility.npi for facility in facilities],
        "rendering_credential": [claim.rendering.credential if claim.rendering else "" for claim in claims],
        "line_count": [len(claim.lines) for claim in claims],
        "line_charge_cents": [sum(line.charge_cents for line in claim.lines) for claim in claims],
        "diagnosis_count": [len(claim.diagnoses) for claim in claims],
        "other_payer_count": [len(claim.other_payers) for claim in claims],
        "first_service_on": [
            min((line.date_of_service for line in claim.lines), default=None) for claim in claims
        ],
        "last_service_on": [
            max((line.date_of_service_end or line.date_of_service for line in claim.lines), default=None)
            for claim in claims
        ],
    }
    columns |= _address_columns("subscriber", [claim.subscriber.address for claim in claims])
    columns |= _address_columns("patient", [claim.patient.address for claim in claims])
    columns |= _address_columns("billing", [claim.billing_provider.address for claim in claims])
    columns |= _address_columns("facility", [facility.address for facility in facilities])
    columns |= _clinician_columns("rendering", [claim.rendering for claim in claims])
    columns |= _clinician_columns("supervising", [claim.supervising for claim in claims])
    columns |= _clinician_columns("referring", [claim.referring for claim in claims])
    return columns | _bill_columns(claims)


def _bill_columns(claims: Sequence[Claim]) -> dict[str, list[Any]]:
    """What institutional claims add; most batches hold none."""
    bills = [claim.bill for claim in claims]
    columns: dict[str, list[Any]] = {"bill_type": [claim.bill_type for claim in claims]}
    for name in ("statement_from", "statement_to", "admitted_on"):
        columns[name] = [None if bill is None else getattr(bill, name) for bill in bills]
    for name in ("admission_type", "admission_source", "patient_status"):
        columns[name] = ["" if bill is None else getattr(bill, name) for bill in bills]
    columns["conditions"] = [() if bill is None else bill.conditions for bill in bills]
    return columns | _clinician_columns(
        "attending", [None if bill is None else bill.attending for bill in bills]
    )


def _line_columns(rows: list[int], owners: list[Claim], lines: list[ServiceLine]) -> dict[str, list[Any]]:
    """Columns of the lines; `rows` and `owners` name each line's claim."""
    columns: dict[str, list[Any]] = {"claim_row": rows, "line_row": list(range(len(lines)))}
    for column, name in (
        ("line_number", "number"), ("line_control", "control_number"), ("code", "code"),
        ("modifiers", "modifiers"), ("date_of_service", "date_of_service"),
        ("date_of_service_end", "date_of_service_end"), ("charge_cents", "charge_cents"), ("units", "units"),
        ("diagnosis_pointers", "diagnosis_pointers"), ("session_minutes", "session_minutes"),
        ("line_note", "note"), ("revenue_code", "revenue_code"),
    ):  # fmt: skip
        columns[column] = list(map(attrgetter(name), lines))
    people = [line.rendering or claim.rendering for claim, line in zip(owners, lines, strict=True)]
    return columns | {
        "units_milli": list(map(units_milli, columns["units"])),
        "line_place": [
            line.place_of_service or claim.place_of_service for claim, line in zip(owners, lines, strict=True)
        ],
        # Who rendered the line: its own clinician, the claim's, else a billing person.
        "line_rendering_npi": [
            person.npi
            if person is not None
            else claim.billing_provider.npi
            if claim.billing_provider.is_person
            else ""
            for claim, person in zip(owners, people, strict=True)
        ],
        "line_credential": [person.credential if person is not None else "" for person in people],
        "line_has_supervising": [
            line.supervising is not None or claim.supervising is not None
            for claim, line in zip(owners, lines, strict=True)
        ],
    }
