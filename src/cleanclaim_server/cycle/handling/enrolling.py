"""An enrollment recorded or ended, and the waiting claims to that payer checked with it at once."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from cleanclaim_server.claims.codes import REJECTED
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.handling.holding import UNSENT
from cleanclaim_server.cycle.intake import recheck_claims
from cleanclaim_server.practice.models import Practice


def recheck_payer(practice: Practice, payer_id: UUID, *, now: datetime, today: date) -> int:
    """Run the edits over a practice's claims to a payer that have not left. Returns how many there were."""
    rows = Claim.objects.filter(practice=practice, payer_id=payer_id, lifecycle__in=UNSENT)
    ids = list(rows.exclude(payer_state__in=REJECTED).values_list("pk", flat=True))
    return recheck_claims(practice, ids, now=now, today=today) if ids else 0
