"""Control numbers, counted per partner and never used twice."""

from __future__ import annotations

from django.db.models import F

from cleanclaim_server.clearinghouse.models import ControlNumber, TradingPartner

KINDS = ("isa", "gs", "st")
LARGEST = 999_999_999


class NumbersUsedUp(RuntimeError):
    """A counter has reached nine digits; the partner must agree before numbers start again."""


def take_numbers(partner: TradingPartner) -> tuple[int, int, int]:
    """The next ISA13, GS06 and ST02 for this partner, in the open transaction.

    The counters' rows stay locked until it ends (always in one order), so two senders
    wait for one another. A transaction that fails gives its numbers back, for nothing has left.

    Raises:
        NumbersUsedUp: See there.
    """
    mine = ControlNumber.objects.filter(agency_id=partner.agency_id, partner=partner, kind__in=KINDS)
    counters = {row.kind: row for row in mine.select_for_update().order_by("kind")}
    if len(counters) < len(KINDS):
        ControlNumber.objects.bulk_create(
            [ControlNumber(agency_id=partner.agency_id, partner=partner, kind=kind) for kind in KINDS],
            ignore_conflicts=True,
        )
        counters = {row.kind: row for row in mine.select_for_update().order_by("kind")}
    for counter in counters.values():
        if counter.next_number > LARGEST:
            raise NumbersUsedUp(
                f"the {counter.kind} numbers of this partner are used up [control_number.used_up]"
            )
    mine.update(next_number=F("next_number") + 1)
    isa, gs, st = (counters[kind].next_number for kind in KINDS)
    return isa, gs, st
