"""The chart of accounts: a closed list. Debits are positive everywhere.

`Account` values are what is stored; `CHART` says of each what it means and which side is its usual one.
Denied money has no account of its own: it stays in the insurance receivable, and the denial item says so.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Account(StrEnum):
    """Every account there is."""

    CASH = "cash"
    DEPOSIT_CLEARING = "deposit_clearing"
    INSURANCE_RECEIVABLE = "insurance_receivable"
    PATIENT_RECEIVABLE = "patient_receivable"
    WITHHOLD_RECEIVABLE = "withhold_receivable"
    LEVY_RECEIVABLE = "levy_receivable"
    TAX_RECEIVABLE = "tax_receivable"
    INTERCOMPANY = "intercompany"
    INTER_PRACTICE = "inter_practice"
    REFUND_CLEARING = "refund_clearing"
    NONREIMBURSABLE_OFFSET = "nonreimbursable_offset"
    UNAPPLIED_INSURANCE = "unapplied_insurance"
    PROVIDER_LEVEL_SUSPENSE = "provider_level_suspense"
    PATIENT_CREDITS = "patient_credits"
    PAYER_DEBT = "payer_debt"
    PAYER_ADVANCES = "payer_advances"
    OTHER_LIABILITIES = "other_liabilities"
    SETTLEMENTS = "settlements"
    PATIENT_SERVICE_REVENUE = "patient_service_revenue"
    CAPITATION_INCOME = "capitation_income"
    INTEREST_INCOME = "interest_income"
    INCENTIVE_INCOME = "incentive_income"
    CONTRACTUAL_ADJUSTMENTS = "contractual_adjustments"
    SEQUESTRATION = "sequestration"
    CAPITATION_ADJUSTMENTS = "capitation_adjustments"
    QMB_ADJUSTMENTS = "qmb_adjustments"
    WRITE_OFF_TIMELY_FILING = "write_off_timely_filing"
    WRITE_OFF_SMALL_BALANCE = "write_off_small_balance"
    WRITE_OFF_BAD_DEBT = "write_off_bad_debt"
    WRITE_OFF_COURTESY = "write_off_courtesy"
    WRITE_OFF_DENIED = "write_off_denied"
    WRITE_OFF_OTHER = "write_off_other"
    PROVIDER_LEVEL_EXPENSE = "provider_level_expense"
    CARD_FEES = "card_fees"


class AccountClass(StrEnum):
    """Where an account stands in a trial balance."""

    ASSET = "asset"
    LIABILITY = "liability"
    REVENUE = "revenue"
    CONTRA_REVENUE = "contra_revenue"
    EXPENSE = "expense"


class AccountInfo(msgspec.Struct, frozen=True):
    """What an account is. `normal` is 1 when a debit balance is usual, -1 when a credit is.

    `by_claim` accounts may name a claim and a patient on their legs; money of the others belongs to
    the payment or the practice and never to a patient (R-07).
    """

    title: str
    kind: AccountClass
    normal: int
    meaning: str
    by_claim: bool = False


_A, _L, _R, _C, _E = (
    AccountClass.ASSET,
    AccountClass.LIABILITY,
    AccountClass.REVENUE,
    AccountClass.CONTRA_REVENUE,
    AccountClass.EXPENSE,
)

CHART: dict[Account, AccountInfo] = {
    Account.CASH: AccountInfo("Cash", _A, 1, "Money seen on a bank statement", True),
    Account.DEPOSIT_CLEARING: AccountInfo(
        "Deposits on their way", _A, 1, "Payments booked and not yet seen at the bank", True
    ),
    Account.INSURANCE_RECEIVABLE: AccountInfo(
        "Insurance receivable", _A, 1, "What payers still owe, denied and disputed money included", True
    ),
    Account.PATIENT_RECEIVABLE: AccountInfo("Patient receivable", _A, 1, "What patients owe", True),
    Account.WITHHOLD_RECEIVABLE: AccountInfo(
        "Withhold receivable", _A, 1, "Held back by payers by contract, due later", True
    ),
    Account.LEVY_RECEIVABLE: AccountInfo("Levies", _A, 1, "Taken for a third party: levy, student loan"),
    Account.TAX_RECEIVABLE: AccountInfo("Tax withheld", _A, 1, "Backup withholding by payers"),
    Account.INTERCOMPANY: AccountInfo(
        "Due from affiliates", _A, 1, "Debts of sister providers, paid from our money"
    ),
    Account.INTER_PRACTICE: AccountInfo(
        "Between practices",
        _A,
        1,
        "Money for one practice in another's deposit: a debit is owed to us by it, a credit by us to it",
    ),
    Account.REFUND_CLEARING: AccountInfo(
        "Refunds to payers, to be acknowledged",
        _A,
        1,
        "Part of our refunds that a payer gives back or acknowledges",
    ),
    Account.NONREIMBURSABLE_OFFSET: AccountInfo(
        "Paper payments", _A, 1, "Claim payments shown and taken back in the same remittance (J1)"
    ),
    Account.UNAPPLIED_INSURANCE: AccountInfo(
        "Unapplied insurance payments", _L, -1, "Payer money waiting for its claim or for a decision", True
    ),
    Account.PROVIDER_LEVEL_SUSPENSE: AccountInfo(
        "Provider adjustments under review", _L, -1, "PLB amounts whose reason must be read or asked"
    ),
    Account.PATIENT_CREDITS: AccountInfo(
        "Patient credits", _L, -1, "Patient money not yet applied to a claim", True
    ),
    Account.PAYER_DEBT: AccountInfo(
        "Owed to payers", _L, -1, "Overpayments that payers will take or we will send"
    ),
    Account.PAYER_ADVANCES: AccountInfo(
        "Advances of payers", _L, -1, "Advance and interim payments to be earned"
    ),
    Account.OTHER_LIABILITIES: AccountInfo(
        "Other liabilities", _L, -1, "Loans repaid through remittances, tentative allowances"
    ),
    Account.SETTLEMENTS: AccountInfo("Cost settlements", _L, -1, "Interim and final cost-report settlements"),
    Account.PATIENT_SERVICE_REVENUE: AccountInfo(
        "Patient service revenue", _R, -1, "Charges at full price", True
    ),
    Account.CAPITATION_INCOME: AccountInfo("Capitation income", _R, -1, "Per-member payments"),
    Account.INTEREST_INCOME: AccountInfo("Interest income", _R, -1, "Paid by payers for paying late"),
    Account.INCENTIVE_INCOME: AccountInfo(
        "Incentives and other payer income", _R, -1, "Bonuses, incentives, pass-through"
    ),
    Account.CONTRACTUAL_ADJUSTMENTS: AccountInfo(
        "Contractual adjustments", _C, 1, "Charge beyond the contract or the fee schedule", True
    ),
    Account.SEQUESTRATION: AccountInfo("Sequestration", _C, 1, "CARC 253", True),
    Account.CAPITATION_ADJUSTMENTS: AccountInfo(
        "Capitation adjustments", _C, 1, "Charges of capitated services", True
    ),
    Account.QMB_ADJUSTMENTS: AccountInfo("QMB share", _C, 1, "Cost share that the law forbids to bill", True),
    Account.WRITE_OFF_TIMELY_FILING: AccountInfo(
        "Write-off: filed late", _C, 1, "Filing limit passed without proof", True
    ),
    Account.WRITE_OFF_SMALL_BALANCE: AccountInfo(
        "Write-off: small balance", _C, 1, "Below the practice's small-balance rule", True
    ),
    Account.WRITE_OFF_BAD_DEBT: AccountInfo("Write-off: bad debt", _E, 1, "Patient balance given up", True),
    Account.WRITE_OFF_COURTESY: AccountInfo(
        "Write-off: courtesy", _C, 1, "Hardship and professional courtesy by written policy", True
    ),
    Account.WRITE_OFF_DENIED: AccountInfo("Write-off: denied", _C, 1, "Denial worked to its end", True),
    Account.WRITE_OFF_OTHER: AccountInfo("Write-off: other", _C, 1, "Anything else, with its reason", True),
    Account.PROVIDER_LEVEL_EXPENSE: AccountInfo(
        "Payer fees and penalties", _E, 1, "Late charges, penalties, transmission fees"
    ),
    Account.CARD_FEES: AccountInfo("Card fees", _E, 1, "Kept by the card processor out of its settlements"),
}

CASH_ACCOUNTS = frozenset({Account.CASH, Account.DEPOSIT_CLEARING})
"""Money in hand or on its way."""

PLB_ACCOUNTS: dict[str, Account] = {
    "PAYER_DEBT": Account.PAYER_DEBT,
    "CLEAR_REFUND": Account.REFUND_CLEARING,
    "INTEREST_INCOME": Account.INTEREST_INCOME,
    "OTHER_INCOME": Account.INCENTIVE_INCOME,
    "CAPITATION_INCOME": Account.CAPITATION_INCOME,
    "WITHHOLD_RECEIVABLE": Account.WITHHOLD_RECEIVABLE,
    "EXPENSE": Account.PROVIDER_LEVEL_EXPENSE,
    "LIABILITY": Account.OTHER_LIABILITIES,
    "ADVANCE_LIABILITY": Account.PAYER_ADVANCES,
    "SETTLEMENT": Account.SETTLEMENTS,
    "TAX_RECEIVABLE": Account.TAX_RECEIVABLE,
    "LEVY_RECEIVABLE": Account.LEVY_RECEIVABLE,
    "INTERCOMPANY": Account.INTERCOMPANY,
    "OFFSET_NO_CASH": Account.NONREIMBURSABLE_OFFSET,
    "REVIEW": Account.PROVIDER_LEVEL_SUSPENSE,
}
"""Class of a PLB code -> account. Every class of the PLB table is here; a test holds that."""


def plb_account(code: str, ledger_class: str) -> Account:
    """The account that a provider-level adjustment moves.

    Code 72, our refund acknowledged, nets the WO of the same amount, so it moves the debt itself: then
    the balance of `payer_debt` is at all times what plans call the payer's debt.
    """
    if code == "72":
        return Account.PAYER_DEBT
    return PLB_ACCOUNTS.get(ledger_class, Account.PROVIDER_LEVEL_SUSPENSE)
