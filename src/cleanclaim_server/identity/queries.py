"""Reads for the users page."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.http import Http404

from cleanclaim_server.identity.models import Grant, User


def users_visible_to(user: User, practice_ids: Iterable[UUID]) -> QuerySet[User]:
    """People this person may see: the agency's for an administrator of users, else those of the practices.

    Ordered by name, then id. Grants outside the given practices are left out.
    """
    people = User.objects.filter(agency_id=user.agency_id)
    grants = Grant.objects.select_related("practice").order_by("practice__code", "role")
    if not user.is_user_admin:
        practice_ids = list(practice_ids)
        people = people.filter(grants__practice_id__in=practice_ids).distinct()
        grants = grants.filter(practice_id__in=practice_ids)
    return (
        people.select_related("second_factor")
        .prefetch_related(Prefetch("grants", queryset=grants, to_attr="shown_grants"))
        .order_by("display_name", "id")
    )


def access_user(acting_user: User, user_id: UUID, practice_ids: Iterable[UUID]) -> User:
    """The door to one person; absent and out of reach answer alike.

    Raises:
        Http404: Neither visible nor there.
    """
    user = users_visible_to(acting_user, practice_ids).filter(pk=user_id).first()
    if user is None:
        raise Http404
    return user
