"""The sheet on which a paper explanation is keyed in: fields to columns, each fault named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict

from cleanclaim.codesets.remittance_codes import carc, plb
from cleanclaim.remittance.keyed import KeyedClaim, KeyedEob, KeyedLine
from cleanclaim.x12.sets.records import RemitParty
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.coverage.models import Payer

HEAD = ("practice", "payer", "payer_name", "check_number", "paid_on", "paid", "method")
CLAIM = ("number", "control", "status")
LINE = ("code", "on", "charge", "allowed", "paid", "deductible", "coinsurance", "copay", "other", "remarks")
PLB = ("code", "reference", "amount")
METHODS = [("CHK", "Check"), ("ACH", "EFT"), ("NON", "No money")]
STATUSES = [
    ("1", "First payer"),
    ("2", "Second payer"),
    ("3", "Third payer"),
    ("4", "Denied"),
    ("22", "Taken back"),
]
CLAIMS_MOST, LINES_MOST, PLB_MOST = 60, 50, 12
_MODIFIERS = re.compile(r"[\s,:]+")


@dataclass
class Sheet:
    """What stands in the fields, and what is wrong with it: field name -> words."""

    head: dict[str, str]
    claims: list[dict] = field(default_factory=list)
    plb: list[dict] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, data: QueryDict | Mapping[str, str]) -> Sheet:
        """Read the fields as they were typed; nothing is judged."""
        sheet = cls({name: data.get(name, "").strip() for name in HEAD})
        for place in range(CLAIMS_MOST):
            if f"c{place}-number" not in data:
                break
            claim: dict[str, Any] = {name: data.get(f"c{place}-{name}", "").strip() for name in CLAIM}
            claim["lines"] = []
            for row in range(LINES_MOST):
                if f"c{place}-l{row}-code" not in data:
                    break
                claim["lines"].append(
                    {name: data.get(f"c{place}-l{row}-{name}", "").strip() for name in LINE}
                )
            sheet.claims.append(claim)
        for place in range(PLB_MOST):
            if f"p{place}-code" not in data:
                break
            sheet.plb.append({name: data.get(f"p{place}-{name}", "").strip() for name in PLB})
        return sheet

    @classmethod
    def blank(cls, practice: str, on: date) -> Sheet:
        """An empty sheet with one claim of one line."""
        return cls(
            {name: "" for name in HEAD} | {"practice": practice, "paid_on": on.isoformat(), "method": "CHK"},
            [blank_claim()],
        )

    def reshape(self, act: str, practice_id) -> None:
        """Add (``claim``, ``line-0``, ``plb``, ``fetch-0``) or take off (``drop-0-1``: claim, line)."""
        word, *places = act.split("-")
        if word == "claim" and len(self.claims) < CLAIMS_MOST:
            self.claims.append(blank_claim())
        elif word == "plb" and len(self.plb) < PLB_MOST:
            self.plb.append(dict.fromkeys(PLB, ""))
        elif word == "drop" and places and places[0].startswith("p"):
            self._take(self.plb, places[0][1:])
        elif word == "drop" and len(places) == 1:
            self._take(self.claims, places[0])
        elif word in ("line", "fetch", "drop") and places and _inside(places[0], self.claims):
            claim = self.claims[int(places[0])]
            if word == "line" and len(claim["lines"]) < LINES_MOST:
                claim["lines"].append(dict.fromkeys(LINE, ""))
            elif word == "fetch":
                self._fetch(claim, practice_id, int(places[0]))
            elif word == "drop" and len(places) == 2:
                self._take(claim["lines"], places[1])

    @staticmethod
    def _take(rows: list, place: str) -> None:
        if _inside(place, rows):
            del rows[int(place)]

    def _fetch(self, claim: dict, practice_id, place: int) -> None:
        """Fill in codes, days and charges of our claim of this number; the rest is the paper's."""
        found = Claim.objects.filter(practice_id=practice_id, claim_number__iexact=claim["number"]).first()
        if found is None:
            self.errors[f"c{place}-number"] = (
                "No claim of this practice has this number; key in what is printed."
            )
            return
        claim["number"] = found.claim_number
        claim["lines"] = [
            dict.fromkeys(LINE, "")
            | {
                "code": " ".join([line.code, *line.modifiers.split()]),
                "on": line.date_of_service.isoformat(),
                "charge": f"{line.charge_cents // 100}.{line.charge_cents % 100:02d}",
            }
            for line in found.lines.order_by("number")
        ]

    # --- to columns ---------------------------------------------------------------------------------

    def eob(self, agency_id) -> KeyedEob | None:
        """The columns; None, with `errors`, when a field cannot be read."""
        head = self.head
        payer = (
            Payer.objects.filter(agency_id=agency_id, payer_id=head["payer"]).first()
            if head["payer"]
            else None
        )
        name = payer.name if payer else head["payer_name"]
        if not name:
            self.errors["payer"] = "Choose the payer, or write its name."
        if not head["check_number"]:
            self.errors["check_number"] = "The number of the check, or of the notice."
        paid_on, paid = self._day("paid_on", head["paid_on"]), self._cents("paid", head["paid"])
        claims = tuple(self._claim(place, claim) for place, claim in enumerate(self.claims))
        provider = tuple(self._plb(place, row) for place, row in enumerate(self.plb))
        if self.errors or paid_on is None or paid is None:
            return None
        return KeyedEob(
            RemitParty(name, id=payer.payer_id if payer else ""),
            paid,
            paid_on,
            head["check_number"],
            tuple(one for one in claims if one is not None),
            method=head["method"] if head["method"] in dict(METHODS) else "CHK",
            provider_adjustments=tuple(one for one in provider if one is not None),
        )

    def _claim(self, place: int, claim: dict) -> KeyedClaim | None:
        at = f"c{place}"
        if not claim["number"]:
            self.errors[f"{at}-number"] = "The claim number as printed."
        if not claim["lines"]:
            self.errors[f"{at}-number"] = "Add at least one line."
        lines = tuple(self._line(f"{at}-l{row}", line) for row, line in enumerate(claim["lines"]))
        if None in lines:
            return None
        status = claim["status"] if claim["status"] in dict(STATUSES) else "1"
        return KeyedClaim(claim["number"].upper(), lines, claim["control"], status)

    def _line(self, at: str, line: dict) -> KeyedLine | None:
        code, *modifiers = [part for part in _MODIFIERS.split(line["code"].upper()) if part] or [""]
        if not code:
            self.errors[f"{at}-code"] = "The code as printed."
        on = self._day(f"{at}-on", line["on"])
        amounts = {
            name: self._cents(f"{at}-{name}", line[name], needed=name in ("charge", "paid"))
            for name in ("charge", "allowed", "paid", "deductible", "coinsurance", "copay")
        }
        reasons = self._reasons(f"{at}-other", line["other"])
        if not code or on is None or amounts["charge"] is None or amounts["paid"] is None or reasons is None:
            return None
        return KeyedLine(
            code,
            on,
            amounts["charge"],
            amounts["paid"],
            allowed_cents=amounts["allowed"],
            deductible_cents=amounts["deductible"] or 0,
            coinsurance_cents=amounts["coinsurance"] or 0,
            copay_cents=amounts["copay"] or 0,
            reasons=reasons,
            remarks=tuple(part for part in re.split(r"[\s,;]+", line["remarks"].upper()) if part),
            modifiers=tuple(modifiers),
        )

    def _reasons(self, at: str, text: str) -> tuple[tuple[str, str, int], ...] | None:
        """``CO-97 20.00, OA-23 5`` as triples."""
        found = []
        for part in (part.strip() for part in re.split(r"[,;]", text)):
            if not part:
                continue
            hit = re.fullmatch(r"(CO|PR|OA|PI)[- ]?(\w{1,3})\s+(-?[\d.]+)", part.upper())
            if hit is None:
                self.errors[at] = f"“{part[:20]}”: write group, code and amount, for instance CO-97 20.00."
                return None
            try:
                carc(hit[2])
            except LookupError:
                self.errors[at] = f"{hit[2]} is in no list of reason codes."
                return None
            cents = self._cents(at, hit[3])
            if cents is None:
                return None
            found.append((hit[1], hit[2], cents))
        return tuple(found)

    def _plb(self, place: int, row: dict) -> tuple[str, str, int] | None:
        code = row["code"].upper()
        try:
            plb(code)
        except LookupError:
            self.errors[f"p{place}-code"] = "This code is in no list."
            return None
        cents = self._cents(f"p{place}-amount", row["amount"])
        return None if cents is None else (code, row["reference"], cents)

    def _cents(self, at: str, text: str, *, needed: bool = True) -> int | None:
        if not text:
            if needed:
                self.errors[at] = "An amount."
            return None
        try:
            amount = Decimal(text.replace("$", "").replace(",", "").replace("−", "-")) * 100
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or amount != amount.to_integral_value() or abs(amount) > 10**11:
            self.errors[at] = "An amount such as 90.00."
            return None
        return int(amount)

    def _day(self, at: str, text: str) -> date | None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.errors[at] = "A day."
            return None


def blank_claim() -> dict:
    return {"number": "", "control": "", "status": "1", "lines": [dict.fromkeys(LINE, "")]}


def _inside(place: str, rows: list) -> bool:
    return place.isdecimal() and int(place) < len(rows)
