"""Payer contracts: what is due for a line, which rate says so and why. See docs/concepts/contracts.md."""

from collections.abc import Iterable

from cleanclaim.pricing.contracts.editing import (
    BY_PERCENT,
    Change,
    add_rates,
    change_rate,
    differences,
    end_rate,
    rate_id,
    rate_name,
    worth,
)
from cleanclaim.pricing.contracts.learning import Observation, Proposal, confirm, learn_rates, plainest
from cleanclaim.pricing.contracts.pricing import (
    Due,
    interest_due,
    payment_due,
    price_day,
    price_line,
    sequestration_percent,
)
from cleanclaim.pricing.contracts.records import (
    Considered,
    Contract,
    Escalator,
    Price,
    Question,
    Rate,
    RateKind,
)
from cleanclaim.pricing.contracts.selecting import (
    ContractInvalid,
    check_contract,
    code_fits,
    contract_for,
    with_rate,
)
from cleanclaim.pricing.fee_schedule import FeeRow

__all__ = [
    "BY_PERCENT",
    "Change",
    "Considered",
    "Contract",
    "ContractInvalid",
    "Due",
    "Escalator",
    "Observation",
    "Price",
    "Proposal",
    "Question",
    "Rate",
    "RateKind",
    "add_rates",
    "change_rate",
    "check_contract",
    "code_fits",
    "confirm",
    "contract_for",
    "contract_from_fee_rows",
    "differences",
    "end_rate",
    "interest_due",
    "learn_rates",
    "payment_due",
    "plainest",
    "price_day",
    "price_line",
    "rate_id",
    "rate_name",
    "sequestration_percent",
    "with_rate",
    "worth",
]


def contract_from_fee_rows(payer_id: str, rows: Iterable[FeeRow], *, id: str = "") -> Contract:
    """A contract of plain amounts, from the rows of a fee schedule that name this payer.

    Raises:
        ContractInvalid: Two rows answer for the same line on one day.
    """
    rates = tuple(
        Rate(
            "-".join(filter(None, (row.code, row.modifier, row.credential, row.starts.isoformat()))),
            RateKind.FIXED,
            row.starts,
            row.ends,
            row.amount_cents,
            code=row.code,
            modifier=row.modifier,
            credential=row.credential,
            source=row.source,
        )
        for row in rows
        if row.payer_id == payer_id
    )
    return check_contract(Contract(id or f"fee-schedule-{payer_id}", payer_id, rates))
