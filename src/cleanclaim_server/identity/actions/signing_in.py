"""The two steps of signing in. Every refusal looks the same from outside, in words and in time."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password

from cleanclaim_server.audit.recording import record
from cleanclaim_server.identity import second_factor, sessions, throttle
from cleanclaim_server.identity.models import User
from cleanclaim_server.tenancy.context import tenant_context


def pass_first_step(email: str, password: str, *, address: str) -> User | None:
    """Check an e-mail address and a password.

    Args:
        email: As typed; case does not count.
        password: As typed.
        address: The network address asking, to slow spraying.

    Returns:
        The user, or None: unknown, disabled, wrong password or too many guesses. Which of these it
        was is in the audit trail and nowhere else.
    """
    email, password = email.strip().lower(), password[:1024]
    account, source = throttle.account_key(email), throttle.address_key(address)
    user = User.objects.select_related("agency").filter(email=email).first()
    free = throttle.take_slot(account) and throttle.take_slot(source, throttle.GUESSES_PER_ADDRESS)
    # The password is hashed in every case: an early answer would tell who has an account.
    right = check_password(password, user.password) if user else bool(make_password(password)) and False
    if user and free and right and user.is_active:
        throttle.give_back(account)
        throttle.give_back(source)
        return user
    reason = "throttled" if not free else "unknown" if not user else "disabled" if right else "password"
    _record_failure(user, "first", reason)
    if free and throttle.is_used_up(account):
        _record_failure(user, "first", "", action="sign_in.guessing_suspected")
    return None


def pass_second_step(user: User, code: str) -> str | None:
    """Check the second step of a user who has passed the first; returns the kind of factor, or None."""
    key = throttle.factor_key(user.pk)
    free = throttle.take_slot(key)
    kind = second_factor.pass_second_step(user, code) if free else None
    if kind is None:
        _record_failure(user, "second", "throttled" if not free else "code")
        if free and throttle.is_used_up(key):
            _record_failure(user, "second", "", action="sign_in.guessing_suspected")
        return None
    throttle.give_back(key)
    return kind


def enroll_second_factor(user: User, code: str) -> list[str] | None:
    """Confirm a new generator; returns the recovery codes to show once, or None for a wrong code."""
    key = throttle.factor_key(user.pk)
    codes = second_factor.confirm_enrollment(user, code) if throttle.take_slot(key) else None
    with tenant_context(user.agency_id, (), user_id=user.pk):
        if codes is None:
            record("sign_in.failed", "user", user.pk, actor=user, step="enrollment", reason="code")
            return None
        throttle.give_back(key)
        record("second_factor.enrolled", "user", user.pk, actor=user)
    return codes


def finish(request, user: User, *, factor: str) -> None:
    """Begin the session and record it."""
    sessions.begin_session(request, user, factor=factor)
    with tenant_context(user.agency_id, (), user_id=user.pk):
        record("session.began", "user", user.pk, actor=user, factor=factor)


def change_own_password(user: User, password: str) -> None:
    """Set a new password; the user's other sessions end.

    Raises:
        django.core.exceptions.ValidationError: Too short, too common, too like the person, or the same.
    """
    from django.core.exceptions import ValidationError

    validate_password(password, user)
    if user.check_password(password):
        raise ValidationError("Choose a password that differs from the present one.")
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    record("user.password_changed", "user", user.pk, actor=user)


def _record_failure(user: User | None, step: str, reason: str, action: str = "sign_in.failed") -> None:
    detail = {"step": step} | ({"reason": reason} if reason else {})
    if user is None:
        record(action, "user", **detail)
        return
    with tenant_context(user.agency_id, ()):
        record(action, "user", user.pk, **detail)
