"""What people do with a project: ask for it, leave a line out, give it up."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from cleanclaim.money import money_text
from cleanclaim_server.audit.recording import record
from cleanclaim_server.cycle.handling import HandlingRefused, write_off
from cleanclaim_server.cycle.underpayments.collecting import event, refresh
from cleanclaim_server.cycle.underpayments.letters import letter_text
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.identity.models import User
from cleanclaim_server.underpayments.models import (
    LIVE,
    LineState,
    ProjectEvent,
    ProjectLine,
    ProjectState,
    UnderpaymentProject,
)

CATEGORY = "contract_underpayment"
REASON_MAX = 200


class ProjectRefused(Exception):
    """What was asked of a project was not done; the reason for people."""


def ask_for_project(
    project_id: UUID, practice_id: UUID, *, acting_user: User, now: datetime, today: date
) -> None:
    """Note that the payer was asked, and keep the letter as it is now. New lines begin another project.

    Raises:
        ProjectRefused: It was asked for before, is closed, or has no open line.
    """
    project = _locked(project_id, practice_id)
    if project.state != ProjectState.COLLECTING:
        raise ProjectRefused("The payer was asked already, or the project is closed.")
    if not project.lines.filter(state=LineState.OPEN).exists():
        raise ProjectRefused("No line of this project is open.")
    project.letter = letter_text(project, written_on=today, signer=acting_user.display_name)
    project.state, project.is_collecting, project.asked_at = ProjectState.ASKED, None, now
    project.asked_by, project.asked_by_name = acting_user.pk, acting_user.display_name[:80]
    project.save(update_fields=["letter", "state", "is_collecting", "asked_at", "asked_by", "asked_by_name"])
    _told(project, "The payer was asked", "", acting_user, now)
    record(
        "underpayment.asked",
        "underpayment_project",
        project.pk,
        practice_id=practice_id,
        actor=acting_user.pk,
    )
    refresh(practice_id, [project], now=now, today=today)


def leave_out(
    line_id: UUID,
    project_id: UUID,
    practice_id: UUID,
    *,
    reason: str,
    acting_user: User,
    now: datetime,
    today: date,
) -> None:
    """Take a line out of its project: it is not asked for, and not collected again by itself.

    Raises:
        ProjectRefused: It is settled already, or no reason was given.
    """
    project, reason = _locked(project_id, practice_id), _reason(reason)
    line = ProjectLine.objects.select_related("claim_line").get(pk=line_id, project=project)
    if line.state != LineState.OPEN or project.state not in LIVE:
        raise ProjectRefused("Only an open line can be left out.")
    line.state, line.reason, line.settled_on = LineState.LEFT_OUT, reason, today
    line.save(update_fields=["state", "reason", "settled_on"])
    title = f"{line.claim_line.code} of {line.claim_line.date_of_service.isoformat()} left out"
    _told(project, title, reason, acting_user, now)
    record("underpayment.left_out", "project_line", line.pk, practice_id=practice_id, actor=acting_user.pk)
    refresh(practice_id, [project], now=now, today=today)


def give_up(
    project_id: UUID, practice_id: UUID, *, reason: str, acting_user: User, now: datetime, today: date
) -> int:
    """Give up what is still open, and write off what the books still expect for it.

    Returns:
        The cents written off. Claims on which something else is denied are left to the denial queue.

    Raises:
        ProjectRefused: It is closed, or no reason was given.
    """
    project, reason = _locked(project_id, practice_id), _reason(reason)
    if project.state not in LIVE:
        raise ProjectRefused("The project is closed.")
    lines = list(project.lines.filter(state=LineState.OPEN))
    cents = sum(line.asked_cents + line.interest_cents - line.recovered_cents for line in lines)
    project.lines.filter(state=LineState.OPEN).update(
        state=LineState.GIVEN_UP, reason=reason, settled_on=today
    )
    written = 0
    for claim_id in _only_underpaid(practice_id, {line.claim_id for line in lines}):
        try:
            written += write_off(
                claim_id,
                practice_id,
                kind="other",
                reason=reason,
                actor_id=acting_user.pk,
                now=now,
                today=today,
            )
        except HandlingRefused:
            continue  # nothing is owed for it any more
    _told(project, f"{money_text(cents)} given up", reason, acting_user, now)
    record(
        "underpayment.given_up",
        "underpayment_project",
        project.pk,
        practice_id=practice_id,
        actor=acting_user.pk,
        cents=cents,
        written_off=written,
    )
    refresh(practice_id, [project], now=now, today=today)
    return written


def _only_underpaid(practice_id: UUID, claim_ids: set[UUID]) -> list[UUID]:
    """Claims whose open denials are all of this kind."""
    rows = Denial.objects.filter(
        practice_id=practice_id, claim_id__in=claim_ids, state__in=("open", "working")
    )
    kinds: dict[UUID, set[str]] = {}
    for claim_id, category in rows.values_list("claim_id", "category"):
        kinds.setdefault(claim_id, set()).add(category)
    return sorted(key for key, found in kinds.items() if found == {CATEGORY})


def _locked(project_id: UUID, practice_id: UUID) -> UnderpaymentProject:
    rows = UnderpaymentProject.objects.select_for_update(of=("self",)).select_related("practice", "payer")
    return rows.get(pk=project_id, practice_id=practice_id)


def _reason(text: str) -> str:
    text = text.strip()[:REASON_MAX]
    if not text:
        raise ProjectRefused("Say why, in a few words.")
    return text


def _told(project: UnderpaymentProject, title: str, detail: str, user: User, now: datetime) -> None:
    event(project, title, now=now, detail=detail, actor_id=user.pk, actor_name=user.display_name[:80]).save(
        force_insert=True
    )


__all__ = ["ProjectEvent", "ProjectRefused", "ask_for_project", "give_up", "leave_out"]
