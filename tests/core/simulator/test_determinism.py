"""One seed, one story: the same bytes whenever and however often they are fetched."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import msgspec
import pytest
from partner import CONTRACT, MONDAY, claim, claim_file

from cleanclaim.simulator import SCENARIOS, SimulatedClearinghouse

DAYS = 160
MAILS = {
    day: claim_file(
        *(
            claim(one.prefix, day * 100 + at, on=(MONDAY + timedelta(days=day)).date())
            for at, one in enumerate(SCENARIOS)
            if one.prefix not in ("R9", "T1")
        ),
        number=day + 1,
    )
    for day in range(0, 60, 7)
}


def story(seed: int, *, fetch_every: int = 1, restore_every: int = 0) -> list[tuple[str, object, bytes]]:
    partner = SimulatedClearinghouse(seed, CONTRACT)
    files = []
    for day in range(DAYS):
        now = MONDAY + timedelta(days=day)
        if day in MAILS:
            partner.receive(MAILS[day], now)
        if day % fetch_every == 0 or day == DAYS - 1:
            files += partner.due(now)
        if restore_every and day % restore_every == 0:
            partner = SimulatedClearinghouse.from_bytes(partner.to_bytes())
    return [(file.name, file.available_at, file.data) for file in files]


@pytest.fixture(scope="module")
def told():
    return story(7)


def digest(files) -> str:
    return hashlib.sha256(b"".join(data for _, _, data in files)).hexdigest()


def test_the_same_seed_gives_the_same_bytes(told):
    assert len(told) == 95
    assert digest(story(7)) == digest(told)


def test_another_seed_gives_another_story(told):
    assert digest(story(8)) != digest(told)


def test_storing_and_restoring_changes_nothing(told):
    assert story(7, restore_every=1) == told


@pytest.mark.parametrize("fetch_every", [2, 7, 31])
def test_fetching_seldom_changes_nothing(told, fetch_every):
    """Payment days are paid in their order whenever somebody looks."""
    assert sorted(story(7, fetch_every=fetch_every)) == sorted(told)


def test_each_file_is_handed_out_once(told):
    assert len({name for name, _, _ in told}) == len(told)


def test_equal_states_give_equal_bytes():
    partner = SimulatedClearinghouse(7, CONTRACT)
    partner.receive(MAILS[0], MONDAY)
    data = partner.to_bytes()
    assert SimulatedClearinghouse.from_bytes(data).to_bytes() == data


@pytest.mark.parametrize("data", [b"", b"\x00", b"not a state"])
def test_foreign_bytes_are_refused(data):
    with pytest.raises(msgspec.MsgspecError):
        SimulatedClearinghouse.from_bytes(data)


def test_the_next_moment_is_known():
    partner = SimulatedClearinghouse(7, CONTRACT)
    assert partner.next_due_at() is None
    partner.receive(MAILS[0], MONDAY)
    seen = 0
    while (moment := partner.next_due_at()) is not None and seen < 500:
        files = partner.due(moment)
        assert files == [] or files[0].available_at == moment
        seen += len(files)
    assert seen > 10
