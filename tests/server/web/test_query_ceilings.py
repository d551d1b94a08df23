"""Lists cost as many queries for thirty rows as for three; no row asks for anything by itself."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

PAGES = {
    "/": 40, "/work": 34, "/claims": 34, "/claims?lifecycle=ready&sort=-charge": 34, "/sessions": 30,
    "/patients": 31, "/rejections": 30, "/denials": 28, "/practices": 34,
}  # fmt: skip


@pytest.mark.parametrize("path", list(PAGES))
def test_queries_do_not_grow_with_rows(path, desk, client_for):
    client = client_for(desk.user)
    counts = []
    for more in (3, 12):
        for _ in range(more):
            desk.claim()
        client.get(path)  # what is read once a process is read before
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1], counts
    assert counts[1] <= PAGES[path], counts


def test_one_claim_costs_a_fixed_number(desk, client_for):
    client, claim = client_for(desk.user), desk.claim()
    client.get(f"/claims/{claim.pk}")
    with CaptureQueriesContext(connection) as seen:
        client.get(f"/claims/{claim.pk}")
    assert len(seen) <= 48, len(seen)
