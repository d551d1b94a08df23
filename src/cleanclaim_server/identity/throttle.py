"""Slows guessing: at most ten failed guesses an hour against one account, whoever makes them.

A slot is taken before the guess is looked at and given back when it was right, so that guesses made
at the same time cannot slip past the count. Unknown accounts are counted alike.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cleanclaim_server.identity import sessions
from cleanclaim_server.identity.models import GuessCount
from cleanclaim_server.tenancy.sealing import blind_index

WINDOW = timedelta(hours=1)
GUESSES_PER_ACCOUNT = 10
GUESSES_PER_ADDRESS = 100  # one address trying one password against many accounts


def account_key(email: str) -> str:
    """The counter of password guesses against an account, known or not."""
    return "password:" + blind_index(email or "-", purpose="guess", practice_id="account")


def address_key(address: str) -> str:
    """The counter of password guesses from a network address."""
    return "address:" + blind_index(address or "-", purpose="guess", practice_id="address")


def factor_key(user_id) -> str:
    """The counter of second-step guesses against an account."""
    return f"factor:{user_id}"


def take_slot(key: str, limit: int = GUESSES_PER_ACCOUNT) -> bool:
    """Count a guess; False when this hour's guesses are used up. The row stays locked until commit."""
    GuessCount.objects.get_or_create(key=key)
    row = GuessCount.objects.select_for_update().get(key=key)
    now = sessions.now()
    recent = [at for at in row.guessed_at if now - at < WINDOW.total_seconds()]
    if len(recent) >= limit:
        return False
    row.guessed_at = [*recent, now]
    row.updated_at = datetime.fromtimestamp(now, UTC)
    row.save(update_fields=["guessed_at", "updated_at"])
    return True


def is_used_up(key: str, limit: int = GUESSES_PER_ACCOUNT) -> bool:
    """Say whether the last slot of the hour has just been taken."""
    row = GuessCount.objects.filter(key=key).first()
    now = sessions.now()
    recent = [at for at in row.guessed_at if now - at < WINDOW.total_seconds()] if row else []
    return len(recent) >= limit


def give_back(key: str) -> None:
    """The guess was right: it does not count."""
    row = GuessCount.objects.select_for_update().filter(key=key).first()
    if row and row.guessed_at:
        row.guessed_at = row.guessed_at[:-1]
        row.save(update_fields=["guessed_at"])


def forget_old() -> int:
    """Remove counters that no longer count; the worker calls this."""
    limit = datetime.fromtimestamp(sessions.now(), UTC) - WINDOW
    return GuessCount.objects.filter(updated_at__lt=limit).delete()[0]
