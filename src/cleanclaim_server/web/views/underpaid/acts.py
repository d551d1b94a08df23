"""What is done with a project: the payer is asked, a line is left out, the rest is given up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from cleanclaim.money import money_text
from cleanclaim_server.cycle.underpayments.acting import ProjectRefused, ask_for_project, give_up, leave_out
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.underpayments.access import access_project, access_project_line
from cleanclaim_server.underpayments.models import UnderpaymentProject
from cleanclaim_server.web.views import shared


def _project(request: HttpRequest, project_id: UUID) -> UnderpaymentProject:
    """A project whose claims the person works, and whose money they may see.

    Raises:
        Http404: There is none in reach.
    """
    money = shared.also(request, DataClass.LEDGER, Access.READ)
    return access_project(replace(request.tenant, practice_ids=money.practice_ids), project_id)


def _do(request: HttpRequest, one: UnderpaymentProject, act: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, act())
    except ProjectRefused as refused:
        messages.error(request, str(refused))
    return redirect("web:project", one.pk)


def _who(request: HttpRequest) -> dict:
    return {"acting_user": request.user, "now": shared.now(), "today": shared.today(request)}


@requires(DataClass.CLAIM, Access.FULL)
@require_POST
def ask(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Note that the letter went out; it is kept as it is now."""
    one = _project(request, project_id)

    def act() -> str:
        ask_for_project(one.pk, one.practice_id, **_who(request))
        return "The letter is kept. What comes back is recognised from later payments."

    return _do(request, one, act)


@requires(DataClass.CLAIM, Access.FULL)
@require_POST
def give_up_project(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Give up what is open."""
    one = _project(request, project_id)

    def act() -> str:
        written = give_up(one.pk, one.practice_id, reason=request.POST.get("reason", ""), **_who(request))
        return f"Given up; {money_text(written)} written off in the books." if written else "Given up."

    return _do(request, one, act)


@requires(DataClass.CLAIM, Access.FULL)
@require_POST
def leave_line_out(request: HttpRequest, project_id: UUID, short_id: UUID) -> HttpResponse:
    """Take one line out."""
    one = _project(request, project_id)
    line = access_project_line(request.tenant, one, short_id)

    def act() -> str:
        leave_out(line.pk, one.pk, one.practice_id, reason=request.POST.get("reason", ""), **_who(request))
        return "The line is left out."

    return _do(request, one, act)
