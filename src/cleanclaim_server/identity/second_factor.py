"""The second step: time-based codes (TOTP, RFC 6238) and single-use recovery codes.

A code is good once: the 30-second step it belongs to is remembered under a row lock, so that a code
read over a shoulder, or sent twice at the same moment, does not pass a second time.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import UTC, datetime

import pyotp
import segno
from django.utils import timezone

from cleanclaim_server.identity import sessions
from cleanclaim_server.identity.models import RecoveryCode, SecondFactor, User
from cleanclaim_server.tenancy.sealing import blind_index

STEP_SECONDS = 30
STEPS_OF_GRACE = 1  # a phone's clock may be half a minute off
RECOVERY_CODES = 10


class FactorError(ValueError):
    """The second factor is not in the state that the step needs."""


def has_second_factor(user: User) -> bool:
    """Say whether the user has a confirmed code generator."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def start_enrollment(user: User) -> SecondFactor:
    """Return the generator to be confirmed, making one if needed.

    Raises:
        FactorError: The user has a confirmed one; a half-done sign-in must not replace it.
    """
    factor, _ = SecondFactor.objects.get_or_create(user=user, defaults={"secret": pyotp.random_base32()})
    if factor.confirmed_at:
        raise FactorError("the second factor is confirmed; an administrator of users can reset it")
    return factor


def enrollment_picture(factor: SecondFactor, *, issuer: str = "Cleanclaim") -> str:
    """Return the QR code of a generator as a data URI (SVG), for the authenticator app to read."""
    uri = pyotp.TOTP(factor.secret).provisioning_uri(name=factor.user.email, issuer_name=issuer)
    return segno.make(uri, error="m", micro=False).svg_data_uri(scale=5, border=2, dark="#111", light="#fff")


def confirm_enrollment(user: User, code: str) -> list[str] | None:
    """Confirm the generator with its first code; returns new recovery codes, or None for a wrong code."""
    factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at__isnull=True).first()
    if factor is None or not _use_step(factor, code):
        return None
    factor.confirmed_at = timezone.now()
    factor.save(update_fields=["confirmed_at"])
    return issue_recovery_codes(user)


def pass_second_step(user: User, code: str) -> str | None:
    """Check a code of either kind; returns "totp" or "recovery", or None. A code passes once."""
    folded = "".join(code.split()).replace("-", "").lower()
    if folded.isascii() and folded.isdecimal() and len(folded) == 6:
        factor = (
            SecondFactor.objects.select_for_update().filter(user=user, confirmed_at__isnull=False).first()
        )
        return "totp" if factor is not None and _use_step(factor, folded) else None
    if not has_second_factor(user):
        return None
    used = RecoveryCode.objects.filter(user=user, code_hash=_hash(user, folded), used_at__isnull=True)
    return "recovery" if used.update(used_at=timezone.now()) == 1 else None


def issue_recovery_codes(user: User) -> list[str]:
    """Replace the user's recovery codes; the new ones are shown once and kept as keyed hashes."""
    RecoveryCode.objects.filter(user=user).delete()
    codes = [base64.b32encode(secrets.token_bytes(7)).decode().lower()[:10] for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create([RecoveryCode(user=user, code_hash=_hash(user, code)) for code in codes])
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def unused_recovery_codes(user: User) -> int:
    """Count what is left."""
    return RecoveryCode.objects.filter(user=user, used_at__isnull=True).count()


def remove_second_factor(user: User) -> None:
    """Forget the generator and the recovery codes; the next sign-in enrols again."""
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()


def _use_step(factor: SecondFactor, code: str) -> bool:
    """Match a code against the steps around now that are later than any used one. The row is locked."""
    code = "".join(code.split())
    now = int(sessions.now()) // STEP_SECONDS
    generator = pyotp.TOTP(factor.secret, interval=STEP_SECONDS)
    matched = None
    for step in range(now - STEPS_OF_GRACE, now + STEPS_OF_GRACE + 1):
        expected = generator.at(datetime.fromtimestamp(step * STEP_SECONDS, UTC))
        if hmac.compare_digest(expected.encode(), code.encode()) and step > factor.last_step:
            matched = step
    if matched is None:
        return False
    factor.last_step = matched
    factor.save(update_fields=["last_step"])
    return True


def _hash(user: User, code: str) -> str:
    return blind_index(code, purpose="recovery_code", practice_id=user.pk)
