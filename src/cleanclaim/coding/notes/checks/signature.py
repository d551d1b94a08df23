"""Signed, by whom, with which credential, when."""

from __future__ import annotations

from cleanclaim.coding.notes.context import Audit
from cleanclaim.coding.notes.signing import days_late
from cleanclaim.coding.vocabulary import SUPERVISED, canonical_credential


def check_signature(audit: Audit) -> None:
    """The signature of the clinician who held the session, and of a supervisor where one bills."""
    own = [signature for signature in audit.signatures if not signature.is_supervisor] or audit.signatures[:1]
    if not own:
        audit.report("notes.signature_missing", audit.empty_signatures)
        return
    signature = own[-1]
    audit.evidence["signature"] = tuple(one.span for one in audit.signatures)
    credential = canonical_credential(audit.facts.credential) or audit.facts.credential
    shown = frozenset().union(*(one.credentials for one in own))
    if not any(one.shows_credential for one in own):
        audit.report("notes.credential_missing", [signature.span])
    elif shown and credential not in shown:
        audit.report(
            "notes.credential_differs",
            [signature.span],
            note_credential=" or ".join(sorted(shown)),
            credential=credential,
        )
    audit.read["credential"] = sorted(shown)
    _date(audit, [one for one in own if one.signed_on is not None] or [signature])
    if credential in SUPERVISED or audit.facts.other_inputs.get("billing_npi") == "supervisor":
        _supervisor(audit)


def _date(audit: Audit, dated: list) -> None:  # type: ignore[type-arg]
    signature, dos = dated[0], audit.facts.dos
    if signature.signed_on is None:
        audit.report("notes.signature_date_missing", [signature.span])
        return
    audit.read["signed_on"] = signature.signed_on
    if signature.signed_on < dos:
        audit.report(
            "notes.signed_before_session",
            [signature.date_span],
            signed_on=signature.signed_on,
            date_of_service=dos,
        )
    elif late := days_late(signature.signed_on, dos, audit.limit("notes.signed_late")):
        audit.report("notes.signed_late", [signature.date_span], days=late, signed_on=signature.signed_on)


def _supervisor(audit: Audit) -> None:
    if audit.facts.other_inputs.get("billing_npi", "supervisor") != "supervisor":
        return
    spans = audit.note.phrases("cosign")
    if spans:
        audit.evidence["supervisor"] = tuple(spans)
    else:
        audit.report("notes.supervisor_signature_missing")
