"""Measures with executable definitions over claim families and their events.

Each function takes the facts, the day `as_of` and mostly a `Window`, and answers a `Measure`: the
value, its numerator and denominator, the claim families behind both, the formula in words and the code
of the KPI handbook. A denominator of zero is "No cases", never 0 % or 100 %.
"""

from cleanclaim.kpi.claim_quality import (
    charge_lag,
    clean_claim_rate,
    denial_rate,
    denial_rate_by_category,
    denial_rate_dollars,
    denial_to_appeal,
    denial_to_resolution,
    denial_write_off_rate,
    first_pass_acceptance,
    first_pass_resolution,
    overturn_rate,
    overturn_rate_dollars,
    payment_lag,
    rejection_rate,
)
from cleanclaim.kpi.facts import EVENTS, FAMILIES, KINDS, KpiFactsInvalid, KpiFrames, kpi_frames, state_of
from cleanclaim.kpi.measure import Measure, Unit, Window
from cleanclaim.kpi.money import (
    BUCKETS,
    charges,
    credit_balances,
    days_in_receivables,
    gross_collection_rate,
    net_collection_rate,
    net_days_in_receivables,
    patient_collection_rate,
    payments,
    point_of_service_share,
    receivables,
    receivables_by_age,
    receivables_over,
    underpayment_rate,
)

__all__ = [
    "BUCKETS", "EVENTS", "FAMILIES", "KINDS", "KpiFactsInvalid", "KpiFrames", "Measure", "Unit", "Window",
    "charge_lag", "charges", "clean_claim_rate", "credit_balances", "days_in_receivables", "denial_rate",
    "denial_rate_by_category", "denial_rate_dollars", "denial_to_appeal", "denial_to_resolution",
    "denial_write_off_rate", "first_pass_acceptance", "first_pass_resolution", "gross_collection_rate",
    "kpi_frames",
    "net_collection_rate", "net_days_in_receivables", "overturn_rate", "overturn_rate_dollars",
    "patient_collection_rate", "payment_lag", "payments", "point_of_service_share", "receivables",
    "receivables_by_age", "receivables_over", "rejection_rate", "state_of", "underpayment_rate",
]  # fmt: skip
