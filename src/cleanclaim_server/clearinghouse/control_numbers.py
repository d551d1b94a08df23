"""Control numbers, counted per partner and never used twice."""

from __future__ import annotations

from cleanclaim_server.clearinghouse.models import ControlNumber, TradingPartner

KINDS = ("isa", "gs", "st")
LARGEST = 999_999_999


class NumbersUsedUp(RuntimeError):
    """A counter has reached nine digits; the partner must agree before numbers start again."""


def take_numbers(partner: TradingPartner) -> tuple[int, int, int]:
    """The next ISA13, GS06 and ST02 for this partner, in the open transaction.

    The counters' rows stay locked until it ends (always in the order of `KINDS`), so two senders
    wait for one another. A transaction that fails gives its numbers back, for nothing has left.

    Raises:
        NumbersUsedUp: See there.
    """
    ControlNumber.objects.bulk_create(
        [ControlNumber(agency_id=partner.agency_id, partner=partner, kind=kind) for kind in KINDS],
        ignore_conflicts=True,
    )
    numbers = []
    for kind in KINDS:
        counter = ControlNumber.objects.select_for_update().get(
            agency_id=partner.agency_id, partner=partner, kind=kind
        )
        if counter.next_number > LARGEST:
            raise NumbersUsedUp(f"the {kind} numbers of this partner are used up [control_number.used_up]")
        numbers.append(counter.next_number)
        counter.next_number += 1
        counter.save(update_fields=["next_number"])
    return numbers[0], numbers[1], numbers[2]
