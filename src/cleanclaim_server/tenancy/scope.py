"""The first wall: every list and every door passes its queryset through `visible`."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.models import AgencyRecord, PracticeRecord

M = TypeVar("M", bound=Model)


class ScopeError(TypeError):
    """A queryset of records that belong to no tenant was offered to the tenant filter."""


def visible(queryset: QuerySet[M], tenant: TenantContext | None) -> QuerySet[M]:
    """Keep only the rows that this tenant context may reach; no context means no rows.

    In practices where the user may see only their own patients, a model says with the class
    attribute `clinician_path` which lookup leads to the treating provider ("" when its rows are
    about no patient). A model that says nothing shows a clinician nothing there.

    Raises:
        ScopeError: The model is neither a practice's nor an agency's.
    """
    if tenant is None:
        return queryset.none()
    model = queryset.model
    if issubclass(model, PracticeRecord):
        everything = Q(practice_id__in=tenant.practice_ids - tenant.own_only)
        own = tenant.practice_ids & tenant.own_only
        path = getattr(model, "clinician_path", None)
        if not own or path is None:
            return queryset.filter(everything)
        if path == "":
            return queryset.filter(practice_id__in=tenant.practice_ids)
        mine = model._default_manager.filter(**{f"{path}__in": tenant.provider_ids, "practice_id__in": own})
        return queryset.filter(everything | Q(pk__in=mine.values("pk")))
    if issubclass(model, AgencyRecord):
        return queryset.filter(agency_id=tenant.agency_id)
    if model._meta.label_lower == "practice.practice":
        return queryset.filter(agency_id=tenant.agency_id, pk__in=tenant.practice_ids)
    raise ScopeError(f"{model.__name__} belongs to no tenant; it has no place behind this wall")
