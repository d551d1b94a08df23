"""Posting a payment, undoing it, and telling an unknown payment where it belongs.

A payment posts whole, in one transaction: its identity, every leg, denials, claim states, events, work.
It posts once, whatever file brings it (L7). Undoing adds the exact opposite of every entry (L3).
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.db import IntegrityError, transaction

from cleanclaim.findings import Finding
from cleanclaim.ledger import Entry as EntryValue
from cleanclaim.ledger import Source, entries_for_plan, reverse_entry
from cleanclaim.money import money_text
from cleanclaim.remittance import (
    DenialItem,
    PostingPlan,
    PriorState,
    balance,
    content_hash,
    identity_key,
    plan,
)
from cleanclaim.x12.sets.records import RemitClaim
from cleanclaim.x12.sets.records import Remittance as RemittanceValue
from cleanclaim_server.audit.recording import record
from cleanclaim_server.claims.actions.states import StateChange, set_payer_states
from cleanclaim_server.claims.codes import ActorKind, EventKind, PayerState
from cleanclaim_server.claims.models import Claim, ClaimEvent
from cleanclaim_server.clearinghouse.fail_points import reach
from cleanclaim_server.coverage.models import Payer
from cleanclaim_server.cycle.accounts import Books, open_books, payer_debt, prior_claims
from cleanclaim_server.cycle.matching import answered_lines, candidate_lines, match_answers
from cleanclaim_server.cycle.next_payer import bill_next_payers, withdraw_next_payers
from cleanclaim_server.cycle.restating import restate_claims, state_of_answer
from cleanclaim_server.denials.actions import open_denials, reopen_denials, reverse_denials
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.ledger.actions import write_entries
from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.ledger.queries import entry_values, patient_balances
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.actions import write_rows
from cleanclaim_server.remittances.models import (
    InboxRemittance,
    Remittance,
    RemittanceClaim,
    RemittanceIdentity,
    RemittanceLine,
    RemittanceState,
)
from cleanclaim_server.remittances.queries import content_of
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.work.actions import NewItem, close_items, open_items
from cleanclaim_server.work.bulk import chunks, create_rows, update_rows
from cleanclaim_server.work.models import Queue

PREDETERMINATION, REVERSAL = "25", "22"
POSTABLE = frozenset({RemittanceState.READY, RemittanceState.UNDONE, RemittanceState.HELD})


class PostingRefused(ValueError):
    """A payment cannot be posted, undone or matched as asked; nothing was changed. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(f"{message} [{code}]")


def take_remittance(
    inbox: InboxRemittance,
    content: RemittanceValue,
    practice: Practice,
    *,
    now: datetime,
    findings: tuple[Finding, ...] = (),
) -> Remittance:
    """Give a received payment to a practice: keep its rows, match its claims, and judge whether it may post.

    Args:
        findings: What reading it found. One that stops holds the payment: it may have lost a part.

    Returns:
        The remittance: READY, HELD (with the exact difference), DUPLICATE or QUARANTINED.
    """
    report = balance(content, file=inbox.file.name)
    reach("balanced")
    stops = [finding for finding in findings if finding.severity.stops]
    state, told = _judge(practice, content, balanced=report.balanced and not stops)
    answers = match_answers(practice.pk, content.claims) if state != RemittanceState.DUPLICATE else []
    remittance = Remittance.objects.create(
        practice=practice,
        inbox=inbox,
        file_id=inbox.file_id,
        transaction=content.control_number,
        payer=_payer(practice, content, [answer.claim_id for answer in answers if answer.claim_id]),
        payer_name=content.payer.name[:80],
        trace_number=content.trace_number[:50],
        trace_payer_id=content.trace_payer_id[:30],
        paid_cents=content.paid_cents,
        paid_on=content.paid_on,
        method=content.method[:3],
        claims_count=len(content.claims),
        claims_paid_cents=report.claims_paid_cents,
        plb_cents=report.provider_adjustments_cents,
        content_hash=content_hash(content),
        difference_cents=report.difference_cents,
        findings=[msgspec.to_builtins(finding) for finding in (*findings, *report.findings)] + told,
        state=state,
        received_at=inbox.received_at,
    )
    if state != RemittanceState.DUPLICATE:
        write_rows(remittance, content, answers)
        reach("rows written")
    InboxRemittance.objects.filter(pk=inbox.pk).update(
        practice=practice, state="duplicate" if state == RemittanceState.DUPLICATE else "taken"
    )
    if state in (RemittanceState.HELD, RemittanceState.QUARANTINED):
        ask_for_review(remittance, report.difference_cents, now=now, today=today_of(practice, now))
    return remittance


