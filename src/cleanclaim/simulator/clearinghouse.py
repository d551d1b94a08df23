"""The partner on the other side of the port: files of claims in, answers out, by a test clock."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import msgspec

from cleanclaim.claim import PayerParty
from cleanclaim.simulator.acknowledging import (
    ACCEPTED,
    CLEARINGHOUSE_ID,
    CLEARINGHOUSE_NAME,
    FORWARDED,
    Verdict,
    group_answers,
    interchange_answer,
    is_rejected,
    status_report,
)
from cleanclaim.simulator.calendar import add_working_days
from cleanclaim.simulator.chance import between
from cleanclaim.simulator.contract import Contract, Prices
from cleanclaim.simulator.payer import Accepted, Payers, service_key
from cleanclaim.simulator.paying import days_that_have_come, pay
from cleanclaim.simulator.scenarios import scenario_of
from cleanclaim.simulator.state import OutFile, Partner, State, Timing, decode_state, encode_state
from cleanclaim.x12.ack import answering_envelope, interchange_code
from cleanclaim.x12.index import Interchange, X12File, read_x12
from cleanclaim.x12.sets.acknowledgments import ta1_segment, write_999
from cleanclaim.x12.sets.claim_837i.claims import read_claims
from cleanclaim.x12.sets.claim_837p import read_837p
from cleanclaim.x12.sets.claim_status import write_277ca
from cleanclaim.x12.sets.records import ClaimInFile, RemitParty, StatusInfo
from cleanclaim.x12.sets.remittance_835 import write_835
from cleanclaim.x12.sets.writing import is_plain
from cleanclaim.x12.validate import validate
from cleanclaim.x12.writer import Envelope, SetBody, WriteRefused, write_x12

REJECTED_BY_SCENARIO = "024"
REPEATED_NUMBER = "025"
_READERS = {"005010X222": read_837p, "005010X223": read_claims}


class SimulatedClearinghouse:
    """A clearinghouse with its payers, deterministic by seed.

    Everything that will be said of a file is decided when the file is received; `due` hands out
    each answer once its time has come. Pass the same kind of `now` always: all with a time zone, or
    all without.

    Args:
        seed: Chooses lags and spreads. Equal seed, files and times give equal bytes.
        contract: What payers allow; by default 65 % of each charge.
        timing: How long partners take.

    Examples:
        >>> partner = SimulatedClearinghouse(7)
        >>> partner.due(datetime(2026, 11, 23, 9, 0))
        []
    """

    def __init__(
        self,
        seed: int,
        contract: Contract | None = None,
        timing: Timing | None = None,
        *,
        state: State | None = None,
    ) -> None:
        self.state = state or State(seed, contract or Contract(), timing or Timing())
        self._payers = Payers(self.state, Prices(self.state.contract))

    def to_bytes(self) -> bytes:
        """Everything the simulator knows, for storage between days."""
        return encode_state(self.state)

    @classmethod
    def from_bytes(cls, data: bytes) -> SimulatedClearinghouse:
        """A simulator that goes on where `to_bytes` left it.

        Raises:
            msgspec.ValidationError: The bytes are not a simulator's state.
        """
        state = decode_state(data)
        return cls(state.seed, state=state)

    def reject_next_interchange(self, code: str = REJECTED_BY_SCENARIO) -> None:
        """Have the next file rejected by a TA1 with this TA105, whatever it holds."""
        self.state.reject_next = code

    def next_due_at(self) -> datetime | None:
        """When the next file can be fetched, as far as files have been made; None when none wait.

        Payment days count from the moment they are planned, at the hour of payments.
        """
        zone = self.state.heard_at.tzinfo if self.state.heard_at else None
        hour = time(self.state.timing.payment_hour)
        times = [file.available_at for file in self.state.outbox]
        times += [datetime.combine(day.pay_on, hour, zone) for day in self.state.payments.values()]
        return min(times, default=None)

    def due(self, now: datetime) -> list[OutFile]:
        """Hand out every file available by now, oldest first; each once."""
        self._settle(now)
        outbox = self.state.outbox
        ready = sorted(
            (file for file in outbox if file.available_at <= now),
            key=lambda file: (file.available_at, file.name),
        )
        if ready:
            self.state.outbox = [file for file in outbox if file.available_at > now]
        return ready

    def receive(self, file_bytes: bytes, now: datetime) -> list[OutFile]:
        """Take a file of claims and make its acknowledgments.

        Args:
            file_bytes: An 837P or 837I file. Anything that cannot be read as X12 gets no answer, as in
                life: there is nobody to answer.
            now: The moment of receipt.

        Returns:
            The acknowledgments made, for information; `due` hands them out when their time has
            come. Payments are made on their day.
        """
        self._settle(now)
        self.state.heard_at = now
        before = len(self.state.outbox)
        for interchange in read_x12(file_bytes).interchanges:
            self._answer_interchange(interchange, now)
        return self.state.outbox[before:]

    # One interchange.

    def _answer_interchange(self, interchange: Interchange, now: datetime) -> None:
        timing = self.state.timing
        claims = {
            id(transaction): _READERS[transaction.guide[:10]](transaction)[0]
            for group in interchange.groups
            for transaction in group.transactions
            if transaction.guide[:10] in _READERS
        }
        code = self._interchange_code(interchange, [one for inside in claims.values() for one in inside])
        if interchange.isa.get(14) == "1" or code != "000":
            ta1 = ta1_segment(interchange_answer(interchange, code))
            self._put("ta1", interchange, [], self._after(now, timing.ta1_minutes), ta1s=[ta1])
        if code != "000":
            return
        alone = X12File(name="", size=0, sha256="")
        alone.interchanges.append(interchange)
        answers = group_answers(alone, validate(alone), self._rejected_sets(claims))
        answers = [one for one in answers if one.functional_id and one.group_control_number]
        if answers:
            sets = [write_999(answer, control_number=f"{at:04d}") for at, answer in enumerate(answers, 1)]
            self._put("999", interchange, sets, self._after(now, timing.syntax_minutes))
        for transaction in alone.transactions():
            inside = claims.get(id(transaction))
            if inside and not is_rejected(answers, transaction):
                self._remember_partner(interchange, inside[0], now)
                self._answer_claims(interchange, inside, now)

    def _interchange_code(self, interchange: Interchange, inside: list[ClaimInFile]) -> str:
        """TA105 of an interchange: its own faults, then what a test or a scenario asks for."""
        state = self.state
        code = interchange_code(interchange)
        if code != "000":
            return code
        if state.reject_next:
            code, state.reject_next = state.reject_next, ""
            return code
        number = f"{interchange.sender[1]}|{interchange.control_number}"
        if number in state.interchanges:
            return REPEATED_NUMBER
        state.interchanges.add(number)
        scenarios = {scenario_of(one.claim.member_id).prefix for one in inside}
        first_time = [self._first_time("T1", one) for one in inside] if scenarios == {"T1"} else []
        return REJECTED_BY_SCENARIO if any(first_time) else "000"

    def _rejected_sets(self, claims: dict[int, list[ClaimInFile]]) -> dict[int, ClaimInFile]:
        """The transactions that a claim with R9 brings down, each with that claim."""
        rejected: dict[int, ClaimInFile] = {}
        for transaction, inside in claims.items():
            for one in inside:
                if scenario_of(one.claim.member_id).prefix == "R9" and self._first_time("R9", one):
                    rejected.setdefault(transaction, one)
        return rejected

    def _first_time(self, prefix: str, one: ClaimInFile) -> bool:
        key = f"{prefix}|{service_key(one.claim)}"
        if key in self.state.rejected_once:
            return False
        self.state.rejected_once.add(key)
        return True

    def _answer_claims(self, interchange: Interchange, inside: list[ClaimInFile], now: datetime) -> None:
        """The clearinghouse's 277CA for a transaction, then one of each payer; payers decide."""
        state = self.state
        at = self._after(now, state.timing.clearinghouse_hours, unit_minutes=60)
        here = [verdict for one in inside if (verdict := self._first_look(one))]
        if not here:
            return
        source = RemitParty(CLEARINGHOUSE_NAME, "", "46", CLEARINGHOUSE_ID)
        self._put_status(interchange, here, source, "AY", now.date(), at)
        by_payer: dict[str, list[Verdict]] = {}
        parties: dict[str, PayerParty] = {}
        for passed in (verdict.claim for verdict in here if verdict.accepted):
            payer = passed.claim.payer
            parties.setdefault(payer.payer_id, payer)
            taken = self._payers.take(passed.claim, now.date())
            if isinstance(taken, Accepted):
                verdict = Verdict(passed, ACCEPTED, True, taken.control_number)
            else:
                verdict = Verdict(passed, taken.status, False)
            by_payer.setdefault(payer.payer_id, []).append(verdict)
        for payer_id, verdicts in by_payer.items():
            source = RemitParty(parties[payer_id].name, "", "PI", payer_id)
            days = between(
                *state.timing.payer_acknowledgment_working_days, state.seed, "277", payer_id, now.date()
            )
            answered = datetime.combine(add_working_days(now.date(), days), time(7), now.tzinfo)
            self._put_status(interchange, verdicts, source, "PR", now.date(), answered)

    @staticmethod
    def _first_look(one: ClaimInFile) -> Verdict | None:
        """What the clearinghouse says of a claim; None when the claim has no number to speak of."""
        claim = one.claim
        if not is_plain(claim.claim_number, 38):
            return None
        named = claim.payer.name and claim.patient.last_name and claim.billing_provider.name
        ids = (claim.payer.payer_id, claim.member_id, claim.billing_provider.npi)
        if not named or not all(is_plain(one, 50, 2) for one in ids):
            return Verdict(one, StatusInfo("A7", "21", "85"), False)
        if scenario_of(claim.member_id).prefix == "RC":
            return Verdict(one, StatusInfo("A7", "164", "IL"), False)
        return Verdict(one, FORWARDED, True)

    def _put_status(
        self,
        interchange: Interchange,
        verdicts: list[Verdict],
        source: RemitParty,
        kind: str,
        received_on: date,
        at: datetime,
    ) -> None:
        report = status_report(
            verdicts,
            source=source,
            source_kind=kind,
            reference=f"CA{self.state.count('status'):08d}",
            received_on=received_on,
            created_at=at,
        )
        self._put("277ca", interchange, [write_277ca(report, control_number="0001", created_at=at)], at)

    # Payments.

    def _settle(self, now: datetime) -> None:
        """Pay every payment day that has come."""
        state = self.state
        partner = state.partner
        if partner is None or not state.payments:
            return
        hour = time(state.timing.payment_hour)
        for day in days_that_have_come(state, now):
            remittance = pay(state, day, receiver_id=partner.submitter_id)
            if remittance is None:
                continue
            at = datetime.combine(day.pay_on, hour, now.tzinfo)
            body = write_835(remittance, control_number=f"{state.count('remittance'):09d}")
            self._store("835", self._payment_envelope(partner, at), [body], at)

    def _remember_partner(self, interchange: Interchange, one: ClaimInFile, now: datetime) -> None:
        envelope = answering_envelope(interchange, 0, now)
        self.state.partner = Partner(
            sender_id=envelope.sender_id,
            sender_qualifier=envelope.sender_qualifier,
            receiver_id=envelope.receiver_id,
            receiver_qualifier=envelope.receiver_qualifier,
            application_sender=envelope.application_sender,
            application_receiver=envelope.application_receiver,
            usage=envelope.usage,
            delimiters=envelope.delimiters,
            submitter_name=one.submitter.name,
            submitter_id=one.submitter.id,
        )

    @staticmethod
    def _payment_envelope(partner: Partner, at: datetime) -> Envelope:
        return Envelope(
            sender_id=partner.sender_id,
            receiver_id=partner.receiver_id,
            control_number=0,
            group_control_number=1,
            created_at=at,
            sender_qualifier=partner.sender_qualifier,
            receiver_qualifier=partner.receiver_qualifier,
            application_sender=partner.application_sender,
            application_receiver=partner.application_receiver,
            usage=partner.usage,
            delimiters=partner.delimiters,
        )

    # The outbox.

    def _after(self, now: datetime, span: tuple[int, int], *, unit_minutes: int = 1) -> datetime:
        """A moment within a span from now; the same for one moment and span."""
        low, high = span[0] * unit_minutes, span[1] * unit_minutes
        moment = now.replace(second=0, microsecond=0)
        return moment + timedelta(minutes=between(low, high, self.state.seed, "after", now, low, high))

    def _put(
        self,
        kind: str,
        interchange: Interchange,
        sets: list[SetBody],
        at: datetime,
        *,
        ta1s: list[tuple[str, ...]] | None = None,
    ) -> None:
        self._store(kind, answering_envelope(interchange, 0, at), sets, at, ta1s=ta1s)

    def _store(
        self,
        kind: str,
        envelope: Envelope,
        sets: list[SetBody],
        at: datetime,
        *,
        ta1s: list[tuple[str, ...]] | None = None,
    ) -> None:
        number = self.state.count("interchange")
        envelope = msgspec.structs.replace(envelope, control_number=number, group_control_number=number)
        try:
            data = write_x12(envelope, sets, ta1s=ta1s or ())
        except WriteRefused:
            # A garbled envelope can hold what no answer may repeat. Then there is nothing to say.
            return
        self.state.outbox.append(OutFile(f"{number:09d}.{kind}", data, at, kind))
