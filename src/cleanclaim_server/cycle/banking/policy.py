"""After how many days something about the bank is late: the practice's own, else the usual ones.

Defaults: an EFT and its 835 belong within three business days of each other (CAQH CORE operating rule 370),
one more for the bank's own posting; checks travel and are carried to the bank.
"""

from __future__ import annotations

import msgspec

from cleanclaim.bank import MatchSettings
from cleanclaim_server.practice.models import Practice

SETTING = "bank"
MOST_DAYS = 365


class BankPolicy(msgspec.Struct, frozen=True):
    """Days. Kept in `Practice.settings["bank"]`; a key that is missing takes its default."""

    deposit_due_business_days: int = 4
    """An 835 by EFT without a bank line."""
    check_due_days: int = 21
    """An 835 by check without a bank line."""
    remittance_due_business_days: int = 4
    """Payer money at the bank without an 835."""
    patient_due_days: int = 10
    """Patient money, taken in and without a bank line."""
    unmatched_days: int = 10
    """A line that nothing explains."""
    answer_days: int = 7
    """What a person gets to settle an alarm."""

    def matching(self) -> MatchSettings:
        """As the core takes it."""
        return MatchSettings(
            deposit_due_business_days=self.deposit_due_business_days, check_due_days=self.check_due_days
        )


def policy_of(practice: Practice) -> BankPolicy:
    """The days of a practice; what is no number of days in its settings takes the default."""
    own = practice.settings.get(SETTING)
    usable = {
        key: value
        for key, value in (own.items() if isinstance(own, dict) else ())
        if key in BankPolicy.__struct_fields__ and type(value) is int and 0 <= value <= MOST_DAYS
    }
    return BankPolicy(**usable)
