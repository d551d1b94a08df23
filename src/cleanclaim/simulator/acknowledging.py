"""TA1, 999 and 277CA: what is said of a file before any payer decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from cleanclaim.x12.ack import DEFAULT_POLICY, acknowledge_groups
from cleanclaim.x12.index import Interchange, Transaction, X12File
from cleanclaim.x12.sets.records import (
    ClaimInFile,
    ClaimStatus,
    GroupAck,
    InterchangeAck,
    RemitParty,
    SegmentError,
    StatusInfo,
    StatusReport,
    TransactionAck,
)
from cleanclaim.x12.validate import TransactionReport

CLEARINGHOUSE_NAME = "SIMULATED CLEARINGHOUSE"
CLEARINGHOUSE_ID = "SIMCLEAR"
UNNAMED = "UNKNOWN"
"""What stands for a name or id that the claim lacks."""

FORWARDED = StatusInfo("A0", "16", "PR")
ACCEPTED = StatusInfo("A2", "20", "PR")

replace = msgspec.structs.replace


class Verdict(msgspec.Struct, frozen=True):
    """What is said of one claim in a 277CA; `control_number` is the payer's, when it took the claim."""

    claim: ClaimInFile
    status: StatusInfo
    accepted: bool
    control_number: str = ""


def interchange_answer(interchange: Interchange, code: str) -> InterchangeAck:
    """The TA1 of an interchange; `code` 000 accepts it."""
    isa = interchange.isa
    number = interchange.control_number
    return InterchangeAck(
        number.zfill(9)[-9:] if number.isdecimal() else "000000000",
        isa.get(9),
        isa.get(10),
        "A" if code == "000" else "R",
        code,
    )


def group_answers(
    file: X12File, reports: Sequence[TransactionReport], rejected: dict[int, ClaimInFile]
) -> list[GroupAck]:
    """The 999s of a file.

    Args:
        file: As read.
        reports: What validation said.
        rejected: By ``id(transaction)``: the claim for whose sake an otherwise good transaction is
            rejected.
    """
    answers = acknowledge_groups(file, reports, DEFAULT_POLICY)
    if not rejected:
        return answers
    by_number = {
        (one.group.control_number, one.control_number): rejected[id(one)]
        for one in file.transactions()
        if id(one) in rejected
    }
    return [_with_rejections(answer, by_number) for answer in answers]


def _with_rejections(answer: GroupAck, rejected: dict[tuple[str, str], ClaimInFile]) -> GroupAck:
    group = answer.group_control_number
    said = tuple(
        _rejection(one, claim) if (claim := rejected.get((group, one.control_number))) else one
        for one in answer.transactions
    )
    accepted = sum(one.result in "AE" for one in said)
    result = "R" if not accepted else "P" if accepted < len(said) else answer.result
    return replace(answer, transactions=said, accepted=accepted, result=result)


def _rejection(answer: TransactionAck, claim: ClaimInFile) -> TransactionAck:
    """A value in CLM05-1 called invalid, so that the rejection has a place to look at."""
    place = claim.claim.place_of_service
    error = SegmentError("CLM", claim.position, "2300", "8", (("5:1", "7", place),), claim.claim.claim_number)
    return replace(answer, result="R", codes=("5",), errors=(*answer.errors, error))


def is_rejected(answers: Sequence[GroupAck], transaction: Transaction) -> bool:
    """Whether the 999 lets nothing of a transaction through."""
    for answer in answers:
        if answer.group_control_number == transaction.group.control_number:
            for one in answer.transactions:
                if one.control_number == transaction.control_number.zfill(4)[:9]:
                    return one.result not in "AE"
    return True


def status_report(
    verdicts: Sequence[Verdict],
    *,
    source: RemitParty,
    source_kind: str,
    reference: str,
    received_on: date,
    created_at: datetime,
) -> StatusReport:
    """A 277CA about the claims of one batch.

    Args:
        verdicts: In file order; at least one.
        source: Who answers: `name`, `id` and its qualifier.
        source_kind: AY clearinghouse, PR payer.
        reference: BHT03, unique among our answers.
        received_on: DTP*050.
        created_at: When the answer was made.
    """
    first = verdicts[0].claim
    taken = [one for one in verdicts if one.accepted]
    refused = [one for one in verdicts if not one.accepted]
    return StatusReport(
        guide="005010X214",
        source_name=source.name,
        source_id=source.id,
        source_kind=source_kind,
        source_id_qualifier=source.id_qualifier,
        receiver_name=first.submitter.name or UNNAMED,
        receiver_id=first.submitter.id or UNNAMED,
        batch_reference=first.batch_reference or UNNAMED,
        reference=reference,
        source_trace=reference,
        received_on=received_on,
        processed_on=created_at.date(),
        created_on=created_at.date(),
        statuses=tuple(_status(one, created_at.date()) for one in _beside(verdicts)),
        accepted_count=len(taken) or None,
        rejected_count=len(refused) or None,
        accepted_cents=sum(one.claim.claim.total_charge_cents for one in taken) if taken else None,
        rejected_cents=sum(one.claim.claim.total_charge_cents for one in refused) if refused else None,
    )


def _beside(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Claims of one billing provider together, otherwise in their order."""
    providers: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        providers.setdefault(verdict.claim.claim.billing_provider.npi, []).append(verdict)
    return [verdict for members in providers.values() for verdict in members]


def _status(verdict: Verdict, on: date) -> ClaimStatus:
    claim = verdict.claim.claim
    provider, patient = claim.billing_provider, claim.patient
    dates = [line.date_of_service for line in claim.lines]
    return ClaimStatus(
        level="claim",
        statuses=(verdict.status,),
        effective_on=on,
        action="WQ" if verdict.accepted else "U",
        claim_number=claim.claim_number,
        payer_control_number=verdict.control_number,
        charge_cents=claim.total_charge_cents,
        service_from=min(dates),
        service_to=max(dates),
        member_id=claim.member_id,
        patient=RemitParty(
            patient.last_name or UNNAMED, patient.first_name, "MI", claim.member_id or UNNAMED
        ),
        provider=RemitParty(provider.name or UNNAMED, provider.first_name, "XX", provider.npi or UNNAMED),
    )
