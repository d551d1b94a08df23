"""The claim after the answer: to the next payer, corrected, or void. Values in, values out."""

from cleanclaim.remittance.nextpayer.correcting import (
    Correction,
    PayerNumber,
    Way,
    corrected_claim,
    correction_path,
    newest_number,
    void_claim,
)
from cleanclaim.remittance.nextpayer.deciding import (
    NextStep,
    Step,
    decide_next,
    next_claim,
    next_payer,
    order_payers,
)
from cleanclaim.remittance.nextpayer.medicare import (
    PriorAmount,
    SecondaryAmount,
    amounts_before,
    medicare_secondary_amount,
    most_second_cents,
)
from cleanclaim.remittance.nextpayer.telling import Answer, Told, last_words, newest_control_number, tell

__all__ = [
    "Answer",
    "Correction",
    "NextStep",
    "PayerNumber",
    "PriorAmount",
    "SecondaryAmount",
    "Step",
    "Told",
    "Way",
    "amounts_before",
    "corrected_claim",
    "correction_path",
    "decide_next",
    "last_words",
    "medicare_secondary_amount",
    "most_second_cents",
    "newest_control_number",
    "newest_number",
    "next_claim",
    "next_payer",
    "order_payers",
    "tell",
    "void_claim",
]
