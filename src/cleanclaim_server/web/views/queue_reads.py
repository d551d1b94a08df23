"""Reads of work items: counts, deadlines, rows. Grain: one open item per subject and queue."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest, Least

from cleanclaim_server.claims.models import Claim
from cleanclaim_server.claims.queries import claims
from cleanclaim_server.clearinghouse.models import FileKind, FileState, StoredFile
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import InboxRemittance
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.work.models import Queue, WorkItem

NEVER = date(9999, 12, 31)
STRIP_DAYS = 14
CODED = re.compile(r"^(CO|PR|OA|PI|CR)-\w{1,5}$")
PAGES = {
    "claim": "/claims/{}", "encounter": "/sessions/{}", "remittance": "/remittances/{}",
    "inbox": "/remittances/inbox/{}", "patient": "/patients/{}", "file": "/files/{}",
    "project": "/underpayments/{}",
    "bank_line": "/bank/lines/{}", "payer": "/bank?view=payers", "patient_money": "/bank?view=patients",
    "eligibility": "/eligibility/{}",
}  # fmt: skip
DEADLINE_POINTS, DOLLAR_POINTS, KIND_POINTS, AGE_POINTS = 45, 20, 25, 10
CENTS_A_POINT, DAYS_A_POINT = 2_000, 3
KINDS: dict[str, tuple[int, str]] = {
    Queue.UNSURE: (25, "Nobody knows whether it left"),
    Queue.REJECTED: (25, "No payer has it yet"),
    Queue.STOPPED: (22, "No payer has it yet"),
    Queue.UNSIGNED: (20, "Waits for a signature"),
    Queue.SESSION: (20, "Not billed yet"),
    Queue.READY: (20, "No payer has it yet"),
    Queue.DENIED: (18, "The payer said no"),
    Queue.REMITTANCE: (18, "Paid, not in the books"),
    Queue.UNMATCHED: (18, "Paid, not in the books"),
    Queue.FILE: (18, "May hold answers or money"),
    Queue.BANK: (15, "Money that somebody misses"),
    Queue.ELIGIBILITY: (12, "A policy may not be in force"),
    Queue.SILENT: (12, "The payer has it and is silent"),
    Queue.CREDIT: (10, "Money of others"),
    Queue.UNDERPAID: (8, "Paid, but less than agreed"),
    Queue.PATIENT: (0, "Can go out any day"),
}
"""What kind of money an item is about: what no payer has yet is lost first, a patient's bill last."""


def open_items(tenant: TenantContext, today: date) -> QuerySet[WorkItem]:
    """Items that wait for a person today. A clinician sees those about their own claims and sessions.

    What is about the bank is nobody's work who may not open it.
    """
    rows = visible(WorkItem.objects.filter(is_open=True), wide(tenant))
    rows = rows.filter(Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=today))
    if hidden := tenant.practice_ids & tenant.bank_hidden:
        rows = rows.exclude(queue=Queue.BANK, practice_id__in=hidden)
    own = tenant.practice_ids & tenant.own_only
    if own:
        mine = {"practice_id__in": own, "rendering_provider_id__in": tenant.provider_ids}
        rows = rows.filter(
            ~Q(practice_id__in=own)
            | Exists(Claim.objects.filter(pk=OuterRef("claim_id"), **mine))
            | Exists(Encounter.objects.filter(pk=OuterRef("subject_id"), **mine))
        )
    return rows.annotate(sort_due=Coalesce("due_on", Value(NEVER, output_field=DateField())))


def wide(tenant: TenantContext) -> TenantContext:
    """The same practices without the clinician's limit, for a read that applies it by itself."""
    return replace(tenant, own_only=frozenset())


def queue_totals(tenant: TenantContext, today: date) -> dict[str, dict]:
    """Per queue: count, cents, the oldest day, the nearest provable deadline, how many are due today."""
    rows = (
        open_items(tenant, today)
        .values("queue")
        .annotate(
            n=Count("id"),
            cents=Sum("amount_cents"),
            oldest=Min("opened_on"),
            nearest=Min("due_on", filter=Q(due_enforceable=True)),
            due_today=Count("id", filter=Q(due_on__lte=today, due_enforceable=True)),
            unproven=Count("id", filter=Q(due_on__isnull=False, due_enforceable=False)),
        )
        .order_by()
    )
    return {row["queue"]: row for row in rows}


