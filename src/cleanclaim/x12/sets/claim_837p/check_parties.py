"""Who is on a claim: billing provider, payer, subscriber, patient, clinicians, facility."""

from __future__ import annotations

import re

from cleanclaim.claim import Organization, Person
from cleanclaim.x12.sets.claim_837p.check_shapes import NPI, TAXONOMY, Shapes
from cleanclaim.x12.sets.writing import is_plain, sent_text

_TAX_ID = re.compile(r"\d{9}\Z", re.ASCII)
_PO_BOX = re.compile(r"\bP\.? ?O\.? ?BOX\b|\bPOST OFFICE BOX\b|\bLOCK ?BOX\b")


class PartyChecks(Shapes):
    def check(self) -> None:
        claim = self.claim
        self.billing_provider(claim.billing_provider)
        if claim.pay_to is not None:
            self.address(claim.pay_to, "pay-to address", "2010AB")
        own = claim.relationship == "18"
        self.payer(claim.payer, "2010BB")
        self.member_id(claim.member_id, "2010BA")
        if own and claim.patient != claim.subscriber:
            self.refuse(
                "patient",
                "says that the patient is the subscriber but names two people",
                "Correct the relationship, or make the two the same.",
                "2010BA",
                "SBR02",
            )
        self.person(claim.subscriber, "subscriber", "2010BA")
        if not own:
            self.person(claim.patient, "patient", "2010CA")
        self.patient_facts(claim.patient, "2010BA" if own else "2010CA")
        if claim.group_number and not is_plain(claim.group_number.strip(), 50):
            self.refuse(
                "characters",
                "has a group number that cannot be sent",
                "Use at most 50 plain characters without * : ^ ~.",
                "2000B",
                "SBR03",
            )
        self.text(claim.group_name, 60, "group name", "2000B", "SBR04")
        if claim.rendering is None and not claim.billing_provider.is_person:
            self.refuse(
                "rendering",
                "names no rendering provider although an organization bills",
                "Choose the clinician who held the session.",
                "2310B",
                "NM109",
            )
        self.clinician(claim.rendering, "rendering provider", "2310B")
        self.clinician(claim.supervising, "supervising provider", "2310D")
        self.clinician(claim.referring, "referring provider", "2310A")
        facility = claim.service_facility
        if facility is not None:
            self.text(facility.name, 60, "facility name", "2310C", "NM103", needed=True)
            if facility.npi:
                self.code(facility.npi, NPI, "npi", "a facility NPI of ten digits", "2310C", "NM109")
            self.address(facility.address, "service facility", "2310C", zip_plus_4=True)

    def billing_provider(self, provider: Organization) -> None:
        loop = "2010AA"
        self.text(provider.name, 60, "billing provider name", loop, "NM103", needed=True)
        if provider.is_person:
            self.text(provider.first_name, 35, "billing provider first name", loop, "NM104")
        self.code(provider.npi, NPI, "npi", "a billing provider NPI of ten digits", loop, "NM109")
        self.code(
            provider.taxonomy,
            TAXONOMY,
            "taxonomy",
            "a billing provider taxonomy of ten characters",
            "2000A",
            "PRV03",
        )
        self.code(
            provider.tax_id, _TAX_ID, "tax_id", "a billing provider tax id of nine digits", loop, "REF02"
        )
        self.choice(
            provider.tax_id_kind,
            frozenset(("EI", "SY")),
            "tax_id",
            "kind of tax id (EI or SY)",
            loop,
            "REF01",
        )
        self.address(provider.address, "billing provider", loop, zip_plus_4=True)
        street = f"{sent_text(provider.address.line1)} {sent_text(provider.address.line2)}"
        if _PO_BOX.search(street):
            self.refuse(
                "po_box",
                "has a post office box as billing provider address",
                "Enter the street address here and the box as pay-to address.",
                loop,
                "N301",
            )
        self.text(provider.contact_name, 60, "billing contact name", loop, "PER02")

    def patient_facts(self, patient: Person, loop: str) -> None:
        if patient.birth_date is None:
            self.refuse(
                "birth_date",
                "has no birth date of the patient",
                "Enter it in the patient's record.",
                loop,
                "DMG02",
            )
        self.choice(patient.sex, "FMU", "sex", "sex code of the patient (F, M or U)", loop, "DMG03")
        self.address(patient.address, "patient", loop)
