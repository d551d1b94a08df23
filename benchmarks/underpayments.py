"""Precision and recall of the comparison of paid lines, on a simulated year with planted underpayments.

The year goes the whole way: claims leave as 837P, the simulator answers with 835 files, the server takes and
posts them, and its comparison is read. What the simulator paid by a mistake is the label; its arithmetic
(`cleanclaim.simulator.mispaying`) shares no code with the contracts below; both tell of the same agreement.

    python benchmarks/underpayments.py [--claims 6000] [--seed 7] [--write FILE]
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from pathlib import Path

YEAR = date(2026, 1, 1)
RISE = date(2026, 7, 1)
STATE = "ZZ"
"""No state: no law of late payment mixes with the contract's own interest."""
CHARGES = {"90791": 26000, "90834": 17500, "90837": 21000, "90853": 7500, "96131": 15000, "99214": 19900,
           "H0015": 62000, "90785": 3100}  # fmt: skip
FIXED = {
    "90791": 16210,
    "90834": 10440,
    "90837": 13870,
    "90853": 3390,
    "96131": 9410,
    "99214": 12780,
    "90785": 1530,
}
OLD = {code: cents - 737 for code, cents in FIXED.items()}
PLAIN = {code: cents + 411 for code, cents in FIXED.items()}
LEVELS = ("LCSW", "PhD", "LPC-associate", "LMFT")
NPIS = {level: f"19999999{place:02d}" for place, level in enumerate(LEVELS, start=10)}
SHARES = {"PhD": Decimal(110), "LPC-associate": Decimal(82)}
GOLD = "G900"
OF_PAYER = {
    "FIX": (
        "old_schedule escalator_missed wrong_level level_percent_twice modifier_ignored telehealth_parity "
        "wrong_plan general_rate mppr_not_agreed units_cut units_not_multiplied downcoded bundled"
    ).split(),
    "PLAIN": (
        "level_percent_not_agreed wrong_place sequestration_not_agreed withhold_not_agreed "
        "unexplained_reduction interest_missing telehealth_parity units_cut downcoded bundled mppr_not_agreed"
    ).split(),
    "PCT": ["per_diem_as_visit", "rounded_down"],
}


@dataclass
class Score:
    """How the comparison did: a planted line is found when called underpaid, named when its kind is first."""

    lines: int = 0
    planted: Counter = field(default_factory=Counter)
    found: Counter = field(default_factory=Counter)
    named: Counter = field(default_factory=Counter)
    false: Counter = field(default_factory=Counter)
    statuses: Counter = field(default_factory=Counter)
    wrong_names: Counter = field(default_factory=Counter)
    seconds: float = 0.0
    files: int = 0

    @property
    def precision(self) -> float:
        found = sum(self.found.values())
        return found / ((found + sum(self.false.values())) or 1)

    @property
    def recall(self) -> float:
        return sum(self.found.values()) / (sum(self.planted.values()) or 1)

    @property
    def name_rate(self) -> float:
        return sum(self.named.values()) / (sum(self.found.values()) or 1)


def agreements():
    """What the payers do: the simulator's side."""
    from cleanclaim.simulator.mispaying import Agreement

    levels = {npi: level for level, npi in NPIS.items()}
    return (
        Agreement(
            "FIX", FIXED, YEAR, OLD, 6120, {"90837 HO": 14490}, {}, {f"90837 {GOLD}": 15110}, {}, SHARES,
            levels, rise_on=RISE, rise_percent=Decimal("2.5"), mistakes=tuple(OF_PAYER["FIX"]), every=8,
        ),
        Agreement(
            "PLAIN", PLAIN, YEAR, by_place={"90837 12": 15560}, by_level={"90837 PhD": 15910}, levels=levels,
            withhold=Decimal(5), mistakes=tuple(OF_PAYER["PLAIN"]), every=8,
        ),
        Agreement(
            "PCT", {"90853": 4870}, YEAR, per_diem={"H0015": 41250}, of_charge=Decimal("62.35"),
            levels=levels, mistakes=tuple(OF_PAYER["PCT"]), every=8,
        ),
    )  # fmt: skip


