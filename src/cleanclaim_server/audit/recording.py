"""Writing to the audit trail. A failure here fails the transaction: what cannot be audited is not done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.tenancy.bulk import create_rows
from cleanclaim_server.tenancy.context import current_tenant

NO_AGENCY = UUID(int=0)
LONGEST_TEXT = 200
# A detail under one of these names would be patient data; codes, ids, counts and cents are not.
PERSONAL = """
    name first_name last_name full_name patient_name dob birth_date date_of_birth ssn member_id subscriber_id
    address address_line1 address_line2 phone email diagnosis diagnoses note text value password secret
"""
FORBIDDEN_KEYS = frozenset(PERSONAL.split())


class AuditError(ValueError):
    """An event that the audit trail must not hold: patient data, or a value that hashes unsteadily."""


@dataclass(frozen=True)
class RequestFacts:
    """Who is asking, for the length of a request."""

    request_id: UUID
    user_id: UUID | None = None


request_facts: ContextVar[RequestFacts | None] = ContextVar("cleanclaim_request", default=None)


@dataclass(frozen=True)
class AuditEvent:
    """One event for `record_many`; the fields are those of `record`."""

    action: str
    subject_type: str = ""
    subject_id: Any = ""
    practice_id: UUID | None = None
    agency_id: UUID | None = None
    actor: Any = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def record(
    action: str,
    subject_type: str = "",
    subject_id: Any = "",
    *,
    practice_id: UUID | None = None,
    agency_id: UUID | None = None,
    actor: Any = None,
    **detail: Any,
) -> AuditRow:
    """Write one event, in the transaction that is open.

    Args:
        action: noun.verb, for instance `claim.read`.
        subject_type: What was touched, for instance `claim`.
        subject_id: Its id.
        practice_id: Whose it is; None for what the agency shares.
        agency_id: By default that of the tenant context.
        actor: A user, a user's id, or a text naming a part of the system; by default the user of the
            request or of the tenant context.
        **detail: Codes, ids, counts, cents; no patient data and no floats.

    Raises:
        AuditError: The detail holds what an audit row must not hold. Nothing is written.
    """
    row = _row(AuditEvent(action, subject_type, subject_id, practice_id, agency_id, actor, detail))
    row.save(force_insert=True)
    return row


def record_many(events: Iterable[AuditEvent]) -> int:
    """Write many events in the open transaction; returns how many."""
    rows = [_row(event) for event in events]
    create_rows(AuditRow, rows)
    return len(rows)


def _row(event: AuditEvent) -> AuditRow:
    tenant, request = current_tenant(), request_facts.get()
    actor_id, kind, label = _actor(event.actor, tenant, request)
    agency_id = event.agency_id or (tenant.agency_id if tenant else NO_AGENCY)
    return AuditRow(
        agency_id=agency_id,
        practice_id=event.practice_id,
        occurred_at=timezone.now(),
        actor_id=actor_id,
        actor_kind=kind,
        actor_label=label,
        action=event.action,
        subject_type=event.subject_type,
        subject_id=str(event.subject_id),
        detail={key: _clean(key, value) for key, value in event.detail.items()},
        request_id=request.request_id if request else None,
    )


def _actor(actor, tenant, request) -> tuple[UUID | None, str, str]:
    if isinstance(actor, str):
        return None, "system", actor.removeprefix("system:")
    if actor is None:
        actor_id = (tenant.user_id if tenant else None) or (request.user_id if request else None)
        if actor_id is None:
            return None, ("anonymous" if request else "system"), ""
        return actor_id, "user", ""
    return (actor if isinstance(actor, UUID) else actor.pk), "user", ""


def _clean(key: str, value: Any) -> Any:
    if key in FORBIDDEN_KEYS:
        raise AuditError(
            f"an audit row does not hold {key!r}: name the record by its id [audit.detail_forbidden]"
        )
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, UUID | date):
        return str(value) if isinstance(value, UUID) else value.isoformat()
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT or "\x00" in value:
            raise AuditError(
                f"{key!r} is too long for an audit row ({len(value)} characters) [audit.detail_long]"
            )
        return value
    if isinstance(value, Mapping):
        return {str(inner): _clean(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [_clean(key, item) for item in items]
    raise AuditError(
        f"{key!r} holds a {type(value).__name__}; use ids, codes, whole numbers [audit.detail_type]"
    )
