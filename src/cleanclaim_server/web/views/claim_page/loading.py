"""What the page of one claim reads, once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from cleanclaim.claim import Claim as ClaimValue
from cleanclaim.claim import decode_claim
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.claims.queries import ClaimRecord
from cleanclaim_server.contracts.models import PayerContract
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.denials.queries import claim_denials
from cleanclaim_server.identity.models import User
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.remittances.models import RemittanceLine
from cleanclaim_server.statements.queries import balances_of_claims, paid_by_payers
from cleanclaim_server.underpayments.models import LineComparison, ProjectLine
from cleanclaim_server.underpayments.queries import comparisons_of_claims
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.queue_reads import open_items
from cleanclaim_server.work.models import WorkItem


@dataclass
class Loaded:
    """What the page reads of one claim, once."""

    claim: Claim
    found: ClaimRecord
    frozen: ClaimValue
    balances: dict[str, int]
    paid_cents: int
    answers: dict[UUID, dict]
    denials: list[Denial]
    items: list[WorkItem]
    names: dict[UUID, str]
    may_money: bool
    may_act: bool
    comparisons: dict[UUID, LineComparison]
    projects: dict[UUID, str]
    contract_url: str

    @property
    def holds(self) -> list:
        return [hold for hold in self.found.holds if hold.released_at is None]


def load(request: HttpRequest, one: Claim) -> Loaded:
    found = ClaimRecord(one)
    money = shared.also(request, DataClass.LEDGER, Access.READ)
    may_money = one.practice_id in money.practice_ids
    full = shared.also(request, DataClass.CLAIM, Access.FULL)
    items = list(
        open_items(request.tenant, shared.today(request)).filter(claim_id=one.pk).order_by("opened_at")
    )
    ids = {row.actor_id for row in found.events} | {row.overridden_by for row in found.findings}
    ids |= {row.assigned_to for row in items}
    names = User.objects.filter(agency_id=request.user.agency_id, pk__in=ids - {None})
    return Loaded(
        claim=one,
        found=found,
        frozen=decode_claim(bytes(one.frozen)),
        balances=balances_of_claims(money, [one.pk]).get(one.pk, {}) if may_money else {},
        paid_cents=paid_by_payers(money, [one.pk]).get(one.pk, 0) if may_money else 0,
        answers=_answers(one) if may_money else {},
        comparisons=comparisons_of_claims(money, [one.pk]) if may_money else {},
        projects=_projects(one) if may_money else {},
        contract_url=_contract_url(request, one),
        denials=list(claim_denials(money, one.pk)) if may_money else [],
        items=items,
        names=dict(names.values_list("pk", "display_name")),
        may_money=may_money,
        may_act=one.practice_id in full.practice_ids,
    )


def _projects(one: Claim) -> dict[UUID, str]:
    """The project that asks for each line."""
    rows = ProjectLine.objects.filter(practice_id=one.practice_id, claim=one, is_live=True)
    return {line: f"/underpayments/{key}" for line, key in rows.values_list("claim_line_id", "project_id")}


def _contract_url(request: HttpRequest, one: Claim) -> str:
    """The contract that says what is expected, for those who may read it."""
    if one.practice_id not in shared.also(request, DataClass.CONTRACTS, Access.READ).practice_ids:
        return ""
    rows = PayerContract.objects.filter(practice_id=one.practice_id, payer_id=one.payer_id)
    found = rows.values_list("pk", flat=True).first()
    return f"/contracts/{found}" if found else ""


def _answers(one: Claim) -> dict[UUID, dict]:
    """What payers said of each line: paid, allowed, patient, adjustments as sent.

    Codes are the newest answer's.

    Where a payer sends no allowed amount, it is what it paid and what it put on the patient.
    """
    rows = (
        RemittanceLine.objects.filter(claim_line__claim_id=one.pk, practice_id=one.practice_id)
        .select_related("remittance_claim__remittance")
        .prefetch_related("adjustments")
        .order_by("remittance_claim__remittance__received_at", "id")
    )
    found: dict[UUID, dict] = {}
    for row in rows:
        mine = found.setdefault(row.claim_line_id, {"paid_cents": 0})
        adjusted = list(row.adjustments.all())
        patient = sum(one.amount_cents for one in adjusted if one.group == "PR")
        mine["paid_cents"] += row.paid_cents
        mine["patient_cents"] = patient
        mine["allowed_cents"] = row.paid_cents + patient if row.allowed_cents is None else row.allowed_cents
        mine["codes"] = [f"{one.group}-{one.reason}" for one in adjusted] + list(row.remarks)
        mine["url"] = f"/remittances/{row.remittance_claim.remittance_id}"
        mine["on"] = row.remittance_claim.remittance.paid_on
    return found
