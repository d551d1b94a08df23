"""Who may render and bill what, to whom, since when."""

from __future__ import annotations

from cleanclaim.coding import vocabulary as words
from cleanclaim.coding.services import Service
from cleanclaim.coding.visit import Visit, is_em


def _may_render(visit: Visit, service: Service) -> bool:
    credential, eligible = visit.facts.credential, service.eligible
    if eligible is None:
        return True
    return credential in eligible or (visit.is_supervised and eligible >= words.THERAPISTS)


def _medicare_recognises(visit: Visit) -> bool:
    """Medicare enrolls the credential on this date, or a supervisor who it enrolls bills."""
    credential = visit.facts.credential
    if credential in words.SUPERVISED:
        return visit.is_supervised
    since = words.MEDICARE_SINCE.get(credential)
    return credential not in words.MEDICARE_NEVER and (since is None or visit.facts.dos >= since)


def check_credential(visit: Visit) -> None:
    """Note E_CREDENTIAL_NO_EM and E_CREDENTIAL_NOT_ELIGIBLE."""
    credential = visit.facts.credential
    wants_em = visit.has_em or visit.facts.with_em or any(is_em(item.code) for item in visit.requested)
    if wants_em and credential not in words.PRESCRIBERS:
        visit.refuse("E_CREDENTIAL_NO_EM", credential=credential, expected="MD or PMHNP")
    for part in visit.parts:
        if not _may_render(visit, part.service):
            allowed = sorted(part.service.eligible or ())
            visit.refuse(
                "E_CREDENTIAL_NOT_ELIGIBLE", credential=credential, service=part.service.name, allowed=allowed
            )
    if visit.is_medicare and not _medicare_recognises(visit):
        since = words.MEDICARE_SINCE.get(credential)
        visit.refuse(
            "E_CREDENTIAL_NOT_ELIGIBLE",
            credential=credential,
            payer="medicare",
            recognised_from=since.isoformat() if since else "not by itself",
        )


def billed_under(visit: Visit) -> str:
    """Whose NPI the claim is billed under: own, supervisor or organisation."""
    if visit.facts.credential in words.ORGANISATIONS:
        return "organisation"
    return "supervisor" if visit.is_supervised else "own"
