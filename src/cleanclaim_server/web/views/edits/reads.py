"""Reads of claims that have not left: what goes, what was repaired, what stops each, by finding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, Min, OuterRef, Q, QuerySet, Sum, When

from cleanclaim.edits.model import Edit
from cleanclaim.edits.registry import find_edit
from cleanclaim.edits.repairs import Repair, repair_for
from cleanclaim.findings import Severity
from cleanclaim_server.claimrules.models import RuleRepair
from cleanclaim_server.claims.codes import REJECTED, HoldCause, Lifecycle
from cleanclaim_server.claims.models import Claim, ClaimFinding, ClaimHold, ClaimRepair
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.views import payer_words

WAITING = (Lifecycle.DRAFT, Lifecycle.HELD, Lifecycle.READY)
# Holds of these causes stand behind findings, which say more.
OF_FINDINGS = (HoldCause.EDIT, HoldCause.OVERRIDE, HoldCause.UNSIGNED_NOTE, HoldCause.REJECTED)


def waiting(tenant: TenantContext) -> QuerySet[Claim]:
    """Claims that have not left and were not rejected, without their frozen copies."""
    rows = Claim.objects.filter(lifecycle__in=WAITING).exclude(payer_state__in=REJECTED)
    return visible(rows, tenant).defer("frozen")


def is_repaired() -> Q:
    """A person or a rule changed a value of the claim."""
    return Q(Exists(ClaimRepair.objects.filter(claim_id=OuterRef("pk")))) | Q(
        Exists(RuleRepair.objects.filter(claim_id=OuterRef("pk")))
    )


def green(tenant: TenantContext) -> QuerySet[Claim]:
    """Ready claims as they were built."""
    return waiting(tenant).filter(lifecycle=Lifecycle.READY).exclude(is_repaired())


def amber(tenant: TenantContext) -> QuerySet[Claim]:
    """Ready claims with a repaired value."""
    return waiting(tenant).filter(is_repaired(), lifecycle=Lifecycle.READY)


def red(tenant: TenantContext) -> QuerySet[Claim]:
    """Claims that something stops."""
    return waiting(tenant).exclude(lifecycle=Lifecycle.READY)


def stopped_by_practice(tenant: TenantContext) -> dict[UUID, int]:
    """How many claims are red, by practice: what stands beside *Before sending* in the sidebar."""
    rows = red(tenant).order_by().values_list("practice_id").annotate(n=Count("pk"))
    return dict(rows)


@dataclass(frozen=True)
class Sum3:
    """Claims of one light: how many, and their charges in cents."""

    n: int
    cents: int


def lights(tenant: TenantContext) -> dict[str, Sum3]:
    """Green, amber and red with their sums, counted by the database in one query."""
    ready = Q(lifecycle=Lifecycle.READY)
    of = {"green": ready & Q(repaired=False), "amber": ready & Q(repaired=True), "red": ~ready}
    sums = {f"{name}_n": Count("id", filter=which) for name, which in of.items()}
    sums |= {f"{name}_cents": Sum("total_charge_cents", filter=which) for name, which in of.items()}
    rows = waiting(tenant).order_by().annotate(repaired=Case(When(is_repaired(), then=True), default=False))
    row = rows.aggregate(**sums)
    return {name: Sum3(row[f"{name}_n"], row[f"{name}_cents"] or 0) for name in of}


@dataclass(frozen=True)
class Group:
    """Claims that one finding, or one kind of hold, stands in the way of.

    Attributes:
        n: Claims.
        cents: Their charges.
        alone: Those that nothing else stops.
        due: The nearest filing limit among them; None is unknown.
        due_proven: A source proves that limit.
    """

    code: str
    severity: str
    message: str
    n: int
    cents: int
    alone: int
    due: date | None
    due_proven: bool

    @property
    def edit(self) -> Edit | None:
        """The edit of the catalogue; None for rules of the practice and for what the file's guide refuses."""
        return edit_of(self.code)

    @property
    def repair(self) -> Repair | None:
        return repair_for(self.code)


def edit_of(code: str) -> Edit | None:
    """The edit behind a finding's code, if it is one of the catalogue."""
    try:
        return find_edit(code)
    except KeyError:
        return None