def today_of(practice: Practice, now: datetime) -> date:
    """The day it is at the practice."""
    return now.astimezone(ZoneInfo(practice.timezone)).date()


def _judge(
    practice: Practice, content: RemittanceValue, *, balanced: bool
) -> tuple[RemittanceState, list[dict]]:
    key, says = identity_key(content, practice_id=str(practice.pk)), content_hash(content)
    active = RemittanceIdentity.objects.filter(practice=practice, identity_key=key, is_active=True).first()
    if active is not None and active.content_hash != says:
        return RemittanceState.QUARANTINED, [
            _told("remittance.same_payment_other_content",
                  "A payment with this trace number, amount and day is posted, and says something else.")
        ]  # fmt: skip
    before = Remittance.objects.filter(
        practice=practice, trace_number=content.trace_number[:50], trace_payer_id=content.trace_payer_id[:30],
        paid_cents=content.paid_cents, paid_on=content.paid_on, content_hash=says,
    ).exclude(state=RemittanceState.DUPLICATE)  # fmt: skip
    if active is not None or before.exists():
        return RemittanceState.DUPLICATE, [
            _told("remittance.duplicate", "The same payment was received before; it was not posted again.")
        ]
    return (RemittanceState.READY if balanced else RemittanceState.HELD), []


def _told(code: str, message: str) -> dict:
    return {"code": code, "severity": "tell", "message": message}


def ask_for_review(
    remittance: Remittance, difference: int = 0, *, now: datetime, today: date, why: str = ""
) -> None:
    """Put a payment before a person: it is held, in quarantine, or (`why`) could not be posted."""
    title = (
        f"Remittance held: {money_text(abs(difference))} do not add up"
        if difference
        else why or "Remittance held"
    )
    if remittance.state == RemittanceState.QUARANTINED:
        title = "Remittance held: this payment is posted with other content"
    detail = remittance.findings[0].get("message", "") if remittance.findings else ""
    item = NewItem(
        Queue.REMITTANCE,
        "remittance",
        remittance.pk,
        title,
        detail=detail,
        amount_cents=remittance.paid_cents,
    )
    open_items(remittance.practice_id, [item], now=now, today=today)


def _payer(practice: Practice, content: RemittanceValue, claim_ids: list[UUID]) -> Payer | None:
    known = [value for value in (content.payer.id, content.trace_payer_id) if value]
    known += [value for _, value in content.payer.additional_ids]
    rows = list(Payer.objects.filter(agency_id=practice.agency_id, payer_id__in=known)[:2]) if known else []
    if len(rows) == 1:
        return rows[0]
    payers: set[UUID] = set()
    for part in chunks(claim_ids):
        payers.update(Claim.objects.filter(pk__in=part).values_list("payer_id", flat=True).distinct())
    return Payer.objects.filter(pk__in=payers).first() if len(payers) == 1 else None


