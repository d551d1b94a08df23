"""Read and write an 837I: levels of the file to claims that stand alone, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from cleanclaim.findings import Finding, Severity
from cleanclaim.x12.sets.claim_837i.layout import BATCH
from cleanclaim.x12.sets.claim_837i.records import (
    Batch,
    BillingLevel,
    BillingProvider,
    InstitutionalClaim,
    InstitutionalClaimInFile,
    PatientLevel,
    SubscriberLevel,
)
from cleanclaim.x12.sets.layouts import read_layout, write_layout
from cleanclaim.x12.sets.parties import Party
from cleanclaim.x12.writer import SetBody, WriteRefused

if TYPE_CHECKING:
    from cleanclaim.x12.structure import Transaction

GUIDE = "005010X223A2"
replace = msgspec.structs.replace


def read_837i(transaction: Transaction) -> tuple[list[InstitutionalClaimInFile], list[Finding]]:
    """Read the claims of one 837I transaction, in file order.

    Never raises on input. A value that cannot be read is empty and a finding; an amount that cannot be read
    stops. Each claim carries its billing provider, coverage, subscriber, payer and patient.
    """
    batch, findings = read_layout(BATCH, transaction, "x12.837i")
    return list(_flat(batch)), findings


def _flat(batch: Batch) -> Iterator[InstitutionalClaimInFile]:
    for level in batch.providers:
        names = BillingProvider.__struct_fields__
        provider = BillingProvider(**{name: getattr(level, name) for name in names})
        above: dict[str, Any] = {
            "billing_provider": provider, "pay_to": level.pay_to, "pay_to_plan": level.pay_to_plan
        }  # fmt: skip
        for one in level.subscribers:
            held = above | {"coverage": one.coverage, "subscriber": one.subscriber, "payer": one.payer}
            found = [replace(claim, **held) for claim in one.claims]
            for patient in one.patients:
                own = held | {"relationship": patient.relationship, "patient": patient.patient}
                found += [replace(claim, **own) for claim in patient.claims]
            for claim in found:
                yield InstitutionalClaimInFile(
                    claim, batch.reference, batch.submitter or Party(), batch.receiver or Party(),
                    batch.created_on, batch.created_clock, batch.purpose, batch.kind,
                )  # fmt: skip


def write_837i(
    claims: Sequence[InstitutionalClaimInFile], *, control_number: str, created_at: datetime | None = None
) -> SetBody:
    """Write claims as one 837I; neighbours that share provider, coverage or patient share a level.

    Args:
        claims: In the order they are to stand. Submitter, receiver and reference are those of the first.
        control_number: ST02.
        created_at: Time in BHT; by default that of the first claim.

    Raises:
        WriteRefused: There is no claim, or the guide refuses what would be written: one finding for each
            fault, with loop and element.
    """
    if not claims:
        message = "The list of claims is empty."
        raise WriteRefused([Finding("x12.837i.empty", Severity.STOP, message, remedy="Give at least one.")])
    first = claims[0]
    batch = Batch(
        first.batch_reference,
        created_at.date() if created_at else first.created_on,
        f"{created_at:%H%M}" if created_at else first.created_clock,
        first.purpose, first.kind, first.submitter, first.receiver,
        tuple(_providers([one.claim for one in claims])),
    )  # fmt: skip
    return write_layout(
        BATCH, batch, set_id="837", guide=GUIDE, functional_id="HC", control_number=control_number
    )


def _providers(claims: Iterable[InstitutionalClaim]) -> Iterator[BillingLevel]:
    for (provider, pay_to, plan), members in _runs(
        claims, lambda one: (one.billing_provider, one.pay_to, one.pay_to_plan)
    ):
        held = {name: getattr(provider, name) for name in BillingProvider.__struct_fields__}
        yield BillingLevel(**held, pay_to=pay_to, pay_to_plan=plan, subscribers=tuple(_subscribers(members)))


def _subscribers(claims: Iterable[InstitutionalClaim]) -> Iterator[SubscriberLevel]:
    for (coverage, subscriber, payer), members in _runs(
        claims, lambda one: (one.coverage, one.subscriber, one.payer)
    ):
        own: list[InstitutionalClaim] = []
        patients: list[PatientLevel] = []
        for (relationship, patient), found in _runs(members, lambda one: (one.relationship, one.patient)):
            if patient is not None or relationship:
                patients.append(PatientLevel(relationship, patient, tuple(found)))
                continue
            if patients:  # own claims come before those of others in a level
                yield SubscriberLevel(coverage, subscriber, payer, tuple(own), tuple(patients))
                own, patients = [], []
            own += found
        yield SubscriberLevel(coverage, subscriber, payer, tuple(own), tuple(patients))


def _runs(claims: Iterable[InstitutionalClaim], key: Any) -> Iterator[tuple[Any, list[InstitutionalClaim]]]:
    for shared, members in groupby(claims, key=key):
        yield shared, list(members)
