"""The money account of a claim, and its state before a payment.

All claims of one session (original, corrected, secondary) share one account: the claim that carries
the charge. A secondary's answer lowers the same receivable that the primary's answer left open, so the
session's money is in one place whoever pays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import F, Sum

from cleanclaim.ledger import Account, ClaimIds, EntryKind
from cleanclaim.remittance import PostedBefore, PostingType, PriorClaim
from cleanclaim_server.claims.models import Claim, ClaimLine
from cleanclaim_server.coverage.models import Coverage, Payer
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.ledger.models import Entry, Leg
from cleanclaim_server.ledger.queries import claim_balances
from cleanclaim_server.remittances.models import RemittanceAdjustment, RemittanceClaim, RemittanceState
from cleanclaim_server.work.bulk import chunks

WRITTEN_OFF = (
    Account.CONTRACTUAL_ADJUSTMENTS,
    Account.SEQUESTRATION,
    Account.CAPITATION_ADJUSTMENTS,
    Account.QMB_ADJUSTMENTS,
    Account.WITHHOLD_RECEIVABLE,
    Account.WRITE_OFF_TIMELY_FILING,
    Account.WRITE_OFF_SMALL_BALANCE,
    Account.WRITE_OFF_BAD_DEBT,
    Account.WRITE_OFF_COURTESY,
    Account.WRITE_OFF_DENIED,
    Account.WRITE_OFF_OTHER,
)
BY_PATIENT = frozenset(
    {EntryKind.PATIENT_PAYMENT, EntryKind.PATIENT_REFUND, EntryKind.APPLY_CREDIT, EntryKind.WRITE_OFF}
)
"""Entries that settle a patient's share; the others make it."""
TYPE_OF_ACCOUNT = {
    Account.CONTRACTUAL_ADJUSTMENTS: PostingType.ADJ_CONTRACT,
    Account.SEQUESTRATION: PostingType.ADJ_SEQUESTRATION,
    Account.CAPITATION_ADJUSTMENTS: PostingType.ADJ_CAPITATION,
    Account.QMB_ADJUSTMENTS: PostingType.ADJ_QMB,
    Account.WITHHOLD_RECEIVABLE: PostingType.WITHHOLD_RECEIVABLE,
    Account.PATIENT_RECEIVABLE: PostingType.XFER_PATIENT,
}
NOT_FOR_BOOKS = ("frozen", "frozen_hash", "codes", "first_ready_at", "first_sent_at")
"""Columns of a claim that no posting looks at."""
PLACES = {1: "P", 2: "S", 3: "T"}


@dataclass
class Books:
    """The claims that a payment answers, with their accounts.

    `claims` by id are those that were matched; `root` gives of each the claim that carries the charge.
    """

    claims: dict[UUID, Claim] = field(default_factory=dict)
    root: dict[UUID, Claim] = field(default_factory=dict)
    lines: dict[UUID, tuple[int, UUID]] = field(default_factory=dict)
    """Line id of a matched claim -> (number, line id of the root)."""
    encounters: dict[UUID, UUID] = field(default_factory=dict)
    """Claim id -> the session that it bills."""
    controls: dict[UUID, dict[str, int]] = field(default_factory=dict)
    """Claim id -> contract allowed by line control number."""

    def ids(self, answers: Mapping[int, tuple[UUID, Mapping[int, UUID]]]) -> dict[str, ClaimIds]:
        """Our ids as `entries_for_plan` takes them: by the root's claim number.

        Args:
            answers: Place of the CLP (from 0) -> (claim id, place of the SVC -> line id).
        """
        found: dict[str, ClaimIds] = {}
        for index, (claim_id, lines) in answers.items():
            root = self.root[claim_id]
            ids = found.get(root.claim_number)
            if ids is None:
                encounter = str(self.encounters[root.pk])
                ids = ClaimIds(str(root.pk), str(root.patient_id), "", encounter, {})
                found[root.claim_number] = ids
            for place, line_id in lines.items():
                if line_id in self.lines:
                    ids.lines[index, place] = str(self.lines[line_id][1])
        return found


def open_books(practice_id: UUID, claim_ids: Iterable[UUID]) -> Books:
    """Read the claims and find their accounts, in bulk."""
    books = Books()
    for claim in _claims(practice_id, books, set(claim_ids)):
        books.claims[claim.pk] = claim
    families: dict[UUID, list[Claim]] = {}
    for claim in books.claims.values():
        families.setdefault(claim.family_id, []).append(claim)
    rows = Claim.objects.filter(practice_id=practice_id, family_id__among=families)
    others = [key for key in rows.values_list("pk", flat=True) if key not in books.claims]
    for claim in _claims(practice_id, books, others):
        families[claim.family_id].append(claim)
    _give_payers([claim for members in families.values() for claim in members])
    for members in families.values():
        members.sort(key=lambda claim: (claim.created_at, claim.pk))
    balances = claim_balances(practice_id, (claim.pk for members in families.values() for claim in members))
    revenue = Account.PATIENT_SERVICE_REVENUE.value
    for claim in books.claims.values():
        members = families[claim.family_id]
        charged = [one for one in members if balances.get(one.pk, {}).get(revenue)]
        books.root[claim.pk] = charged[0] if charged else members[0]
    _read_lines(practice_id, books)
    return books