@transaction.atomic
def post_remittance(
    remittance_id: UUID,
    *,
    now: datetime,
    actor_id: UUID | None = None,
    content: RemittanceValue | None = None,
) -> Remittance:
    """Post a balanced payment, in one transaction.

    A held payment posts only when it balances after all (reading it had found something) and a person
    asks for it. Posting what is posted does nothing.

    Args:
        content: The payment as it was just taken in, which spares reading it again.

    Raises:
        PostingRefused: It does not balance, is a duplicate, in quarantine, or another posting of the
            same payment is active.
    """
    rows = Remittance.objects.select_for_update(of=("self",)).select_related("practice", "inbox", "file")
    remittance = rows.defer("inbox__content", "file__content").get(pk=remittance_id)
    if remittance.state == RemittanceState.POSTED:
        return remittance
    if remittance.state not in POSTABLE or remittance.inbox is None:
        raise PostingRefused(
            "remittance.not_postable", f"A remittance that is {remittance.state} does not post"
        )
    content = content or content_of(remittance.inbox)
    if not balance(content).balanced or (remittance.state == RemittanceState.HELD and actor_id is None):
        raise PostingRefused(
            "remittance.held", "This payment is held: it does not balance or a person must look"
        )
    key = identity_key(content, practice_id=str(remittance.practice_id))
    if RemittanceIdentity.objects.filter(
        practice_id=remittance.practice_id, identity_key=key, is_active=True
    ).exists():
        raise PostingRefused("remittance.posted_before", "Another posting of this payment is active")
    _Posting(remittance, content, now, actor_id).run(key)
    return remittance


