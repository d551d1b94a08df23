"""Creating people, giving and taking roles, and locking out.

Nobody changes their own grants or account here. An administrator of users manages the agency; a
manager or practice owner manages the practices where they hold that role, and only people who work
nowhere else.
"""

from __future__ import annotations

import secrets
from uuid import UUID

from django.core.exceptions import PermissionDenied

from cleanclaim_server.audit.recording import record
from cleanclaim_server.identity import second_factor
from cleanclaim_server.identity.access import practices_where
from cleanclaim_server.identity.models import Grant, User
from cleanclaim_server.identity.roles import Access, DataClass, Role
from cleanclaim_server.identity.sessions import sign_out_everywhere
from cleanclaim_server.practice.models import Practice, Provider
from cleanclaim_server.tenancy.context import tenant_context

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread aloud


def managed_practices(acting_user: User) -> set[UUID]:
    """Return the practices whose roles this person may give and take."""
    if acting_user.is_active and acting_user.is_user_admin:
        return set(Practice.objects.filter(agency_id=acting_user.agency_id).values_list("pk", flat=True))
    return practices_where(acting_user, DataClass.USERS, Access.FULL)


def may_manage_account(acting_user: User, user: User) -> bool:
    """Say whether this person may lock out, reset or rename that account."""
    if acting_user.pk == user.pk or acting_user.agency_id != user.agency_id:
        return False
    if acting_user.is_user_admin:
        return True
    held = set(Grant.objects.filter(user=user).values_list("practice_id", flat=True))
    return not user.is_user_admin and bool(held) and held <= managed_practices(acting_user)


def create_user(
    email: str,
    display_name: str,
    practice_id: UUID,
    role: Role,
    *,
    acting_user: User,
    provider_id: UUID | None = None,
) -> tuple[User, str]:
    """Create a person with a first role; returns the person and a temporary password, shown once.

    Raises:
        PermissionDenied: The acting user does not manage that practice.
    """
    if practice_id not in managed_practices(acting_user):
        raise PermissionDenied
    password = temporary_password()
    user = User.objects.create_user(
        email, password, display_name=display_name, agency_id=acting_user.agency_id, must_change_password=True
    )
    record("user.created", "user", user.pk, actor=acting_user)
    grant_role(user, practice_id, role, acting_user=acting_user, provider_id=provider_id)
    return user, password


def grant_role(
    user: User, practice_id: UUID, role: Role, *, acting_user: User, provider_id: UUID | None = None
) -> Grant:
    """Give a role in a practice; giving it again changes nothing but the provider.

    Raises:
        PermissionDenied: Not a practice they manage, another agency's user, or themselves.
    """
    _check_grant(acting_user, user, practice_id)
    if provider_id is not None:
        # In the practice's own context: an administrator of users has no practice in reach.
        with tenant_context(acting_user.agency_id, [practice_id]):
            if not Provider.objects.filter(pk=provider_id, practice_id=practice_id).exists():
                raise PermissionDenied
    tied = {"provider_id": provider_id}
    grant, created = Grant.objects.update_or_create(
        user=user,
        practice_id=practice_id,
        role=role.value,
        defaults=tied,
        create_defaults=tied | {"granted_by": acting_user},
    )
    detail = {"role": role.value, "again": not created}
    record("grant.given", "user", user.pk, practice_id=practice_id, actor=acting_user, **detail)
    return grant


def revoke_grant(grant: Grant, *, acting_user: User) -> None:
    """Take a role away, with effect on the person's next request."""
    _check_grant(acting_user, grant.user, grant.practice_id)
    user_id, practice_id, role = grant.user_id, grant.practice_id, grant.role
    grant.delete()
    record("grant.taken", "user", user_id, practice_id=practice_id, actor=acting_user, role=role)


def set_active(user: User, is_active: bool, *, acting_user: User) -> None:
    """Lock a person out, ending every session at once, or let them in again."""
    _check_account(acting_user, user)
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    sign_out_everywhere(user)
    record("user.enabled" if is_active else "user.disabled", "user", user.pk, actor=acting_user)


def reset_password(user: User, *, acting_user: User) -> str:
    """Set a temporary password, end every session, and return the password, shown once."""
    _check_account(acting_user, user)
    password = temporary_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    sign_out_everywhere(user)
    record("user.password_reset", "user", user.pk, actor=acting_user)
    return password


def reset_second_factor(user: User, *, acting_user: User) -> None:
    """Forget a lost phone: the next sign-in enrols a new one. Every session ends."""
    _check_account(acting_user, user)
    second_factor.remove_second_factor(user)
    sign_out_everywhere(user)
    record("second_factor.reset", "user", user.pk, actor=acting_user)


def temporary_password() -> str:
    """Four groups of five letters and digits (99 bits)."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))


def _check_grant(acting_user: User, user: User, practice_id: UUID) -> None:
    same_person = acting_user.pk == user.pk
    if (
        same_person
        or user.agency_id != acting_user.agency_id
        or practice_id not in managed_practices(acting_user)
    ):
        raise PermissionDenied


def _check_account(acting_user: User, user: User) -> None:
    if not may_manage_account(acting_user, user):
        raise PermissionDenied
