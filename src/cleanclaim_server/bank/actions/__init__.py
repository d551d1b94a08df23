"""Writes of the bank: accounts, lines, ties, settings aside, and the opposite of each decision.

Every decision is made under the lock of the practice's accounts (`lock_desk`), so that two people never
give the same money away twice: the second one sees what the first left. Whatever is decided is written once
and never changed; what is taken back gets its opposite.
"""

from cleanclaim_server.bank.actions.accounts import add_account, change_account, keep_lines, new_lines
from cleanclaim_server.bank.actions.asides import NewAside, set_aside, undo_aside, write_asides
from cleanclaim_server.bank.actions.desk import MACHINE, PERSON, BankRefused, Decider, lock_desk
from cleanclaim_server.bank.actions.ties import NewTie, tie, undo_tie, write_ties

__all__ = [
    "MACHINE",
    "PERSON",
    "BankRefused",
    "Decider",
    "NewAside",
    "NewTie",
    "add_account",
    "change_account",
    "keep_lines",
    "lock_desk",
    "new_lines",
    "set_aside",
    "tie",
    "undo_aside",
    "undo_tie",
    "write_asides",
    "write_ties",
]
