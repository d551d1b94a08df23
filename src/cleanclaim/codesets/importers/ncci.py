"""National Correct Coding Initiative files: code pairs, units of a day, add-on codes."""

from __future__ import annotations

import re

from cleanclaim.codesets import procedures
from cleanclaim.codesets.importers.model import Imported, Release, left_out
from cleanclaim.codesets.importers.reading import ccyymmdd_or_slashes, rows_of

_CODE = re.compile(r"[0-9A-Z]\d{3}[0-9A-Z]\Z")
PTP_COLUMNS = (
    "column1", "column2", "modifier_indicator", "effective_from", "effective_to", "active_as_of", "rationale",
    "source", "confidence",
)  # fmt: skip
MUE_COLUMNS = ("code", "mue", "mai", "rationale", "effective_from", "effective_to", "source", "confidence")
ADDON_COLUMNS = (
    "addon", "base", "aoc_type", "effective_from", "effective_to", "source", "confidence", "notes",
)  # fmt: skip


def code_pairs(file: str, data: bytes, release: Release) -> Imported:
    """Read a PTP edit file (``ccipra-v323r0-f1.txt``): the pairs with their whole history of dates.

    ``*`` as deletion date means that the pair stands. Indicator 9 (deleted the day it began) is left out.
    The file has millions of pairs of all medicine: those of which we know no code are not kept.
    """
    ours = frozenset(procedures.all_codes())
    columns = {
        "column1": ("column1",),
        "column2": ("column2",),
        "starts": ("effectivedate", "effectivedat*"),
        "ends": ("deletiondate", "deletiondat*"),
        "indicator": ("modifier", "modifier*"),
        "rationale": ("ptpeditrationale", "rationale"),
    }
    rows: list[tuple[str, ...]] = []
    findings = []
    read = 0
    for line, cells in rows_of("ptp_edits", file, data, columns):
        one, two = cells["column1"].upper(), cells["column2"].upper()
        if not _CODE.match(one) and not _CODE.match(two):
            continue  # the published header spans several lines: what follows it is not yet a row
        read += 1
        if (one not in ours or two not in ours) and _CODE.match(one) and _CODE.match(two):
            continue
        starts, ends = ccyymmdd_or_slashes(cells["starts"]), ccyymmdd_or_slashes(cells["ends"])
        if not (_CODE.match(one) and _CODE.match(two)):
            findings.append(left_out("ptp_edits", file, line, f"{one} with {two} is no pair of codes"))
        elif starts is None or (ends is None and cells["ends"] not in ("*", "")):
            findings.append(left_out("ptp_edits", file, line, "a date cannot be read", pair=[one, two]))
        elif cells["indicator"] not in ("0", "1", "9"):
            findings.append(
                left_out("ptp_edits", file, line, "the indicator is not 0, 1 or 9", pair=[one, two])
            )
        elif cells["indicator"] != "9":
            rows.append(
                (
                    one, two, cells["indicator"], starts, ends or "", starts, cells["rationale"],
                    release.source, "seen",
                )
            )  # fmt: skip
    return Imported("ptp_edits", PTP_COLUMNS, tuple(rows), release, tuple(findings), read)


def daily_units(file: str, data: bytes, release: Release) -> Imported:
    """Read an MUE file (``MCR_MUE_PractitionerServices_Eff_10-01-2026.csv``)."""
    columns = {
        "code": ("hcpcscptcode", "cpthcpcscode", "hcpcs*"),
        "mue": ("practitionerservicesmuevalues", "*muevalues", "muevalue", "practitionerservicesmue*"),
        "mai": ("mueadjudicationindicator", "mai*"),
        "rationale": ("muerationale", "rationale"),
    }
    rows: list[tuple[str, ...]] = []
    findings = []
    read = 0
    for line, cells in rows_of("mue", file, data, columns):
        read += 1
        code, indicator = cells["code"].upper(), cells["mai"][:1]
        if not _CODE.match(code):
            findings.append(left_out("mue", file, line, f"{code or 'an empty cell'} is no code"))
        elif not cells["mue"].isdecimal() or indicator not in ("1", "2", "3"):
            findings.append(left_out("mue", file, line, "no units or no adjudication indicator", code=code))
        else:
            rows.append(
                (
                    code, cells["mue"], indicator, cells["rationale"], release.as_of.isoformat(),
                    "", release.source, "seen",
                )
            )  # fmt: skip
    return Imported("mue", MUE_COLUMNS, tuple(rows), release, tuple(findings), read)


def addon_codes(file: str, data: bytes, release: Release) -> Imported:
    """Read an add-on code file (``AOC_V2026Q4-MCR.txt``): one row per add-on and primary code.

    Type 2 and 3 add-ons have no closed list of primaries: the contractor decides. Their rows carry
    ``Contractor Defined`` instead of a code and are left out with a finding, once per code.
    """
    columns = {
        "addon": ("addoncode", "addoncodes", "addoncod*"),
        "type": ("type", "aoctype", "addontype", "edittype"),
        "base": ("primarycode", "primarycod*"),
        "starts": (
            "aocediteffdt",
            "editeffectivedate",
            "effdt",
            "aocediteff*",
            "effectivedate",
            "addonediteff*",
        ),
        "ends": ("aoceditdeldt", "editdeletiondate", "deldt", "aoceditdel*", "deletiondate", "addoneditdel*"),
    }
    rows: list[tuple[str, ...]] = []
    findings = []
    read = 0
    for line, cells in rows_of("addon_pairs", file, data, columns):
        read += 1
        addon, base = cells["addon"].upper(), cells["base"].upper()
        if not _CODE.match(addon):
            findings.append(left_out("addon_pairs", file, line, f"{addon or 'an empty cell'} is no code"))
        elif not _CODE.match(base):
            findings.append(
                left_out("addon_pairs", file, line, f"{addon} has no listed primary code", addon=addon)
            )
        else:
            starts, ends = ccyymmdd_or_slashes(cells["starts"]), ccyymmdd_or_slashes(cells["ends"])
            kind = f"type{cells['type'][-1:]}" if cells["type"][-1:].isdecimal() else cells["type"]
            rows.append((addon, base, kind, starts or "", ends or "", release.source, "seen", ""))
    return Imported("addon_pairs", ADDON_COLUMNS, tuple(rows), release, tuple(findings), read)
