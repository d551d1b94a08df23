"""Where a finding of a claim is mended: the record and the field, ready to be typed in."""

from __future__ import annotations

from django.utils.http import urlencode

from cleanclaim_server.claims.models import Claim
from cleanclaim_server.web.views import payer_words


def fix_url(one: Claim, record_: str, *, code: str = "", back: str = "") -> str:
    """The page, and where `code` tells it the field, on which the record behind a fault is mended.

    Args:
        code: The finding's code.
        back: Where to return afterwards; by default the claim.
    """
    if record_ not in payer_words.MEND_WORDS:
        return ""
    field = payer_words.field_of(code)
    back = f"?{urlencode({'back': back or f'/claims/{one.pk}'})}"
    page = {
        "coverage": f"/coverages/{one.coverage_id}/edit{back}",
        "patient": f"/patients/{one.patient_id}/edit{back}",
        "authorization": f"/patients/{one.patient_id}/authorizations/new{back}",
        "session": f"/sessions/{one.family.encounter_id}/edit{back}",
        "answer": f"/coverages/{one.coverage_id}/answers/new{back}",
        "enrollment": f"/settings/practices/{one.practice_id}/enrollments",
        "consent": f"/patients/{one.patient_id}/consents/new",
        "note": f"/sessions/{one.family.encounter_id}",
        "practice": f"/settings/practices/{one.practice_id}{'/edit' + back if field else ''}",
    }.get(record_, "")
    return f"{page}#f-{field}" if page and field else page