class _Posting:
    """One posting: what it reads is read in bulk, what it writes is written in bulk."""

    def __init__(
        self, remittance: Remittance, content: RemittanceValue, now: datetime, actor_id: UUID | None
    ) -> None:
        self.remittance, self.content, self.now, self.actor_id = remittance, content, now, actor_id
        self.practice_id = remittance.practice_id
        self.today = today_of(remittance.practice, now)
        self.rows = list(RemittanceClaim.objects.filter(remittance=remittance).order_by("number"))
        self.lines: dict[UUID, dict[int, UUID]] = {}
        for answer, number, line in RemittanceLine.objects.filter(
            remittance_claim__remittance=remittance, claim_line__isnull=False
        ).values_list("remittance_claim_id", "number", "claim_line_id"):
            self.lines.setdefault(answer, {})[number] = line

    def run(self, key: str) -> None:
        remittance = self.remittance
        remittance.posting_number += 1
        identity = RemittanceIdentity(
            practice_id=self.practice_id,
            identity_key=key,
            content_hash=remittance.content_hash,
            remittance=remittance,
        )
        try:
            with transaction.atomic():
                RemittanceIdentity.objects.bulk_create([identity])
        except IntegrityError:  # somebody else was faster, between our look and our claim
            raise PostingRefused(
                "remittance.posted_before", "Another posting of this payment is active"
            ) from None
        reach("identity claimed")
        books = open_books(self.practice_id, (row.claim_id for row in self.rows if row.claim_id))
        if remittance.payer_id is None:
            remittance.payer = _one_payer(books)
        done = self.plan(books)
        reach("planned")
        write_entries(self.practice_id, self.entries(done, books, key), file=remittance.file)
        reach("entries written")
        remittance.state, remittance.posted_at, remittance.posted_by = (
            RemittanceState.POSTED,
            self.now,
            self.actor_id,
        )
        remittance.save(update_fields=["state", "posted_at", "posted_by", "posting_number", "payer"])
        self.tell(done, books, range(len(self.rows)))
        reach("states written")
        close_items(
            self.practice_id,
            Queue.REMITTANCE,
            [remittance.pk],
            now=self.now,
            reason="Posted",
            closed_by=self.actor_id,
        )
        record(
            "remittance.post", "remittance", remittance.pk, practice_id=self.practice_id, actor=self.actor_id,
            claims=len(self.rows), cents=remittance.paid_cents, posting=remittance.posting_number,
        )  # fmt: skip
        reach("audit written")

    def plan(self, books: Books) -> PostingPlan:
        matches = {
            index: books.root[row.claim_id].claim_number
            for index, row in enumerate(self.rows)
            if row.claim_id
        }
        reversals = any(claim.status == REVERSAL for claim in self.content.claims)
        prior = PriorState(
            prior_claims(self.practice_id, books, with_history=reversals),
            payer_debt_cents=payer_debt(self.practice_id, self.remittance.payer_id),
        )
        return plan(self.content, prior, matches=matches)

    def entries(self, done: PostingPlan, books: Books, key: str) -> list[EntryValue]:
        remittance = self.remittance
        answers = {
            index: (row.claim_id, self.lines.get(row.pk, {}))
            for index, row in enumerate(self.rows)
            if row.claim_id
        }
        source = Source(
            str(self.practice_id),
            min(remittance.paid_on or self.today, self.today),
            self.now,
            remittance.file.sha256,
            remittance.transaction,
            actor=str(self.actor_id) if self.actor_id else None,
            remittance_id=str(remittance.pk),
        )
        return entries_for_plan(
            done,
            self.content,
            books.ids(answers),
            source,
            key=f"{key}:{remittance.posting_number}",
            payer_id=str(remittance.payer_id) if remittance.payer_id else None,
            new_id=lambda: str(new_id()),
        )

    def tell(self, done: PostingPlan, books: Books, places: range | list[int]) -> None:
        """Denials, claim states, events, next actions and work, for these CLPs."""
        denials = self._denials(done, books)
        self._reverse_denials(books)
        denied: dict[UUID, int] = {}
        for denial in denials:
            denied[denial.remittance_claim_id] = (
                denied.get(denial.remittance_claim_id, 0) + denial.amount_cents
            )
        actions = {index: one.next_action for one in done.outcomes for index in one.clp_indexes}
        changes, events = [], []
        for index in places:
            row, claim = self.rows[index], self.content.claims[index]
            row.next_action = actions.get(index, "MANUAL_MATCH" if row.claim_id is None else "")[:60]
            if row.claim_id is None or claim.status == PREDETERMINATION:
                continue
            ours = books.claims[row.claim_id]
            state = state_of_answer(row.status, row.paid_cents, _patient_share(claim), denied.get(row.pk, 0))
            changes.append(
                StateChange(ours, state, self.remittance.paid_on, self.now, row.payer_control_number)
            )
            events.append(self._event(ours, row, claim, state, denied.get(row.pk, 0)))
        set_payer_states(changes)
        update_rows(
            RemittanceClaim, [(self.rows[i].pk, self.rows[i].next_action) for i in places], ["next_action"]
        )
        create_rows(ClaimEvent, events)
        self._next_payers(done, books)
        self._work(done, books, denials)

    def _denials(self, done: PostingPlan, books: Books) -> list[Denial]:
        def line_of(item: DenialItem) -> UUID | None:
            return self.lines.get(self.rows[item.clp_index].pk, {}).get(item.line)

        return open_denials(
            self.practice_id,
            [item for item in done.denials if self.rows[item.clp_index].claim_id],
            claim_of=lambda item: books.claims[self.rows[item.clp_index].claim_id],
            line_of=line_of,
            answer_of=lambda item: self.rows[item.clp_index].pk,
            denied_on=self.remittance.paid_on or self.today,
        )

    def _reverse_denials(self, books: Books) -> None:
        taken_back = [row.claim_id for row in self.rows if row.claim_id and row.status == REVERSAL]
        if taken_back:
            answers = RemittanceClaim.objects.filter(claim_id__in=taken_back).exclude(
                remittance=self.remittance
            )
            reverse_denials(
                list(answers.values_list("pk", flat=True)), now=self.now, reason=_reversed_by(self.remittance)
            )

    def _event(
        self, ours: Claim, row: RemittanceClaim, claim: RemitClaim, state: PayerState, denied: int
    ) -> ClaimEvent:
        parts = [f"{money_text(row.paid_cents)} paid"]
        share = _patient_share(claim)
        parts += [f"{money_text(share)} to the patient"] if share else []
        parts += [f"{money_text(denied)} denied"] if denied else []
        return ClaimEvent(
            practice_id=self.practice_id,
            claim=ours,
            kind=EventKind.ADJUDICATED,
            actor_kind=ActorKind.PAYER,
            actor_name=self.remittance.payer_name,
            happened_at=self.now,
            title=f"{state.label}: {', '.join(parts)}",
            detail=f"Posted from payment {self.remittance.trace_number}",
            file_id=self.remittance.file_id,
            transaction=self.remittance.transaction,
            position=row.position,
            position_end=row.position_end,
        )

    def _next_payers(self, done: PostingPlan, books: Books) -> None:
        wanted = [
            self.rows[index].claim_id
            for one in done.outcomes
            if one.next_action.startswith("BILL_SECONDARY")
            for index in one.clp_indexes[-1:]
        ]
        if wanted:
            bill_next_payers(wanted, now=self.now)

    def _work(self, done: PostingPlan, books: Books, denials: list[Denial]) -> None:
        items: list[NewItem] = []
        for denial in denials:
            queue = Queue.UNDERPAID if denial.category == "contract_underpayment" else Queue.DENIED
            items.append(
                NewItem(
                    queue,
                    "claim",
                    denial.claim_id,
                    denial.cause,
                    claim_id=denial.claim_id,
                    patient_id=denial.claim.patient_id,
                    detail=f"{denial.group}-{denial.reason}",
                    amount_cents=denial.amount_cents,
                    due_on=denial.due_on,
                    due_enforceable=denial.due_enforceable,
                    due_kind="answer",
                )
            )
        items = _added_up(items)
        for row, claim in zip(self.rows, self.content.claims, strict=True):
            if row.claim_id is None and claim.status != PREDETERMINATION:
                title = f"A payment of {money_text(row.paid_cents)} matches no claim of ours"
                items.append(
                    NewItem(
                        Queue.UNMATCHED, "remittance_claim", row.pk, title, detail=row.match_why,
                        amount_cents=row.paid_cents,
                    )
                )  # fmt: skip
        roots = {root.claim_number: root for root in books.root.values()}
        for credit in done.credits:
            if credit.owner == "payer":
                root = roots[credit.claim]
                title = f"A payer is owed {money_text(credit.amount_cents)}"
                items.append(
                    NewItem(
                        Queue.CREDIT, "claim", root.pk, title, claim_id=root.pk, patient_id=root.patient_id,
                        amount_cents=credit.amount_cents,
                    )
                )  # fmt: skip
        open_items(self.practice_id, items, now=self.now, today=self.today)
        refresh_patient_items(
            self.practice_id, {root.patient_id for root in roots.values()}, now=self.now, today=self.today
        )


