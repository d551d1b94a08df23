"""The payers: they decide claims, plan payment days, and pay.

A claim is decided when it is accepted; what the decision says comes out on payment days. One payer
pays one payee (billing NPI) once on such a day, for all claims that are ready, in one 835.
"""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from cleanclaim.claim import Claim, Frequency, PayerParty
from cleanclaim.money import apply_rate
from cleanclaim.simulator.adjudication import (
    INTEREST_SHARE,
    adjudicate,
    adjudicate_after_others,
    correct,
    cross_over,
    deny,
    reverse,
)
from cleanclaim.simulator.calendar import next_working_day
from cleanclaim.simulator.chance import between, one_of
from cleanclaim.simulator.contract import Prices
from cleanclaim.simulator.mispaying import LATE_DAYS, Turns
from cleanclaim.simulator.scenarios import PAID, Family, Scenario, scenario_of
from cleanclaim.simulator.state import (
    Answer,
    Offset,
    Payee,
    Payer,
    PaymentDay,
    Remembered,
    State,
    decode_claim_answer,
    encode_claim_answer,
)
from cleanclaim.x12.sets.records import RemitClaim, RemitParty, StatusInfo

_PAYMENT_WEEKDAYS = (
    frozenset(range(5)),
    frozenset((0, 2, 4)),
    frozenset((1, 3)),
    frozenset((2, 4)),
)
_EVERY_DAY = frozenset(range(5))
_WEEKLY_RUNS = tuple(frozenset((day,)) for day in range(5))
_MEDICARE = ("MA", "MB")
SUPPLEMENT = Payer("SUPPL", "EXAMPLE SUPPLEMENT PLAN", "CI", "")
"""Where a claim crosses over when it names no second payer."""

MEDICARE_DAYS = 14
"""Medicare pays no electronic claim before the fourteenth day after receipt."""


class Rejected(msgspec.Struct, frozen=True):
    """The payer does not take the claim: what its 277CA says."""

    status: StatusInfo


class Accepted(msgspec.Struct, frozen=True):
    """The payer takes the claim under this control number."""

    control_number: str


