"""What the edits may know beside the claims: other lines, coverage, authorizations, prices.

Each is read for the whole batch at once: the number of statements does not grow with it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q

from cleanclaim.claim import Claim as ClaimValue
from cleanclaim.edits import looking_back
from cleanclaim.rules.coverage import PROGRAMS
from cleanclaim_server.charges.models import Charge
from cleanclaim_server.claims.codes import Lifecycle
from cleanclaim_server.claims.models import Claim, ClaimLine
from cleanclaim_server.coverage.models import Consent, EligibilityAnswer, Plan
from cleanclaim_server.cycle.intake.masters import Masters
from cleanclaim_server.tenancy.bulk import chunks


def _minute(moment) -> int | None:
    return None if moment is None else moment.hour * 60 + moment.minute


def history_rows(
    practices: Collection[UUID], claims: Sequence[Claim], values: Sequence[ClaimValue]
) -> list[dict]:
    """Lines charged around the dates of a batch, its own among them, for duplicates and overlaps.

    Where the batch holds a code that is paid once a week, a month or half a year, lines of such codes are
    read as far back as that.
    """
    first = min(claim.date_of_service for claim in claims)
    last = max(claim.date_of_service_end for claim in claims)
    around = timedelta(days=looking_back.DAYS)
    near = (first - around, last + around)
    found = _lines(practices, Q(date_of_service__range=near))
    codes, *far = looking_back.reach({line.code for value in values for line in value.lines}, first, last)
    if codes:
        wanted = Q(date_of_service__range=far, code__in=sorted(codes))
        found += _lines(practices, wanted & ~Q(date_of_service__range=near))
    rows = []
    for practice, patient, number, encounter, payer, day, code, modifiers, units, npi, bill, *when in found:
        start, stop, minutes = when
        begin, end = _minute(start), _minute(stop)
        if begin is not None and end is not None and end < begin:
            end += 1440
        rows.append(
            {
                "practice_id": str(practice),
                "patient_id": str(patient),
                "claim_number": number,
                "encounter_id": str(encounter),
                "payer_id": payer,
                "date_of_service": day,
                "code": code,
                "modifiers": modifiers.split(),
                "units_milli": units * 1000,
                # Nobody renders a programme's day: its claim says the attending.
                "line_rendering_npi": "" if bill else npi,
                "start_minute": begin,
                "stop_minute": end,
                "session_minutes": minutes,
            }
        )
    return rows


def _lines(practices: Collection[UUID], which: Q) -> list[tuple]:
    return list(
        ClaimLine.objects.filter(
            which,
            practice_id__in=practices,
            claim__frequency="1",
            claim__sequence="P",
        )
        .exclude(claim__lifecycle=Lifecycle.CLOSED)
        .order_by("control_number", "practice_id")
        .values_list(
            "practice_id",
            "claim__patient_id",
            "claim__claim_number",
            "claim__family__encounter_id",
            "claim__payer__payer_id",
            "date_of_service",
            "code",
            "modifiers",
            "units",
            "claim__rendering_provider__npi",
            "claim__bill_type",
            "claim__family__encounter__starts_at",
            "claim__family__encounter__stops_at",
            "claim__family__encounter__minutes",
        )
    )


def program_of(plan: Plan) -> str:
    """The programme of a plan in the words of the rule book; '' when a person wrote something else there."""
    written = plan.program.strip().lower().replace(" ", "_").replace("-", "_")
    return written if written in PROGRAMS else ""


def coverage_rows(masters: Masters, claims: Sequence[Claim]) -> list[dict]:
    """The policies on file of the batch's patients."""
    rows = []
    for patient_id in {claim.patient_id for claim in claims}:
        for coverage in masters.coverages(patient_id):
            payer, answer = masters.payer_of(coverage), masters.answer(coverage.pk)
            rows.append(
                {
                    "patient_id": str(patient_id),
                    "payer_id": payer.payer_id,
                    "payer_kind": payer.kind,
                    "member_id": coverage.member_id,
                    "sequence": "PST"[coverage.order - 1],
                    "starts": coverage.starts_on,
                    "ends": _last_day(coverage.ends_on, answer),
                    "status": answer.said if answer else "unknown",
                    "status_on": answer.asked_for if answer else None,
                    "verified_on": answer.answered_on if answer else None,
                    "authorization_codes": payer.profile.get("authorization_codes", "").split("+")
                    if payer.profile.get("authorization_codes")
                    else [],
                    "program": program_of(masters.plans[coverage.plan_id]),
                }
            )
    return sorted(rows, key=lambda row: (row["patient_id"], row["sequence"], row["payer_id"]))


