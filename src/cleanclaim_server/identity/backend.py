"""The session's way back to its user. Signing in has its own steps, in `sign_in.py`."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.backends import BaseBackend

from cleanclaim_server.identity.models import User


class SessionBackend(BaseBackend):
    """Loads the user of a session, again on every request; a disabled user is nobody."""

    def authenticate(self, request, **credentials):
        return None  # no one-step sign-in: a password alone opens nothing

    def get_user(self, user_id: UUID | str) -> User | None:
        return User.objects.select_related("agency").filter(pk=user_id, is_active=True).first()
