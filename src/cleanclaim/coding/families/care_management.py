"""Monthly care management: collaborative care, behavioral health integration, advanced primary care add-ons.

Collaborative care counts from just over half of the month's first block; the others need their
minutes in full.
"""

from __future__ import annotations

from cleanclaim.coding.families.listed import accepted
from cleanclaim.coding.services import (
    Billed,
    Circumstances,
    Refusal,
    Service,
    added_blocks,
    full_blocks,
    with_added,
)
from cleanclaim.coding.visit import Part, Visit
from cleanclaim.coding.vocabulary import PRESCRIBERS, THERAPISTS

APCM_BASES = frozenset({"G0556", "G0557", "G0558"})
_COCM = "Mirah CoCM targets; CMS BHI FAQ"


def _collaborative(base: str, first: int, floor: int) -> Service:
    def choose(minutes: int, circumstances: Circumstances) -> Billed:
        if minutes < 16:
            return ()
        if minutes < floor:
            return (("G2214", 1),)
        return with_added(base, 1, "99494", added_blocks(minutes, first, 30))

    name = "CoCM first month" if base == "99492" else "CoCM later month"
    return Service(
        name=name,
        family="care_management",
        eligible=PRESCRIBERS,
        timed=choose,
        below="E_THRESHOLD_NOT_MET",
        adds_up=True,
        rule=f"G2214 from 16 minutes, {base} from {floor}, then 99494 from {first + 16}, each 30",
        source=_COCM,
    )


def _apcm(addon: str):  # type: ignore[no-untyped-def]
    def compose(part: Part, visit: Visit) -> Billed:
        base = visit.other("apcm_base").upper()
        together = visit.other("same_practitioner") == "yes" and visit.other("same_month") == "yes"
        if base not in APCM_BASES or not together:
            raise Refusal(
                "E_ADDON_NO_BASE",
                addon=addon,
                bases=sorted(APCM_BASES),
                seen=base if base in APCM_BASES else "none",
                expected="same month and practitioner",
            )
        return ((base, 1), (addon, 1))

    return compose


SERVICES = (
    _collaborative("99492", 70, 36),
    _collaborative("99493", 60, 31),
    Service(
        name="general BHI month",
        family="care_management",
        eligible=PRESCRIBERS,
        timed=full_blocks("99484", 20),
        below="E_THRESHOLD_NOT_MET",
        adds_up=True,
        rule="99484 needs 20 full minutes in the month",
        source=_COCM,
    ),
    Service(
        name="BH integration by psychologist month",
        family="care_management",
        eligible=THERAPISTS,
        timed=full_blocks("G0323", 20),
        below="E_THRESHOLD_NOT_MET",
        adds_up=True,
        rule="G0323 needs 20 full minutes in the month",
        source=_COCM,
    ),
    *(
        Service(
            name=name,
            family="care_management",
            eligible=PRESCRIBERS,
            untimed=_apcm(addon),
            rule=f"{addon} rides on G0556-G0558 of the same month and practitioner, no minutes",
            source="FairPath APCM add-on note 2026; CY2026 final rule",
        )
        for name, addon in (
            ("APCM CoCM first month", "G0568"),
            ("APCM CoCM later month", "G0569"),
            ("APCM BHI add-on month", "G0570"),
        )
    ),
    *(
        Service(
            name=name,
            family="care_management",
            eligible=None,
            timed=full_blocks(base, 60, addon, 30),
            below="E_THRESHOLD_NOT_MET",
            adds_up=True,
            check=accepted(base),
            rule=f"{base} needs 60 full minutes in the month, {addon} each full 30 more",
            source="CY2024 PFS final rule; CMS PFS Relative Value File RVU26C",
        )
        for name, base, addon in (
            ("community health integration month", "G0019", "G0022"),
            ("principal illness navigation month", "G0023", "G0024"),
            ("peer support navigation month", "G0140", "G0146"),
        )
    ),
)
