"""Reads of claims that have not left: what goes, what was repaired, what stops each, by finding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

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


@dataclass(frozen=True)
class Sum3:
    """Claims of one light: how many, and their charges in cents."""

    n: int
    cents: int


def lights(tenant: TenantContext) -> dict[str, Sum3]:
    """Green, amber and red with their sums; three queries whatever the number of claims."""
    found = {}
    for name, rows in (("green", green(tenant)), ("amber", amber(tenant)), ("red", red(tenant))):
        row = rows.order_by().aggregate(n=Count("id"), cents=Sum("total_charge_cents"))
        found[name] = Sum3(row["n"], row["cents"] or 0)
    return found


@dataclass
class Group:
    """Claims that one finding, or one kind of hold, stands in the way of."""

    code: str
    severity: str
    message: str = ""
    claims: dict[UUID, int] = field(default_factory=dict)
    due: date | None = None
    due_proven: bool = False
    alone: int = 0

    @property
    def n(self) -> int:
        return len(self.claims)

    @property
    def cents(self) -> int:
        return sum(self.claims.values())

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
    """What stops claims, by finding: the most money first. Two queries whatever the number of claims.

    A claim that two findings stop stands in both groups; `alone` counts those that nothing else stops.
    """
    rows = ClaimFinding.objects.filter(claim__in=red(tenant).values("pk"), overridden_at__isnull=True)
    rows = (
        rows.exclude(severity=Severity.TELL)
        .order_by()
        .values_list(
            "code",
            "severity",
            "message",
            "claim_id",
            "claim__total_charge_cents",
            "claim__filing_limit_on",
            "claim__filing_limit_enforceable",
        )
    )
    found: dict[str, Group] = {}
    codes_of: dict[UUID, set[str]] = {}
    for code, severity, message, claim_id, cents, due, proven in rows.iterator(chunk_size=2000):
        _add(found.setdefault(code, Group(code, severity, message)), severity, claim_id, cents, due, proven)
        codes_of.setdefault(claim_id, set()).add(code)
    held = ClaimHold.objects.filter(claim__in=red(tenant).values("pk"), released_at__isnull=True)
    held = (
        held.exclude(cause__in=OF_FINDINGS)
        .order_by()
        .values_list(
            "cause",
            "claim_id",
            "claim__total_charge_cents",
            "claim__filing_limit_on",
            "claim__filing_limit_enforceable",
        )
    )
    for cause, claim_id, cents, due, proven in held.iterator(chunk_size=2000):
        code = f"hold.{cause}"
        group = found.setdefault(code, Group(code, "stop", HoldCause(cause).label))
        _add(group, "stop", claim_id, cents, due, proven)
        codes_of.setdefault(claim_id, set()).add(code)
    for codes in codes_of.values():
        if len(codes) == 1:
            found[next(iter(codes))].alone += 1
    return sorted(found.values(), key=lambda group: (-group.cents, group.code))


def _add(group: Group, severity: str, claim_id: UUID, cents: int, due: date | None, proven: bool) -> None:
    if severity == Severity.STOP:
        group.severity = severity
    group.claims[claim_id] = cents
    if due is not None and (group.due is None or due < group.due):
        group.due, group.due_proven = due, proven


def claims_of(tenant: TenantContext, code: str) -> QuerySet[Claim]:
    """Claims of one group."""
    if code.startswith("hold."):
        holds = ClaimHold.objects.filter(
            claim_id=OuterRef("pk"), released_at__isnull=True, cause=code.removeprefix("hold.")
        )
        return red(tenant).filter(Exists(holds))
    findings = ClaimFinding.objects.filter(
        claim_id=OuterRef("pk"), overridden_at__isnull=True, code=code
    ).exclude(severity=Severity.TELL)
    return red(tenant).filter(Exists(findings))


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
