"""Each paid line beside what was due: read in bulk, decided by the core, kept as facts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from cleanclaim.claim import Claim as ClaimValue
from cleanclaim.claim import decode_claim
from cleanclaim.pricing.contracts import Contract, RateKind
from cleanclaim.pricing.underpayment import PaidLine, Verdict, compare_lines, paid_lines
from cleanclaim.remittance.nextpayer.telling import Answer
from cleanclaim.x12.sets.records import Remittance as RemittanceValue
from cleanclaim_server.claims.models import Claim, ClaimLine
from cleanclaim_server.contracts.queries import SET_UP_ID, contracts_in_force
from cleanclaim_server.coverage.models import Plan
from cleanclaim_server.cycle.underpayments.collecting import collect
from cleanclaim_server.cycle.underpayments.interest import Interest, LateRules, rules_of
from cleanclaim_server.remittances.models import InboxRemittance, RemittanceClaim, RemittanceState
from cleanclaim_server.remittances.queries import content_of
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.underpayments.models import LineComparison, Status
from cleanclaim_server.work.bulk import chunks, insert_rows

Row = dict[str, Any]
"""A comparison as values by column name: a payment makes thousands, of which few are looked at again."""
OF_ANOTHER_PAYER = {
    "P": frozenset(("2", "3", "20", "21")),
    "S": frozenset(("1", "3", "19", "21")),
    "T": frozenset(("1", "2", "19", "20")),
}
"""CLP02 that cannot be an answer to a claim of this place: a crossover names the first payer's claim too."""
REVERSAL = "22"
FACTS = (
    "remittance_id",
    "version_id",
    "status",
    "kind",
    "also",
    "allowed_cents",
    "expected_allowed_cents",
    "paid_cents",
    "expected_paid_cents",
    "short_cents",
    "why",
    "rate_id",
    "rate_source",
    "steps",
    "received_on",
    "paid_on",
    "interest_paid_cents",
    "interest_due_cents",
    "interest_why",
)
"""What a comparison says; when all of it is the same, no new row is written."""


@dataclass(frozen=True)
class Sent:
    """A claim as it left, with what pricing needs beside it."""

    id: UUID
    payer_id: UUID
    value: ClaimValue
    program: str = ""


def compare_claims(
    practice_id: UUID,
    claim_ids: Iterable[UUID],
    *,
    now: datetime,
    today: date,
    contents: Mapping[UUID, RemittanceValue] | None = None,
) -> list[Row]:
    """Compare every answered line of these claims with its contract, and bring projects up to date.

    Runs in the transaction of what made it necessary: a posting, its undoing, a new contract version. The
    number of queries does not grow with the lines.

    Args:
        contents: Payments that were just read, by id, so that they are not read again.

    Returns:
        The comparisons that changed, as they were written.
    """
    wanted = set(claim_ids)
    if not wanted:
        return []
    sent = sent_claims(practice_id, wanted)
    contracts = _in_force(practice_id, {one.payer_id for one in sent.values()})
    siblings = _same_days(practice_id, sent, contracts)
    if siblings:
        sent |= sent_claims(practice_id, siblings)
    answers = standing_answers(practice_id, sent, contents)
    late, rules = {}, LateRules(rules_of(practice_id))
    lines: list[PaidLine] = []
    owner: dict[str, UUID] = {}
    for key, one in sorted(sent.items()):
        for line in paid_lines(one.value, [answer for answer, _ in answers.get(key, ())]):
            late[line.key] = found = rules.interest(line, one.value, one.program)
            lines.append(
                msgspec.structs.replace(
                    line,
                    payer_id=str(one.payer_id),
                    practice_id=str(practice_id),
                    interest_due_cents=found.cents,
                )
            )
            owner[line.key] = key
    verdicts = compare_lines(lines, list(contracts.values()))
    places = _places(practice_id, sent)
    newest = {key: found[-1][1] for key, found in answers.items() if found}
    rows = []
    for verdict in verdicts:
        one = sent[owner[verdict.line.key]]
        contract = contracts.get(one.payer_id)
        version = _version_of(contract)
        line_id = places[one.id].get(verdict.line.key)
        if line_id is not None:
            rows.append(
                _row(
                    practice_id,
                    one,
                    line_id,
                    verdict,
                    late[verdict.line.key],
                    newest.get(one.id),
                    version,
                    now,
                )
            )
    changed = _keep(practice_id, sent, rows, now)
    collect(practice_id, changed, now=now, today=today)
    return changed


