"""Programmes billed by the day: episodes opened and corrected, days recorded, periods billed.

`record_days` puts days on file; `bill_period` makes one institutional claim of the days of a statement
period, through the same steps that a session takes; `change_bill` corrects what one bill says for itself.
"""

from cleanclaim_server.cycle.programmes.billing import (
    CYCLES,
    BillRefused,
    Left,
    Outlook,
    Period,
    bill_period,
    outlook,
)
from cleanclaim_server.cycle.programmes.changing import BillInput, bill_input, change_bill
from cleanclaim_server.cycle.programmes.recording import (
    DayInput,
    EpisodeInput,
    EpisodeRefused,
    Recorded,
    change_episode,
    open_episode,
    record_days,
    remove_day,
    sign_day,
)
from cleanclaim_server.cycle.programmes.taking import DaysTaken, is_programme_day, take_days

__all__ = [
    "CYCLES",
    "BillInput",
    "BillRefused",
    "DayInput",
    "DaysTaken",
    "EpisodeInput",
    "EpisodeRefused",
    "Left",
    "Outlook",
    "Period",
    "Recorded",
    "bill_input",
    "bill_period",
    "change_bill",
    "change_episode",
    "is_programme_day",
    "open_episode",
    "outlook",
    "record_days",
    "remove_day",
    "sign_day",
    "take_days",
]  # fmt: skip
