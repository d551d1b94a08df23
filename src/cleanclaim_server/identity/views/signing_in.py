"""Sign in, second step, enrolment, new password, sign out."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import logout, update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from cleanclaim_server.audit.recording import record
from cleanclaim_server.identity import second_factor, sessions
from cleanclaim_server.identity.access import public, requires_sign_in
from cleanclaim_server.identity.actions import signing_in
from cleanclaim_server.tenancy.context import tenant_context

NEXT = "after_sign_in"
REFUSED = "That did not work. Check what you typed; after ten tries an account rests for an hour."
ENDED = {
    "idle": "You were signed out after a time without work, to protect patient data. "
    "What was saved is saved.",
    "absolute": "Your session reached its twelve hours. Sign in again to go on.",
    "factor": "Sign in again to go on.",
}


@public
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """First step: e-mail and password."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    target = request.POST.get("next") or request.GET.get("next") or ""
    context = {"next": target if _is_ours(request, target) else "", "ended": ENDED.get(_ended(request), "")}
    if request.method == "GET":
        return render(request, "identity/sign_in.html", context)
    email, password = request.POST.get("email", ""), request.POST.get("password", "")
    user = signing_in.pass_first_step(email, password, address=request.META.get("REMOTE_ADDR", ""))
    if user is None:
        return render(request, "identity/sign_in.html", context | {"error": REFUSED, "email": email[:254]})
    sessions.begin_pending(request, user)
    request.session[NEXT] = context["next"]
    if second_factor.has_second_factor(user):
        return redirect("identity:second_factor")
    if user.agency.is_demo:
        return _enter(request, user, factor="demo")
    return redirect("identity:enroll_second_factor")


@public
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def pass_second_factor(request: HttpRequest) -> HttpResponse:
    """Second step: a code from the phone, or a recovery code."""
    user = sessions.pending_user(request)
    if user is None:
        return redirect("identity:sign_in")
    if not second_factor.has_second_factor(user):
        return redirect("identity:enroll_second_factor")
    if request.method == "GET":
        return render(request, "identity/second_factor.html")
    kind = signing_in.pass_second_step(user, request.POST.get("code", "")[:40])
    if kind is None:
        return render(request, "identity/second_factor.html", {"error": REFUSED})
    return _enter(request, user, factor=kind)


@public
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def enroll_second_factor(request: HttpRequest) -> HttpResponse:
    """Set up the phone: between the first step and the first session, and never twice."""
    user = sessions.pending_user(request)
    if user is None:
        return redirect("identity:sign_in")
    if second_factor.has_second_factor(user):
        return redirect("identity:second_factor")
    factor = second_factor.start_enrollment(user)
    context = {"picture": second_factor.enrollment_picture(factor), "secret": factor.secret}
    if request.method == "GET":
        return render(request, "identity/enroll_second_factor.html", context)
    codes = signing_in.enroll_second_factor(user, request.POST.get("code", "")[:40])
    if codes is None:
        return render(request, "identity/enroll_second_factor.html", context | {"error": REFUSED})
    target = _target(request)
    signing_in.finish(request, user, factor="totp")
    return render(request, "identity/recovery_codes.html", {"codes": codes, "next": target})


@requires_sign_in
@sensitive_post_parameters("password", "password_again")
@require_http_methods(["GET", "POST"])
def new_password(request: HttpRequest) -> HttpResponse:
    """Choose a new password; forced after a temporary one."""
    if request.method == "GET":
        return render(request, "identity/new_password.html")
    password, again = request.POST.get("password", "")[:1024], request.POST.get("password_again", "")[:1024]
    try:
        if password != again:
            raise ValidationError("The two do not match.")
        signing_in.change_own_password(request.user, password)
    except ValidationError as error:
        return render(request, "identity/new_password.html", {"errors": error.messages})
    update_session_auth_hash(request, request.user)
    return redirect(settings.LOGIN_REDIRECT_URL)


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    if request.user.is_authenticated:
        with tenant_context(request.user.agency_id, (), user_id=request.user.pk):
            record("session.ended", "user", request.user.pk, reason="sign_out")
    logout(request)
    return redirect("identity:sign_in")


def _enter(request: HttpRequest, user, *, factor: str) -> HttpResponse:
    target = _target(request)
    signing_in.finish(request, user, factor=factor)
    return redirect("identity:new_password" if user.must_change_password else target)


def _target(request: HttpRequest) -> str:
    target = request.session.get(NEXT, "")
    return target if _is_ours(request, target) else resolve_url(settings.LOGIN_REDIRECT_URL)


def _is_ours(request: HttpRequest, target: str) -> bool:
    """Only addresses of this site; anything else would be a springboard for a false sign-in page."""
    return url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )


def _ended(request: HttpRequest) -> str:
    return getattr(request, "session_ended", "") or request.GET.get("ended", "")