def _version_of(contract: Contract | None) -> UUID | None:
    """The version that a contract is; None for plain amounts of the set-up, and without one."""
    if contract is None or contract.id.startswith(SET_UP_ID):
        return None
    return UUID(contract.id)


def sent_claims(practice_id: UUID, claim_ids: Collection[UUID]) -> dict[UUID, Sent]:
    found: dict[UUID, Sent] = {}
    programs = dict(Plan.objects.exclude(program="").values_list("id", "program"))
    for part in chunks(list(claim_ids)):
        rows = list(
            Claim.objects.filter(practice_id=practice_id, pk__among=part).values_list(
                "id", "payer_id", "coverage__plan_id", "frozen"
            )
        )
        opened = Claim._meta.get_field("frozen").open_many(
            (blob, practice_id, key) for key, _, _, blob in rows
        )
        for (key, payer_id, plan_id, _), data in zip(rows, opened, strict=True):
            found[key] = Sent(key, payer_id, decode_claim(data), programs.get(plan_id, ""))
    return found


def _in_force(practice_id: UUID, payer_ids: set[UUID]) -> dict[UUID, Contract]:
    """Contracts under our own payer ids, by which the lines are told apart too."""
    return {
        key: msgspec.structs.replace(one, payer_id=str(key), practice_id=str(practice_id))
        for key, one in contracts_in_force(practice_id, payer_ids).items()
    }


def _same_days(practice_id: UUID, sent: Mapping[UUID, Sent], contracts: Mapping[UUID, Contract]) -> set[UUID]:
    """Other claims of the same patients' days, where a contract looks at whole days."""
    daily = {
        key
        for key, one in contracts.items()
        if one.mppr_percent is not None or any(rate.kind is RateKind.PER_DIEM for rate in one.rates)
    }
    mine = [key for key, one in sent.items() if one.payer_id in daily]
    days: set[tuple[UUID, UUID, date]] = set()
    for part in chunks(mine):
        rows = Claim.objects.filter(practice_id=practice_id, pk__in=part)
        days.update(rows.values_list("patient_id", "payer_id", "date_of_service"))
    found: set[UUID] = set()
    for part in chunks(sorted({patient for patient, _, _ in days})):
        rows = Claim.objects.filter(
            practice_id=practice_id,
            patient_id__in=part,
            payer_id__in=daily,
            adjudicated_on__isnull=False,
            date_of_service__range=(min(day for *_, day in days), max(day for *_, day in days)),
        ).values_list("id", "patient_id", "payer_id", "date_of_service")
        found.update(key for key, *about in rows if tuple(about) in days)
    return found - set(sent)


def standing_answers(
    practice_id: UUID, sent: Mapping[UUID, Sent], contents: Mapping[UUID, RemittanceValue] | None = None
) -> dict[UUID, list[tuple[Answer, UUID]]]:
    """Everything that each claim's own payer answered in payments that stand, oldest first."""
    found = RemittanceClaim.objects.filter(
        practice_id=practice_id, claim_id__among=sent, remittance__state=RemittanceState.POSTED
    )
    rows = list(
        found.values_list(
            "claim_id",
            "remittance_id",
            "number",
            "remittance__paid_on",
            "remittance__received_at",
            "remittance__inbox_id",
        )
    )
    opened = _contents(rows, contents or {})
    answers: dict[UUID, list[tuple[Answer, UUID]]] = {}
    for claim_id, remittance_id, number, paid_on, _, _ in sorted(
        rows, key=lambda row: (row[3] or date.min, row[4], row[1], row[2])
    ):
        content = opened.get(remittance_id)
        if content is None or not 0 < number <= len(content.claims):
            continue
        answer = Answer(content.claims[number - 1], paid_on)
        answers.setdefault(claim_id, []).append((answer, remittance_id))
    return {key: _own(sent[key].value.sequence, found) for key, found in answers.items()}


