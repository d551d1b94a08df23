"""What the simulator remembers between days, as values that can be stored.

Payment days and history hold remittance claims as bytes: the state of a year has thousands of
them, and most are never looked at again.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from cleanclaim.simulator.contract import Contract
from cleanclaim.simulator.mispaying import Turns
from cleanclaim.x12.index import Delimiters
from cleanclaim.x12.sets.records import RemitClaim

VERSION = 1


class OutFile(msgspec.Struct, frozen=True):
    """A file that a partner has put out for us.

    `kind` is ta1, 999, 277ca or 835; `available_at` the moment from which it can be fetched, in the
    time zone of the `now` that was passed in.
    """

    name: str
    data: bytes
    available_at: datetime
    kind: str


class Timing(msgspec.Struct, frozen=True, omit_defaults=True):
    """How long partners take; each pair is (shortest, longest)."""

    ta1_minutes: tuple[int, int] = (1, 3)
    syntax_minutes: tuple[int, int] = (4, 15)
    clearinghouse_hours: tuple[int, int] = (1, 6)
    payer_acknowledgment_working_days: tuple[int, int] = (1, 3)
    payment_days: tuple[int, int] = (7, 18)
    """From receipt to payment; each payer keeps its own number of days inside."""
    payment_spread_days: int = 4
    """One claim may take this much longer than another of the same payer."""
    later_days: tuple[int, int] = (28, 49)
    """From a payment to its reversal or take-back."""
    payment_hour: int = 6
    weekly_payments: bool = False
    """Each payer pays once a week, on a weekday of its own, as most check runs do; Medicare pays daily."""


class Partner(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the last claim file addressed itself: payments go back the same way."""

    sender_id: str
    sender_qualifier: str
    receiver_id: str
    receiver_qualifier: str
    application_sender: str
    application_receiver: str
    usage: str
    delimiters: Delimiters
    submitter_name: str
    submitter_id: str


class Payer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A payer as its remittances name it."""

    payer_id: str
    name: str
    filing_code: str
    state: str


class Payee(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who is paid: the billing provider of the claims."""

    npi: str
    name: str
    tax_id: str
    line1: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""


class Offset(msgspec.Struct, frozen=True, omit_defaults=True):
    """A provider-level adjustment to come: positive takes money back."""

    code: str
    reference: str
    amount_cents: int
    not_before: date
    unless_replaced: str = ""
    """Payer control number; the offset is dropped when that claim was replaced or voided."""


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One claim in a payment to come."""

    claim: bytes
    """An encoded `RemitClaim`."""
    unless_replaced: str = ""


class PaymentDay(msgspec.Struct, omit_defaults=True):
    """What one payer will pay one payee on one day; `lane` keeps odd payments by themselves."""

    pay_on: date
    payer: Payer
    payee: Payee
    lane: str = ""
    answers: list[Answer] = []
    offsets: list[Offset] = []


class Remembered(msgspec.Struct, omit_defaults=True):
    """An adjudicated claim."""

    claim_number: str
    payer_id: str
    payer_control_number: str
    pay_on: date
    outcome: str
    """paid, denied, unprocessable, silent, crossed, recovered, replaced, voided."""
    claim: bytes = b""
    """The encoded `RemitClaim`, for a later reversal."""
    gone_on: date | None = None
    """From this day a correction has taken its place, and its number cannot be replaced any more."""


class Carried(msgspec.Struct, frozen=True, omit_defaults=True):
    """A balance carried forward: the trace of the payment that began it, and the cents still owed."""

    trace_number: str
    amount_cents: int


class State(msgspec.Struct, omit_defaults=True):
    """Everything. Keys of dictionaries are texts joined by a vertical bar."""

    seed: int
    contract: Contract
    timing: Timing
    version: int = VERSION
    partner: Partner | None = None
    heard_at: datetime | None = None
    """When the last file was received; its time zone is that of all moments."""
    counters: dict[str, int] = {}
    outbox: list[OutFile] = []
    payments: dict[str, PaymentDay] = {}
    claims: dict[str, Remembered] = {}
    """By payer id and payer control number."""
    numbers: dict[str, str] = {}
    """Payer id and claim number to the payer control number last given."""
    services: dict[str, str] = {}
    """Payer, member, date, clinician and codes to the payer control number: finds duplicates."""
    debts: dict[str, list[Offset]] = {}
    """By payer and payee: collected from the next payment that has claims."""
    carried: dict[str, Carried] = {}
    """By payer and payee."""
    rejected_once: set[str] = set()
    interchanges: set[str] = set()
    """Sender and ISA13 of files taken, so that a repeated number is noticed."""
    turns: dict[str, Turns] = {}
    """By payer: whose mistake is next."""
    planted: dict[str, str] = {}
    """By line control number: the mistake by which a line was paid."""
    reject_next: str = ""
    """TA105 with which the next interchange is rejected."""

    def count(self, name: str) -> int:
        """The next number of a series, from 1."""
        number = self.counters[name] = self.counters.get(name, 0) + 1
        return number


_ENCODER = msgspec.msgpack.Encoder(order="deterministic")
_CLAIM_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(State)
_CLAIM_DECODER = msgspec.msgpack.Decoder(RemitClaim)


def encode_state(state: State) -> bytes:
    """The state as bytes; equal states give equal bytes."""
    return _ENCODER.encode(state)


def decode_state(data: bytes) -> State:
    """The reverse of `encode_state`.

    Raises:
        msgspec.ValidationError: The bytes are not a simulator's state.
    """
    return _DECODER.decode(data)


def encode_claim_answer(claim: RemitClaim) -> bytes:
    return _CLAIM_ENCODER.encode(claim)


def decode_claim_answer(data: bytes) -> RemitClaim:
    return _CLAIM_DECODER.decode(data)
