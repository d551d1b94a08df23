"""Sessions: when they begin, and when they end by themselves.

A session of a signed-in user exists only after the second factor; before it, the browser holds a
*pending* sign-in, which opens nothing but the next step.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import auth
from django.http import HttpRequest
from django.utils import timezone

from cleanclaim_server.identity.models import User

IDLE_LIMIT = timedelta(minutes=15)
DEMO_IDLE_LIMIT = timedelta(hours=8)
ABSOLUTE_LIMIT = timedelta(hours=12)
PENDING_LIMIT = timedelta(minutes=5)

BEGAN, SEEN, FACTOR, PENDING = "began_at", "seen_at", "factor", "pending"
# How the second step was passed. "demo" is only good while the agency is a demo agency.
FACTORS = frozenset({"totp", "recovery", "demo"})


def now() -> float:
    """Unix seconds. Tests replace this to move the clock."""
    return timezone.now().timestamp()


def begin_session(request: HttpRequest, user: User, *, factor: str) -> None:
    """Sign a user in, after both steps. The session key changes, so that a planted one is worth nothing."""
    if factor not in FACTORS or (factor == "demo" and not user.agency.is_demo):
        raise ValueError(f"{factor} is no second step for this user")
    request.session.pop(PENDING, None)
    auth.login(request, user, backend="cleanclaim_server.identity.backend.SessionBackend")
    request.session.cycle_key()
    request.session[BEGAN] = request.session[SEEN] = now()
    request.session[FACTOR] = factor


def begin_pending(request: HttpRequest, user: User) -> None:
    """Remember that the password was right, for five minutes and for the second step alone."""
    request.session.flush()
    request.session[PENDING] = {"user_id": str(user.pk), "at": now(), "hash": user.get_session_auth_hash()}


def pending_user(request: HttpRequest) -> User | None:
    """Return the user who has passed the first step in this browser within five minutes, or None."""
    pending = request.session.get(PENDING)
    if not pending or not 0 <= now() - pending["at"] <= PENDING_LIMIT.total_seconds():
        return None
    user = User.objects.select_related("agency").filter(pk=UUID(pending["user_id"]), is_active=True).first()
    if user is None or user.get_session_auth_hash() != pending["hash"]:
        return None
    return user


def idle_limit(user: User) -> timedelta:
    """The user's idle limit; an agency may choose a shorter one (`idle_minutes`), never a longer one."""
    if user.agency.is_demo:
        return DEMO_IDLE_LIMIT
    chosen = user.agency.settings.get("idle_minutes")
    return (
        min(IDLE_LIMIT, timedelta(minutes=chosen)) if isinstance(chosen, int) and chosen > 0 else IDLE_LIMIT
    )


def reason_to_end(request: HttpRequest, user: User) -> str | None:
    """Say why this session must end now: idle, absolute, factor, or None when it goes on."""
    began, seen, factor = (request.session.get(key) for key in (BEGAN, SEEN, FACTOR))
    if factor not in FACTORS or (factor == "demo" and not user.agency.is_demo):
        return "factor"
    if not isinstance(began, int | float) or not isinstance(seen, int | float):
        return "factor"
    if now() - began >= ABSOLUTE_LIMIT.total_seconds():
        return "absolute"
    if now() - seen >= idle_limit(user).total_seconds():
        return "idle"
    return None


def sign_out_everywhere(user: User) -> None:
    """End every session of a user, at once."""
    user.session_epoch += 1
    user.save(update_fields=["session_epoch"])
