"""A clock to move, and a person half signed in."""

from __future__ import annotations

from datetime import UTC, datetime

import pyotp
import pytest
from django.test import Client

from cleanclaim_server.identity import second_factor, sessions
from cleanclaim_server.identity.models import SecondFactor

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC).timestamp()
PASSWORD = "correct horse battery staple"


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now

    def tick(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(sessions, "now", clock)
    return clock


@pytest.fixture
def enrolled(make_user, practice_a, clock):
    """A biller with a confirmed phone; `.code()` is what it shows now, `.recovery` the printed codes."""
    user = make_user("biller", [practice_a])
    factor = second_factor.start_enrollment(user)
    generator = pyotp.TOTP(SecondFactor.objects.get(pk=factor.pk).secret)
    user.code = lambda: generator.at(datetime.fromtimestamp(clock.now, UTC))
    user.recovery = second_factor.confirm_enrollment(user, user.code())
    clock.tick(30)
    return user


@pytest.fixture
def half_signed_in(enrolled):
    """A client that has passed the first step."""
    client = Client()
    answer = client.post("/sign-in", {"email": enrolled.email, "password": PASSWORD})
    assert (answer.status_code, answer.url) == (302, "/sign-in/code")
    return client
