"""Claims from synthetic sessions, as a biller's system would build them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from decimal import Decimal

from cleanclaim.claim import Claim, Clinician, Organization, OtherPayer, PayerParty, ServiceLine
from cleanclaim.coding import code_session
from cleanclaim.simulator.synthetic import SyntheticAgency, SyntheticSession, session_facts


class Builder:
    def __init__(self, agency: SyntheticAgency) -> None:
        self.agency = agency
        self.practices = {one.code: one for one in agency.practices}
        self.clinicians = {one.id: one for one in agency.clinicians}
        self.patients = {one.id: one for one in agency.patients}
        self.payers = {one.payer_id: one for one in agency.payers}
        self.numbers = itertools.count(1)

    def claims(self, sessions: Iterable[SyntheticSession]) -> list[Claim]:
        """One claim a session that is signed, has a diagnosis and can be coded."""
        return [claim for session in sessions if (claim := self.claim(session))]

    def claim(self, session: SyntheticSession) -> Claim | None:
        coded = code_session(session_facts(session))
        if coded.result == "error" or not session.note_signed_on or not session.diagnoses:
            return None
        practice, patient = self.practices[session.practice_code], self.patients[session.patient_id]
        prices = {one.code: one.cents for one in practice.charges}
        number = f"{practice.code}{next(self.numbers):07d}"
        lines = tuple(
            ServiceLine(
                at, f"{number}L{at}", line.code, session.dos, int(prices[line.code] * Decimal(line.units)),
                str(line.units), tuple(line.modifiers),
            )
            for at, line in enumerate(coded.lines, 1)
        )  # fmt: skip
        cover, *rest = patient.coverages
        rendering = self.clinician(session.supervisor_id or session.clinician_id)
        return Claim(
            claim_number=number,
            billing_provider=Organization(
                practice.name, practice.npi, practice.tax_id, "EI", practice.taxonomy, practice.address,
                is_person=practice.is_person, first_name=practice.first_name,
            ),
            payer=self.payer(cover.payer_id),
            subscriber=cover.subscriber,
            member_id=cover.member_id,
            patient=patient.person,
            lines=lines,
            diagnoses=session.diagnoses,
            place_of_service=coded.pos,
            total_charge_cents=sum(line.charge_cents for line in lines),
            relationship=cover.relationship,
            group_number=cover.group_number,
            rendering=None if practice.is_person else rendering,
            authorization_number=session.authorization_number,
            patient_paid_cents=session.patient_paid_cents,
            other_payers=tuple(
                OtherPayer(self.payer(one.payer_id), one.sequence, one.subscriber, one.member_id,
                           relationship=one.relationship)
                for one in rest
            ),
            practice_id=practice.code,
            patient_id=patient.id,
            encounter_id=session.id,
            state=session.state,
            modality=session.modality,
        )  # fmt: skip

    def clinician(self, clinician_id: str) -> Clinician:
        one = self.clinicians[clinician_id]
        return Clinician(one.last_name, one.first_name, one.npi, one.taxonomy, one.credential)

    def payer(self, payer_id: str) -> PayerParty:
        one = self.payers[payer_id]
        return PayerParty(one.name, one.payer_id, one.kind, one.claim_filing_code)
