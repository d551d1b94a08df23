"""The people of the demo agency: each week they work through part of what waits, as an office does.

They use the same functions as the buttons. What they choose comes from the seed and the item's own number,
so equal seeds give equal books; part of the work is always left over, so that every queue has something
true to show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from django.db import transaction

from cleanclaim_server.authorizations.models import Authorization
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.coverage.models import Coverage
from cleanclaim_server.cycle.demo.banks import bring_week
from cleanclaim_server.cycle.demo.contracts import ask_payers
from cleanclaim_server.cycle.demo.taken_back import (
    bounce_checks,
    close_last_month,
    correct_a_payment,
    post_over,
)
from cleanclaim_server.cycle.handling import (
    HandlingRefused,
    correct_claim,
    mend_claim,
    work_denials,
    write_off,
)
from cleanclaim_server.cycle.intake import sign_note
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.encounters.models import Encounter
from cleanclaim_server.identity.models import User
from cleanclaim_server.ledger.queries import patient_balances
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Agency, Practice
from cleanclaim_server.statements.actions import NewPayment, PaymentRefused, record_payment
from cleanclaim_server.tenancy.sealing import blind_index
from cleanclaim_server.work.models import Queue, WorkItem

SIGN_AFTER, MEND_AFTER, DENIAL_AFTER, PAY_AFTER = 4, 4, 7, 21
"""Days that an item waits before somebody may get to it."""
APPEAL_DAYS = 45
HOPELESS = frozenset({"timely_filing", "benefit_maximum", "non_covered", "bundling"})
PAID_SCENARIO = "PD"
COPIED = (
    "practice",
    "patient",
    "plan",
    "order",
    "group_number",
    "relationship",
    "subscriber",
    "insurance_type",
    "ends_on",
    "source",
)
"""What a policy keeps when its member number is corrected."""


@dataclass
class Desk:
    """Who works, and how often they get to a thing."""

    agency_id: UUID
    actor_id: UUID
    seed: int
    closes_months: bool = False
    """Where older days are filled in later, closing each month on its time would be too early."""
    changed: set[str] = field(default_factory=set)
    """Codes of practices whose policies were corrected: what was read of them before is old."""

    def week(self, *, now: datetime, today: date) -> int:
        """Work through every practice's queues once; returns how many things were done."""
        done = 0
        for practice in Practice.objects.filter(agency_id=self.agency_id).order_by("code"):
            for work in (
                self._sign,
                self._mend,
                self._deny,
                self._close_appeals,
                self._collect,
                self._take_back,
                self._bank,
                self._ask,
                self._close,
            ):
                done += work(practice, now, today)
        return done

    def _dice(self, today: date, *key: object) -> Random:
        return Random("|".join(str(part) for part in (self.seed, *today.isocalendar()[:2], *key)))

    def _never(self, share: float, *key: object) -> bool:
        """Some things nobody ever gets to."""
        return Random("|".join(str(part) for part in (self.seed, "never", *key))).random() < share

    def _waiting(self, practice: Practice, queue: Queue, today: date, days: int) -> Iterator[WorkItem]:
        items = WorkItem.objects.filter(
            practice=practice, queue=queue, is_open=True, opened_on__lte=today - timedelta(days=days)
        )
        yield from items.order_by("opened_on", "subject_id")

    def _sign(self, practice: Practice, now: datetime, today: date) -> int:
        done = 0
        for item in self._waiting(practice, Queue.UNSIGNED, today, SIGN_AFTER):
            encounter = (
                Encounter.objects.filter(claim_family__claims__pk=item.subject_id)
                .select_related("practice")
                .first()
            )
            if encounter is None or self._never(0.08, encounter.external_id):
                continue
            if self._dice(today, encounter.external_id).random() < 0.6:
                sign_note(
                    encounter,
                    now=now,
                    today=today,
                    actor_id=self.actor_id,
                    note_reference=f"note {encounter.external_id}",
                )
                done += 1
        return done

    def _mend(self, practice: Practice, now: datetime, today: date) -> int:
        done = 0
        for item in self._waiting(practice, Queue.REJECTED, today, MEND_AFTER):
            claim = Claim.objects.select_related("coverage", "patient").get(pk=item.subject_id)
            chart = claim.patient.chart_number
            if self._never(0.2, chart) or self._dice(today, claim.claim_number).random() > 0.6:
                continue
            try:
                with transaction.atomic():
                    self._correct_policy(practice, claim)
                    mend_claim(
                        claim.pk,
                        practice.pk,
                        actor_id=self.actor_id,
                        now=now,
                        today=today,
                        anyway=True,
                    )
                done += 1
            except HandlingRefused:
                continue
        return done

    def _correct_policy(self, practice: Practice, claim: Claim) -> None:
        """Ask for the card again: from the month of the visit on, the member number is another."""
        old = claim.coverage
        first = claim.date_of_service.replace(day=1)
        number = _paid_number(old.member_id)
        if claim.sequence != "P" or number == old.member_id or not old.in_force_on(claim.date_of_service):
            return
        index = blind_index(number, purpose="member_id", practice_id=practice.pk)
        if first <= old.starts_on:
            old.member_id, old.member_id_index = number, index
            old.save(update_fields=["member_id", "member_id_index"])
        else:
            # What is sealed is bound to its row, so the values are read and sealed anew.
            kept = {name: getattr(old, name) for name in COPIED}
            Coverage.objects.create(member_id=number, member_id_index=index, starts_on=first, **kept)
            old.ends_on = first - timedelta(days=1)
            old.save(update_fields=["ends_on"])
        self.changed.add(practice.code)

    def _deny(self, practice: Practice, now: datetime, today: date) -> int:
        done = 0
        for item in self._waiting(practice, Queue.DENIED, today, DENIAL_AFTER):
            denial = (
                Denial.objects.filter(practice=practice, claim_id=item.subject_id, state="open")
                .select_related("claim")
                .order_by("-amount_cents", "id")
                .first()
            )
            if denial is None or self._dice(today, denial.claim.claim_number).random() > 0.4:
                continue
            try:
                with transaction.atomic():
                    self._answer(practice, denial, now, today)
                done += 1
            except HandlingRefused:
                continue
        return done

    def _answer(self, practice: Practice, denial: Denial, now: datetime, today: date) -> None:
        who = {"actor_id": self.actor_id, "now": now}
        if denial.category == "authorization" and denial.claim.sequence == "P":
            self._authorize(practice, denial.claim)
            correct_claim(denial.claim_id, practice.pk, today=today, **who)
        elif denial.category in HOPELESS:
            reason = "The plan's limit is reached; nothing more can be asked of the payer"
            write_off(denial.claim_id, practice.pk, kind="denied", reason=reason, today=today, **who)
        else:
            work_denials(denial.claim_id, practice.pk, plan="Appeal sent with the records asked for.", **who)

    def _authorize(self, practice: Practice, claim: Claim) -> None:
        """The payer gave a number after all, for the year of the visit."""
        number = f"RA{claim.claim_number[-6:]}"
        given, _ = Authorization.objects.get_or_create(
            practice=practice,
            patient_id=claim.patient_id,
            coverage_id=claim.coverage_id,
            number=number,
            defaults={
                "units": 20,
                "starts_on": claim.date_of_service,
                "ends_on": claim.date_of_service,
            },
        )
        encounter = Encounter.objects.get(pk=claim.family.encounter_id)
        encounter.authorization = given
        encounter.save(update_fields=["authorization"])
        self.changed.add(practice.code)

    def _close_appeals(self, practice: Practice, now: datetime, today: date) -> int:
        """An appeal that nobody answers for long is given up, most of the time."""
        done = 0
        worked = Denial.objects.filter(
            practice=practice, state="working", denied_on__lte=today - timedelta(days=APPEAL_DAYS)
        ).exclude(claim__replaced_by__isnull=False)
        for denial in worked.select_related("claim").order_by("claim__claim_number", "id"):
            if self._dice(today, "appeal", denial.claim.claim_number).random() > 0.3:
                continue
            reason = "The appeal was not won"
            try:
                with transaction.atomic():
                    write_off(
                        denial.claim_id,
                        practice.pk,
                        kind="denied",
                        reason=reason,
                        actor_id=self.actor_id,
                        now=now,
                        today=today,
                    )
                done += 1
            except HandlingRefused:
                continue
        return done

    def _ask(self, practice: Practice, now: datetime, today: date) -> int:
        """Letters to payers that paid below their contracts."""
        person = User.objects.filter(pk=self.actor_id, agency_id=self.agency_id).first()
        if person is None:
            return 0
        return ask_payers(practice, acting_user=person, now=now, today=today)

    def _collect(self, practice: Practice, now: datetime, today: date) -> int:
        """Patients pay: most in full, some in part, some later."""
        items = list(self._waiting(practice, Queue.PATIENT, today, PAY_AFTER))
        patients = Patient.objects.in_bulk([item.subject_id for item in items])
        owed = patient_balances(practice.pk, patients)
        done = 0
        for item in sorted(items, key=lambda item: patients[item.subject_id].chart_number):
            patient = patients[item.subject_id]
            dice = self._dice(today, "pays", patient.chart_number)
            cents, share = owed.get(patient.pk, 0), dice.random()
            if share > 0.5 or cents <= 0 or self._never(0.1, "pays", patient.chart_number):
                continue
            # Some paid at the visit already, and are owed money then.
            amount = max(cents // 2, 1) if share > 0.42 else cents + (2_500 if share < 0.02 else 0)
            payment = NewPayment(
                amount_cents=amount,
                method=dice.choice(("card", "card", "check", "cash")),
                received_on=today,
                request_key=f"demo:{patient.chart_number}:{today.isoformat()}",
            )
            try:
                with transaction.atomic():
                    record_payment(patient, payment, actor_id=self.actor_id, now=now, today=today)
                done += 1
            except PaymentRefused:
                continue
        return done

    def _take_back(self, practice: Practice, now: datetime, today: date) -> int:
        """Checks that the bank returned, a payer's correction, a posting that is done over."""
        who = {"seed": self.seed, "actor_id": self.actor_id, "now": now, "today": today}
        done = bounce_checks(practice, **who) + post_over(practice, **who)
        return done + correct_a_payment(practice, seed=self.seed, now=now, today=today)

    def _close(self, practice: Practice, now: datetime, today: date) -> int:
        if not self.closes_months:
            return 0
        return close_last_month(practice, actor_id=self.actor_id, now=now, today=today)

    def _bank(self, practice: Practice, now: datetime, today: date) -> int:
        """The bank's statement of the week; what it does not prove waits a while for somebody."""
        noted = Agency.objects.values_list("settings", flat=True).get(pk=self.agency_id).get("today")
        last = date.fromisoformat(noted) - timedelta(days=1) if noted else today
        return bring_week(practice, seed=self.seed, last=last, actor_id=self.actor_id, now=now, today=today)


def _paid_number(member_id: str) -> str:
    """The same member number with the mark of the scenario that pays."""
    if len(member_id) == 11 and member_id[0].isdecimal():  # a Medicare number keeps its shape
        return member_id[0] + PAID_SCENARIO + member_id[3:]
    return PAID_SCENARIO + member_id[2:]
