"""Setting up a practice: its own facts and policies, places, clinicians and their licences.

Each change leaves its trace.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Model, Q
from msgspec import Struct, to_builtins

from cleanclaim_server.practice.models import Agency, License, Location, Practice, Provider
from cleanclaim_server.tenancy.models import new_id

HUES = 8


class SetUpRefused(ValueError):
    """A record cannot be kept as asked. `field` names what is wrong; `code` is stable."""

    def __init__(self, field: str, code: str, message: str) -> None:
        self.field, self.code, self.plain = field, code, message
        super().__init__(f"{message} [{code}]")


def save_agency(agency: Agency, values: Mapping[str, Any]) -> Agency:
    """Change what files say of the sender."""
    return _save(agency, values)


def new_practice(agency: Agency) -> Practice:
    """A practice that is not kept yet, with its id and the next free colour."""
    used = set(Practice.objects.filter(agency=agency).values_list("hue", flat=True))
    hue = next((hue for hue in range(1, HUES + 1) if hue not in used), 1)
    return Practice(id=new_id(), agency=agency, hue=hue, timezone=agency.timezone)


def save_practice(practice: Practice, values: Mapping[str, Any]) -> Practice:
    """Keep a practice, new or known.

    Raises:
        SetUpRefused: The letters are taken, or would change on a practice whose claims carry them.
    """
    code = values.get("code", practice.code)
    known = not practice._state.adding
    if known and code != practice.code:
        raise SetUpRefused("code", "practice.code_fixed", "Claim numbers begin with these letters; they stay")
    if Practice.objects.filter(agency_id=practice.agency_id, code=code).exclude(pk=practice.pk).exists():
        raise SetUpRefused("code", "practice.code_taken", "Another practice has these letters")
    return _save(practice, values)


def save_policy(practice: Practice, key: str, policy: Struct) -> None:
    """Keep one of a practice's policies; its others stay, though somebody changes them at the same time."""
    one = Practice.objects.select_for_update(of=("self",)).get(pk=practice.pk)
    one.settings = one.settings | {key: to_builtins(policy)}
    one.save(update_fields=["settings"])


def save_location(location: Location, values: Mapping[str, Any]) -> Location:
    """Keep a place; at most one of a practice is the billing address."""
    if values.get("is_billing_address"):
        others = Location.objects.filter(practice_id=location.practice_id, is_billing_address=True)
        others.exclude(pk=location.pk).update(is_billing_address=False)
    return _save(location, values)


def save_provider(provider: Provider, values: Mapping[str, Any]) -> Provider:
    """Keep a clinician.

    Raises:
        SetUpRefused: Another clinician of the practice has this NPI, or they would supervise themselves.
    """
    same = Provider.objects.filter(practice_id=provider.practice_id, npi=values["npi"]).exclude(
        pk=provider.pk
    )
    if same.exists():
        raise SetUpRefused("npi", "provider.npi_taken", "Another clinician here has this NPI")
    supervisor = values.get("supervisor")
    if supervisor is not None and supervisor.practice_id != provider.practice_id:
        raise SetUpRefused("supervisor", "provider.supervisor", "The supervisor works at the same practice")
    if supervisor is not None and supervisor.pk == provider.pk:
        raise SetUpRefused("supervisor", "provider.supervisor", "Nobody supervises themselves")
    return _save(provider, values)


def add_license(provider: Provider, values: Mapping[str, Any]) -> License:
    """Add a licence of a clinician in one state.

    Raises:
        SetUpRefused: It is on file already, or ends before it begins.
    """
    starts, ends = values.get("starts_on"), values.get("ends_on")
    if starts and ends and ends < starts:
        raise SetUpRefused("ends_on", "license.dates", "It ends before it begins")
    same = Q(state=values["state"], number=values["number"])
    if License.objects.filter(same, provider=provider, practice_id=provider.practice_id).exists():
        raise SetUpRefused("number", "license.known", "This licence is on file")
    return _save(License(practice_id=provider.practice_id, provider=provider), values)


def drop_license(provider: Provider, license_id: UUID) -> bool:
    """Take a licence off that was entered by mistake; False when it is not this clinician's."""
    found, _ = License.objects.filter(
        pk=license_id, provider=provider, practice_id=provider.practice_id
    ).delete()
    return bool(found)


def _save(row: Model, values: Mapping[str, Any]) -> Any:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row
