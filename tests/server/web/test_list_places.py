"""Places in long lists: neighbours meet, and an address that nobody was given is the first page."""

from __future__ import annotations

import base64
import json
import re
from html import unescape

import pytest

from cleanclaim_server.audit import record
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.web.views import shared

FORGED = [
    ["s", "not a day", "01a20abe-61cd-7000-b7b7-929a100ced58", 1], ["i", 10**30, str(new_id()), 1],
    ["i", "5", "no id", 1], ["t", "2026-13-41", str(new_id()), 1], ["?", 1, 2], [], {},
]  # fmt: skip


@pytest.fixture
def auditor(make_user, client_for, practice_a):
    return client_for(make_user("auditor", [practice_a]))


def page_of(client, path: str) -> tuple[list[str], dict[str, str]]:
    """The numbers of the rows, and the addresses of the neighbours."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    text = unescape(answer.content.decode())
    links = dict(re.findall(r'href="[^"]*\?[^"]*(after|before)=([^"&]+)', text))
    return re.findall(r"number (\d+)", text), links


def test_pages_follow_each_other_forth_and_back(auditor, practice_a, tenant, monkeypatch):
    monkeypatch.setattr(shared.one_page, "__kwdefaults__", {**shared.one_page.__kwdefaults__, "size": 4})
    with tenant(practice_a):
        for number in range(10):
            record("claim.read", "claim", new_id(), practice_id=practice_a.pk, number=number)
    path, seen = "/audit?did=claim", []
    first, links = page_of(auditor, path)
    seen += first
    while "after" in links:
        rows, links = page_of(auditor, f"{path}&after={links['after']}")
        seen += rows
    assert seen == [str(number) for number in reversed(range(10))]
    rows, _ = page_of(auditor, f"{path}&before={links['before']}")
    assert rows == seen[4:8]


@pytest.mark.parametrize("path", ["/audit", "/claims", "/work", "/remittances", "/sessions", "/bank"])
def test_a_place_that_nobody_was_given_is_the_first_page(path, make_user, client_for, practice_a):
    client = client_for(make_user("manager", [practice_a]))
    texts = [base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in FORGED]
    elsewhere = shared._PLACE.sign_object(["another_field", "i", "5", str(new_id()), 1])
    for text in [*texts, elsewhere, "ü", ":", "a:b"]:
        for side in shared.CURSOR_KEYS:
            answer = client.get(path, {side: text})
            assert answer.status_code in (200, 403), (path, side, text)


@pytest.mark.parametrize("path", ["/claims", "/statements", "/underpayments/lines", "/search"])
def test_a_nul_in_a_field_is_refused(path, make_user, client_for, practice_a):
    client = client_for(make_user("manager", [practice_a]))
    client.raise_request_exception = False
    for name in ("q", "status", "view", "state", "a\0b"):
        assert client.get(path, {name: "x\0"}).status_code == 400, (path, name)