class Payers:
    """All simulated payers over one state."""

    def __init__(self, state: State, prices: Prices) -> None:
        self.state = state
        self.prices = prices

    def take(self, claim: Claim, received_on: date) -> Accepted | Rejected:
        """Decide one claim and plan everything that will be said of it later."""
        scenario = scenario_of(claim.member_id)
        if scenario.prefix == "RP":
            return Rejected(StatusInfo("A7", "33", "IL"))
        if scenario.prefix == "RT":
            return Rejected(StatusInfo("A6", "145", "82"))
        if claim.frequency is Frequency.ORIGINAL:
            return self._original(claim, scenario, received_on)
        before = self.state.claims.get(_key(claim.payer.payer_id, claim.payer_control_number))
        gone = before is None or before.outcome in ("replaced", "voided")
        if before is None or gone or (before.gone_on and before.gone_on <= received_on):
            return Rejected(StatusInfo("A7", "464", "PR"))
        return self._second_thought(claim, before, received_on)

    def _original(self, claim: Claim, scenario: Scenario, received_on: date) -> Accepted:
        known = self._duplicate_of(claim)
        number = self._new_number(received_on)
        if known is not None:
            remarks = ("N522",) if known.outcome == "crossed" else ("N111",)
            answer = deny(claim, "OA", "18", remarks, control_number=number, received_on=received_on)
            self._pay(self._payment_day(claim, received_on), claim, answer)
            return Accepted(number)
        if self._unprocessable_before(claim):
            scenario = PAID
        if claim.sequence != "P":
            self._after_others(claim, scenario, number, received_on)
            return Accepted(number)
        pay_on = self._payment_day(claim, received_on)
        if scenario.prefix == "SL":
            self._remember(claim, number, pay_on, "silent")
            return Accepted(number)
        planted: dict[str, str] = {}
        answer = adjudicate(
            claim,
            scenario,
            self.prices,
            control_number=number,
            received_on=received_on,
            turns=self._turns(claim.payer.payer_id),
            planted=planted,
        )
        self.state.planted |= planted
        if "interest_missing" in planted.values():
            pay_on = self._run_day(claim.payer, pay_on + timedelta(days=LATE_DAYS))
        self._settle_scenario(claim, scenario, answer, pay_on, received_on)
        return Accepted(number)

    def _turns(self, payer_id: str) -> Turns | None:
        if payer_id not in self.prices.agreements:
            return None
        return self.state.turns.setdefault(payer_id, Turns())

    def _second_thought(self, claim: Claim, before: Remembered, received_on: date) -> Accepted:
        """A replacement or a void of a claim that we decided."""
        number = self._new_number(received_on)
        pay_on = max(self._payment_day(claim, received_on), self._run_day(claim.payer, before.pay_on))
        voiding = claim.frequency is Frequency.VOID
        if before.claim and before.outcome != "recovered":
            earlier = decode_claim_answer(before.claim)
            if voiding or earlier.paid_cents:
                self._pay(pay_on, claim, reverse(earlier, "N693" if voiding else "N694"))
        before.outcome = "voided" if voiding else "replaced"
        if voiding:
            return Accepted(before.payer_control_number)
        if claim.sequence != "P":
            answer = adjudicate_after_others(claim, control_number=number, received_on=received_on)
        else:
            answer = adjudicate(claim, PAID, self.prices, control_number=number, received_on=received_on)
        self._pay(pay_on, claim, answer)
        self._remember(claim, number, pay_on, "paid", answer)
        return Accepted(number)

    def _after_others(self, claim: Claim, scenario: Scenario, number: str, received_on: date) -> None:
        pay_on = self._payment_day(claim, received_on)
        if scenario.prefix == "SL":
            self._remember(claim, number, pay_on, "silent")
            return
        if scenario.family is Family.DENIED and scenario.reason:
            answer = adjudicate(claim, scenario, self.prices, control_number=number, received_on=received_on)
        elif all(other.paid_cents is None for other in claim.other_payers):
            answer = deny(claim, "OA", "22", ("MA04",), control_number=number, received_on=received_on)
        else:
            answer = adjudicate_after_others(claim, control_number=number, received_on=received_on)
        self._pay(pay_on, claim, answer)
        self._remember(claim, number, pay_on, "paid" if answer.paid_cents else "denied", answer)

    def _settle_scenario(
        self, claim: Claim, scenario: Scenario, answer: RemitClaim, pay_on: date, received_on: date
    ) -> None:
        """Plan the payment of a decided claim and what follows it."""
        number = answer.payer_control_number
        outcome = "paid"
        if scenario.family is Family.DENIED and scenario.reason:
            outcome = "unprocessable" if "MA130" in scenario.remarks else "denied"
        if scenario.prefix == "XO":
            answer = self._cross_over(claim, answer, pay_on, received_on)
        lane = claim.claim_number if scenario.prefix == "ZB" else ""
        if scenario.prefix == "IN":
            self._pay_with_interest(claim, answer, pay_on)
        else:
            self._pay(pay_on, claim, answer, lane=lane)
        self._remember(claim, number, pay_on, outcome, answer)
        if scenario.prefix == "RV":
            later = self._later(claim, pay_on, "reversal")
            corrected = correct(answer, self._new_number(later))
            self._take_place(claim, answer, reverse(answer, "N689"), corrected, later)
        elif scenario.prefix == "TB":
            later = self._later(claim, pay_on, "take-back")
            self._owe(claim, Offset("WO", number, answer.paid_cents, later, number))
        elif scenario.prefix == "TW":
            self._reverse_and_recover(claim, answer, pay_on, received_on)

    def _reverse_and_recover(self, claim: Claim, answer: RemitClaim, pay_on: date, received_on: date) -> None:
        number = answer.payer_control_number
        later = self._later(claim, pay_on, "reversal")
        denial = deny(
            claim, "PR", "27", ("N30",), control_number=self._new_number(later), received_on=received_on
        )
        self._take_place(claim, answer, reverse(answer, "N687"), denial, later)
        # The reversal takes the money out of this payment; WO negative puts it back until it is recovered.
        day = self._day(later, claim)
        day.offsets.append(Offset("WO", number, -answer.paid_cents, later, number))
        recovery = self._run_day(claim.payer, later + timedelta(days=14))
        self._owe(claim, Offset("WO", number, answer.paid_cents, recovery, number))

    def _take_place(
        self, claim: Claim, old: RemitClaim, reversal: RemitClaim, new: RemitClaim, later: date
    ) -> None:
        """Plan reversal and correction; the claim is then known by the correction's number."""
        number = old.payer_control_number
        self._pay(later, claim, reversal, unless_replaced=number)
        self._pay(later, claim, new, unless_replaced=number)
        self.state.claims[_key(claim.payer.payer_id, number)].gone_on = later
        # Until then a replacement must name the first number, so the lists of numbers keep it.
        self.state.claims[_key(claim.payer.payer_id, new.payer_control_number)] = Remembered(
            claim.claim_number,
            claim.payer.payer_id,
            new.payer_control_number,
            later,
            "paid" if new.paid_cents else "denied",
            encode_claim_answer(new),
        )

    def _pay_with_interest(self, claim: Claim, answer: RemitClaim, pay_on: date) -> None:
        late = self._run_day(claim.payer, pay_on + timedelta(days=30))
        interest = apply_rate(answer.paid_cents, INTEREST_SHARE)
        if interest:
            answer = msgspec.structs.replace(answer, amounts=(*answer.amounts, ("I", interest)))
            self._day(late, claim).offsets.append(Offset("L6", answer.payer_control_number, -interest, late))
        self._pay(late, claim, answer)

    def _cross_over(self, claim: Claim, answer: RemitClaim, pay_on: date, received_on: date) -> RemitClaim:
        other = next((one for one in claim.other_payers if one.sequence == "S"), None)
        to = SUPPLEMENT
        if other is not None:
            party = other.payer
            to = Payer(party.payer_id, party.name, party.claim_filing_code, party.address.state)
        second = cross_over(
            claim,
            answer,
            filing_code=to.filing_code,
            control_number=self._new_number(received_on),
            received_on=pay_on,
        )
        days = between(8, 12, self.state.seed, "cross", claim.claim_number)
        second_on = self._run_day(other.payer if other else claim.payer, pay_on + timedelta(days=days))
        self._pay(second_on, claim, second, payer=to)
        self._remember(claim, second.payer_control_number, second_on, "crossed", second, payer_id=to.payer_id)
        return msgspec.structs.replace(
            answer,
            status="19",
            crossover_to=RemitParty(to.name, "", "PI", to.payer_id),
            remarks=("MA07",) if to.filing_code == "MC" else ("MA18",),
        )

    # Days and numbers.

    def _payment_day(self, claim: Claim, received_on: date) -> date:
        seed, timing, payer = self.state.seed, self.state.timing, claim.payer
        medicare = payer.claim_filing_code in _MEDICARE
        days = (
            MEDICARE_DAYS if medicare else between(*timing.payment_days, seed, "payment days", payer.payer_id)
        )
        if not (medicare and timing.weekly_payments):
            days += between(0, timing.payment_spread_days, seed, "spread", claim.claim_number)
        return next_working_day(received_on + timedelta(days=days), weekdays=self._weekdays(payer))

    def _weekdays(self, payer: PayerParty) -> frozenset[int]:
        """The weekdays on which a payer pays what it decided in time."""
        if payer.claim_filing_code in _MEDICARE:
            return _EVERY_DAY
        runs = _WEEKLY_RUNS if self.state.timing.weekly_payments else _PAYMENT_WEEKDAYS
        return one_of(runs, self.state.seed, "weekdays", payer.payer_id)

    def _run_day(self, payer: PayerParty, day: date) -> date:
        """The first day from a day on for what comes late: any working day, or the payer's weekly run."""
        weekly = self.state.timing.weekly_payments
        return next_working_day(day, weekdays=self._weekdays(payer) if weekly else _EVERY_DAY)

    def _later(self, claim: Claim, pay_on: date, why: str) -> date:
        days = between(*self.state.timing.later_days, self.state.seed, why, claim.claim_number)
        return self._run_day(claim.payer, pay_on + timedelta(days=days))

    def _new_number(self, day: date) -> str:
        return f"{day:%y%j}{self.state.count('claim'):08d}"

    # What is planned and remembered.

    def _day(self, pay_on: date, claim: Claim, payer: Payer | None = None, lane: str = "") -> PaymentDay:
        if payer is None:
            party = claim.payer
            payer = Payer(party.payer_id, party.name, party.claim_filing_code, party.address.state)
        provider = claim.billing_provider
        key = f"{pay_on.isoformat()}|{payer.payer_id}|{provider.npi}|{lane}"
        day = self.state.payments.get(key)
        if day is None:
            address = provider.address
            name = f"{provider.name} {provider.first_name}".strip()
            payee = Payee(
                provider.npi,
                name,
                provider.tax_id,
                address.line1,
                address.city,
                address.state,
                address.postal_code,
            )
            day = self.state.payments[key] = PaymentDay(pay_on, payer, payee, lane)
        return day

    def _pay(
        self,
        pay_on: date,
        claim: Claim,
        answer: RemitClaim,
        *,
        payer: Payer | None = None,
        lane: str = "",
        unless_replaced: str = "",
    ) -> None:
        day = self._day(pay_on, claim, payer, lane)
        day.answers.append(Answer(encode_claim_answer(answer), unless_replaced))

    def _owe(self, claim: Claim, offset: Offset) -> None:
        if offset.amount_cents:
            key = f"{claim.payer.payer_id}|{claim.billing_provider.npi}"
            self.state.debts.setdefault(key, []).append(offset)

    def _remember(
        self,
        claim: Claim,
        number: str,
        pay_on: date,
        outcome: str,
        answer: RemitClaim | None = None,
        *,
        payer_id: str = "",
    ) -> None:
        payer_id = payer_id or claim.payer.payer_id
        known = Remembered(
            claim.claim_number,
            payer_id,
            number,
            pay_on,
            outcome,
            encode_claim_answer(answer) if answer else b"",
        )
        state = self.state
        state.claims[_key(payer_id, number)] = known
        state.numbers[_key(payer_id, claim.claim_number)] = number
        if outcome != "crossed":
            state.services[service_key(claim)] = number

    def _known(self, claim: Claim) -> list[Remembered]:
        """What this payer decided of the same claim number or the same service."""
        state, payer_id = self.state, claim.payer.payer_id
        numbers = (
            state.numbers.get(_key(payer_id, claim.claim_number)),
            state.services.get(service_key(claim)),
        )
        found = (state.claims.get(_key(payer_id, number)) for number in numbers if number)
        return [one for one in found if one is not None]

    def _duplicate_of(self, claim: Claim) -> Remembered | None:
        """A claim in the way of this one. A denied one is in the way of its own number only."""
        for known in self._known(claim):
            if known.outcome in ("paid", "silent", "crossed", "replaced"):
                return known
            if known.outcome in ("denied", "recovered") and known.claim_number == claim.claim_number:
                return known
        return None

    def _unprocessable_before(self, claim: Claim) -> bool:
        return any(known.outcome == "unprocessable" for known in self._known(claim))


def service_key(claim: Claim) -> str:
    """What makes two claims one service: payer, place in the order, member, dates, clinician, codes."""
    person = claim.bill.attending if claim.bill else claim.rendering
    rendering = person.npi if person else claim.billing_provider.npi
    lines = ",".join(
        f"{line.date_of_service:%y%m%d}{line.code}{''.join(line.modifiers)}" for line in claim.lines
    )
    return f"{claim.payer.payer_id}|{claim.sequence}|{claim.member_id}|{rendering}|{lines}"


def _key(payer_id: str, number: str) -> str:
    return f"{payer_id}|{number}"
