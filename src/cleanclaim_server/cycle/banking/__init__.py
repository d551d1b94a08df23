"""The bank joined to the cycle: files become lines, lines find their payments, what is missing becomes work.

`taking` keeps a file and makes its lines; `running` lets the core match what is open, books what is proved
and keeps the rest as proposals; `alarms` opens and closes the work. A run may be repeated at any time: it
changes nothing that stands.
"""

from cleanclaim_server.cycle.banking.alarms import PayerFeed, payer_feeds, refresh_alarms
from cleanclaim_server.cycle.banking.deciding import (
    accept_proposals,
    count_patients,
    match_by_hand,
    put_aside,
    take_back,
)
from cleanclaim_server.cycle.banking.running import (
    RunOutcome,
    look_at_banks,
    look_for_money,
    run_matching,
)
from cleanclaim_server.cycle.banking.taking import (
    BankOutcome,
    is_bank_file,
    keep_bank_file,
    read_bank_file,
    take_bank_file,
    take_lines,
)

__all__ = [
    "BankOutcome",
    "PayerFeed",
    "RunOutcome",
    "accept_proposals",
    "count_patients",
    "is_bank_file",
    "keep_bank_file",
    "look_at_banks",
    "look_for_money",
    "match_by_hand",
    "payer_feeds",
    "put_aside",
    "read_bank_file",
    "refresh_alarms",
    "run_matching",
    "take_back",
    "take_bank_file",
    "take_lines",
]