def contract_of(payer_id: str, gold_plan: str):
    """What the contracts say: the server's side."""
    from cleanclaim.pricing.contracts import Contract, Escalator, Rate, RateKind

    fixed = RateKind.FIXED
    if payer_id == "FIX":
        rates = [Rate("any", fixed, date(2025, 1, 1), amount_cents=6120)]
        for code, cents in FIXED.items():
            rates.append(
                Rate(f"{code} old", fixed, date(2024, 1, 1), date(2025, 12, 31), OLD[code], code=code)
            )
            rates.append(Rate(code, fixed, YEAR, None, cents, code=code, source="exhibit A"))
        rates.append(Rate("gold", fixed, YEAR, None, 15110, code="90837", plan_id=gold_plan))
        rates.append(Rate("HO", fixed, YEAR, None, 14490, code="90837", modifier="HO"))
        return Contract(
            "", "FIX", tuple(rates), (Escalator(RISE, Decimal("2.5")),), credential_percents=SHARES
        )
    if payer_id == "PLAIN":
        rates = [Rate(code, fixed, YEAR, None, cents, code=code) for code, cents in PLAIN.items()]
        rates.append(Rate("home", fixed, YEAR, None, 15560, code="90837", place="12"))
        rates.append(Rate("PhD", fixed, YEAR, None, 15910, code="90837", credential="PhD"))
        return Contract(
            "", "PLAIN", tuple(rates), withhold_percent=Decimal(5), interest_percent_a_year=Decimal(12),
            clean_claim_days=30,
        )  # fmt: skip
    return Contract(
        "", "PCT",
        (
            Rate("day", RateKind.PER_DIEM, YEAR, None, 41250, code="H0015"),
            Rate("group", fixed, YEAR, None, 4870, code="90853"),
            Rate("all", RateKind.CHARGE, YEAR, percent=Decimal("62.35")),
        ),
    )  # fmt: skip


def claim_value(chance: random.Random, number: int, payer_id: str, plan: str, gold_plan: str, practice):
    """One claim of one line, as its payer sees it. Each is another patient's."""
    from cleanclaim.claim import Address, Claim, Clinician, Organization, PayerParty, Person, ServiceLine

    level = chance.choice(LEVELS)
    on = YEAR + timedelta(chance.randrange(350))
    units, modifiers, group, place = 1, (), "", chance.choice(("11", "11", "10", "02"))
    if payer_id == "PCT":
        code = chance.choice(("H0015", "90853", "90834", "90791"))
    else:
        code = chance.choice(("90791", "90834", "90837", "90837", "90853", "99214", "96131"))
    if code == "96131":
        units = chance.choice((1, 2, 3, 4))
    if code == "90837" and payer_id == "FIX":
        special = chance.choice(("", "", "HO", GOLD))
        modifiers, group = (("HO",) if special == "HO" else ()), (GOLD if special == GOLD else "")
    if code == "90837" and payer_id == "PLAIN" and level != "PhD" and chance.random() < 0.3:
        place = "12"
    name = f"UY{number:08d}"
    member = f"{chance.choice(('PD', 'PD', 'CN', 'CP', 'DD'))}{number:07d}"
    home = Address("2 Way", "", "Albany", "NY", "122070001")
    person = Person("Sample", "Pat", birth_date=date(1990, 2, 3), sex="F", address=home)
    charge = CHARGES[code] * units
    return Claim(
        claim_number=name,
        billing_provider=Organization(
            practice.name, practice.npi, practice.tax_id, taxonomy="103T00000X", address=home,
            contact_name="Desk", contact_phone="5555550101",
        ),
        payer=PayerParty(f"{payer_id} HEALTH", payer_id, claim_filing_code="CI"),
        subscriber=person, member_id=member, patient=person,
        lines=(ServiceLine(1, f"{name}L1", code, on, charge, str(units), modifiers, (1,)),),
        diagnoses=("F411",), place_of_service=place, total_charge_cents=charge, group_number=group,
        rendering=Clinician("Ray", "Ada", NPIS[level], "103T00000X", level),
        practice_id=str(practice.pk), patient_id=f"p{number}", plan_id=gold_plan if group else plan,
        state=STATE,
    )  # fmt: skip


def run(practice, acting_user, *, claims: int, seed: int) -> Score:
    """Plant, send, answer, post, compare, score, in transactions of its own; the practice must be set up."""
    from django.db import transaction

    from cleanclaim.simulator import Contract as Market
    from cleanclaim.simulator import SimulatedClearinghouse, Timing
    from cleanclaim_server.clearinghouse.models import TradingPartner
    from cleanclaim_server.cycle.receiving import receive_files
    from cleanclaim_server.tenancy.context import system_context
    from cleanclaim_server.underpayments.models import LineComparison

    began, score, agency = time.perf_counter(), Score(), practice.agency
    with transaction.atomic(), system_context(agency.pk):
        partner = TradingPartner.objects.create(
            agency=agency, name="Simulated", transport="simulator", receiver_id="SIMCLEAR"
        )
        values = _on_file(practice, acting_user, claims, seed)
    market = SimulatedClearinghouse(
        seed, Market(agreements=agreements()), Timing(payment_days=(6, 12), payment_spread_days=4)
    )
    for data, sent in _files(values):
        market.receive(data, sent)
    now = datetime.combine(YEAR + timedelta(580), clock(9), UTC)
    answers = [(one.name, one.data) for one in market.due(now) if one.kind == "835"]
    for start in range(0, len(answers), 20):
        with transaction.atomic(), system_context(agency.pk):
            receive_files(agency.pk, answers[start : start + 20], partner=partner, now=now)
    score.files = len(answers)
    planted = market.state.planted
    with transaction.atomic(), system_context(agency.pk):
        rows = LineComparison.objects.filter(practice=practice, is_current=True).values_list(
            "claim_line__control_number", "status", "kind"
        )
        _judge(score, planted, list(rows))
    score.seconds = time.perf_counter() - began
    return score


