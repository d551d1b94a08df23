"""A practice that lets only safe lines of one payer post: what waits, what was decided, and what it taught.

The payment answers claims that nobody has answered, through the same door as every file.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from cleanclaim.claim import Address
from cleanclaim.remittance import Automation, Effect
from cleanclaim.x12.sets.records import Cas, RemitClaim, RemitLine, RemitParty, Remittance
from cleanclaim.x12.sets.remittance_835 import write_835
from cleanclaim.x12.writer import Envelope, write_x12
from cleanclaim_server.claims.codes import Lifecycle, PayerState
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.coverage.models import Payer
from cleanclaim_server.cycle.posting import match_claim_by_hand, post_part
from cleanclaim_server.cycle.posting.trying import try_policies
from cleanclaim_server.cycle.receiving import receive_files
from cleanclaim_server.identity.models import User
from cleanclaim_server.postingrules.actions import save_policy
from cleanclaim_server.postingrules.documents import PolicyDocument
from cleanclaim_server.postingrules.models import HeldPart, PartState
from cleanclaim_server.postingrules.resolving import Policy
from cleanclaim_server.practice.models import Agency, Practice
from cleanclaim_server.remittances.models import RemittanceClaim

TRACE = "EFT77003"
WAITING = (PayerState.WAITING, PayerState.ACCEPTED_PAYER, PayerState.ACCEPTED_CLEARINGHOUSE)
# What the payer says of each claim: per cent of the charge paid, group, code; a prefix before our number.
ANSWERS = (
    (0, "CO", "197", ""),
    (0, "CO", "197", ""),
    (60, "CO", "45", ""),
    (0, "CO", "252", ""),
    (60, "CO", "45", "X"),
    (60, "CO", "45", "X"),
)


def hold_lines(agency: Agency, partner: TradingPartner, biller: User, *, now: datetime) -> int:
    """Set two policies, receive a payment, decide a part of it. Returns how many parts still wait.

    Runs in a context over all practices of the agency. Does nothing where too few claims are unanswered.
    """
    for practice in Practice.objects.filter(agency=agency).order_by("code")[1:]:
        claims = _unanswered(practice)
        if claims:
            break
    else:
        return 0
    payer = claims[0].payer
    _policies(practice, payer, biller, now)
    payment = _payment(practice, payer, claims, now)
    envelope = Envelope(
        sender_id="SIMCLEAR", receiver_id="FERNQUILL", control_number=77003, group_control_number=77003,
        created_at=now,
    )  # fmt: skip
    data = write_x12(envelope, [write_835(payment, control_number="0001")])
    receive_files(agency.id, [("new-payer.835", data)], partner=partner, now=now)
    parts = HeldPart.objects.filter(practice=practice, state=PartState.WAITING, pattern="CO-197")
    first = parts.order_by("id").first()
    if first is not None:
        post_part(first.pk, actor_id=biller.pk, now=now)
    _match_one(practice, claims, biller.pk, now)
    return HeldPart.objects.filter(practice=practice, state=PartState.WAITING).count()


def _unanswered(practice: Practice) -> list[Claim]:
    """Sent claims of the payer that has most of them waiting; [] when they are too few for the payment."""
    rows = Claim.objects.filter(
        practice=practice, lifecycle=Lifecycle.SENT, sequence="P", payer_state__in=WAITING
    )
    counts = Counter(rows.values_list("payer_id", flat=True))
    if not counts:
        return []
    payer_id, count = min(counts.items(), key=lambda one: (-one[1], str(one[0])))
    if count < len(ANSWERS):
        return []
    mine = rows.filter(payer_id=payer_id).select_related("payer", "patient").prefetch_related("lines")
    return list(mine.order_by("date_of_service", "claim_number")[: len(ANSWERS)])


def _policies(practice: Practice, payer: Payer, biller: User, now: datetime) -> None:
    careful = PolicyDocument(
        payer_id=payer.payer_id,
        payer_name=payer.name,
        automation=Automation.SAFE_LINES,
        why="new payer; look at what is not plain sharing",
    )
    bundled = PolicyDocument(effect=Effect.HOLD, group="CO", reason_code="97", why="ask why it was bundled")
    for document, whose in ((careful, payer), (bundled, None)):
        trial = try_policies(practice, [Policy("the new policy", document)], today=now.date())
        save_policy(document, practice, payer=whose, trial=trial.as_data(), acting_user=biller, now=now)


def _payment(practice: Practice, payer: Payer, claims: list[Claim], now: datetime) -> Remittance:
    answers = tuple(_answer(claim, *said) for claim, said in zip(claims, ANSWERS, strict=True))
    day = now.date() - timedelta(days=1)
    return Remittance(
        paid_cents=sum(one.paid_cents for one in answers),
        method="ACH",
        handling="I",
        paid_on=day,
        trace_number=TRACE,
        trace_payer_id="1888888888",
        production_date=day,
        payer=RemitParty(
            name=payer.name.upper(), id=payer.payer_id,
            address=Address("1 Main St", "", "Albany", "NY", "12207"), contact_name="EDI",
            contact_phone="8005550100",
        ),
        payee=RemitParty(practice.name, id_qualifier="XX", id=practice.npi),
        claims=answers,
    )  # fmt: skip


def _answer(claim: Claim, percent: int, group: str, reason: str, prefix: str) -> RemitClaim:
    lines = []
    for line in claim.lines.all():
        paid = line.charge_cents * percent // 100
        lines.append(
            RemitLine(
                line.code,
                line.charge_cents,
                paid,
                modifiers=tuple(line.modifiers.split()),
                service_from=line.date_of_service,
                line_control="" if prefix else line.control_number,
                adjustments=(Cas(group, reason, line.charge_cents - paid),),
            )
        )
    return RemitClaim(
        claim_number=f"{prefix}{claim.claim_number}",
        status="4" if not percent else "1",
        charge_cents=claim.total_charge_cents,
        paid_cents=sum(line.paid_cents for line in lines),
        patient_cents=None,
        filing_code="12",
        payer_control_number=f"NP{claim.claim_number[-8:]}",
        facility_code="11",
        frequency="1",
        patient=RemitParty(claim.patient.last_name.upper(), claim.patient.first_name.upper()),
        lines=tuple(lines),
    )


def _match_one(practice: Practice, claims: list[Claim], actor_id: UUID, now: datetime) -> None:
    """Match the first of the two that the payer spelled its own way: the other is offered what it taught."""
    spelled = next((claim for claim, said in zip(claims, ANSWERS, strict=True) if said[3]), None)
    if spelled is None:
        return
    row = RemittanceClaim.objects.filter(
        practice=practice, claim_number=f"X{spelled.claim_number}", claim__isnull=True
    ).first()
    if row is not None:
        match_claim_by_hand(row.pk, spelled.pk, actor_id=actor_id, now=now)
