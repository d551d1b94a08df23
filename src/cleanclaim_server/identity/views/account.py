"""One's own account: who one is here, how the session stands, and ending the others."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from cleanclaim_server.audit.recording import record
from cleanclaim_server.identity import second_factor, sessions
from cleanclaim_server.identity.access import grants_of, requires_sign_in
from cleanclaim_server.identity.actions import signing_in
from cleanclaim_server.practice.queries import practice_marks

FACTORS = {"totp": "a code from the phone", "recovery": "a recovery code", "demo": "nothing: this is a demo"}


@requires_sign_in
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """What this person may do, and until when this session lasts."""
    user = request.user
    marks = practice_marks(user.agency_id)
    began = datetime.fromtimestamp(request.session[sessions.BEGAN], UTC)
    record("account.read", "user", user.pk)
    context = {
        "today": timezone.localdate(),
        "roles": [
            {"practice": marks.get(key), "words": ", ".join(role.label for role, _ in held)}
            for key, held in grants_of(user).items()
            if key in marks
        ],
        "began": began,
        "ends": began + sessions.ABSOLUTE_LIMIT,
        "idle_minutes": int(sessions.idle_limit(user).total_seconds() // 60),
        "factor": FACTORS.get(request.session.get(sessions.FACTOR, ""), ""),
        "has_factor": second_factor.has_second_factor(user),
        "codes_left": second_factor.unused_recovery_codes(user),
    }
    return render(request, "identity/account.html", context)


@requires_sign_in
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End every other session of this person; this one goes on."""
    sessions.sign_out_everywhere(request.user)
    update_session_auth_hash(request, request.user)
    record("session.others_ended", "user", request.user.pk)
    messages.success(request, "Every other session is ended; this one goes on.")
    return redirect("identity:account")


@requires_sign_in
@sensitive_post_parameters("code")
@require_POST
def new_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes, against a fresh code from the phone; the old ones stop working."""
    kind = signing_in.pass_second_step(request.user, request.POST.get("code", "")[:12])
    if kind != "totp":
        messages.error(request, "That code did not fit. Type the six digits that the app shows now.")
        return redirect("identity:account")
    codes = second_factor.issue_recovery_codes(request.user)
    record("second_factor.codes_renewed", "user", request.user.pk)
    return render(request, "identity/recovery_codes.html", {"codes": codes, "next": "/account"})
