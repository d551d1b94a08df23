"""Underpaid lines become projects per payer and kind; what comes back later is recognised.

A project's line is asked for by one comparison. The comparison that counts now says what became of it:
from the same payment it means that we read the contract otherwise; from a newer one, that the payer did.
Everything here follows from the facts, so undoing a payment undoes a recovery too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from cleanclaim.money import money_text
from cleanclaim.pricing.underpayment import LABELS, Kind
from cleanclaim_server.cycle.underpayments.interest import dispute_day, rules_of
from cleanclaim_server.cycle.underpayments.policy import policy_of
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.underpayments.models import (
    LIVE,
    LineComparison,
    LineState,
    ProjectEvent,
    ProjectLine,
    ProjectState,
    Status,
    UnderpaymentProject,
)
from cleanclaim_server.work.actions import NewItem, close_items, open_items
from cleanclaim_server.work.bulk import chunks, create_rows, update_rows
from cleanclaim_server.work.models import Queue, WorkItem

LOOK_AGAIN_DAYS = 45
"""Days that a payer has for its answer before the project asks for a person again."""
CHANGING = (
    "comparison",
    "asked_cents",
    "interest_cents",
    "recovered_cents",
    "state",
    "is_live",
    "settled_on",
    "settled_by",
)


def collect(practice_id: UUID, rows: Iterable[Mapping[str, Any]], *, now: datetime, today: date) -> None:
    """Bring the projects of a practice up to date with comparisons that changed.

    Args:
        rows: Values of `LineComparison` by column name, as they were written.
    """
    changed = {row["claim_line_id"]: row for row in rows}
    if not changed:
        return
    held: dict[UUID, ProjectLine] = {}
    lines = ProjectLine.objects.filter(practice_id=practice_id, claim_line_id__among=changed, is_live=True)
    for line in lines.select_related("project", "comparison").defer("project__letter"):
        held[line.claim_line_id] = line
    touched: dict[UUID, UnderpaymentProject] = {}
    came_back: dict[UUID, int] = {}
    updated, fresh = [], []
    for key, values in changed.items():
        line = held.get(key)
        if line is None and values["status"] != Status.UNDERPAID:
            continue  # paid as it should be, and nothing was asked for: most lines
        row = LineComparison(**values)
        if line is not None:
            before = line.recovered_cents
            _settle(line, row, today)
            updated.append(line)
            touched[line.project_id] = line.project
            came_back[line.project_id] = came_back.get(line.project_id, 0) + line.recovered_cents - before
        if row.status == Status.UNDERPAID and row.claimed_cents > 0 and (line is None or not line.is_live):
            fresh.append(row)
    update_rows(
        ProjectLine,
        [(line.pk, *(_value(line, name) for name in CHANGING)) for line in updated],
        CHANGING,
    )
    begun = _begin(practice_id, fresh, now=now, today=today)
    touched |= {line.project_id: line.project for line in begun}
    refresh(practice_id, list(touched.values()), now=now, today=today, came_back=came_back)


def collect_waiting(practice_id: UUID, *, now: datetime, today: date) -> int:
    """Put shortfalls into projects that no project holds and the practice asks for now.

    A threshold that came down reaches what was paid before; one that went up takes nothing out of a project.

    Returns:
        How many lines came into projects.
    """
    here = ProjectLine.objects.filter(practice_id=practice_id)
    held = here.filter(claim_line_id=OuterRef("claim_line_id"), is_live=True)
    decided = here.filter(comparison_id=OuterRef("pk"))  # somebody left it out
    rows = LineComparison.objects.filter(
        ~Exists(held), ~Exists(decided), practice_id=practice_id, is_current=True, status=Status.UNDERPAID
    )
    lines = _begin(practice_id, [row for row in rows if row.claimed_cents > 0], now=now, today=today)
    touched = {line.project_id: line.project for line in lines}
    refresh(practice_id, list(touched.values()), now=now, today=today)
    return len(lines)


def _value(line: ProjectLine, name: str):
    return getattr(line, f"{name}_id" if name in ("comparison", "settled_by") else name)


def _settle(line: ProjectLine, row: LineComparison, today: date) -> None:
    """What the comparison that counts now means for a line that was collected before."""
    asked = line.asked_cents + line.interest_cents
    if line.state in (LineState.LEFT_OUT, LineState.GIVEN_UP):
        return
    if row.status == Status.WITHDRAWN:
        _withdraw(line, today)
    elif row.remittance_id == line.comparison.remittance_id:
        same_kind = row.kind == line.project.kind
        if row.status != Status.UNDERPAID or (
            line.project.state == ProjectState.COLLECTING and not same_kind
        ):
            _withdraw(line, today)
            return
        if line.project.state == ProjectState.COLLECTING:
            line.comparison, line.asked_cents = row, max(0, row.short_cents)
            line.interest_cents = row.interest_open_cents
        line.state, line.recovered_cents, line.settled_on, line.settled_by_id = LineState.OPEN, 0, None, None
    elif row.status in (Status.DENIED, Status.UNKNOWN):
        line.state, line.recovered_cents, line.settled_on, line.settled_by_id = LineState.OPEN, 0, None, None
    else:
        left = min(asked, row.claimed_cents) if row.status == Status.UNDERPAID else row.interest_open_cents
        left = min(asked, left)
        line.recovered_cents = asked - left
        line.state = LineState.OPEN if left else LineState.RECOVERED
        line.settled_on = None if left else row.paid_on or today
        line.settled_by_id = row.remittance_id if line.recovered_cents else None


def _withdraw(line: ProjectLine, today: date) -> None:
    line.state, line.is_live, line.recovered_cents, line.settled_on = LineState.WITHDRAWN, None, 0, today


def _begin(
    practice_id: UUID, rows: Sequence[LineComparison], *, now: datetime, today: date
) -> list[ProjectLine]:
    """Put lines into the collecting project of their payer and kind.

    Left out: what is below the practice's threshold, and bundled lines that the denial queue works on.
    """
    if not rows:
        return []
    # Two payments posted at once must not both begin the same project: the practice's row is the lock.
    practice = Practice.objects.select_for_update().get(pk=practice_id)
    least, denied = policy_of(practice).least_cents, _denied(practice_id, rows)
    rows = [row for row in rows if row.claimed_cents >= least and row.claim_line_id not in denied]
    if not rows:
        return []
    mine = UnderpaymentProject.objects.filter(practice_id=practice_id)
    open_now = {(one.payer_id, one.kind): one for one in mine.filter(is_collecting=True).defer("letter")}
    number = mine.aggregate(last=Max("number"))["last"] or 0
    made, lines, events = [], [], []
    for row in sorted(rows, key=lambda one: (one.date_of_service, one.claim_line_id)):
        key = (row.payer_id, row.kind)
        project = open_now.get(key)
        if project is None:
            number += 1
            project = open_now[key] = UnderpaymentProject(
                practice_id=practice_id, number=number, payer_id=row.payer_id, kind=row.kind, opened_on=today
            )
            made.append(project)
            events.append(event(project, "Begun by a payment below the contract", now=now))
        lines.append(
            ProjectLine(
                practice_id=practice_id,
                project=project,
                claim_id=row.claim_id,
                claim_line_id=row.claim_line_id,
                comparison=row,
                asked_cents=max(0, row.short_cents),
                interest_cents=row.interest_open_cents,
            )
        )
    create_rows(UnderpaymentProject, made)
    create_rows(ProjectLine, lines)
    create_rows(ProjectEvent, events)
    return lines


def _denied(practice_id: UUID, rows: Sequence[LineComparison]) -> set[UUID]:
    """Bundled lines (CO-97) with a denial in work: one cause, one place to work on it."""
    bundled = [row.claim_line_id for row in rows if row.kind == Kind.BUNDLED]
    found: set[UUID] = set()
    for part in chunks(bundled):
        denials = Denial.objects.filter(
            practice_id=practice_id, claim_line_id__in=part, state__in=("open", "working")
        )
        found.update(denials.values_list("claim_line_id", flat=True))
    return found


def refresh(
    practice_id: UUID,
    projects: Sequence[UnderpaymentProject],
    *,
    now: datetime,
    today: date,
    came_back: dict[UUID, int] | None = None,
) -> None:
    """State, events and work of projects, from their lines."""
    lines: dict[UUID, list[ProjectLine]] = {one.pk: [] for one in projects}
    for part in chunks(sorted(lines)):
        rows = ProjectLine.objects.filter(practice_id=practice_id, project_id__in=part)
        for row in rows.select_related("comparison"):
            lines[row.project_id].append(row)
    events, changes = [], []
    for project in projects:
        brought = (came_back or {}).get(project.pk, 0)
        if brought > 0:
            events.append(event(project, f"{money_text(brought)} came back with a later payment", now=now))
        elif brought < 0:
            events.append(
                event(project, f"{money_text(-brought)} is gone again: the payment was undone", now=now)
            )
        state = _state(project, lines[project.pk])
        if state != project.state:
            collecting = True if state == ProjectState.COLLECTING else None
            closed = None if state in LIVE else today
            changes.append((project.pk, state, collecting, closed))
            project.state, project.is_collecting, project.closed_on = state, collecting, closed
            events.append(event(project, f"{ProjectState(state).label}", now=now))
    update_rows(UnderpaymentProject, changes, ("state", "is_collecting", "closed_on"))
    create_rows(ProjectEvent, events)
    _work(practice_id, projects, lines, now=now, today=today)


def _state(project: UnderpaymentProject, lines: Sequence[ProjectLine]) -> str:
    states = {line.state for line in lines}
    if LineState.OPEN in states:
        if project.state in LIVE:
            return project.state
        return ProjectState.ASKED if project.asked_at else ProjectState.COLLECTING
    for line_state, state in (
        (LineState.RECOVERED, ProjectState.RECOVERED),
        (LineState.GIVEN_UP, ProjectState.GIVEN_UP),
    ):
        if line_state in states:
            return state
    return ProjectState.WITHDRAWN


def _work(
    practice_id: UUID,
    projects: Sequence[UnderpaymentProject],
    lines: dict[UUID, list[ProjectLine]],
    *,
    now: datetime,
    today: date,
) -> None:
    """One item a project that waits for us; a project that waits for its payer comes back after a while."""
    from cleanclaim_server.coverage.models import Payer

    payers = Payer.objects.in_bulk({one.payer_id for one in projects})
    state, zone = Practice.objects.values_list("state", "timezone").get(pk=practice_id)
    book = rules_of(practice_id)
    items, done, asked = [], [], []
    for project in projects:
        still = [line for line in lines[project.pk] if line.state == LineState.OPEN]
        if not still or project.state not in LIVE:
            done.append(project.pk)
            continue
        cents = sum(line.asked_cents + line.interest_cents - line.recovered_cents for line in still)
        payer, days = (
            payers[project.payer_id],
            [line.comparison.paid_on for line in still if line.comparison.paid_on],
        )
        due_on, proven = (
            dispute_day(payer.kind, payer.payer_id, state, min(days), book) if days else (None, False)
        )
        what = LABELS[Kind(project.kind)]
        items.append(
            NewItem(
                Queue.UNDERPAID,
                "project",
                project.pk,
                f"{payer.name}: {what}",
                detail=f"{len(still)} line{'s' if len(still) != 1 else ''} in project {project.number}",
                amount_cents=cents,
                due_on=due_on,
                due_enforceable=proven,
                due_kind="dispute" if due_on else "",
            )
        )
        if project.state == ProjectState.ASKED and project.asked_at:
            asked_on = timezone.localdate(project.asked_at, ZoneInfo(zone))
            asked.append((project.pk, asked_on + timedelta(days=LOOK_AGAIN_DAYS)))
    open_items(practice_id, items, now=now, today=today)
    close_items(practice_id, Queue.UNDERPAID, done, now=now, reason="The project is closed")
    for key, until in asked:  # projects that were just asked for; a handful
        WorkItem.objects.filter(
            practice_id=practice_id, queue=Queue.UNDERPAID, subject_id=key, is_open=True
        ).update(snoozed_until=until)


def event(
    project: UnderpaymentProject,
    title: str,
    *,
    now: datetime,
    detail: str = "",
    actor_id: UUID | None = None,
    actor_name: str = "",
) -> ProjectEvent:
    """One line of a project's history, not yet written."""
    return ProjectEvent(
        practice_id=project.practice_id,
        project=project,
        happened_at=now,
        title=title[:160],
        detail=detail[:400],
        actor_id=actor_id,
        actor_name=actor_name,
    )
