"""Reads of contracts: the ones in force for a practice, for pricing, and for the list."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

import msgspec
from django.db.models import F, Max, QuerySet

from cleanclaim.pricing import FeeRow
from cleanclaim.pricing.contracts import Contract, Question, contract_from_fee_rows, price_line
from cleanclaim_server.charges.models import ContractRate
from cleanclaim_server.contracts.models import ContractVersion, PayerContract
from cleanclaim_server.coverage.models import Payer
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible

MEDICARE = frozenset(("MA", "MB"))
"""Filing codes of Medicare itself; Medicare Advantage passes the reduction on only where agreed."""
SET_UP = "rates of the set-up"
SET_UP_ID = "set-up "
"""How the id of a contract begins that has no version."""


def fee_rows(rows: Iterable[ContractRate], payer_id: str) -> list[FeeRow]:
    """The plain amounts that came with a practice's set-up, for the core."""
    return [
        FeeRow(
            payer_id,
            row.code,
            row.allowed_cents,
            row.starts_on,
            row.credential,
            ends=row.ends_on,
            source=SET_UP,
        )
        for row in rows
    ]


def plain_contract(payer: Payer, rows: Iterable[ContractRate], *, id: str = "") -> Contract:
    """The contract that plain amounts are. Medicare's own reduction holds by law, agreed or not.

    Source: 2 U.S.C. 901a(6) and 906(d), as the claims manual applies it to Part B.
    """
    made = contract_from_fee_rows(payer.payer_id, fee_rows(rows, payer.payer_id), id=id)
    return msgspec.structs.replace(made, sequestration=payer.claim_filing_code in MEDICARE)


def newest_versions(practice_ids: Collection[UUID]) -> QuerySet[ContractVersion]:
    """The version that counts of each contract."""
    rows = ContractVersion.objects.filter(practice_id__in=practice_ids)
    last = rows.annotate(last=Max("contract__versions__number")).filter(number=F("last"))
    return last.select_related("contract__payer").order_by("contract__payer__name", "contract_id")


def contracts_in_force(practice_id: UUID, payer_ids: Collection[UUID] = ()) -> dict[UUID, Contract]:
    """What each payer agreed with a practice, by our payer's id.

    A payer without a contract, but with plain amounts from the set-up, has these as its contract.

    Args:
        payer_ids: Only these; all when empty.
    """
    versions, plain = newest_versions([practice_id]), ContractRate.objects.filter(practice_id=practice_id)
    if payer_ids:
        versions = versions.filter(contract__payer_id__in=payer_ids)
        plain = plain.filter(payer_id__in=payer_ids)
    found = {row.contract.payer_id: row.value for row in versions}
    by_payer: dict[UUID, list[ContractRate]] = {}
    for row in plain.exclude(payer_id__in=list(found)).order_by("code", "starts_on"):
        by_payer.setdefault(row.payer_id, []).append(row)
    payers = Payer.objects.in_bulk(list(by_payer))
    for payer_id, rows in by_payer.items():
        payer = payers[payer_id]
        found[payer_id] = plain_contract(payer, rows, id=f"{SET_UP_ID}{payer.payer_id}")
    return found


class Expectations:
    """What payers are expected to allow at one practice, for pricing a line before it is sent."""

    def __init__(self, contracts: dict[UUID, Contract]) -> None:
        self._contracts = {str(key): value for key, value in contracts.items()}

    def expected(
        self,
        payer_id: str,
        code: str,
        *,
        credential: str = "",
        modifiers: Sequence[str] = (),
        units: int = 1,
        on: date,
        charge_cents: int | None = None,
        place: str = "11",
        plan_id: str = "",
    ) -> int | None:
        """The allowed amount of a line in cents, or None when no contract or no rate says it.

        Args:
            payer_id: Our id of the payer.
        """
        contract = self._contracts.get(payer_id)
        if contract is None:
            return None
        question = Question(
            contract.payer_id, code, on, charge_cents, tuple(modifiers), place, credential, units, plan_id
        )
        return price_line(contract, question).allowed_cents


def contracts_in_reach(tenant: TenantContext) -> dict[tuple[UUID, UUID], ContractVersion]:
    """The version that counts of every contract in reach, by practice and payer."""
    mine = visible(PayerContract.objects.all(), tenant).values_list("practice_id", flat=True).distinct()
    return {(row.practice_id, row.contract.payer_id): row for row in newest_versions(list(mine))}


def versions(contract: PayerContract) -> list[ContractVersion]:
    """Every version of a contract, newest first; the papers stay sealed."""
    rows = ContractVersion.objects.filter(contract_id=contract.pk, practice_id=contract.practice_id)
    return list(rows.select_related("source").defer("source__content").order_by("-number"))
