"""Reads of rules: for the list, for the page of one, and the ones in force for the intake."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F, Max

from cleanclaim_server.claimrules.models import BillingRule, RuleRepair, RuleState, RuleVersion
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


@dataclass(frozen=True)
class RuleRow:
    """A rule with its newest version, and how many claims it has repaired."""

    rule: BillingRule
    newest: RuleVersion
    repaired: int


def _newest(practice_ids: Collection[UUID]):
    rows = RuleVersion.objects.filter(practice_id__in=practice_ids).annotate(
        last=Max("rule__versions__number")
    )
    return rows.filter(number=F("last")).select_related("rule", "practice")


def rules(tenant: TenantContext, *, state: str = "") -> list[RuleRow]:
    """Rules in reach with their newest version, those that are on first, then by practice and number."""
    reach = visible(BillingRule.objects.all(), tenant).values_list("practice_id", flat=True).distinct()
    found = _newest(list(reach))
    if state:
        found = found.filter(state=state)
    repairs = visible(RuleRepair.objects.all(), tenant).order_by().values("version__rule_id")
    repaired = {
        row["version__rule_id"]: row["n"] for row in repairs.annotate(n=Count("claim", distinct=True))
    }
    rows = [RuleRow(row.rule, row, repaired.get(row.rule_id, 0)) for row in found]
    return sorted(
        rows, key=lambda row: (row.newest.state != RuleState.ON, row.newest.practice.code, row.rule.number)
    )


def versions(rule: BillingRule) -> list[RuleVersion]:
    """Every version of a rule, newest first."""
    rows = RuleVersion.objects.filter(rule_id=rule.pk, practice_id=rule.practice_id)
    return list(rows.select_related("rule", "practice").order_by("-number"))


def versions_in_force(practice_ids: Collection[UUID]) -> dict[UUID, list[RuleVersion]]:
    """The newest version of every rule that is on, by practice, in the order of their numbers."""
    found: dict[UUID, list[RuleVersion]] = {}
    for row in _newest(practice_ids).filter(state=RuleState.ON).order_by("practice_id", "rule__number"):
        found.setdefault(row.practice_id, []).append(row)
    return found


def repairs_of(rule: BillingRule, tenant: TenantContext, most: int = 50) -> list[RuleRepair]:
    """The newest repairs that any version of a rule made."""
    rows = visible(RuleRepair.objects.filter(version__rule_id=rule.pk), tenant)
    return list(
        rows.select_related("claim", "version").defer("claim__frozen").order_by("-made_at", "-id")[:most]
    )
