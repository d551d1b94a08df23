"""Payers, plans and prices of the synthetic agency."""

from __future__ import annotations

from decimal import Decimal

from cleanclaim.claim import Address, PayerKind
from cleanclaim.money import apply_rate
from cleanclaim.simulator.contract import Contract, Rate
from cleanclaim.simulator.synthetic.records import (
    SyntheticAgency,
    SyntheticPayer,
    SyntheticPlan,
    SyntheticPrice,
)

STATES = ("AZ", "FL", "GA", "IL", "NC", "OH", "TX", "VA")

USUAL_CHARGES = {
    "90785": 2500, "90791": 22500, "90792": 27500, "90832": 11000, "90833": 9500, "90834": 14500,
    "90836": 12500, "90837": 19000, "90838": 16500, "90839": 24000, "90840": 12000, "90846": 16000,
    "90847": 17000, "90849": 7000, "90853": 6500, "99202": 12000, "99203": 17000, "99204": 24500,
    "99205": 31000, "99212": 9000, "99213": 14000, "99214": 19500, "99215": 26500, "G0017": 26000,
    "G0018": 13000, "G2211": 2500,
}  # fmt: skip
"""Cents; each practice charges these times its own factor."""

_VIDEO = {"av_mod": "95", "ao_mod": "93", "home_pos": "10", "away_pos": "02"}
_MEDICARE_VIDEO = {"av_mod": "none", "ao_mod": "93", "home_pos": "10", "away_pos": "02"}
_GT_VIDEO = {"av_mod": "GT", "ao_mod": "93", "home_pos": "10", "away_pos": "02"}
_SUPERVISED = {"supervised": "yes"}
_MEDICAID_WITH_GT = frozenset(("GA", "IL", "NC"))
_MEDICAID_WITH_DEGREES = frozenset(("IL", "OH"))


def charges(factor: str) -> tuple[SyntheticPrice, ...]:
    """The charge master of a practice: whole dollars."""
    return tuple(
        SyntheticPrice(code, apply_rate(cents, Decimal(factor)) // 100 * 100)
        for code, cents in USUAL_CHARGES.items()
    )


def make_payers() -> tuple[SyntheticPayer, ...]:
    """Commercial plans, Medicare contractors, a supplement, and the Medicaid of each state."""
    fixed = (
        _payer("EXHP1", "Example Health Plan", "CI", STATES, _VIDEO, "0.66", plans=("PPO", "EPO")),
        _payer("SMUT1", "Sample Mutual", "CI", STATES, _VIDEO | _SUPERVISED, "0.62", plans=("PPO",)),
        _payer("FIXT1", "Fixture Benefit Trust", "12", STATES, _VIDEO, "0.70", plans=("Open", "Basic")),
        _payer("SPEC1", "Specimen Behavioral", "HM", STATES, _VIDEO, "0.58", plans=("HMO",)),
        _payer(
            "EXMCS", "Example Medicare Contractor South", "MB", ("AZ", "FL", "GA", "NC", "TX", "VA"),
            _MEDICARE_VIDEO, "0.60", plans=("Part B",), kind=PayerKind.MEDICARE, crosses_over=True,
        ),
        _payer(
            "EXMCN", "Example Medicare Contractor North", "MB", ("IL", "OH"), _MEDICARE_VIDEO, "0.60",
            plans=("Part B",), kind=PayerKind.MEDICARE, crosses_over=True,
        ),
        _payer("SUPPL", "Example Supplement Plan", "CI", STATES, _VIDEO, "0.60", plans=("Plan G",)),
    )  # fmt: skip
    return (*fixed, *(_medicaid(state) for state in STATES))


def _medicaid(state: str) -> SyntheticPayer:
    profile = _GT_VIDEO if state in _MEDICAID_WITH_GT else _VIDEO
    profile = profile | _SUPERVISED
    if state in _MEDICAID_WITH_DEGREES:
        profile = profile | {"degree_mods": "yes"}
    return _payer(
        f"DM{state}1", f"Demo State Medicaid ({state})", "MC", (state,), profile, "0.48",
        plans=("Managed Care",), kind=PayerKind.MEDICAID,
    )  # fmt: skip


def _payer(
    payer_id: str, name: str, filing_code: str, states: tuple[str, ...], profile: dict[str, str],
    share: str, *, plans: tuple[str, ...], kind: PayerKind = PayerKind.COMMERCIAL, crosses_over: bool = False,
) -> SyntheticPayer:  # fmt: skip
    return SyntheticPayer(
        payer_id=payer_id,
        name=name,
        kind=kind,
        claim_filing_code=filing_code,
        states=states,
        address=Address("1 Example Plaza", "", "Sampleton", states[0], "303010001"),
        profile=dict(profile),
        plans=tuple(
            SyntheticPlan(
                f"{payer_id}-{at}", payer_id, f"{name} {plan}", states[0] if len(states) == 1 else ""
            )
            for at, plan in enumerate(plans, 1)
        ),
        rates=tuple(
            SyntheticPrice(code, apply_rate(cents, Decimal(share))) for code, cents in USUAL_CHARGES.items()
        ),
        crosses_over=crosses_over,
    )


def agency_contract(agency: SyntheticAgency) -> Contract:
    """The contract for the simulator: what the agency's own records expect, so that only the
    scenario that underpays differs from them."""
    return Contract(
        rates=tuple(
            Rate(payer.payer_id, price.code, price.cents) for payer in agency.payers for price in payer.rates
        )
    )
