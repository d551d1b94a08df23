"""Ask the coding engine about an encounter, with the facts that our records add."""

from __future__ import annotations

import msgspec

from cleanclaim.claim import PayerKind
from cleanclaim.coding import CodingResult, SessionFacts, code_session
from cleanclaim_server.cycle.intake.bills import CREDENTIAL, each_day, is_bill
from cleanclaim_server.cycle.intake.masters import Masters
from cleanclaim_server.encounters.models import Encounter


def session_facts(encounter: Encounter, masters: Masters) -> SessionFacts:
    """The facts as told, with credential, payer and diagnosis from our records."""
    told = msgspec.convert(encounter.facts, SessionFacts)
    provider = masters.providers[encounter.rendering_provider_id]
    kind, profile = PayerKind.COMMERCIAL.value, {}
    if encounter.coverage_id:
        coverage = next(
            row for row in masters.coverages(encounter.patient_id) if row.id == encounter.coverage_id
        )
        payer = masters.payer_of(coverage)
        kind, profile = payer.kind, dict(payer.profile)
    other = dict(told.other_inputs)
    if encounter.diagnoses:
        other["dx"] = ",".join(encounter.diagnoses)
    if encounter.supervising_provider_id:
        other.setdefault("billing_npi", "supervisor")
    return msgspec.structs.replace(
        told,
        credential=CREDENTIAL if is_bill(encounter) else provider.credential,
        payer_kind=kind,
        payer_profile=profile,
        other_inputs=other,
        case_id=str(encounter.id),
    )


def code_encounter(encounter: Encounter, masters: Masters) -> CodingResult:
    """Code one encounter; the answer is also kept on it, with its reasons."""
    result = code_session(session_facts(encounter, masters))
    if is_bill(encounter) and result.is_billable:
        result = each_day(result, encounter)
    encounter.coding = msgspec.to_builtins(result)
    encounter.state = "coded" if result.is_billable else "refused"
    return result