def _added_up(items: list[NewItem]) -> list[NewItem]:
    """One item a claim and queue: the dearest denial gives the words, the amounts add up."""
    found: dict[tuple[str, UUID], NewItem] = {}
    totals: dict[tuple[str, UUID], int] = {}
    for item in items:
        key = (item.queue, item.subject_id)
        totals[key] = totals.get(key, 0) + item.amount_cents
        if key not in found or item.amount_cents > found[key].amount_cents:
            found[key] = item
    return [NewItem(**(vars(item) | {"amount_cents": totals[key]})) for key, item in found.items()]


def _patient_share(claim: RemitClaim) -> int:
    items = [*claim.adjustments, *(item for line in claim.lines for item in line.adjustments)]
    return sum(item.amount_cents for item in items if item.group == "PR")


def _one_payer(books: Books) -> Payer | None:
    payers = {claim.payer_id: claim.payer for claim in books.claims.values()}
    return next(iter(payers.values())) if len(payers) == 1 else None


def _reversed_by(remittance: Remittance) -> str:
    return f"Reversed by the payer in remittance {remittance.pk}"


def refresh_patient_items(practice_id: UUID, patient_ids: set[UUID], *, now: datetime, today: date) -> None:
    """Open an item for each patient who owes, close it for those who owe nothing more."""
    owed = patient_balances(practice_id, patient_ids)
    items = [
        NewItem(
            Queue.PATIENT,
            "patient",
            key,
            f"The patient owes {money_text(cents)}",
            patient_id=key,
            amount_cents=cents,
        )
        for key, cents in owed.items()
        if cents > 0
    ]
    open_items(practice_id, items, now=now, today=today)
    settled = [key for key in patient_ids if owed.get(key, 0) <= 0]
    close_items(practice_id, Queue.PATIENT, settled, now=now, reason="Nothing is owed")


