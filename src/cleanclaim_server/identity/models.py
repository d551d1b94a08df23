"""People: one person, one account; a role is granted per practice and read again on every request.

These tables hold no patient data and are read before a tenant is known, so they stand outside
row-level security; everything else in the server stands behind it.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from cleanclaim_server.identity.roles import Role
from cleanclaim_server.tenancy.models import Record
from cleanclaim_server.tenancy.sealing import SealedField


class UserManager(BaseUserManager):
    """Finds people by e-mail address, whose case does not count."""

    def create_user(self, email: str, password: str | None = None, **fields) -> User:
        """Create a person. Without a password nobody can sign in until one is set."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str) -> User:
        return self.get(email=email.strip().lower())


class User(AbstractBaseUser, Record):
    """A person of an agency, or of one of its practices. Ids are never used again."""

    agency = models.ForeignKey("practice.Agency", on_delete=models.PROTECT, related_name="users")
    email = models.EmailField(max_length=254, unique=True)
    display_name = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)
    is_user_admin = models.BooleanField(
        default=False, help_text="Manages the agency's users; sees no patient data by this"
    )
    must_change_password = models.BooleanField(default=False)
    session_epoch = models.PositiveIntegerField(default=0, help_text="Raised to end all sessions at once")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    def __str__(self) -> str:
        return self.display_name

    @property
    def initials(self) -> str:
        """One or two letters for the avatar."""
        parts = self.display_name.split()
        return "".join(part[0] for part in [*parts[:1], *parts[1:][-1:]]).upper()

    def get_session_auth_hash(self) -> str:
        """What every session must match: a new password or a raised epoch ends the others."""
        return self._session_hash(None)

    def get_session_auth_fallback_hash(self):
        from django.conf import settings

        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._session_hash(secret)

    def _session_hash(self, secret: str | None) -> str:
        value = f"{self.password}\x1f{self.session_epoch}"
        return salted_hmac(
            "cleanclaim.identity.session", value, secret=secret, algorithm="sha256"
        ).hexdigest()


class Grant(Record):
    """A role of a person in a practice."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    practice = models.ForeignKey("practice.Practice", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=[(role.value, role.label) for role in Role])
    provider = models.ForeignKey(
        "practice.Provider", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="For a clinician: whose patients are theirs",
    )  # fmt: skip
    granted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "practice", "role"], name="grant_once")]


class SecondFactor(Record):
    """A person's time-based code generator (TOTP). Unconfirmed until a first code has matched."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    secret = SealedField(help_text="Base32")
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(
        default=0, help_text="Latest 30-second step used; older ones are refused"
    )

    @property
    def sealing_scope(self) -> UUID:
        return self.user_id


class RecoveryCode(Record):
    """A single-use code for the day the phone is lost; kept as a keyed hash."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=32)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_code_once")]


class GuessCount(models.Model):
    """The failed guesses of the last hour against one account, factor or address."""

    key = models.CharField(
        max_length=80, primary_key=True, help_text="Kind and keyed hash, no address in clear"
    )
    guessed_at = models.JSONField(default=list, help_text="Unix seconds, oldest first")
    updated_at = models.DateTimeField(default=timezone.now, db_index=True)
