"""The short form of the figure: a small year through 837P, the simulator, 835, posting and comparison."""

from __future__ import annotations

import pytest
from benchmarks.underpayments import OF_PAYER, run, table


@pytest.mark.django_db(transaction=True)
def test_a_small_year_is_read_with_precision_and_recall(practice_a, make_user):
    score = run(practice_a, make_user("manager", [practice_a]), claims=240, seed=11)
    assert score.lines == 240 and sum(score.planted.values()) >= 20
    assert (score.precision, score.recall) == (1.0, 1.0), (score.false, score.planted - score.found)
    assert score.name_rate >= 0.95, score.wrong_names
    assert score.statuses["unknown"] == 0
    assert "| precision | 1.0000 |" in table(score, 11)


def test_at_least_twenty_kinds_can_be_planted():
    from cleanclaim.simulator.mispaying import KINDS

    assert {kind for kinds in OF_PAYER.values() for kind in kinds} == set(KINDS) and len(KINDS) >= 20
