"""Payments that come again, and months of deposits beside them: run by a drill in a process of its own.

    python -m tests.drills.money_comes returns ROUNDS [fault] | months ROUNDS [fault]

Each round is taken back at its end, so that no round meets the money of another. Prints one JSON document.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import msgspec
from django.db import transaction
from tests.core.bank.test_matching import TODAY, month
from tests.drills import poster  # sets the product up
from tests.server.cycle import remitting

from cleanclaim.bank import ExceptionKind, matching
from cleanclaim.x12.sets.remittance_835 import write_835
from cleanclaim.x12.writer import Envelope, write_x12
from cleanclaim_server.bank.actions import Decider, add_account
from cleanclaim_server.bank.models import Line, Proposal, SetAside, TiePart
from cleanclaim_server.bank.queries import account_totals
from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.coverage.models import Coverage, Payer, Plan
from cleanclaim_server.cycle.banking import take_bank_file
from cleanclaim_server.cycle.posting import taking, whole
from cleanclaim_server.cycle.receiving import receive_file
from cleanclaim_server.ledger.models import Entry
from cleanclaim_server.ledger.queries import ledger_hash, trial_balance, verify_ledger
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.practice.models import Agency, Location, Practice, Provider
from cleanclaim_server.remittances.models import Remittance
from cleanclaim_server.remittances.queries import posted_remittances
from cleanclaim_server.tenancy.context import system_context

NOW = remitting.NOW
CHARGE = 1_000_000


def _world() -> remitting.World:
    return remitting.World(
        Practice.objects.select_related("agency").get(),
        Payer.objects.get(),
        Plan.objects.get(),
        Provider.objects.get(),
        Location.objects.get(),
        Patient.objects.get(),
        Coverage.objects.get(),
        TradingPartner.objects.get(),
        made=1_000,
    )


class _TakenBack(Exception):
    """Ends a round."""


def _each_round(rounds: int, one: Callable[[remitting.World, int], None]) -> None:
    """Play the rounds, each in a transaction that does not stay."""
    agency = Agency.objects.get()
    for number in range(rounds):
        with suppress(_TakenBack), transaction.atomic(durable=True):
            with system_context(agency.pk):
                one(_world(), number)
            raise _TakenBack


# --- R-03 -------------------------------------------------------------------------------------------


def returns(rounds: int) -> dict:
    """Payments come in one file, then again in every dress, then with other content under their number."""
    told: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    broken: set[str] = set()

    def one(world: remitting.World, number: int) -> None:
        dice = random.Random(number)
        claims = remitting.make_claims(world, 6, CHARGE)
        pair = [_payment(dice, claims[:2], f"R{number}A"), _payment(dice, claims[2:4], f"R{number}B")]
        _receive(world, "first.835", _wrapped(pair, 1))
        posted = Remittance.objects.filter(state="posted").count()
        if posted != len(pair):
            wrong["not posted at first"] += 1
        before, entries = ledger_hash(world.practice.pk), Entry.objects.count()
        for name, data in _dresses(pair):
            _receive(world, f"{name}.835", data)
            told[name] += 1
            if Entry.objects.count() != entries or ledger_hash(world.practice.pk) != before:
                wrong[name] += 1
                before, entries = ledger_hash(world.practice.pk), Entry.objects.count()
        for place, whose in enumerate(pair):
            known = set(Remittance.objects.values_list("pk", flat=True))
            _receive(
                world, f"other{place}.835", _wrapped([_other_content(whose, claims[4 + place])], 700 + place)
            )
            told["other content"] += 1
            made = Remittance.objects.exclude(pk__in=known)
            if [row.state for row in made] != ["quarantined"] or Entry.objects.count() != entries:
                wrong["other content"] += 1
        remittances = posted_remittances(world.practice.pk)
        broken.update(one.code for one in verify_ledger(world.practice.pk, remittances=remittances))

    _each_round(rounds, one)
    return {
        "told": dict(sorted(told.items())),
        "wrong": dict(sorted(wrong.items())),
        "broken": sorted(broken),
    }


def _payment(dice: random.Random, claims, trace: str):
    answers = []
    for claim in claims:
        paid = dice.randrange(1, CHARGE)
        split = dice.randrange(0, CHARGE - paid + 1)
        answers.append(
            remitting.answer(claim, paid, ("CO", "45", split), ("PR", "2", CHARGE - paid - split))
            if 0 < split < CHARGE - paid
            else remitting.answer(claim, paid, ("CO", "45", CHARGE - paid))
        )
    return remitting.payment(answers, trace=trace)


def _other_content(one, claim):
    """The same payer, number, day and amount, for another claim."""
    answer = remitting.answer(claim, one.paid_cents)
    line = msgspec.structs.replace(answer.lines[0], charge_cents=one.paid_cents)
    answer = msgspec.structs.replace(answer, charge_cents=one.paid_cents, lines=(line,))
    return msgspec.structs.replace(one, claims=(answer,))


def _wrapped(payments, number: int, *, sender: str = "SIM") -> bytes:
    envelope = Envelope(
        sender_id=sender, receiver_id="DRILL01", control_number=number, group_control_number=number + 7,
        created_at=NOW + timedelta(minutes=number),
    )  # fmt: skip
    sets = [write_835(one, control_number=f"{number + at:04d}") for at, one in enumerate(payments)]
    return write_x12(envelope, sets)


def _dresses(pair) -> list[tuple[str, bytes]]:
    """The ways in which a file of two payments comes a second time."""
    plain = _wrapped(pair, 1)
    return [
        ("byte copy, new name", plain),
        ("new control numbers", _wrapped(pair, 900)),
        ("line ends", plain.replace(b"~", b"~\r\n")),
        ("no line ends", plain.replace(b"\n", b"").replace(b"\r", b"")),
        ("trailing junk", plain + b"\n\n\x1a\x00"),
        ("other clearinghouse", _wrapped(pair, 44, sender="OTHERCLR")),
        ("other separators", plain.replace(b"*", b"|")),
        ("other order", _wrapped(pair[::-1], 310)),
        ("split: the first alone", _wrapped(pair[:1], 320)),
        ("split: the second alone", _wrapped(pair[1:], 330)),
        ("merged: all of it twice in one file", _wrapped([*pair, *pair], 340)),
        ("two interchanges in one file", _wrapped(pair, 350) + _wrapped(pair, 360)),
    ]


def _receive(world: remitting.World, name: str, data: bytes) -> None:
    receive_file(world.practice.agency_id, name=name, data=data, partner=world.partner, now=NOW)


def _known_by_their_file() -> None:
    """The planted fault: a payment is known by the numbers of its file, not by what it is."""

    def by_file(content, *, practice_id, part=0):
        numbers = f"{content.control_number}:{content.interchange_control_number or ''}"
        return f"{practice_id[:20]}:{part}:{numbers}"[:64]

    taking.identity_key = whole.identity_key = by_file
    taking.content_hash = lambda content: f"{content.control_number}{id(content)}"


# --- R-60 -------------------------------------------------------------------------------------------


def months(rounds: int) -> dict:
    """A month of 835 files and the bank's statement, with planted exceptions; three ways must agree."""
    wrong: Counter[str] = Counter()
    planted_in_all: Counter[str] = Counter()
    broken: set[str] = set()
    unexplained = payments_seen = lines_seen = 0

    def one(world: remitting.World, number: int) -> None:
        nonlocal unexplained, payments_seen, lines_seen
        lines, payments, planted = month(number)
        rows = _announce(world, payments)
        account = _statement(world, lines)
        practice = world.practice.pk
        place_of = {place: one.key for place, one in enumerate(lines, start=2)}
        key_of = {pk: key for key, pk in rows.items()}
        planted_in_all.update(str(kind) for kind, *_ in planted)
        payments_seen, lines_seen = payments_seen + len(payments), lines_seen + len(lines)
        if _told(practice, place_of, key_of) != _expected(planted):
            wrong["exceptions are not the planted ones"] += 1
        totals = account_totals([account.pk])[account.pk]
        unexplained += abs(totals.difference) + abs(sum(line.amount_cents for line in lines) - totals.lines)
        books, announced = trial_balance(practice), sum(one.amount_cents for one in payments)
        if books.get("cash", 0) != totals.tied:
            wrong["cash is not what the bank has of payers"] += 1
        if books.get("deposit_clearing", 0) != announced - totals.tied:
            wrong["what is under way is not announced less deposited"] += 1
        unexplained += _without_a_word(practice, rows)
        remittances = posted_remittances(practice)
        broken.update(one.code for one in verify_ledger(practice, remittances=remittances))

    _each_round(rounds, one)
    return {
        "wrong": dict(sorted(wrong.items())), "unexplained_cents": unexplained, "broken": sorted(broken),
        "planted": dict(sorted(planted_in_all.items())), "payments": payments_seen, "lines": lines_seen,
    }  # fmt: skip


