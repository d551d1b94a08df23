"""The work pane for a part of a payment that waits: why, what was done before, the decision in a click."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from cleanclaim.ledger import LedgerError
from cleanclaim.remittance import Effect
from cleanclaim_server.audit import record
from cleanclaim_server.cycle.posting import (
    PostingRefused,
    ask_payer,
    leave_as_posted,
    post_part,
    set_part_aside,
)
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.postingrules.access import access_part, may_write_policies
from cleanclaim_server.postingrules.actions import PolicyRefused, save_policy
from cleanclaim_server.postingrules.documents import GROUPS, PolicyDocument, PolicyInvalid
from cleanclaim_server.postingrules.history import Past, notes_of, past_of, waiting_parts
from cleanclaim_server.postingrules.models import HeldPart, PartKind, Said
from cleanclaim_server.postingrules.resolving import payer_number_of
from cleanclaim_server.remittances.access import access_remittance_claim
from cleanclaim_server.remittances.models import InboxRemittance, Remittance, RemittanceClaim, RemittanceLine
from cleanclaim_server.remittances.queries import content_of
from cleanclaim_server.web.templatetags.numbers import count_text, date_text
from cleanclaim_server.web.views import shared

DONE = {
    Said.POSTED: "posted as the payer said",
    Said.SEEN: "left as posted",
    Said.MATCHED: "matched to a claim",
    Said.NOT_OURS: "set aside as not ours",
    Said.MOVED: "moved to another practice",
    Said.ASKED: "asked",
    Said.FORGOTTEN: "forgotten",
}


def part_row(part: HeldPart, current: bool) -> dict:
    """One line of the list of what waits."""
    row = part.remittance_claim
    return {
        "id": part.pk,
        "url": f"/remittances/{row.remittance_id}?part={part.pk}#h-decide",
        "current": current,
        "claim_number": row.claim_number,
        "line": part.line,
        "pattern": part.pattern,
        "reason": part.reason,
        "is_look": part.kind == PartKind.LOOK,
        "cents": part.amount_cents,
    }


def decide_pane(
    request: HttpRequest, one: Remittance, part: HeldPart, row: RemittanceClaim, line: RemittanceLine | None
) -> dict:
    """What the pane of one waiting part shows: the usual answer first."""
    content = content_of(InboxRemittance.objects.get(pk=one.inbox_id))
    past = past_of(request.tenant, payer_number_of(content), part.pattern)
    writes = may_write_policies(request.user, one.practice_id) and _may_become_rule(part)
    buttons = _buttons(part, writes, one.payer_name)
    usual = past.usual
    buttons.sort(key=lambda button: button["said"] != usual)
    for number, button in enumerate(buttons, start=1):
        button |= {
            "key": str(number),
            "primary": number == 1,
            "usual": usual == button["said"] and past.times,
        }
    base = reverse("web:post_part", args=[part.pk]).rsplit("/", 1)[0]
    return {
        "title": _title(part, row),
        "is_look": part.kind == PartKind.LOOK,
        "cents": part.amount_cents,
        "reason": part.reason,
        "rule": part.rule_id,
        "past": past_words(past, one.payer_name),
        "buttons": buttons,
        "aside_url": "" if part.kind == PartKind.LOOK else f"{base}/aside",
        "ask_url": f"{base}/ask",
        "notes": [
            {"said": DONE[Said(note.said)], "by": note.made_by_name, "at": note.made_at, "text": note.note}
            for note in notes_of(row.pk, row.practice_id)
        ],
        "claim_url": f"/claims/{row.claim_id}" if row.claim_id else "",
        "claim_number": row.claim.claim_number if row.claim_id else "",
    }


def _title(part: HeldPart, row: RemittanceClaim) -> str:
    what = f"Line {part.line} of {row.claim_number}" if part.line else row.claim_number
    return f"{what}: {part.pattern}"


def _buttons(part: HeldPart, writes: bool, payer: str) -> list[dict]:
    base = reverse("web:post_part", args=[part.pk]).rsplit("/", 1)[0]
    if part.kind == PartKind.LOOK:
        return [{"label": "It is right as posted", "url": f"{base}/seen", "said": Said.SEEN}]
    buttons = [{"label": "Post it as the payer says", "url": f"{base}/post", "said": Said.POSTED}]
    if writes:
        buttons.append(
            {"label": f"Post, and always {part.pattern} from {payer}", "url": f"{base}/always", "said": None}
        )
    return buttons


def _may_become_rule(part: HeldPart) -> bool:
    """One code of one payer that neither the stop-list nor a policy of ours keeps back."""
    group, _, reason = part.pattern.partition("-")
    free = not part.rule_id.startswith(("stop.", "policy "))
    return (
        part.kind == PartKind.HELD
        and part.payer_id is not None
        and group in GROUPS
        and reason.isalnum()
        and free
    )


def past_words(past: Past, payer: str) -> str:
    """What was done before about the same with this payer, in a sentence.

    Examples:
        >>> past_words(Past(), "Evergreen")
        'Nobody has decided this about Evergreen before.'
    """
    if not past.times:
        return f"Nobody has decided this about {payer} before."
    parts = [f"{count} {DONE[said]}" for said, count in past.counts]
    last = f"; the last on {date_text(past.last_at)} by {past.last_by or 'somebody'}" if past.last_at else ""
    return f"{count_text(past.times, 'time')} before with {payer}: {', '.join(parts)}{last}."


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def claim_payment(request: HttpRequest, answer_id: UUID) -> HttpResponse:
    """Open the payment of one claim payment at the place where it is decided."""
    row = access_remittance_claim(request.tenant, answer_id)
    record("remittance.opened", "remittance_claim", row.pk, practice_id=row.practice_id)
    return redirect(f"{reverse('web:remittance', args=[row.remittance_id])}?clp={row.number}")


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def post_it(request: HttpRequest, part_id: UUID) -> HttpResponse:
    """Post a waiting part as the payer says."""
    return _decide(
        request, part_id, lambda part: post_part(part.pk, actor_id=request.user.pk, now=shared.now()),
        "Posted: out of suspense, onto its claim.",
    )  # fmt: skip


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def post_always(request: HttpRequest, part_id: UUID) -> HttpResponse:
    """Post a waiting part, and write the policy that posts its code from this payer from now on."""

    def act(part: HeldPart) -> None:
        group, _, reason = part.pattern.partition("-")
        if not _may_become_rule(part):
            raise PostingRefused("remittance.no_rule", "This cannot become a policy")
        says = PolicyDocument(
            payer_id=part.payer.payer_id, payer_name=part.payer.name, effect=Effect.POST, group=group,
            reason_code=reason, why="decided in the work pane",
        )  # fmt: skip
        save_policy(
            says, part.practice, payer=part.payer, trial={}, acting_user=request.user, now=shared.now()
        )
        post_part(part.pk, actor_id=request.user.pk, now=shared.now())

    return _decide(request, part_id, act, "Posted. This code posts by itself from now on; see the settings.")


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def seen(request: HttpRequest, part_id: UUID) -> HttpResponse:
    """Say that what posted is right."""
    return _decide(
        request, part_id, lambda part: leave_as_posted(part.pk, actor_id=request.user.pk, now=shared.now()),
        "Noted: it is right as posted.",
    )  # fmt: skip


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def aside(request: HttpRequest, part_id: UUID) -> HttpResponse:
    """Leave a part in suspense for good, with a reason."""
    note = request.POST.get("reason", "")[:200]
    return _decide(
        request,
        part_id,
        lambda part: set_part_aside(part.pk, note=note, actor_id=request.user.pk, now=shared.now()),
        "Set aside. Its money stays in suspense until the payer takes it back.",
    )


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def ask(request: HttpRequest, part_id: UUID) -> HttpResponse:
    """Note what the payer was asked; the part goes on waiting."""
    note = request.POST.get("note", "")[:200]
    return _decide(
        request,
        part_id,
        lambda part: ask_payer(part.pk, note=note, actor_id=request.user.pk, now=shared.now()),
        "Noted. It goes on waiting.",
    )


def _decide(
    request: HttpRequest, part_id: UUID, act: Callable[[HeldPart], object], words: str
) -> HttpResponse:
    """Do it, say so, and open the next part of the payment that waits."""
    part = access_part(request.tenant, part_id)
    one = part.remittance_claim.remittance
    try:
        with transaction.atomic():
            act(part)
    except (PostingRefused, LedgerError) as error:
        messages.error(request, f"Nothing was changed: {str(error).rsplit(' [', 1)[0]}.")
    except (PolicyRefused, PolicyInvalid) as error:
        messages.error(request, f"Nothing was changed: {error}")
    else:
        messages.success(request, words)
    left = waiting_parts(request.tenant, one.pk)
    following = next((row for row in left if row.pk > part.pk), left[0] if left else None)
    target = reverse("web:remittance", args=[one.pk])
    return redirect(f"{target}?part={following.pk}#h-decide" if following is not None else target)
