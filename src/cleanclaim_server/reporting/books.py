"""One hash over everything an agency's work came to: equal books, equal hash.

Rows are named by what people call them (claim numbers, chart numbers, traces), never by random ids, and
no time of the wall clock enters. Two runs of a simulation with one seed must end on the same hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from uuid import UUID

import msgspec

from cleanclaim.claim import decode_claim, encode_claim
from cleanclaim_server.bank.models import Line, SetAside, TiePart
from cleanclaim_server.claims.models import (
    Acknowledgment,
    Batch,
    Claim,
    ClaimEvent,
    ClaimFinding,
    ClaimHold,
    ClaimLine,
)
from cleanclaim_server.coverage.models import Payer
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.ledger.models import Balance, Entry, Leg, Period
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import ProviderAdjustment, Remittance, RemittanceClaim
from cleanclaim_server.work.models import WorkItem

_ENCODER = msgspec.json.Encoder(order="deterministic")
_CLAIM = (
    "claim_number", "sequence", "frequency", "lifecycle", "payer_state", "payer_state_on", "date_of_service",
    "total_charge_cents", "expected_cents", "codes", "place_of_service", "rule_state", "payer_control_number",
    "first_ready_at", "first_sent_at", "accepted_at", "adjudicated_on", "filing_limit_on", "was_clean",
    "created_at", "payer__payer_id", "patient__chart_number", "rendering_provider__npi",
)  # fmt: skip


def books_hash(agency_id: UUID) -> str:
    """Hash of an agency's sessions, claims, answers, payments, denials, books, bank and work (64 hex digits).

    Runs in a tenant context over all practices of the agency.
    """
    total = hashlib.sha256()
    for name, digest in books_hashes(agency_id).items():
        total.update(f"{name}:{digest}\n".encode())
    return total.hexdigest()


def books_hashes(agency_id: UUID) -> dict[str, str]:
    """The hash of each kind of record, so that two runs that differ say where."""
    found: dict[str, str] = {}
    practices = list(Practice.objects.filter(agency_id=agency_id).order_by("code"))
    names = _Names(agency_id, practices)
    for name, rows in _sections([practice.pk for practice in practices], names):
        digest = hashlib.sha256()
        for line in sorted(_ENCODER.encode(row) for row in rows):
            digest.update(line)
        found[name] = digest.hexdigest()
    return found


class _Names:
    """What people call the rows that others point to."""

    def __init__(self, agency_id: UUID, practices: Iterable[Practice]) -> None:
        self.practice = {practice.pk: practice.code for practice in practices}
        mine = list(self.practice)
        self.claim = dict(Claim.objects.filter(practice_id__in=mine).values_list("pk", "claim_number"))
        self.line = dict(ClaimLine.objects.filter(practice_id__in=mine).values_list("pk", "control_number"))
        self.patient = dict(Patient.objects.filter(practice_id__in=mine).values_list("pk", "chart_number"))
        self.payer = dict(Payer.objects.filter(agency_id=agency_id).values_list("pk", "payer_id"))
        self.encounter = dict(Encounter.objects.filter(practice_id__in=mine).values_list("pk", "external_id"))
        self.remittance = {
            key: f"{trace} {on}"
            for key, trace, on in Remittance.objects.filter(practice_id__in=mine).values_list(
                "pk", "trace_number", "paid_on"
            )
        }

    def subject(self, key: UUID) -> str:
        """A work item's subject, whatever kind of row it is."""
        tables = (self.claim, self.encounter, self.patient, self.remittance)
        return next((table[key] for table in tables if key in table), "")


