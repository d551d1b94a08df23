"""Reads of charges."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Sum

from cleanclaim_server.charges.models import Charge
from cleanclaim_server.tenancy.context import TenantContext


def charges_of_encounters(tenant: TenantContext, encounter_ids: list[UUID]) -> dict[UUID, int]:
    """What each session is charged, in cents; sessions without charges are left out.

    The sessions came through their door: a clinician's own are among them.
    """
    rows = Charge.objects.filter(
        practice_id__in=tenant.practice_ids, encounter_id__in=encounter_ids, is_void=False
    )
    return dict(rows.order_by().values_list("encounter_id").annotate(cents=Sum("amount_cents")))
