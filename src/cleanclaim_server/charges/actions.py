"""The charge master: what a practice asks for a code, from a day on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from cleanclaim_server.charges.models import ChargeRate
from cleanclaim_server.practice.actions import SetUpRefused


def add_price(practice_id: UUID, values: Mapping[str, Any]) -> ChargeRate:
    """Add a price; the one in force until then ends the day before.

    Sessions held before that day keep the price of their day.

    Raises:
        SetUpRefused: A price of this code begins on the same day or later.
    """
    same = ChargeRate.objects.filter(
        practice_id=practice_id, code=values["code"], modifier=values["modifier"]
    )
    starts: date = values["starts_on"]
    if same.filter(starts_on__gte=starts).exists():
        raise SetUpRefused(
            "starts_on", "price.later_known", "A price of this code begins on this day or later"
        )
    earlier = same.filter(starts_on__lt=starts).order_by("-starts_on").first()
    if earlier is not None and (earlier.ends_on is None or earlier.ends_on >= starts):
        earlier.ends_on = starts - timedelta(days=1)
        earlier.save(update_fields=["ends_on"])
    return ChargeRate.objects.create(practice_id=practice_id, **values)


def end_price(rate: ChargeRate, ends_on: date) -> ChargeRate:
    """Let a price end; a code without a price on the day refuses, nothing is borrowed.

    Raises:
        SetUpRefused: It would end before it begins.
    """
    if ends_on < rate.starts_on:
        raise SetUpRefused("ends_on", "price.dates", "It would end before it begins")
    rate.ends_on = ends_on
    rate.save(update_fields=["ends_on"])
    return rate
