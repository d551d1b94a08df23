"""Small checks that every part of a claim shares: codes, choices, amounts, texts, addresses, people."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from cleanclaim.claim import Address, Claim, Clinician, PayerParty, Person
from cleanclaim.x12.sets.writing import Refusals, is_plain, sent_address, sent_text

FAMILY = "x12.837p"
MAX_CENTS = 10**10 - 1
"""R elements allow 18 digits; payers' systems do not. $99,999,999.99 is beyond any real claim."""

NPI = re.compile(r"\d{10}\Z", re.ASCII)
TAXONOMY = re.compile(r"[A-Z0-9]{10}\Z")
PLACE = re.compile(r"\d{2}\Z", re.ASCII)
_PROCEDURE = re.compile(r"[A-Z0-9]{5}\Z")
_MODIFIER = re.compile(r"[A-Z0-9]{2}\Z")
_STATE = re.compile(r"[A-Z]{2}\Z")

FILING_CODES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "16",
        "17",
        "AM",
        "BL",
        "CH",
        "CI",
        "DS",
        "FI",
        "HM",
        "LM",
        "MA",
        "MB",
        "MC",
        "OF",
        "TV",
        "VA",
        "WC",
        "ZZ",
    ]
)
SEQUENCES = frozenset("ABCDEFGHPSTU")
RELATIONSHIPS = frozenset(["01", "18", "19", "20", "21", "39", "40", "53", "G8"])


class Shapes:
    """Checks of one claim; what is refused gathers in `out`."""

    def __init__(self, claim: Claim, out: Refusals) -> None:
        self.claim = claim
        self.out = out
        self.refuse = out.add

    def code(self, value: str, shape: re.Pattern[str], code: str, what: str, loop: str, element: str) -> None:
        if not shape.match(value):
            self.refuse(
                code,
                f"has not {what}" if value else f"lacks {what}",
                "Complete or correct it.",
                loop,
                element,
            )

    def choice(
        self, value: str, allowed: frozenset[str] | str, code: str, what: str, loop: str, element: str
    ) -> None:
        if not value or value not in tuple(allowed):
            self.refuse(
                code, f"has no valid {what}", f"Use one of {', '.join(sorted(allowed))}.", loop, element
            )

    def amount(self, cents: int, what: str, loop: str, element: str, *, signed: bool = False) -> None:
        if abs(cents) > MAX_CENTS or (cents < 0 and not signed):
            self.refuse("amount", f"has an impossible {what}", "Correct the amount.", loop, element)

    def text(
        self, value: str, longest: int, what: str, loop: str, element: str, *, needed: bool = False
    ) -> None:
        sent = sent_text(value)
        if len(sent) > longest:
            self.refuse(
                "length", f"has a {what} longer than {longest} characters", "Shorten it.", loop, element
            )
        elif not sent and (needed or value.strip()):
            self.refuse(
                "characters" if value.strip() else "missing",
                f"has no {what} that can be sent",
                "Enter it.",
                loop,
                element,
            )

    def note(self, note: str, loop: str, place: str = "") -> None:
        self.text(note, 80, f"note{place}", loop, "NTE02")

    def payer(self, payer: PayerParty, loop: str) -> None:
        self.text(payer.name, 60, "payer name", loop, "NM103", needed=True)
        if not is_plain(payer.payer_id.strip(), 80, 2):
            self.refuse(
                "payer_id",
                "has no usable payer id",
                "Take the claims payer id from the clearinghouse list.",
                loop,
                "NM109",
            )
        filing_loop = "2000B" if loop == "2010BB" else "2320"
        self.choice(
            payer.claim_filing_code, FILING_CODES, "filing_code", "claim filing code", filing_loop, "SBR09"
        )
        if payer.address != Address():
            self.address(payer.address, "payer", loop)

    def member_id(self, member_id: str, loop: str) -> None:
        if not is_plain(member_id.strip(), 80, 2):
            self.refuse(
                "member_id",
                "has no usable member id",
                "Enter the id as the payer's eligibility answer shows it.",
                loop,
                "NM109",
            )

    def person(self, person: Person, word: str, loop: str) -> None:
        self.text(person.last_name, 60, f"{word} last name", loop, "NM103", needed=True)
        self.text(person.first_name, 35, f"{word} first name", loop, "NM104")
        self.text(person.middle_name, 25, f"{word} middle name", loop, "NM105")
        self.text(person.suffix, 10, f"{word} name suffix", loop, "NM107")

    def address(self, address: Address, word: str, loop: str, *, zip_plus_4: bool = False) -> None:
        sent = sent_address(address)
        if not (1 <= len(sent.line1) <= 55 and len(sent.line2) <= 55):
            self.refuse(
                "address",
                f"has no {word} street of 1 to 55 characters",
                "Enter street and number.",
                loop,
                "N301",
            )
        if not 2 <= len(sent.city) <= 30:
            self.refuse(
                "address", f"has no {word} city of 2 to 30 characters", "Enter the city.", loop, "N401"
            )
        self.code(sent.state, _STATE, "address", f"a {word} state of two letters", loop, "N402")
        digits = len(sent.postal_code) if sent.postal_code.isascii() and sent.postal_code.isdecimal() else 0
        if digits != 9 and (zip_plus_4 or digits != 5):
            wanted = "nine digits (ZIP+4)" if zip_plus_4 else "five or nine digits"
            self.refuse(
                "postal_code",
                f"has no {word} ZIP code of {wanted}",
                "Look it up at the postal service.",
                loop,
                "N403",
                digits_seen=digits,
            )

    def clinician(self, clinician: Clinician | None, word: str, loop: str) -> None:
        if clinician is None:
            return
        self.text(clinician.last_name, 60, f"{word} last name", loop, "NM103", needed=True)
        self.text(clinician.first_name, 35, f"{word} first name", loop, "NM104")
        self.code(clinician.npi, NPI, "npi", f"a {word} NPI of ten digits", loop, "NM109")
        if clinician.taxonomy:
            self.code(
                clinician.taxonomy,
                TAXONOMY,
                "taxonomy",
                f"a {word} taxonomy of ten characters",
                loop,
                "PRV03",
            )

    def procedure(self, code: str, modifiers: tuple[str, ...], name: str, loop: str, element: str) -> None:
        self.code(code, _PROCEDURE, "procedure", f"a five-character procedure code on {name}", loop, element)
        if len(modifiers) > 4 or not all(map(_MODIFIER.match, modifiers)):
            self.refuse(
                "modifier",
                f"has modifiers on {name} that are not at most four of two characters",
                "Correct the modifiers.",
                loop,
                element,
            )

    def units(self, units: str, name: str, loop: str, element: str) -> None:
        try:
            number = Decimal(units)
        except InvalidOperation:
            number = Decimal(0)
        if not number.is_finite() or not 0 < number < 10**8 or number != round(number, 3):
            self.refuse(
                "units", f"has no positive number of units on {name}", "Enter the units.", loop, element
            )