def agency_files(tenant: TenantContext, today: date) -> dict | None:
    """The tile of files that belong to no practice: unreadable ones of a month, and payments of nobody.

    None for people who see only some practices, and when nothing waits.
    """
    everyone = set(Practice.objects.filter(agency_id=tenant.agency_id).values_list("id", flat=True))
    if not everyone or not everyone <= (tenant.practice_ids - tenant.own_only):
        return None
    unread = StoredFile.objects.filter(
        agency_id=tenant.agency_id,
        direction="in",
        state=FileState.UNREADABLE,
        kind__in=[kind for kind in FileKind if kind != FileKind.BANK],  # those stand on the page of the bank
        received_at__date__gte=today - timedelta(days=30),
    ).aggregate(n=Count("id"), oldest=Min("received_at"))
    strays = InboxRemittance.objects.filter(agency_id=tenant.agency_id, state="unassigned").aggregate(
        n=Count("id"), oldest=Min("received_at")
    )
    total = unread["n"] + strays["n"]
    if not total:
        return None
    oldest = min(one["oldest"] for one in (unread, strays) if one["oldest"])
    return {
        "n": total,
        "cents": None,
        "oldest": oldest.date(),
        "nearest": None,
        "due_today": 0,
        "unproven": 0,
        "label": "Files that fit nowhere" if strays["n"] else Queue.FILE.label,
        "url": "/remittances?view=strays" if strays["n"] else "/batches?view=files",
    }


def practice_totals(tenant: TenantContext, today: date) -> list[dict]:
    """Per practice and queue: count, cents, oldest, due today."""
    return list(
        open_items(tenant, today)
        .values("practice_id", "queue")
        .annotate(
            n=Count("id"),
            cents=Sum("amount_cents"),
            oldest=Min("opened_on"),
            nearest=Min("due_on", filter=Q(due_enforceable=True)),
            due_today=Count("id", filter=Q(due_on__lte=today, due_enforceable=True)),
        )
        .order_by()
    )


def deadline_counts(tenant: TenantContext, today: date) -> list[dict]:
    """Provable deadlines of the next fourteen days by day and queue; what is past counts today."""
    last = today + timedelta(days=STRIP_DAYS - 1)
    return list(
        open_items(tenant, today)
        .filter(due_on__lte=last, due_enforceable=True)
        .values("due_on", "queue")
        .annotate(n=Count("id"), cents=Sum("amount_cents"))
        .order_by("due_on", "queue")
    )


def scored(rows: QuerySet[WorkItem], today: date) -> QuerySet[WorkItem]:
    """Items with `points`, exactly what `urgency` says of each: the order in which they are best worked."""
    nearness = [
        When(due_enforceable=True, due_on__lte=today + timedelta(days=left), then=Value(_near(left)))
        for left in range(DEADLINE_POINTS)
        if _near(left)
    ]
    waited = [
        When(opened_on__lte=today - timedelta(days=DAYS_A_POINT * points), then=Value(points))
        for points in range(AGE_POINTS, 0, -1)
    ]
    kinds = [When(queue=queue, then=Value(points)) for queue, (points, _) in KINDS.items() if points]
    dollars = Greatest(Least(F("amount_cents") / CENTS_A_POINT, Value(DOLLAR_POINTS)), Value(0))
    zero = Value(0)
    return rows.annotate(
        points=Case(*nearness, default=zero)
        + dollars
        + Case(*kinds, default=zero)
        + Case(*waited, default=zero)
    )


