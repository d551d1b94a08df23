"""For whom the current transaction works: one agency and a set of its practices.

On PostgreSQL the context is also told to the database (`SET LOCAL` style, so that it dies with the
transaction), where row-level security uses it as the second wall. Unset means no rows, never all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection, transaction


@dataclass(frozen=True)
class TenantContext:
    """An agency and the practices in reach.

    `own_only` are those practices of the set in which the user, as a clinician, may see only the
    records of the patients they treat; `provider_ids` says who they are there. `bank_hidden` are those
    whose bank accounts the user may not see.
    """

    agency_id: UUID
    practice_ids: frozenset[UUID] = frozenset()
    user_id: UUID | None = None
    own_only: frozenset[UUID] = frozenset()
    provider_ids: frozenset[UUID] = field(default_factory=frozenset)
    bank_hidden: frozenset[UUID] = frozenset()


_current: ContextVar[TenantContext | None] = ContextVar("cleanclaim_tenant", default=None)


def current_tenant() -> TenantContext | None:
    """Return the context in force, or None."""
    return _current.get()


@contextmanager
def tenant_context(
    agency_id: UUID,
    practice_ids: Iterable[UUID],
    *,
    user_id: UUID | None = None,
    own_only: Iterable[UUID] = (),
    provider_ids: Iterable[UUID] = (),
) -> Iterator[TenantContext]:
    """Work for these practices until the block ends; what was in force before comes back after it.

    Opens a transaction if none is open, else a savepoint: an error in the block undoes the block.

    Args:
        agency_id: The agency.
        practice_ids: The practices in reach; may be empty.
        user_id: The acting user, if a person acts.
        own_only: Practices in which only the user's own patients are in reach.
        provider_ids: The provider records that are this user.
    """
    tenant = TenantContext(
        agency_id, frozenset(practice_ids), user_id, frozenset(own_only), frozenset(provider_ids)
    )
    with enter(tenant):
        yield tenant


@contextmanager
def system_context(agency_id: UUID) -> Iterator[TenantContext]:
    """Work for all practices of an agency: for workers, never for a request."""
    from cleanclaim_server.practice.models import Practice

    with tenant_context(agency_id, ()):  # the list of practices is itself behind the wall
        practice_ids = list(Practice.objects.filter(agency_id=agency_id).values_list("id", flat=True))
        with tenant_context(agency_id, practice_ids) as tenant:
            yield tenant


@contextmanager
def enter(tenant: TenantContext) -> Iterator[TenantContext]:
    """Put an existing context in force."""
    before = _current.get()
    with transaction.atomic():
        # A failed block rolls back to the savepoint, and PostgreSQL takes the settings back with it.
        token = _current.set(tenant)
        _tell_database(tenant)
        try:
            yield tenant
        finally:
            _current.reset(token)
        _tell_database(before)


def _tell_database(tenant: TenantContext | None) -> None:
    if connection.vendor != "postgresql":
        return
    agency = str(tenant.agency_id) if tenant else ""
    practices = "{" + ",".join(sorted(str(key) for key in tenant.practice_ids)) + "}" if tenant else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.agency', %s, true), set_config('app.practices', %s, true)",
            [agency, practices],
        )