def _claims(practice_id: UUID, books: Books, keys: Collection[UUID]) -> Iterable[Claim]:
    """Claims in the order of their ids. Their sessions go into the books as ids, without a family each."""
    rows = Claim.objects.filter(practice_id=practice_id, pk__among=keys).defer(*NOT_FOR_BOOKS)
    for claim in rows.order_by("pk").annotate(session_id=F("family__encounter_id")):
        books.encounters[claim.pk] = claim.session_id
        yield claim


def _give_payers(claims: Sequence[Claim]) -> None:
    """Give each claim its payer; claims of one payer share the object."""
    payers = {one.pk: one for one in Payer.objects.filter(pk__among={claim.payer_id for claim in claims})}
    for claim in claims:
        claim.payer = payers[claim.payer_id]


def _read_lines(practice_id: UUID, books: Books) -> None:
    wanted = set(books.claims) | {root.pk for root in books.root.values()}
    by_claim: dict[UUID, dict[int, UUID]] = {}
    rows = ClaimLine.objects.filter(practice_id=practice_id, claim_id__among=wanted)
    for key, claim_id, number, control, expected in rows.values_list(
        "id", "claim_id", "number", "control_number", "expected_cents"
    ):
        by_claim.setdefault(claim_id, {})[number] = key
        if expected is not None:
            books.controls.setdefault(claim_id, {})[control] = expected
    for claim_id in books.claims:
        own, theirs = by_claim.get(claim_id, {}), by_claim.get(books.root[claim_id].pk, {})
        books.lines.update({key: (number, theirs.get(number, key)) for number, key in own.items()})


def prior_claims(practice_id: UUID, books: Books, *, with_history: bool) -> tuple[PriorClaim, ...]:
    """Every account of the books as planning takes it, from the cached balances.

    Args:
        with_history: Also what earlier answers posted; only reversals need it.
    """
    matched: dict[UUID, Claim] = {}
    for claim_id, root in books.root.items():
        matched[root.pk] = books.claims[claim_id]
    balances = claim_balances(practice_id, matched)
    roots = {root.pk: root for root in books.root.values()}
    settled = _settled_by_patient(
        practice_id, [key for key, found in balances.items() if Account.PATIENT_RECEIVABLE.value in found]
    )
    denied = _denied_open(practice_id, books)
    coverages = _coverages(practice_id, {root.patient_id for root in roots.values()})
    history = _history(practice_id, books) if with_history else {}
    prior = []
    for key, root in roots.items():
        claim, found = matched[key], balances.get(key, {})
        insurance = found.get(Account.INSURANCE_RECEIVABLE.value, 0)
        patient = found.get(Account.PATIENT_RECEIVABLE.value, 0)
        paid, written_off = settled.get(key, (0, 0))
        billed = -found.get(Account.PATIENT_SERVICE_REVENUE.value, 0)
        adjusted = sum(found.get(account.value, 0) for account in WRITTEN_OFF) - written_off
        share = patient + paid
        place, next_place, never = _places(claim, coverages.get(root.patient_id, ()))
        profile = claim.payer.profile or {}
        prior.append(
            PriorClaim(
                claim_number=root.claim_number,
                billed_cents=billed,
                insurance_paid_cents=billed - adjusted - share - insurance,
                adjusted_cents=adjusted,
                patient_responsibility_cents=share,
                patient_paid_cents=paid,
                denied_open_cents=denied.get(key, 0),
                current_payer=place,
                next_payer=next_place,
                expected_allowed_cents=claim.expected_cents,
                expected_by_line=books.controls.get(claim.pk, {}),
                capitated=bool(profile.get("capitated")),
                out_of_network=bool(profile.get("out_of_network")),
                never_bill_patient=never,
                history=tuple(history.get(key, ())),
            )
        )
    return tuple(prior)