def _judge(score: Score, planted: dict[str, str], rows: list[tuple[str, str, str]]) -> None:
    score.planted = Counter(planted.values())
    for control, status, kind in rows:
        score.lines += 1
        score.statuses[status] += 1
        label = planted.get(control, "")
        if status != "underpaid":
            continue
        if not label:
            score.false[kind] += 1
            continue
        score.found[label] += 1
        if kind == label:
            score.named[label] += 1
        else:
            score.wrong_names[label, kind] += 1


def _files(values: list) -> list[tuple[bytes, datetime]]:
    """One file a week and payer, and the evening on which it leaves."""
    from cleanclaim.x12.sets.claim_837p import Receiver, Submitter, write_837p
    from cleanclaim.x12.writer import Envelope, write_x12

    weeks: dict[tuple, list] = {}
    for value in values:
        day = value.lines[0].date_of_service
        weeks.setdefault((*day.isocalendar()[:2], value.payer.payer_id), []).append(value)
    found = []
    for number, ((year, week, _), members) in enumerate(sorted(weeks.items()), start=1):
        sent = datetime.combine(date.fromisocalendar(year, week, 7), clock(20), UTC) + timedelta(
            minutes=number
        )
        body = write_837p(
            members, submitter=Submitter("YEAR", "YEAR1", "DESK", "5555550101"),
            receiver=Receiver("SIMCLEAR", "SIMCLEAR"),
            batch_reference=f"Y{number}", control_number="0001", created_at=sent,
        )  # fmt: skip
        envelope = Envelope(
            sender_id="YEAR1",
            receiver_id="SIMCLEAR",
            control_number=number,
            group_control_number=number,
            created_at=sent,
        )
        found.append((write_x12(envelope, [body]), sent))
    return found


def _on_file(practice, acting_user, claims: int, seed: int) -> list:
    """Payers with their contracts, clinicians, and a year of claims that have left."""
    from cleanclaim.claim import encode_claim
    from cleanclaim_server.claims.models import Claim, ClaimFamily, ClaimLine
    from cleanclaim_server.contracts.actions import How, save_version, start_contract
    from cleanclaim_server.coverage.models import Coverage, Payer, Plan
    from cleanclaim_server.encounters.models import Encounter
    from cleanclaim_server.patients.models import Patient
    from cleanclaim_server.practice.models import Location, Provider

    agency, now, mine = practice.agency, datetime.combine(YEAR, clock(8), UTC), {"practice": practice}
    chance = random.Random(seed)
    providers = {
        level: Provider.objects.create(
            **mine, first_name="Ada", last_name="Ray", npi=npi, taxonomy="103T00000X", credential=level
        )
        for level, npi in NPIS.items()
    }
    place = Location.objects.create(
        **mine, name="Main", address_line1="1 Way", city="Albany", state="NY", postal_code="122070001"
    )
    patient = Patient.objects.create(**mine, chart_number="Y1", first_name="Pat", last_name="Sample")
    held, plans = {}, {}
    for payer_id in OF_PAYER:
        payer = Payer.objects.create(
            agency=agency, name=f"{payer_id} Health", payer_id=payer_id, kind="commercial"
        )
        for name in ("usual", "gold"):
            plan = plans[payer_id, name] = Plan.objects.create(agency=agency, payer=payer, name=name)
            held[str(plan.pk)] = Coverage.objects.create(
                **mine, patient=patient, plan=plan, member_id="PD1", starts_on=YEAR
            )
        contract = start_contract(practice, payer, acting_user=acting_user, now=now)
        value = contract_of(payer_id, str(plans[payer_id, "gold"].pk))
        save_version(
            contract, value, how=How.TYPED, note="agreed", based_on=1, acting_user=acting_user, now=now
        )
    values, rows = [], {model: [] for model in (Encounter, ClaimFamily, Claim, ClaimLine)}
    for number in range(1, claims + 1):
        payer_id = chance.choice(tuple(OF_PAYER))
        usual, gold = (str(plans[payer_id, name].pk) for name in ("usual", "gold"))
        value = claim_value(chance, number, payer_id, usual, gold, practice)
        values.append(value)
        line, coverage = value.lines[0], held[value.plan_id]
        who = providers[value.rendering.credential]
        encounter = Encounter(
            **mine, patient=patient, coverage=coverage, rendering_provider=who, location=place,
            external_id=value.claim_number, date_of_service=line.date_of_service, service="psychotherapy",
        )  # fmt: skip
        family = ClaimFamily(**mine, encounter=encounter, patient=patient)
        claim = Claim(
            **mine, family=family, patient=patient, coverage=coverage, payer=coverage.plan.payer,
            claim_number=value.claim_number, lifecycle="sent", payer_state="waiting",
            date_of_service=line.date_of_service, date_of_service_end=line.date_of_service,
            rendering_provider=who, place_of_service=value.place_of_service, rule_state=STATE,
            total_charge_cents=value.total_charge_cents, codes=line.code, frozen=encode_claim(value),
            frozen_hash="0" * 64, first_sent_at=now, created_at=now,
        )  # fmt: skip
        rows[Encounter].append(encounter)
        rows[ClaimFamily].append(family)
        rows[Claim].append(claim)
        rows[ClaimLine].append(
            ClaimLine(
                **mine, claim=claim, number=1, control_number=line.control_number, code=line.code,
                modifiers=" ".join(line.modifiers), units=int(line.units),
                date_of_service=line.date_of_service, charge_cents=line.charge_cents,
            )
        )  # fmt: skip
    for model, made in rows.items():
        model.objects.bulk_create(made, batch_size=500)
    return values