def _near(days_left: int) -> int:
    """Points of a provable deadline: all of them on its last day, none a month before."""
    return max(0, DEADLINE_POINTS - DEADLINE_POINTS * max(days_left, 0) // 30)


def next_items(tenant: TenantContext, today: date, *, queue: str = "", most: int = 20) -> list[WorkItem]:
    """What nobody has, highest score first; of equal ones the nearest deadline, then the oldest."""
    rows = open_items(tenant, today).filter(assigned_to__isnull=True)
    if queue:
        rows = rows.filter(queue=queue)
    return list(scored(rows, today).order_by("-points", "sort_due", "opened_on", "id")[:most])


def claims_about(tenant: TenantContext, items: Iterable[WorkItem]) -> dict[UUID, Claim]:
    """The claims of some items by id, with patient and payer; one query."""
    ids = [item.claim_id for item in items if item.claim_id]
    return {row.pk: row for row in claims(tenant).filter(pk__in=ids)} if ids else {}


def initials_about(tenant: TenantContext, items: Iterable[WorkItem]) -> dict[UUID, str]:
    """Initials of the patients of items that name no claim, by patient; one query."""
    ids = [item.patient_id for item in items if item.patient_id and not item.claim_id]
    if not ids:
        return {}
    rows = visible(Patient.objects.filter(pk__in=ids), tenant).only("first_name", "last_name", "practice_id")
    return {row.pk: row.initials for row in rows}


def page_of(item: WorkItem) -> str:
    """Where the item is worked on."""
    if item.claim_id and item.subject_type in ("claim", "denial"):
        return f"/claims/{item.claim_id}"
    if item.subject_type == "transfer":
        return f"/batches?transfer={item.subject_id}"
    if item.subject_type == "remittance_claim":
        return f"/remittances/claims/{item.subject_id}"
    pattern = PAGES.get(item.subject_type)
    return pattern.format(item.subject_id) if pattern else "/work"


def urgency(item: WorkItem, today: date) -> tuple[int, list[dict]]:
    """Why this first: a provable deadline that nears, dollars, the kind of money, age; the parts add up."""
    days_left = (item.due_on - today).days if item.due_on and item.due_enforceable else None
    waited = max((today - item.opened_on).days, 0)
    of_kind, kind = KINDS.get(item.queue, (0, ""))
    parts = [
        (
            "Deadline",
            _said_left(days_left),
            _near(days_left) if days_left is not None else 0,
            DEADLINE_POINTS,
        ),
        ("Dollars", "", max(0, min(DOLLAR_POINTS, item.amount_cents // CENTS_A_POINT)), DOLLAR_POINTS),
        ("Kind", kind, of_kind, KIND_POINTS),
        ("Age", _said_days(waited), min(AGE_POINTS, waited // DAYS_A_POINT), AGE_POINTS),
    ]
    return sum(points for _, _, points, _ in parts), [
        {"label": label, "note": note, "points": points, "of": most} for label, note, points, most in parts
    ]


def _said_left(days: int | None) -> str:
    if days is None:
        return "None that can be proved"
    return f"{_said_days(days)} left" if days > 0 else "Last day" if days == 0 else "Past"


def _said_days(days: int) -> str:
    return f"{days} day" if days == 1 else f"{days} days"


def _about(item: WorkItem, claim: Claim | None) -> str:
    """Who it is about in one line: initials, codes, day of the visit, payer; else the item's own detail."""
    if claim is None:
        return item.detail
    visit = f"{claim.codes} on {claim.date_of_service.day} {claim.date_of_service:%b}"
    return f"{claim.patient.initials}, {visit}, {claim.payer.name}"


def item_row(
    item: WorkItem,
    marks: dict,
    today: date,
    claim: Claim | None = None,
    people: dict[UUID, str] | None = None,
) -> dict:
    """One row of a list; with its claim (or the patient's initials), who it is about and who pays."""
    patient = claim.patient.initials if claim else (people or {}).get(item.patient_id, "")
    score, why = urgency(item, today)
    return {
        "id": item.pk,
        "url": page_of(item),
        "practice": marks.get(item.practice_id),
        "queue": item.queue,
        "queue_label": Queue(item.queue).label if item.queue in Queue.values else item.queue,
        "title": item.title,
        "code": item.detail if CODED.match(item.detail) else "",
        "detail": "" if CODED.match(item.detail) else item.detail,
        "note": _about(item, claim) or patient,
        "score": score,
        "why": why,
        "due": item.due_on,
        "claim_number": claim.claim_number if claim else "",
        "patient": patient,
        "payer": claim.payer.name if claim else "",
        "cents": item.amount_cents,
        "due_on": item.due_on,
        "due_enforceable": item.due_enforceable,
        "due_kind": item.due_kind.replace("_", " "),
        "age_days": (today - item.opened_on).days,
        "opened_on": item.opened_on,
        "assigned_to": item.assigned_to,
        "snoozed_until": item.snoozed_until,
    }