def _settled_by_patient(practice_id: UUID, claim_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """(cents settled of the patient's share, of them written off) by claim."""
    rows = []
    legs = Leg.objects.filter(
        practice_id=practice_id, account=Account.PATIENT_RECEIVABLE.value, claim_id__among=claim_ids
    )
    rows += legs.values_list("entry_id", "claim_id", "amount_cents")
    kinds: dict[UUID, EntryKind] = {}
    entries = Entry.objects.filter(practice_id=practice_id, pk__among={row[0] for row in rows})
    for key, kind, reversed_kind in entries.values_list("id", "kind", "reverses__kind"):
        kinds[key] = EntryKind(reversed_kind or kind)
    found: dict[UUID, tuple[int, int]] = {}
    for entry_id, claim_id, cents in rows:
        kind = kinds[entry_id]
        if kind in BY_PATIENT:
            paid, off = found.get(claim_id, (0, 0))
            found[claim_id] = (paid - cents, off - cents if kind is EntryKind.WRITE_OFF else off)
    return found


def _denied_open(practice_id: UUID, books: Books) -> dict[UUID, int]:
    by_family = {root.family_id: root.pk for root in books.root.values()}
    rows = Denial.objects.filter(
        practice_id=practice_id, claim__family_id__among=by_family, state__in=("open", "working")
    )
    sums = rows.values_list("claim__family_id").annotate(cents=Sum("amount_cents"))
    return {by_family[family_id]: cents for family_id, cents in sums}


def _coverages(practice_id: UUID, patient_ids: Iterable[UUID]) -> dict[UUID, list[Coverage]]:
    found: dict[UUID, list[Coverage]] = {}
    rows = Coverage.objects.filter(practice_id=practice_id, patient_id__among=set(patient_ids))
    for coverage in rows.select_related("plan__payer").order_by("order", "id"):
        found.setdefault(coverage.patient_id, []).append(coverage)
    return found


def _places(claim: Claim, coverages: Sequence[Coverage]) -> tuple[str, str | None, bool]:
    """This payer's place, the next payer's, and whether the patient may never be billed."""
    in_force = [one for one in coverages if one.in_force_on(claim.date_of_service)]
    now = next((order for order, place in PLACES.items() if place == claim.sequence), 1)
    later = [one.order for one in in_force if one.order > now]
    never = any(one.plan.payer.kind == "medicaid" or "QMB" in one.plan.program.upper() for one in in_force)
    return claim.sequence, PLACES.get(min(later)) if later else None, never


def _history(practice_id: UUID, books: Books) -> dict[UUID, list[PostedBefore]]:
    """What earlier answers posted, by account: legs, denials, and what was only told."""
    families = {root.family_id: root.pk for root in books.root.values()}
    answers = []
    for part in chunks(sorted(families)):
        rows = RemittanceClaim.objects.filter(
            practice_id=practice_id, claim__family_id__in=part, remittance__state=RemittanceState.POSTED
        ).exclude(status="22")
        answers += rows.select_related("claim").defer("claim__frozen")
    found: dict[UUID, list[PostedBefore]] = {}
    for answer in answers:  # a reversal is rare, and so are its answers: queries by answer are few
        root = families[answer.claim.family_id]
        found.setdefault(root, []).extend(_posted_by(answer, root))
    return found


def _posted_by(answer: RemittanceClaim, root: UUID) -> list[PostedBefore]:
    number, control = answer.claim.sequence, answer.payer_control_number
    posted = [PostedBefore(control, PostingType.PMT_INS, answer.paid_cents, payer_seq=number)]
    entries = Entry.objects.filter(
        practice_id=answer.practice_id, remittance_id=answer.remittance_id, source_position=answer.position,
        reverses__isnull=True, reversed_by__isnull=True,
    )  # fmt: skip
    legs = Leg.objects.filter(
        practice_id=answer.practice_id, claim_id=root, entry_id__in=entries.values("id")
    ).exclude(reason="")
    lines = dict(answer.lines.values_list("position", "number"))
    placed = dict(
        RemittanceAdjustment.objects.filter(remittance_claim=answer).values_list("position", "line__number")
    )
    left: dict[tuple[int, str], int] = {}
    for group, reason, cents, place in RemittanceAdjustment.objects.filter(
        remittance_claim=answer
    ).values_list("group", "reason", "amount_cents", "line__number"):
        key = (place or 0, f"{group}-{reason}")
        left[key] = left.get(key, 0) + cents
    for leg in legs:
        kind = TYPE_OF_ACCOUNT.get(Account(leg.account))
        if kind is None:
            continue
        place = placed.get(leg.source_position) or lines.get(leg.source_position) or 0
        carc = f"{leg.group}-{leg.reason}"
        posted.append(PostedBefore(control, kind, leg.amount_cents, carc, place))
        left[place, carc] = left.get((place, carc), 0) - leg.amount_cents
    for denial in answer.denials.exclude(state="reversed").select_related("claim_line"):
        place = next(
            (line.number for line in answer.lines.all() if line.claim_line_id == denial.claim_line_id), 0
        ) if denial.claim_line_id else 0  # fmt: skip
        carc = f"{denial.group}-{denial.reason}"
        posted.append(
            PostedBefore(
                control, PostingType.DENY_HOLD, denial.amount_cents, carc, place, category=denial.category
            )
        )
        left[place, carc] = left.get((place, carc), 0) - denial.amount_cents
    for (place, carc), cents in left.items():
        if cents:
            kind = PostingType.XFER_NEXT if carc.startswith("PR-") else PostingType.INFO
            posted.append(PostedBefore(control, kind, cents, carc, place))
    return posted


def payer_debt(practice_id: UUID, payer_id: UUID | None) -> int:
    """What we owe a payer and it has not yet taken, in cents."""
    if payer_id is None:
        return 0
    legs = Leg.objects.filter(practice_id=practice_id, account=Account.PAYER_DEBT.value, payer_id=payer_id)
    return -(legs.aggregate(cents=Sum("amount_cents"))["cents"] or 0)