def _contents(rows: Sequence[tuple], known: Mapping[UUID, RemittanceValue]) -> dict[UUID, RemittanceValue]:
    found = dict(known)
    missing = {
        inbox: remittance for _, remittance, _, _, _, inbox in rows if remittance not in found and inbox
    }
    for part in chunks(sorted(missing), 50):
        for inbox in InboxRemittance.objects.filter(pk__in=part):
            found[missing[inbox.pk]] = content_of(inbox)
    return found


def _own(sequence: str, answers: list[tuple[Answer, UUID]]) -> list[tuple[Answer, UUID]]:
    """Without what another payer answered to the same claim, and without its reversals of that."""
    strange = OF_ANOTHER_PAYER.get(sequence, frozenset())
    theirs = {one.claim.payer_control_number for one, _ in answers if one.claim.status in strange}
    return [
        (one, key)
        for one, key in answers
        if one.claim.status not in strange
        and not (one.claim.status == REVERSAL and one.claim.payer_control_number in theirs)
    ]


def _places(practice_id: UUID, claim_ids: Collection[UUID]) -> dict[UUID, dict[str, UUID]]:
    found: dict[UUID, dict[str, UUID]] = {key: {} for key in claim_ids}
    rows = ClaimLine.objects.filter(practice_id=practice_id, claim_id__among=found)
    for claim_id, control, key in rows.values_list("claim_id", "control_number", "id"):
        found[claim_id][control] = key
    return found


def _row(
    practice_id: UUID,
    one: Sent,
    line_id: UUID,
    verdict: Verdict,
    late: Interest,
    newest: UUID | None,
    version: UUID | None,
    now: datetime,
) -> Row:
    line, status, why = verdict.line, verdict.status, verdict.why
    kind, short = verdict.kind or "", verdict.short_cents
    if line.is_secondary and status in (Status.UNDERPAID, Status.OVERPAID):
        # What a later payer calls allowed depends on what the first one paid; no contract says it.
        status, kind, short = Status.UNKNOWN, "", 0
        why = "another payer paid first: its contract alone does not say what this one owes"
    return dict(
        id=new_id(),
        practice_id=practice_id,
        claim_id=one.id,
        claim_line_id=line_id,
        payer_id=one.payer_id,
        remittance_id=newest,
        version_id=version,
        date_of_service=line.on,
        status=str(status),
        kind=str(kind),
        also=[str(other) for other in verdict.also],
        allowed_cents=verdict.allowed_cents,
        expected_allowed_cents=verdict.expected_allowed_cents,
        paid_cents=line.paid_cents,
        expected_paid_cents=verdict.expected_paid_cents,
        short_cents=short,
        why=why[:400],
        rate_id=verdict.rate_id[:120],
        rate_source=verdict.source[:300],
        steps=list(verdict.steps),
        received_on=line.received_on,
        paid_on=line.paid_on,
        interest_paid_cents=line.interest_cents,
        interest_due_cents=late.cents,
        interest_why=late.why[:400],
        compared_at=now,
    )


def _keep(practice_id: UUID, sent: Mapping[UUID, Sent], rows: list[Row], now: datetime) -> list[Row]:
    """Write what is new; what stood before is current no more. Lines without an answer are withdrawn."""
    held = LineComparison.objects.filter(practice_id=practice_id, claim_id__among=sent, is_current=True)
    before = {row.claim_line_id: row for row in held}
    now_said = {row["claim_line_id"]: row for row in rows}
    changed = [
        row
        for key, row in now_said.items()
        if key not in before or any(getattr(before[key], name) != row[name] for name in FACTS)
    ]
    gone = [
        dict(
            id=new_id(),
            practice_id=practice_id,
            claim_id=row.claim_id,
            claim_line_id=row.claim_line_id,
            payer_id=row.payer_id,
            date_of_service=row.date_of_service,
            status=Status.WITHDRAWN.value,
            why="no answer stands: the posting was undone or the payer took it back",
            compared_at=now,
        )
        for key, row in before.items()
        if key not in now_said and row.status != Status.WITHDRAWN
    ]
    replaced = [
        before[row["claim_line_id"]].pk for row in (*changed, *gone) if row["claim_line_id"] in before
    ]
    LineComparison.objects.filter(practice_id=practice_id, pk__among=replaced).update(is_current=None)
    insert_rows(LineComparison, changed)
    insert_rows(LineComparison, gone)
    return changed + gone
