"""A claim on paper: CMS-1500 or UB-04, on the form or on plain paper, with what earlier payers answered."""

from __future__ import annotations

from datetime import date

from cleanclaim.claim import decode_claim
from cleanclaim.paper import Calibration, bundle, cms1500, eob_pdf, form_pdf, programme_claim, ub04
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.handling.holding import HandlingRefused
from cleanclaim_server.remittances.models import RemittanceClaim, RemittanceState
from cleanclaim_server.remittances.queries import content_of

ORDER = "PST"


def paper_claim(
    claim: Claim,
    *,
    plain_paper: bool,
    with_answers: bool,
    today: date,
    calibration: Calibration | None = None,
) -> bytes:
    """The claim as PDF: a programme's days on a UB-04, all else on a CMS-1500.

    Args:
        today: The day of printing, which a UB-04 shows.
        with_answers: Add a page for each answer of the payers before this one, made from its 835; each shows
            this claim alone.

    Raises:
        HandlingRefused: The form cannot hold the claim.
    """
    value = decode_claim(bytes(claim.frozen))
    if value.bill is None:
        form = cms1500(value)
    else:
        form = ub04(programme_claim(value), created_on=today)
    if not form.is_printable:
        stop = next(one for one in form.findings if one.severity.stops)
        raise HandlingRefused(stop.code, f"{stop.message} {stop.remedy}")
    documents = [form_pdf(form.pages, plain_paper=plain_paper, calibration=calibration)]
    if with_answers:
        documents += [_answer_page(row) for row in earlier_answers(claim)]
    return bundle(documents)


def earlier_answers(claim: Claim) -> list[RemittanceClaim]:
    """What the payers before this one answered about the visit, oldest first; take-backs are left out."""
    before = ORDER[: ORDER.index(claim.sequence)] if claim.sequence in ORDER else ""
    rows = RemittanceClaim.objects.filter(
        practice_id=claim.practice_id,
        claim__family_id=claim.family_id,
        claim__sequence__in=list(before),
        remittance__state=RemittanceState.POSTED,
        remittance__inbox__isnull=False,
    ).exclude(status__in=("22", "25"))
    return list(rows.select_related("remittance__inbox", "claim").order_by("remittance__posted_at", "number"))


def _answer_page(row: RemittanceClaim) -> bytes:
    content = content_of(row.remittance.inbox)
    return eob_pdf(content, content.claims[row.number - 1], claim_number=row.claim.claim_number)
