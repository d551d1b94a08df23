"""Payers and their plans, as the agency's claims address them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cleanclaim_server.coverage.models import Payer, Plan
from cleanclaim_server.practice.actions import SetUpRefused


def save_payer(payer: Payer, values: Mapping[str, Any]) -> Payer:
    """Keep a payer, new or known.

    Raises:
        SetUpRefused: Another payer of the agency has this id.
    """
    same = Payer.objects.filter(agency_id=payer.agency_id, payer_id=values["payer_id"]).exclude(pk=payer.pk)
    if same.exists():
        raise SetUpRefused("payer_id", "payer.id_taken", "Another payer has this id")
    for name, value in values.items():
        setattr(payer, name, value)
    payer.save()
    return payer


def add_plan(payer: Payer, values: Mapping[str, Any]) -> Plan:
    """Add a product of a payer.

    Raises:
        SetUpRefused: The payer has a plan of this name in this state.
    """
    same = Plan.objects.filter(payer=payer, name__iexact=values["name"], state=values.get("state", ""))
    if same.exists():
        raise SetUpRefused("name", "plan.known", "This payer has a plan of this name there")
    return Plan.objects.create(agency_id=payer.agency_id, payer=payer, **values)
