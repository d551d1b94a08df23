"""Paid lines beside what was due: compared at posting, collected into projects, asked for, recovered.

`comparing` reads claims and answers in bulk, asks the core, and keeps facts; `collecting` makes projects of
them and recognises what comes back; `acting` is what people do; `letters` is the paper; `recomparing` looks
again after a contract changed and shows what a contract could learn; `interest` asks the rule book.
"""

from cleanclaim_server.cycle.underpayments.comparing import compare_claims
from cleanclaim_server.cycle.underpayments.recomparing import (
    COMPARE,
    compare_contract,
    compare_job,
    compare_soon,
    proposals,
)

__all__ = ["COMPARE", "compare_claims", "compare_contract", "compare_job", "compare_soon", "proposals"]
