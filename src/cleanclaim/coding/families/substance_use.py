"""Substance use: screening with brief intervention, opioid treatment programme bundles, office treatment."""

from __future__ import annotations

from cleanclaim.coding.services import Billed, Circumstances, Refusal, Service, full_blocks, ranges
from cleanclaim.coding.visit import Part, Visit
from cleanclaim.coding.vocabulary import PRESCRIBERS

BUNDLE_DAYS = 7
_CPT = ranges((15, "99408"), (31, "99409"))
_MEDICARE = ranges((5, "G2011"), (15, "G0396"), (31, "G0397"))


def _sbirt(minutes: int, circumstances: Circumstances) -> Billed:
    return (_MEDICARE if circumstances.is_medicare else _CPT)(minutes, circumstances)


def _weekly(code: str):  # type: ignore[no-untyped-def]
    def compose(part: Part, visit: Visit) -> Billed:
        days = visit.whole_number("days_since_last_bundle")
        if days is not None and days < BUNDLE_DAYS:
            raise Refusal("E_FREQ", days_since_last_bundle=days, expected=f"{BUNDLE_DAYS} or more")
        return ((code, 1),)

    return compose


def _office_month(name: str, base: str, first: int, past: int) -> Service:
    """Office treatment: the month's minutes in full, then G2088 for each full half hour past minute 120."""

    def choose(minutes: int, circumstances: Circumstances) -> Billed:
        billed = full_blocks(base, first)(minutes, circumstances)
        added = max(0, minutes - past) // 30
        return (*billed, ("G2088", added)) if billed and added else billed

    return Service(
        name=name,
        family="substance_use",
        eligible=PRESCRIBERS,
        timed=choose,
        below="E_THRESHOLD_NOT_MET",
        adds_up=True,
        rule=f"{base} needs {first} full minutes in the month; G2088 each full 30 past {past}",
        source="CMS office-based opioid treatment bundle (CY2020 PFS)",
    )


SERVICES = (
    Service(
        name="SBIRT",
        family="substance_use",
        eligible=PRESCRIBERS,
        timed=_sbirt,
        adds_up=True,
        rule="99408 15-30 and 99409 from 31 minutes; Medicare G2011 5-14, G0396 15-30, G0397 from 31",
        source="CMS PFS Relative Value File RVU26C statuses",
    ),
    *(
        Service(
            name=name,
            family="substance_use",
            eligible=frozenset({"OTP"}),
            untimed=_weekly(code),
            rule=f"one {code} bundle in seven consecutive days",
            source="NGS OTP page; CMS OTP Billing & Payment page",
        )
        for name, code in (
            ("OTP weekly methadone", "G2067"),
            ("OTP weekly oral buprenorphine", "G2068"),
            ("OTP weekly injectable buprenorphine", "G2069"),
            ("OTP weekly naltrexone", "G2073"),
            ("OTP weekly non-drug", "G2074"),
            ("OTP weekly buprenorphine implant insertion", "G2070"),
            ("OTP weekly buprenorphine implant removal", "G2071"),
            ("OTP weekly buprenorphine implant exchange", "G2072"),
            ("OTP weekly other drug", "G2075"),
            ("OTP weekly buprenorphine weekly injection", "G0533"),
        )
    ),
    Service(
        name="tobacco counseling",
        family="substance_use",
        eligible=None,
        timed=ranges((4, "99406"), (11, "99407")),
        adds_up=True,
        rule="99406 from 4 minutes, 99407 from 11",
        source="CMS PFS Relative Value File RVU26C",
    ),
    Service(
        name="brief alcohol counseling",
        family="substance_use",
        eligible=PRESCRIBERS,
        timed=full_blocks("G0443", 8),
        rule="G0443 for a session of 15 minutes, more than half of it",
        source="CMS PFS Relative Value File RVU26C",
    ),
    _office_month("office opioid treatment first month", "G2086", 70, 120),
    _office_month("office opioid treatment later month", "G2087", 60, 120),
)
