"""Which claim of ours a payment is for, when nothing safe says so: a person chooses, and it is recorded."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from cleanclaim.remittance import Reason, ScoredCandidate
from cleanclaim.remittance.candidates import LIKELY
from cleanclaim.remittance.hints import HINT_TRIED_MIN, apply_hint, shape_of
from cleanclaim.x12.sets.records import Remittance as RemittanceValue
from cleanclaim_server.claims.access import access_claim
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.posting import PostingRefused, match_claim_by_hand, set_claim_aside
from cleanclaim_server.cycle.posting.by_hand import number_pattern
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.ledger.actions import LedgerError
from cleanclaim_server.postingrules.hints import hints_of, in_words
from cleanclaim_server.postingrules.history import past_of
from cleanclaim_server.postingrules.resolving import numbers_of, payer_number_of
from cleanclaim_server.remittances.access import access_remittance_claim
from cleanclaim_server.remittances.actions import SetAsideRefused
from cleanclaim_server.remittances.candidates import Suggestion, find_claims, suggest_claims
from cleanclaim_server.remittances.models import InboxRemittance, Remittance, RemittanceClaim
from cleanclaim_server.remittances.queries import content_of
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.templatetags.numbers import date_text, money_text
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.remits.deciding import past_words


def candidates_of(request: HttpRequest, one: Remittance, row: RemittanceClaim, others: list[dict]) -> dict:
    """The nearest claims with their reasons, what was searched for, and the ways out.

    Args:
        others: Practices to which the claim payment may be given.
    """
    marks = shared.marks(request)
    match_url = reverse("web:match", args=[one.pk, row.pk])
    tenant = _claims_of(request)
    found: list[Suggestion] = []
    past = learnt = ""
    if one.inbox_id is not None:
        content = content_of(InboxRemittance.objects.get(pk=one.inbox_id))
        past = past_words(
            past_of(request.tenant, payer_number_of(content), number_pattern(row.claim_number)),
            one.payer_name,
        )
        learnt = _learnt(one, content, row)
        if row.number <= len(content.claims):
            answer = content.claims[row.number - 1]
            found = suggest_claims(tenant, row, answer)
            if not found:
                found = _by_what_was_learnt(tenant, one, content, row)
    words = request.GET.get("find", "").strip()[:50]
    searched = find_claims(tenant, one.practice_id, words) if words else []
    return {
        "for": row.claim_number,
        "past": past,
        "learnt": learnt,
        "cents": row.paid_cents,
        "note": f"{len(found)} of ours come near" if found else "",
        "hint": "Choosing posts the payment on that claim and takes it out of suspense."
        if one.state == "posted"
        else "Choosing keeps the match; the payment posts when it is posted.",
        "rows": [
            {
                "score": item.scored.score,
                "practice": marks.get(one.practice_id),
                "claim_id": item.claim.pk,
                "claim_number": item.claim.claim_number,
                "text": _facts(item.claim),
                "url": match_url,
                "why": [
                    {"text": reason.text, "ok": reason.points * 2 > reason.most}
                    for reason in item.scored.reasons
                ],
            }
            for item in found
        ],
        "find": words,
        "find_url": request.path,
        "find_clp": row.number,
        "found": [
            {
                "claim_id": claim.pk,
                "claim_number": claim.claim_number,
                "text": _facts(claim),
                "url": match_url,
            }
            for claim in searched
        ],
        "not_ours_url": reverse("web:claim_not_ours", args=[one.pk, row.pk]),
        "move": {"url": reverse("web:move_claim_payment", args=[one.pk, row.pk]), "practices": others}
        if others and one.state == "posted" and not one.part
        else None,
    }


def _by_what_was_learnt(
    tenant: TenantContext, one: Remittance, content: RemittanceValue, row: RemittanceClaim
) -> list[Suggestion]:
    """Claims whose numbers come out of the payer's as earlier decisions read it."""
    known = hints_of(one.practice_id, numbers_of(content))
    made = {apply_hint(hint, row.claim_number): hint for hint in known}
    claims = visible(Claim.objects.filter(practice_id=one.practice_id), tenant)
    rows = claims.filter(claim_number__in=[number for number in made if number]).defer("frozen")
    return [
        Suggestion(
            claim,
            ScoredCandidate(
                str(claim.pk),
                LIKELY,
                (Reason("hint", 1, 1, f"this payer {in_words(made[claim.claim_number])}"),),
            ),
        )
        for claim in rows.select_related("patient", "payer").prefetch_related("lines").order_by("id")[:3]
    ]


def _learnt(one: Remittance, content: RemittanceValue, row: RemittanceClaim) -> str:
    """What decisions taught about numbers of this shape, and whether it is enough to act by itself."""
    known = [
        hint
        for hint in hints_of(one.practice_id, numbers_of(content))
        if hint.pattern == shape_of(row.claim_number)
    ]
    if not known:
        return ""
    best = max(known, key=lambda hint: (hint.right, -hint.wrong))
    needed = "" if best.is_proven else f", {HINT_TRIED_MIN} without a miss are needed to act by itself"
    return f"This payer {in_words(best)}: {best.right} right, {best.wrong} wrong{needed}."


def _facts(claim: Claim) -> str:
    lines = list(claim.lines.all())
    codes = " ".join(line.code for line in lines) or claim.codes
    on, charge = date_text(claim.date_of_service, style="full"), money_text(claim.total_charge_cents)
    return f"{claim.patient.initials} {on}, {codes}, {charge}"


def _claims_of(request: HttpRequest) -> TenantContext:
    """Claims may be named only where the person may read claims too; never beyond the page's own reach."""
    return replace(shared.also(request, DataClass.CLAIM, Access.READ))


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def match(request: HttpRequest, remittance_id: UUID, answer_id: UUID) -> HttpResponse:
    """Say which claim a claim payment is for; a posted one moves out of suspense at once."""
    row = _row(request, remittance_id, answer_id)
    try:
        claim = access_claim(_claims_of(request), UUID(request.POST.get("claim", "")))
    except ValueError:
        raise Http404 from None
    try:
        match_claim_by_hand(row.pk, claim.pk, actor_id=request.user.pk, now=shared.now())
    except (PostingRefused, LedgerError) as error:
        messages.error(request, f"Nothing was changed: {_plain(error)}")
    else:
        posted = row.remittance.state == "posted"
        done = "and posted there" if posted else "It posts with the payment"
        messages.success(request, f"Matched to {claim.claim_number}{' ' if posted else '. '}{done}.")
    return redirect("web:remittance", row.remittance_id)


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def claim_not_ours(request: HttpRequest, remittance_id: UUID, answer_id: UUID) -> HttpResponse:
    """Say that a claim payment is for nobody of ours; its money stays in suspense."""
    row = _row(request, remittance_id, answer_id)
    try:
        set_claim_aside(
            row.pk, reason=request.POST.get("reason", ""), actor_id=request.user.pk, now=shared.now()
        )
    except SetAsideRefused as error:
        messages.error(request, f"Nothing was changed: {_plain(error)}")
    else:
        messages.success(
            request, "Set aside as not ours. Its money stays in suspense until the payer takes it back."
        )
    return redirect("web:remittance", row.remittance_id)


def _row(request: HttpRequest, remittance_id: UUID, answer_id: UUID) -> RemittanceClaim:
    row = access_remittance_claim(request.tenant, answer_id)
    if row.remittance_id != remittance_id:
        raise Http404
    return row


def _plain(error: Exception) -> str:
    """The sentence of an error, without its code."""
    return str(error).rsplit(" [", 1)[0] + "."
