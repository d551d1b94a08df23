"""Posting a payment whole, in one transaction: identity, legs, denials, claim states, events, work."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from cleanclaim.ledger import Entry as EntryValue
from cleanclaim.ledger import Source, entries_for_plan, out_of_unapplied
from cleanclaim.money import money_text
from cleanclaim.remittance import (
    DenialItem,
    PostingPlan,
    PostingPolicy,
    PriorState,
    balance,
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
from cleanclaim_server.credits.actions import refresh_credit_items
from cleanclaim_server.cycle.accounts import Books, open_books, payer_debt, prior_claims
from cleanclaim_server.cycle.next_payer import bill_next_payers
from cleanclaim_server.cycle.posting.beside import compare_beside
from cleanclaim_server.cycle.posting.holding import write_parts
from cleanclaim_server.cycle.posting.patient_items import refresh_patient_items
from cleanclaim_server.cycle.posting.refusal import PostingRefused
from cleanclaim_server.cycle.posting.taking import today_of
from cleanclaim_server.cycle.restating import state_of_answer
from cleanclaim_server.denials.actions import open_denials, reverse_denials
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.ledger.actions import write_entries
from cleanclaim_server.postingrules.resolving import policy_of
from cleanclaim_server.remittances.models import (
    Remittance,
    RemittanceClaim,
    RemittanceIdentity,
    RemittanceLine,
    RemittanceState,
)
from cleanclaim_server.remittances.queries import content_of
from cleanclaim_server.tenancy.collector import collector_rests
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.underpayments.models import ProjectLine
from cleanclaim_server.work.actions import NewItem, close_items, open_items
from cleanclaim_server.work.bulk import insert_rows, update_rows
from cleanclaim_server.work.models import Queue

PREDETERMINATION, REVERSAL = "25", "22"
CONTRACT = "contract_underpayment"
IN_THE_CONTENT = ("patient_name", "charge_cents", "patient_cents", "remarks", "crossover_to")
"""Columns of a claim payment that a posting reads from the payment's content, if at all."""
POSTABLE = frozenset({RemittanceState.READY, RemittanceState.UNDONE, RemittanceState.HELD})


@collector_rests()
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
    key = identity_key(content, practice_id=str(remittance.practice_id), part=remittance.part)
    if RemittanceIdentity.objects.filter(
        practice_id=remittance.practice_id, identity_key=key, is_active=True
    ).exists():
        raise PostingRefused("remittance.posted_before", "Another posting of this payment is active")
    Posting(remittance, content, now, actor_id).run(key)
    return remittance


class Posting:
    """One posting: what it reads is read in bulk, what it writes is written in bulk."""

    def __init__(
        self, remittance: Remittance, content: RemittanceValue, now: datetime, actor_id: UUID | None
    ) -> None:
        self.remittance, self.content, self.now, self.actor_id = remittance, content, now, actor_id
        self.practice_id = remittance.practice_id
        self.today = today_of(remittance.practice, now)
        rows = RemittanceClaim.objects.filter(remittance=remittance).defer(*IN_THE_CONTENT)
        self.rows = list(rows.order_by("number"))
        self.lines: dict[UUID, dict[int, UUID]] = {}
        lines = RemittanceLine.objects.filter(
            remittance_claim_id__among=[row.pk for row in self.rows], claim_line__isnull=False
        )
        for answer, number, line in lines.values_list("remittance_claim_id", "number", "claim_line_id"):
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

    def plan(self, books: Books, policy: PostingPolicy | None = None) -> PostingPlan:
        """Ask the core. The practice's policies decide what waits, unless a person has decided (`policy`)."""
        if policy is None:
            policy = policy_of(self.practice_id, self.remittance.payer, self.content).policy
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
        return plan(self.content, prior, policy, matches=matches)

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
        entries = entries_for_plan(
            done,
            self.content,
            books.ids(answers),
            source,
            key=f"{key}:{remittance.posting_number}",
            payer_id=str(remittance.payer_id) if remittance.payer_id else None,
            new_id=lambda: str(new_id()),
        )
        return out_of_unapplied(entries) if remittance.part else entries

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
        whole_waits = {one.clp_index for one in done.held if not one.line}
        changes, events = [], []
        for index in places:
            row, claim = self.rows[index], self.content.claims[index]
            row.next_action = actions.get(index, "MANUAL_MATCH" if row.claim_id is None else "")[:60]
            if row.claim_id is None or claim.status == PREDETERMINATION or index in whole_waits:
                continue  # what waits whole says nothing of the claim yet
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
        insert_rows(ClaimEvent, events)
        write_parts(self.remittance, self.rows, self.content, done, now=self.now, today=self.today)
        self._next_payers(done, books)
        answered = {self.rows[index].claim_id for index in places} - {None}
        compare_beside(
            self.remittance, answered, now=self.now, today=self.today,
            contents={self.remittance.pk: self.content},
        )  # fmt: skip
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
                list(answers.values_list("pk", flat=True)), now=self.now, reason=reversed_by(self.remittance)
            )

    def _event(
        self, ours: Claim, row: RemittanceClaim, claim: RemitClaim, state: PayerState, denied: int
    ) -> dict:
        parts = [f"{money_text(row.paid_cents)} paid"]
        share = _patient_share(claim)
        parts += [f"{money_text(share)} to the patient"] if share else []
        parts += [f"{money_text(denied)} denied"] if denied else []
        return dict(
            practice_id=self.practice_id,
            claim_id=ours.pk,
            kind=EventKind.ADJUDICATED.value,
            actor_kind=ActorKind.PAYER.value,
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
            if one.next_action.startswith(("BILL_SECONDARY", "WAIT_CROSSOVER"))
            for index in one.clp_indexes[-1:]
        ]
        if wanted:
            bill_next_payers(wanted, now=self.now)

    def _work(self, done: PostingPlan, books: Books, denials: list[Denial]) -> None:
        items: list[NewItem] = []
        short = [one.claim_id for one in denials if one.category == CONTRACT]
        collected = set(
            ProjectLine.objects.filter(
                practice_id=self.practice_id, claim_id__among=short, is_live=True
            ).values_list("claim_id", flat=True)
        ) if short else set()  # fmt: skip
        for denial in denials:
            if denial.category == CONTRACT and denial.claim_id in collected:
                continue  # its project asks for the person, once for all such lines
            queue = Queue.UNDERPAID if denial.category == CONTRACT else Queue.DENIED
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
        open_items(self.practice_id, items, now=self.now, today=self.today)
        refresh_credit_items(
            self.practice_id, [root.pk for root in roots.values()], now=self.now, today=self.today
        )
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


def reversed_by(remittance: Remittance) -> str:
    return f"Reversed by the payer in remittance {remittance.pk}"
