"""What can be done to claims: POST only, for those who may change them; refusals become messages."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from cleanclaim_server.claims.access import access_claim
from cleanclaim_server.claims.codes import Lifecycle
from cleanclaim_server.claims.models import Claim, ClaimHold
from cleanclaim_server.cycle.batching import queue_ready
from cleanclaim_server.cycle.handling import (
    HandlingRefused,
    add_remark,
    correct_claim,
    hold_claim,
    mend_claim,
    release_hold,
    take_back_write_off,
    work_denials,
    write_off,
)
from cleanclaim_server.cycle.intake import override_finding, recheck_claims
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.templatetags.numbers import money_text
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.edits import reads
from cleanclaim_server.work.models import Queue, WorkItem

may_change = requires(DataClass.CLAIM, Access.FULL)


def _try(request: HttpRequest, act: Callable[[], str]) -> None:
    """Do it and say so, or say why it was refused."""
    try:
        with transaction.atomic():  # what was refused leaves nothing behind
            said = act()
        messages.success(request, said)
    except (HandlingRefused, ValueError) as refused:
        text = str(refused)
        messages.error(request, text[:1].upper() + text[1:] + ("" if text.endswith(".") else "."))


def _page(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    return redirect(shared.back(request, f"/claims/{claim_id}"))


def _who(request: HttpRequest) -> dict:
    return {"actor_id": request.user.pk, "now": shared.now()}


@may_change
@require_POST
def hold(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """Stop a claim that has not left, with a reason and an owner."""
    one = access_claim(request.tenant, claim_id)

    def act() -> str:
        made = hold_claim(
            one.pk,
            one.practice_id,
            reason=request.POST.get("reason", ""),
            owner=request.POST.get("owner", "biller"),
            today=shared.today(request),
            **_who(request),
        )
        return f"Held. It waits for: {made.owner_role.replace('_', ' ')}."

    _try(request, act)
    return _page(request, one.pk)


@may_change
@require_POST
def release(request: HttpRequest, claim_id: UUID, hold_id: UUID) -> HttpResponse:
    """End a hold; the edits run again."""
    one = access_claim(request.tenant, claim_id)
    if not ClaimHold.objects.filter(pk=hold_id, claim_id=one.pk, practice_id=one.practice_id).exists():
        raise Http404

    def act() -> str:
        after = release_hold(hold_id, one.practice_id, today=shared.today(request), **_who(request))
        return (
            "Released; it goes with the next batch."
            if after.lifecycle == Lifecycle.READY
            else ("Released. Something else still stops it.")
        )

    _try(request, act)
    return _page(request, one.pk)


@may_change
@require_POST
def remark(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """A remark for colleagues."""
    one = access_claim(request.tenant, claim_id)

    def act() -> str:
        add_remark(one.pk, one.practice_id, text=request.POST.get("text", ""), **_who(request))
        return "Remark added to the timeline."

    _try(request, act)
    return _page(request, one.pk)


@may_change
@require_POST
def mend(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """Build an unsent or rejected claim anew from the records."""
    one = access_claim(request.tenant, claim_id)
    _try(request, lambda: _mended(request, one))
    return _page(request, one.pk)


def _mended(request: HttpRequest, one: Claim) -> str:
    anyway = request.POST.get("anyway") == "1"
    after = mend_claim(one.pk, one.practice_id, today=shared.today(request), anyway=anyway, **_who(request))
    if after.lifecycle == Lifecycle.READY:
        return f"{after.claim_number} is ready; it goes with the next batch."
    return f"{after.claim_number} was built anew, and the edits still stop it."


@may_change
@require_POST
def correct(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """Build the corrected claim in place of a decided one, and open it."""
    one = access_claim(request.tenant, claim_id)
    made: list[Claim] = []

    def act() -> str:
        made.append(correct_claim(one.pk, one.practice_id, today=shared.today(request), **_who(request)))
        return f"Corrected claim {made[0].claim_number} built in place of {one.claim_number}."

    _try(request, act)
    return redirect("web:claim", (made[0] if made else one).pk)


@may_change
@require_POST
def work_denial(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """Take the denials of a claim into work, with what is planned."""
    one = access_claim(request.tenant, claim_id)

    def act() -> str:
        count = work_denials(
            one.pk, one.practice_id, plan=request.POST.get("plan", "")[:300], **_who(request)
        )
        return f"{count} denial{'s' if count != 1 else ''} in work."

    _try(request, act)
    return _page(request, one.pk)


@may_change
@require_POST
def give_up(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """Write off what a payer denied, with a kind and a reason; its denials are closed."""
    one = access_claim(request.tenant, claim_id)

    def act() -> str:
        cents = write_off(
            one.pk,
            one.practice_id,
            kind=request.POST.get("kind", ""),
            reason=request.POST.get("reason", ""),
            today=shared.today(request),
            **_who(request),
        )
        return f"{money_text(cents)} written off; the denial is closed."

    _try(request, act)
    return _page(request, one.pk)


@may_change
@require_POST
def ungive(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """Take the newest write-off back; its denials wait for an answer again."""
    one = access_claim(request.tenant, claim_id)

    def act() -> str:
        reason = request.POST.get("reason", "") or "Written off by mistake"
        cents = take_back_write_off(
            one.pk, one.practice_id, reason=reason, today=shared.today(request), **_who(request)
        )
        return f"The write-off of {money_text(cents)} is taken back; the denial is open again."

    _try(request, act)
    return _page(request, one.pk)


@may_change
@require_POST
def override(request: HttpRequest, claim_id: UUID, finding_id: UUID) -> HttpResponse:
    """A named person gives the reason for which an edit is overridden."""
    one = access_claim(request.tenant, claim_id)
    finding = one.findings.filter(pk=finding_id, practice_id=one.practice_id).first()
    if finding is None:
        raise Http404

    def act() -> str:
        override_finding(
            finding, reason=request.POST.get("reason", ""), today=shared.today(request), **_who(request)
        )
        one.refresh_from_db(fields=["lifecycle"])
        ready = one.lifecycle == Lifecycle.READY
        return "Overridden, with your name and reason on record." + (" The claim is ready." if ready else "")

    _try(request, act)
    return _page(request, one.pk)


@may_change
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Put ready claims into batches: those chosen, those of one light, or all of the practices in view.

    The one route by which claims leave by hand, whichever page asks.
    """
    light = {"green": reads.green, "amber": reads.amber}.get(request.POST.get("light", ""))
    if light is not None:
        return _sent(request, list(light(shared.in_view(request)).values_list("pk", flat=True)))
    return _sent(request, shared.chosen_ids(request) or None)


