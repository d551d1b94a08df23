"""Putting an authorization on file and correcting it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from cleanclaim_server.audit.recording import record
from cleanclaim_server.authorizations.models import Authorization
from cleanclaim_server.coverage.models import Coverage
from cleanclaim_server.practice.models import Provider


class AuthorizationRefused(ValueError):
    """The data does not fit; `field` names which."""

    def __init__(self, field_: str, message: str) -> None:
        super().__init__(message)
        self.field = field_


@dataclass(frozen=True)
class AuthorizationData:
    """What a form says of an authorization. Without codes it covers any."""

    coverage: Coverage
    number: str
    units: int
    starts_on: date
    ends_on: date
    codes: list[str] = field(default_factory=list)
    provider: Provider | None = None


def save_authorization(
    patient_id: UUID, data: AuthorizationData, *, actor_id: UUID, authorization: Authorization | None = None
) -> Authorization:
    """Write a new authorization, or what changed of one.

    Raises:
        AuthorizationRefused: The dates do not fit, or the policy has one of this number already.
    """
    practice_id = data.coverage.practice_id
    if data.ends_on < data.starts_on:
        raise AuthorizationRefused("ends_on", "The authorization ends before it starts.")
    same = Authorization.objects.filter(practice_id=practice_id, coverage=data.coverage, number=data.number)
    if same.exclude(pk=authorization.pk if authorization else None).exists():
        raise AuthorizationRefused("number", "This policy has an authorization of this number already.")
    new = authorization is None
    one = authorization or Authorization(practice_id=practice_id, patient_id=patient_id)
    one.coverage, one.number, one.units, one.codes = data.coverage, data.number, data.units, data.codes
    one.starts_on, one.ends_on, one.provider = data.starts_on, data.ends_on, data.provider
    one.save()
    record(
        "authorization.added" if new else "authorization.changed",
        "authorization",
        one.pk,
        practice_id=practice_id,
        actor=actor_id,
    )
    return one