def _last_day(ours: date | None, answer: EligibilityAnswer | None) -> date | None:
    """The last day in force: the one on file, or an earlier one that the payer named."""
    days = [day for day in (ours, answer.ended_on if answer else None) if day is not None]
    return min(days, default=None)


def enrollment_rows(masters: Masters) -> list[dict]:
    """Who is enrolled with which payers; the practice itself by its billing NPI."""
    return [
        {
            "npi": row.provider.npi if row.provider else masters.practice.npi,
            "payer_id": row.payer.payer_id,
            "role": row.role,
            "starts": row.starts_on,
            "ends": row.ends_on,
        }
        for row in masters.enrollments
    ]


def consent_rows(masters: Masters, claims: Sequence[Claim]) -> list[dict]:
    """Consents and restrictions of the batch's patients."""
    rows = []
    for part in chunks(sorted({claim.patient_id for claim in claims})):
        found = Consent.objects.filter(practice=masters.practice, patient_id__in=part)
        for patient_id, kind, payer_id, starts, ends in found.order_by("recorded_at", "id").values_list(
            "patient_id", "kind", "payer__payer_id", "starts_on", "ends_on"
        ):
            rows.append(
                {
                    "patient_id": str(patient_id),
                    "kind": kind,
                    "payer_id": payer_id or "",
                    "starts": starts,
                    "ends": ends,
                }
            )
    return rows


def authorization_rows(masters: Masters, claims: Sequence[Claim], values: Sequence[ClaimValue]) -> list[dict]:
    """The authorizations of the batch's patients, with the units that other claims used."""
    patients = {claim.patient_id for claim in claims}
    own = {value.encounter_id for value in values}
    used: dict[UUID, int] = {}
    known = [row.id for patient_id in patients for row in masters.authorizations(patient_id)]
    for part in chunks(sorted(known)):
        charges = Charge.objects.filter(practice=masters.practice, authorization_id__in=part, is_void=False)
        for authorization, encounter, units in charges.values_list(
            "authorization_id", "encounter_id", "units"
        ):
            if str(encounter) not in own:
                used[authorization] = used.get(authorization, 0) + units
    rows = []
    for patient_id in patients:
        for row in masters.authorizations(patient_id):
            coverage = next(item for item in masters.coverages(patient_id) if item.id == row.coverage_id)
            rows.append(
                {
                    "patient_id": str(patient_id),
                    "payer_id": masters.payer_of(coverage).payer_id,
                    "authorization_number": row.number,
                    "codes": row.codes,
                    "starts": row.starts_on,
                    "ends": row.ends_on,
                    "units_approved_milli": row.units * 1000,
                    "units_used_milli": used.get(row.id, 0) * 1000,
                    "npis": [masters.providers[row.provider_id].npi] if row.provider_id else [],
                }
            )
    return sorted(rows, key=lambda row: (row["patient_id"], row["authorization_number"]))


def charge_rows(masters: Masters) -> list[dict]:
    """The prices of a practice, read once for its claims and its edits."""
    return [
        {
            "practice_id": str(masters.practice.pk),
            "code": row.code,
            "modifier": row.modifier,
            "amount_cents": row.amount_cents,
            "starts": row.starts,
            "ends": row.ends,
        }
        for row in masters.charge_rows
    ]