def _announce(world: remitting.World, payments) -> dict:
    """The payments as one 835 file, each for a claim of its own; their rows by the drill's names."""
    claims = remitting.make_claims(world, len(payments), CHARGE * 2)
    values = [
        remitting.payment(
            [remitting.answer(claim, one.amount_cents, ("CO", "45", CHARGE * 2 - one.amount_cents))],
            trace=one.trace_number, paid_on=one.paid_on, production_date=one.paid_on,
            trace_payer_id=f"1{int(one.payer_id[-1]):09d}",
        )
        for claim, one in zip(claims, payments, strict=True)
    ]  # fmt: skip
    _receive(world, "month.835", _wrapped(values, 1))
    by_trace = dict(Remittance.objects.filter(state="posted").values_list("trace_number", "pk"))
    return {one.key: by_trace[one.trace_number] for one in payments}


def _statement(world: remitting.World, lines):
    by = Decider(uuid4(), "Pat Poster")
    account = add_account(world.practice, name="Operating", last_four="4321", by=by, now=NOW)
    rows = [f"{line.booked_on.isoformat()},{line.text},{line.amount_cents / 100:.2f}" for line in lines]
    last = f"{TODAY.isoformat()},LAST DAY OF THE STATEMENT,-0.01"
    data = "\n".join(["Date,Description,Amount", *rows, last, ""]).encode()
    take_bank_file(
        world.practice.agency_id,
        name="month.csv",
        data=data,
        practice_ids=[world.practice.pk],
        now=NOW,
        today=TODAY,
    )
    assert Line.objects.filter(account=account).count() == len(lines) + 1
    lines.append(msgspec.structs.replace(lines[0], key="last", amount_cents=-1))
    return account


