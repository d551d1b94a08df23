"""The page of one bill: what it says for itself, corrected, and its claim built anew."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cleanclaim.codesets.programmes import programmes
from cleanclaim_server.audit import record
from cleanclaim_server.claims.codes import ADJUDICATED, Lifecycle
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.handling import HandlingRefused, mend_claim
from cleanclaim_server.cycle.handling.mending import is_unsent
from cleanclaim_server.cycle.intake.bills import bill_facts, is_bill
from cleanclaim_server.cycle.programmes import BillRefused, bill_input, change_bill
from cleanclaim_server.encounters.access import access_encounter
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.programmes.access import access_episode
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.programmes.forms import ChangeForm
from cleanclaim_server.web.views.session_form.fields import fields_of

FIELDS = {"discharge_clock": "discharge_at"}


@requires(DataClass.CLAIM, Access.FULL)
@require_http_methods(["GET", "POST"])
def bill_page(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Correct what one bill says for itself. A claim that is still ours follows at once."""
    one = access_encounter(request.tenant, session_id)
    if not is_bill(one):
        raise Http404
    form = ChangeForm(request.POST or None, now=bill_input(one))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                claims = change_bill(
                    one, form.data_of(), today=shared.today(request), actor_id=request.user.pk
                )
                claim = _original(claims)
                said, done = _follow(request, claim)
        except BillRefused as refused:
            name = FIELDS.get(refused.field, refused.field)
            form.add_error(name if name in form.fields else None, str(refused))
        else:
            (messages.success if done else messages.warning)(request, said)
            return redirect("web:claim", claim.pk)
    record("programme.bill_opened", "encounter", one.pk, practice_id=one.practice_id)
    return _show(request, one, form)


def _original(claims: list[Claim]) -> Claim:
    """The newest claim to the first payer that is no void: what a change reaches."""
    return [one for one in claims if one.sequence == "P" and one.frequency != "8"][-1]


def _follow(request: HttpRequest, claim: Claim) -> tuple[str, bool]:
    """Build the claim anew where it is still ours; say what is left to do."""
    kept = "The bill is kept."
    if is_unsent(claim) and claim.frequency == "1":
        try:
            with transaction.atomic():
                after = mend_claim(
                    claim.pk, claim.practice_id, actor_id=request.user.pk, now=shared.now(),
                    today=shared.today(request),
                )  # fmt: skip
        except HandlingRefused as refused:
            return f"{kept} Its claim was not built anew: {refused}", False
        state = "ready to send" if after.lifecycle == Lifecycle.READY else "held: see what stops it"
        return f"{kept} Claim {claim.claim_number} says it, and is {state}.", True
    if claim.payer_state in ADJUDICATED:
        return f"{kept} The claim stays as it was sent. Build a corrected claim to send the change.", True
    return f"{kept} The claim is on its way as it was sent; correct it once the payer has answered.", True


def _show(request: HttpRequest, one: Encounter, form: ChangeForm) -> HttpResponse:
    facts = bill_facts(one)
    episode = access_episode(request.tenant, facts.episode)
    fields = fields_of(form)
    context = {
        "today": shared.today(request),
        "practice": shared.marks(request).get(one.practice_id),
        "episode": episode,
        "programme": programmes()[episode.program],
        "first": facts.statement_from,
        "last": facts.statement_to,
        "days": len(facts.days),
        "form": fields,
        "occurrences": _rows(fields, "occurrence", form),
        "values": _rows(fields, "value", form),
        "errors": list(form.non_field_errors()),
    }
    return render(request, "programmes/bill.html", context, status=400 if form.errors else 200)


def _rows(fields: dict, kind: str, form: ChangeForm) -> list[dict]:
    return [
        {
            "number": number,
            "code_name": f"{kind}_code_{number}",
            "code": fields[f"{kind}_code_{number}"],
            "name": f"{kind}_{number}",
            "what": fields[f"{kind}_{number}"],
        }
        for number in range(1, form.rows[kind] + 1)
    ]