def groups(tenant: TenantContext) -> list[Group]:
    """What stops claims, by finding: the most money first. Two queries, and a row of each a group.

    A claim that two findings stop stands in both groups; `alone` counts those that nothing else stops.
    """
    stopped = red(tenant).values("pk")
    # A finding may stand on several lines of a claim: its first one speaks for it.
    beside = _stopping().filter(claim_id=OuterRef("claim_id"))
    first = _stopping().filter(claim__in=stopped)
    first = first.filter(~Exists(beside.filter(code=OuterRef("code"), pk__lt=OuterRef("pk"))))
    single = ~Exists(beside.exclude(code=OuterRef("code"))) & ~Exists(
        _holding().filter(claim_id=OuterRef("claim_id"))
    )
    found = [
        Group(row["code"], "stop" if row["stops"] else row["severity_"], row["message_"], **_shared(row))
        for row in first.order_by()
        .values("code")
        .annotate(
            stops=Count("pk", filter=Q(severity=Severity.STOP)),
            severity_=Min("severity"),
            message_=Min("message"),
            **_sums(single),
        )
    ]
    beside = _holding().filter(claim_id=OuterRef("claim_id"))
    first = _holding().filter(claim__in=stopped)
    first = first.filter(~Exists(beside.filter(cause=OuterRef("cause"), pk__lt=OuterRef("pk"))))
    single = ~Exists(beside.exclude(cause=OuterRef("cause"))) & ~Exists(
        _stopping().filter(claim_id=OuterRef("claim_id"))
    )
    found += [
        Group(f"hold.{row['cause']}", "stop", HoldCause(row["cause"]).label, **_shared(row))
        for row in first.order_by().values("cause").annotate(**_sums(single))
    ]
    return sorted(found, key=lambda group: (-group.cents, group.code))


def _stopping() -> QuerySet[ClaimFinding]:
    """Findings that stand in the way: neither told only, nor overridden."""
    return ClaimFinding.objects.filter(overridden_at__isnull=True).exclude(severity=Severity.TELL)


def _holding() -> QuerySet[ClaimHold]:
    """Open holds that no finding explains."""
    return ClaimHold.objects.filter(released_at__isnull=True).exclude(cause__in=OF_FINDINGS)


def _sums(single: Q) -> dict[str, Any]:
    return {
        "n": Count("pk"),
        "cents": Sum("claim__total_charge_cents"),
        "alone": Count("pk", filter=single),
        "due": Min("claim__filing_limit_on"),
        "proven": Min("claim__filing_limit_on", filter=Q(claim__filing_limit_enforceable=True)),
    }


def _shared(row: dict[str, Any]) -> dict[str, Any]:
    due = row["due"]
    proven = due is not None and due == row["proven"]
    return {"n": row["n"], "cents": row["cents"], "alone": row["alone"], "due": due, "due_proven": proven}


def claims_of(tenant: TenantContext, code: str) -> QuerySet[Claim]:
    """Claims of one group."""
    if code.startswith("hold."):
        holds = ClaimHold.objects.filter(
            claim_id=OuterRef("pk"), released_at__isnull=True, cause=code.removeprefix("hold.")
        )
        return red(tenant).filter(Exists(holds))
    return red(tenant).filter(Exists(_stopping().filter(claim_id=OuterRef("pk"), code=code)))


def findings_of(claim_ids: Iterable[UUID], code: str) -> dict[UUID, list[ClaimFinding]]:
    """Findings of one code by claim, in the order of the lines."""
    found: dict[UUID, list[ClaimFinding]] = {}
    rows = ClaimFinding.objects.filter(claim_id__in=list(claim_ids), code=code, overridden_at__isnull=True)
    for row in rows.order_by("line_number", "id"):
        found.setdefault(row.claim_id, []).append(row)
    return found


def diffs_of(claim_ids: Iterable[UUID]) -> dict[UUID, list[dict]]:
    """Repairs of claims as before and after, with who or what made them; oldest first."""
    ids = list(claim_ids)
    found: dict[UUID, list[dict]] = {}
    for row in ClaimRepair.objects.filter(claim_id__in=ids).order_by("id"):
        edit = edit_of(row.edit)
        found.setdefault(row.claim_id, []).append(
            _diff(row.field, row.line_number, row.before, row.after, edit.title if edit else row.edit)
        )
    rules = RuleRepair.objects.filter(claim_id__in=ids).select_related("version__rule").order_by("id")
    for row in rules:
        by = f"Rule {row.version.rule.number}: {row.version.name}"
        found.setdefault(row.claim_id, []).append(
            _diff(row.field, row.line_number, row.before, row.after, by)
            | {"url": f"/practice-rules/{row.version.rule_id}"}
        )
    return found


def _diff(name: str, line: int, before: str, after: str, by: str) -> dict:
    what = name.replace("_", " ")
    return {
        "what": f"Line {line}, {what}" if line else what.capitalize(),
        "before": before,
        "after": after,
        "by": by,
        "url": "",
    }


def prevented(edit: Edit | None) -> list[dict[str, str]]:
    """The denials that an edit keeps from happening, with their meanings."""
    return payer_words.coded(*(f"CO-{carc}" for carc in edit.prevents)) if edit else []