def _told(practice_id, place_of: dict, key_of: dict) -> list[tuple[str, str]]:
    """(Kind, line or else payment) of every exception that the product shows, and of what it set aside."""
    groups: dict = {}
    places = dict(Line.objects.filter(practice_id=practice_id).values_list("pk", "position"))
    for row in Proposal.objects.filter(practice_id=practice_id, is_match=False).order_by("id"):
        _, names = groups.setdefault(row.group, (row.kind, []))
        if row.line_id:
            names.insert(0, place_of.get(places[row.line_id], "last"))
        else:
            names.append(key_of[row.remittance_id])
    found = [(kind, names[0]) for kind, names in groups.values()]
    for key in SetAside.objects.filter(practice_id=practice_id).values_list("line_id", flat=True):
        found.append((ExceptionKind.NOT_PAYER_MONEY.value, place_of.get(places[key], "last")))
    return sorted(found)


def _expected(planted) -> list[tuple[str, str]]:
    # What is awaited is no exception to a person yet; the statement's last line is money going out.
    told = [
        (kind.value, line or payment) for kind, line, payment in planted if kind is not ExceptionKind.AWAITED
    ]
    return sorted([*told, (ExceptionKind.NOT_PAYER_MONEY.value, "last")])


def _without_a_word(practice_id, rows: dict) -> int:
    """Cents of payments that are neither tied nor shown, and are too old to be awaited."""
    tied = set(TiePart.objects.filter(practice_id=practice_id).values_list("remittance_id", flat=True))
    shown = set(Proposal.objects.filter(practice_id=practice_id).values_list("remittance_id", flat=True))
    silent = Remittance.objects.filter(pk__in=[key for key in rows.values() if key not in tied | shown])
    return sum(row.paid_cents for row in silent if (row.paid_on or TODAY) < TODAY - timedelta(days=2))


def _doubles_unseen() -> None:
    """The planted fault: matching does not know a deposit that it has seen."""
    matching.RULES = tuple(rule for rule in matching.RULES if rule.__name__ != "by_doubles")


if __name__ == "__main__":
    words = sys.argv[1:]
    assert poster.NOW == NOW
    work, spoil = {"returns": (returns, _known_by_their_file), "months": (months, _doubles_unseen)}[words[0]]
    if len(words) > 2:
        spoil()
    sys.stdout.write(json.dumps(work(int(words[1]))) + "\n")