@transaction.atomic
def undo_posting(remittance_id: UUID, *, now: datetime, actor_id: UUID, reason: str) -> Remittance:
    """Take a posting back: the opposite of each entry, balances as before, the payment free to post again.

    Raises:
        PostingRefused: It is not posted, or no reason was given.
    """
    remittance = (
        Remittance.objects.select_for_update(of=("self",)).select_related("practice").get(pk=remittance_id)
    )
    if remittance.state != RemittanceState.POSTED:
        raise PostingRefused("remittance.not_posted", "Only a posted remittance can be undone")
    if not reason.strip():
        raise PostingRefused("remittance.reason_missing", "Say why the posting is undone")
    practice_id, today = remittance.practice_id, today_of(remittance.practice, now)
    standing = Entry.objects.filter(
        remittance_id=remittance.pk, reverses__isnull=True, reversed_by__isnull=True
    )
    reversals = [
        reverse_entry(
            entry, happened_on=today, learned_at=now, actor=str(actor_id), reason=reason, id=str(new_id())
        )
        for entry in entry_values(practice_id, standing)
    ]
    write_entries(practice_id, reversals, file=remittance.file)
    RemittanceIdentity.objects.filter(remittance=remittance, is_active=True).update(is_active=None)
    remittance.state = RemittanceState.UNDONE
    remittance.save(update_fields=["state"])
    rows = list(RemittanceClaim.objects.filter(remittance=remittance).order_by("number"))
    answer_ids, claim_ids = [row.pk for row in rows], sorted({row.claim_id for row in rows if row.claim_id})
    reverse_denials(answer_ids, now=now, reason="The posting was undone")
    reopen_denials(practice_id, reason=_reversed_by(remittance))
    claims = restate_claims(practice_id, claim_ids, now=now)
    withdraw_next_payers(claim_ids, now=now)
    create_rows(
        ClaimEvent,
        [
            ClaimEvent(
                practice_id=practice_id,
                claim=claim,
                kind=EventKind.UNDONE,
                actor_kind=ActorKind.PERSON,
                actor_id=actor_id,
                happened_at=now,
                title=f"Posting of payment {remittance.trace_number} undone",
                detail=reason[:400],
                file_id=remittance.file_id,
                transaction=remittance.transaction,
            )
            for claim in claims
        ],
    )
    _close_after_undo(practice_id, answer_ids, claim_ids, now, actor_id)
    refresh_patient_items(practice_id, {claim.patient_id for claim in claims}, now=now, today=today)
    record(
        "remittance.undo", "remittance", remittance.pk, practice_id=practice_id, actor=actor_id,
        entries=len(reversals), cents=remittance.paid_cents,
    )  # fmt: skip
    return remittance


def _close_after_undo(
    practice_id: UUID, answer_ids: list[UUID], claim_ids: list[UUID], now: datetime, actor_id: UUID
) -> None:
    still = set(
        Denial.objects.filter(practice_id=practice_id, claim_id__in=claim_ids, state__in=("open", "working"))
        .values_list("claim_id", flat=True)
    )  # fmt: skip
    settled = [key for key in claim_ids if key not in still]
    for queue, subjects in (
        (Queue.DENIED, settled),
        (Queue.UNDERPAID, settled),
        (Queue.CREDIT, claim_ids),
        (Queue.UNMATCHED, answer_ids),
    ):
        close_items(
            practice_id, queue, subjects, now=now, reason="The posting was undone", closed_by=actor_id
        )


@transaction.atomic
def assign_remittance(inbox_id: UUID, practice_id: UUID, *, actor_id: UUID, now: datetime) -> Remittance:
    """Say to which practice an unassigned payment belongs; what balances posts at once.

    Raises:
        PostingRefused: It was taken by a practice already, or the practice is another agency's.
    """
    inbox = InboxRemittance.objects.select_for_update(of=("self",)).select_related("file").get(pk=inbox_id)
    if inbox.state != "unassigned":
        raise PostingRefused("remittance.assigned_before", "This payment has its practice already")
    practice = Practice.objects.filter(pk=practice_id, agency_id=inbox.agency_id).first()
    if practice is None:
        raise PostingRefused("remittance.other_agency", "This practice is not one of the agency's")
    remittance = take_remittance(inbox, content_of(inbox), practice, now=now)
    record(
        "remittance.assign", "remittance", remittance.pk, practice_id=practice_id, actor=actor_id,
        cents=remittance.paid_cents,
    )  # fmt: skip
    if remittance.state == RemittanceState.READY:
        return post_remittance(remittance.pk, now=now, actor_id=actor_id)
    return remittance