def _sections(mine: list[UUID], names: _Names) -> Iterator[tuple[str, Iterable[tuple]]]:
    """(Name, rows) of every kind of record."""
    scope = {"practice_id__in": mine}
    yield (
        "sessions",
        Encounter.objects.filter(**scope).values_list(
            "external_id", "date_of_service", "state", "patient__chart_number", "note_signed_at", "created_at"
        ),
    )
    yield "claims", Claim.objects.filter(**scope).values_list(*_CLAIM)
    yield "contents", (_content(claim) for claim in Claim.objects.filter(**scope).iterator(500))
    yield (
        "lines",
        ClaimLine.objects.filter(**scope).values_list(
            "control_number",
            "code",
            "modifiers",
            "units",
            "date_of_service",
            "charge_cents",
            "expected_cents",
        ),
    )
    yield (
        "holds",
        ClaimHold.objects.filter(**scope).values_list(
            "claim__claim_number", "cause", "detail", "opened_at", "released_at"
        ),
    )
    yield (
        "findings",
        ClaimFinding.objects.filter(**scope).values_list(
            "claim__claim_number", "code", "severity", "line_number", "message"
        ),
    )
    yield (
        "events",
        ClaimEvent.objects.filter(**scope).values_list(
            "claim__claim_number", "kind", "actor_kind", "actor_name", "happened_at", "title", "position"
        ),
    )
    yield "batches", Batch.objects.filter(**scope).values_list(
        "interchange_control_number", "claims_count", "total_charge_cents", "created_at", "ta1_result",
        "ack_result", "acknowledged_at", "accepted_count", "rejected_count", "transfer__state",
    )  # fmt: skip
    yield (
        "acknowledgments",
        Acknowledgment.objects.filter(**scope).values_list(
            "claim__claim_number", "kind", "result", "codes", "sender", "payer_control_number", "received_at"
        ),
    )
    yield "remittances", Remittance.objects.filter(**scope).values_list(
        "practice__code", "trace_number", "payer__payer_id", "paid_cents", "paid_on", "plb_cents", "state",
        "posting_number", "claims_count", "difference_cents", "received_at", "posted_at",
    )  # fmt: skip
    yield "answers", RemittanceClaim.objects.filter(**scope).values_list(
        "remittance__trace_number", "number", "claim__claim_number", "status", "charge_cents", "paid_cents",
        "patient_cents", "payer_control_number", "matched_by", "next_action",
    )  # fmt: skip
    yield (
        "provider adjustments",
        ProviderAdjustment.objects.filter(**scope).values_list(
            "remittance__trace_number", "code", "reference", "amount_cents"
        ),
    )
    yield (
        "denials",
        Denial.objects.filter(**scope).values_list(
            "claim__claim_number",
            "group",
            "reason",
            "amount_cents",
            "category",
            "state",
            "denied_on",
            "due_on",
        ),
    )
    yield (
        "balances",
        (
            (names.claim.get(claim), account, cents)
            for claim, account, cents in Balance.objects.filter(**scope).values_list(
                "claim_id", "account", "amount_cents"
            )
        ),
    )
    yield "entries", _entries(scope, names)
    yield "bank", _bank(scope, names)
    yield (
        "closed months",
        Period.objects.filter(**scope).values_list(
            "practice__code",
            "month",
            "closed_at",
            "reason",
            "left_open",
            "entries",
            "movements",
            "closing_balances",
        ),
    )
    yield (
        "work",
        (
            (queue, names.subject(subject), *rest)
            for queue, subject, *rest in WorkItem.objects.filter(**scope).values_list(
                "queue",
                "subject_id",
                "title",
                "amount_cents",
                "due_on",
                "is_open",
                "opened_on",
                "closed_reason",
            )
        ),
    )


def _bank(scope: dict, names: _Names) -> Iterator[tuple]:
    """Lines of the bank, what they were tied to or set aside as, and what was taken back of that."""
    lines = {
        key: (account, str(on), cents, position)
        for key, account, on, cents, position in Line.objects.filter(**scope).values_list(
            "pk", "account__last_four", "booked_on", "amount_cents", "position"
        )
    }
    yield from (("line", *line) for line in lines.values())
    parts = TiePart.objects.filter(**scope).values_list(
        "line_id", "remittance_id", "amount_cents", "tie__kind", "tie__made_at", "tie__undone__made_at"
    )
    for line, remittance, *rest in parts:
        yield "tied", lines[line], names.remittance.get(remittance), *rest
    asides = SetAside.objects.filter(**scope).values_list(
        "line_id", "remittance_id", "amount_cents", "reason", "made_at", "undone__made_at"
    )
    for line, remittance, *rest in asides:
        yield "aside", lines.get(line), names.remittance.get(remittance), *rest


def _content(claim: Claim) -> tuple:
    """What was sent, without the ids by which we find our own rows."""
    value = decode_claim(claim.frozen)
    bare = msgspec.structs.replace(value, practice_id="", patient_id="", encounter_id="", plan_id="")
    return claim.claim_number, hashlib.sha256(encode_claim(bare)).hexdigest()


def _entries(scope: dict, names: _Names) -> Iterator[tuple]:
    legs: dict[UUID, list[tuple]] = {}
    rows = Leg.objects.filter(**scope).values_list(
        "entry_id", "number", "account", "amount_cents", "claim_id", "claim_line_id", "patient_id",
        "payer_id", "group", "reason", "source_position",
    )  # fmt: skip
    for entry, number, account, cents, claim, line, patient, payer, *rest in rows.iterator(2000):
        legs.setdefault(entry, []).append(
            (number, account, cents, names.claim.get(claim), names.line.get(line), names.patient.get(patient),
             names.payer.get(payer), *rest)
        )  # fmt: skip
    entries = Entry.objects.filter(**scope).values_list(
        "pk", "practice_id", "kind", "happened_on", "learned_at", "remittance_id", "source_position"
    )
    for key, practice, kind, on, at, remittance, position in entries.iterator(2000):
        yield (
            names.practice[practice], kind, on, at, names.remittance.get(remittance), position,
            sorted(legs.get(key, ())),
        )  # fmt: skip