def table(score: Score, seed: int) -> str:
    """The figure as a page."""
    out = [
        "# Underpayments: precision and recall",
        "",
        f"Made by `benchmarks/underpayments.py` with seed {seed}: {score.lines:,} paid lines of three payers "
        f"in {score.files} files (835), posted and compared by the server; {sum(score.planted.values()):,} "
        f"of them were paid by a mistake of one of {len(score.planted)} kinds.",
        "",
        "| figure | value | how |",
        "| --- | ---: | --- |",
        f"| precision | {score.precision:.4f} | of the lines called underpaid, those that were |",
        f"| recall | {score.recall:.4f} | of the lines paid by a mistake, those that were called underpaid |",
        f"| named rightly | {score.name_rate:.4f} | of those, the ones whose first name is that mistake |",
        "",
        "| kind | planted | found | named rightly |",
        "| --- | ---: | ---: | ---: |",
    ]
    out += [
        f"| {kind} | {score.planted[kind]} | {score.found[kind]} | {score.named[kind]} |"
        for kind in sorted(score.planted)
    ]
    if score.wrong_names:
        out += ["", "Named otherwise: " + "; ".join(
            f"{kind} as {name or 'nothing'} ({n})" for (kind, name), n in score.wrong_names.most_common()
        ) + "."]  # fmt: skip
    if score.false:
        out += ["", f"Called underpaid without a mistake: {dict(score.false)}."]
    out += [
        "",
        "What it proves: nothing paid as agreed is called short, and the names do not overlap. The "
        "simulator's arithmetic shares no code with the contracts, but it pays as its author thinks that "
        "payers do; a payer's own year is harder.",
        "",
    ]
    return "\n".join(out)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--claims", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CLEANCLAIM_DATA_DIR"] = folder
        os.environ.pop("CLEANCLAIM_DATABASE_URL", None)
        os.environ["DJANGO_SETTINGS_MODULE"] = "cleanclaim_server.config.settings"
        import django

        django.setup()
        score = run(*_installation(Path(folder)), claims=given.claims, seed=given.seed)
    text = table(score, given.seed)
    sys.stdout.write(f"{text}\n{score.seconds:.1f} s, statuses {dict(score.statuses)}\n")
    if given.write:
        given.write.write_text(text)


def _installation(folder: Path):
    """A fresh installation with one practice and its manager."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import transaction

    from cleanclaim_server.identity.models import Grant, User
    from cleanclaim_server.practice.models import Agency, Practice
    from cleanclaim_server.tenancy.context import system_context
    from cleanclaim_server.tenancy.keys import create_key_file

    create_key_file(Path(settings.CLEANCLAIM_KEYS_FILE), today=YEAR)
    call_command("migrate", interactive=False, verbosity=0)
    with transaction.atomic():
        agency = Agency.objects.create(
            name="Year", submitter_id="YEAR1", contact_name="Desk", contact_phone="5555550101"
        )
        with system_context(agency.pk):
            practice = Practice.objects.create(
                agency=agency, code="UY", name="Year Practice", npi="1234567893", taxonomy="103T00000X",
                tax_id="990000001", address_line1="1 Way", city="Albany", state="NY", postal_code="122070001",
            )  # fmt: skip
        user = User.objects.create(agency=agency, email="m@example.test", display_name="Manager")
        Grant.objects.create(user=user, practice=practice, role="manager")
    return practice, user


if __name__ == "__main__":
    main()