@transaction.atomic
def match_claim_by_hand(row_id: UUID, claim_id: UUID, *, actor_id: UUID, now: datetime) -> RemittanceClaim:
    """Say which claim a claim payment is about. Its suspense entry is reversed and it posts on the claim.

    In a payment that is not posted yet only the match is kept.

    Raises:
        PostingRefused: It has its claim already, or the claim is another practice's.
    """
    row = (
        RemittanceClaim.objects.select_for_update(of=("self",))
        .select_related("remittance__practice", "remittance__inbox", "remittance__payer")
        .get(pk=row_id)
    )
    remittance = row.remittance
    if row.claim_id is not None:
        raise PostingRefused("remittance.matched_before", "This claim payment has its claim already")
    if not Claim.objects.filter(pk=claim_id, practice_id=row.practice_id).exists():
        raise PostingRefused("remittance.other_practice", "This claim is not one of the practice's")
    content = content_of(remittance.inbox)
    answer = content.claims[row.number - 1]
    lines = candidate_lines(row.practice_id, [claim_id]).get(str(claim_id), [])
    row.claim_id, row.matched_by, row.match_why = claim_id, "person", "matched by a person"
    row.save(update_fields=["claim", "matched_by", "match_why"])
    placed = answered_lines(answer, lines)
    line_rows = RemittanceLine.objects.filter(remittance_claim=row)
    update_rows(
        RemittanceLine,
        [(key, placed[number]) for key, number in line_rows.values_list("id", "number") if number in placed],
        ["claim_line"],
    )
    if remittance.state == RemittanceState.POSTED:
        _post_one(remittance, content, row, now, actor_id)
    close_items(
        row.practice_id, Queue.UNMATCHED, [row.pk], now=now, reason="Matched by a person", closed_by=actor_id
    )
    record(
        "remittance.match", "remittance_claim", row.pk, practice_id=row.practice_id, actor=actor_id,
        claim_id=claim_id, cents=row.paid_cents,
    )  # fmt: skip
    return row


def _post_one(
    remittance: Remittance, content: RemittanceValue, row: RemittanceClaim, now: datetime, actor_id: UUID
) -> None:
    """Post one CLP of a posted payment anew: its suspense out, its answer in; the cash stays the same."""
    practice_id = row.practice_id
    posting = _Posting(remittance, content, now, actor_id)
    suspense = Entry.objects.filter(
        remittance_id=remittance.pk, kind="remittance_unmatched", source_position=row.position,
        reverses__isnull=True, reversed_by__isnull=True,
    )  # fmt: skip
    reversals = [
        reverse_entry(
            entry,
            happened_on=posting.today,
            learned_at=now,
            actor=str(actor_id),
            reason="Matched by a person",
            id=str(new_id()),
        )
        for entry in entry_values(practice_id, suspense)
    ]
    answer = content.claims[row.number - 1]
    posting.content = msgspec.structs.replace(
        content, claims=(answer,), provider_adjustments=(), paid_cents=answer.paid_cents
    )
    posting.rows = [one for one in posting.rows if one.pk == row.pk]
    books = open_books(practice_id, [row.claim_id])
    done = posting.plan(books)
    key = identity_key(content, practice_id=str(practice_id))
    entries = posting.entries(done, books, f"{key}:hand:{row.number}")
    write_entries(practice_id, [*reversals, *entries], file=remittance.file)
    posting.tell(done, books, [0])


__all__ = [
    "PostingRefused",
    "ask_for_review",
    "assign_remittance",
    "match_claim_by_hand",
    "post_remittance",
    "take_remittance",
    "undo_posting",
]
