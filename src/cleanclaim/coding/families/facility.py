"""Programme days on facility claims, and Medicare's weekly checks of intensive outpatient care."""

from __future__ import annotations

from cleanclaim.coding.services import Billed, Refusal, Service
from cleanclaim.coding.visit import Part, Visit

CONDITION_CODE = "92"
PLAN_HOURS = 9
_FACILITY = frozenset({"facility"})


def _per_diem(revenue: str, code: str):  # type: ignore[no-untyped-def]
    def compose(part: Part, visit: Visit) -> Billed:
        visit.revenue_codes[code] = revenue
        return ((code, 1),)

    return compose


def _partial(part: Part, visit: Visit) -> Billed:
    code, revenue = visit.profile("php_code").upper(), visit.profile("php_rev")
    missing = [key for key, value in (("php_code", code), ("php_rev", revenue)) if not value]
    if missing:
        raise Refusal("E_PROFILE_MISSING", column="payer_profile", missing=missing)
    visit.revenue_codes[code] = revenue
    return ((code, 1),)


def _week(part: Part, visit: Visit) -> Billed:
    """Medicare's certification: nothing is billed for the week itself, its days are billed."""
    if not visit.is_medicare:
        return ()
    code = visit.other("condition_code")
    if code != CONDITION_CODE:
        raise Refusal("E_CC_MISSING", column="other_inputs", expected=CONDITION_CODE)
    hours = visit.whole_number("plan_hours_week")
    if hours is None:
        raise Refusal("E_FACT_MISSING", column="other_inputs", fact="plan_hours_week")
    if hours < PLAN_HOURS:
        raise Refusal("E_THRESHOLD_NOT_MET", plan_hours_week=hours, expected=f"{PLAN_HOURS} or more")
    return ()


SERVICES = (
    Service(
        name="psychiatric IOP day",
        family="facility",
        eligible=_FACILITY,
        untimed=_per_diem("0905", "S9480"),
        rule="S9480 with revenue code 0905, one per day",
        source="NUBC revenue codes; HCPCS",
    ),
    Service(
        name="SUD IOP day",
        family="facility",
        eligible=_FACILITY,
        untimed=_per_diem("0906", "H0015"),
        rule="H0015 with revenue code 0906, one per day",
        source="NUBC revenue codes; HCPCS",
    ),
    Service(
        name="partial hospitalization day",
        family="facility",
        eligible=_FACILITY,
        untimed=_partial,
        rule="the contract's code and revenue code, one per day",
        source="NUBC revenue codes; HCPCS; the payer's contract",
    ),
    Service(
        name="IOP week",
        family="facility",
        eligible=_FACILITY,
        untimed=_week,
        kind="checks_only",
        rule="Medicare wants condition code 92 and at least 9 certified hours a week",
        source="NAHRI 2024; FCSO IOP page",
    ),
)