@may_change
@require_POST
def send_items(request: HttpRequest) -> HttpResponse:
    """Send the claims of the chosen items of the ready queue."""
    rows = visible(
        WorkItem.objects.filter(pk__in=shared.chosen_ids(request), queue=Queue.READY), request.tenant
    )
    return _sent(request, list(rows.values_list("subject_id", flat=True)))


def _sent(request: HttpRequest, chosen: list[UUID] | None) -> HttpResponse:
    claims = batches = 0
    for practice in visible(Practice.objects.all(), shared.in_view(request)).order_by("code"):
        ids = None
        if chosen is not None:
            mine = visible(Claim.objects.filter(practice=practice, pk__in=chosen), request.tenant)
            ids = list(mine.values_list("pk", flat=True))
            if not ids:
                continue
        made = queue_ready(practice, claim_ids=ids, **_who(request))
        claims, batches = claims + sum(one.claims_count for one in made), batches + len(made)
    if claims:
        text = f"{claims:,} claim{'s' if claims != 1 else ''} in {batches} file{'s' if batches != 1 else ''}"
        messages.success(request, f"{text} wait to leave; the worker hands them over.")
        return redirect(shared.back(request, "/batches"))
    messages.warning(
        request, "No claim could be sent. What stops each stands on its page; partners that are off wait."
    )
    return redirect(shared.back(request, "/claims?lifecycle=held"))


@may_change
@require_POST
def recheck(request: HttpRequest) -> HttpResponse:
    """Run the edits again over chosen claims that have not left."""
    rows = visible(Claim.objects.filter(pk__in=shared.chosen_ids(request)), request.tenant)
    by_practice: dict[UUID, list[UUID]] = {}
    for key, practice_id in rows.values_list("pk", "practice_id"):
        by_practice.setdefault(practice_id, []).append(key)
    count = 0
    for practice in Practice.objects.filter(pk__in=by_practice):
        count += recheck_claims(
            practice, by_practice[practice.pk], now=shared.now(), today=shared.today(request)
        )
    messages.success(request, f"The edits ran over {count:,} claim{'s' if count != 1 else ''}.")
    return redirect(shared.back(request, "/claims?lifecycle=held"))


@may_change
@require_POST
def mend_many(request: HttpRequest) -> HttpResponse:
    """Build chosen rejected claims anew; those that would be rejected again are told apart."""
    done, refused = 0, []
    rows = visible(Claim.objects.filter(pk__in=shared.chosen_ids(request)), request.tenant)
    for key, practice_id, number in rows.values_list("pk", "practice_id", "claim_number"):
        try:
            with transaction.atomic():
                mend_claim(key, practice_id, today=shared.today(request), **_who(request))
            done += 1
        except HandlingRefused as problem:
            refused.append((number, str(problem)))
    if done:
        messages.success(request, f"{done} claim{'s' if done != 1 else ''} built anew and checked.")
    if refused:
        named = ", ".join(number for number, _ in refused[:5]) + (" and more" if len(refused) > 5 else "")
        messages.warning(request, f"{len(refused)} left as they were ({named}): {refused[0][1]}")
    return redirect(shared.back(request, "/rejections"))
