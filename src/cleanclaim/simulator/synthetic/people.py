"""Patients: who they are, how they are covered, when they come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TypeVar

from cleanclaim.claim import Address, PayerKind, Person
from cleanclaim.simulator.chance import between, draw, one_of, percent, spread, weighted
from cleanclaim.simulator.synthetic.decks import DECKS, PLAIN
from cleanclaim.simulator.synthetic.numbers import medicare_number, member_number
from cleanclaim.simulator.synthetic.practices import GROUPS
from cleanclaim.simulator.synthetic.records import (
    SyntheticAuthorization,
    SyntheticClinician,
    SyntheticCoverage,
    SyntheticHabit,
    SyntheticPatient,
    SyntheticPayer,
    SyntheticPractice,
)
from cleanclaim.simulator.synthetic.words import FIRST_NAMES, LAST_NAMES, PLACES, STREETS

T = TypeVar("T")

_SHARES = (("MV", 122), ("CR", 94), ("TM", 96), ("BW", 70), ("HL", 38))
"""Patients of each practice: 420 in all."""

_DIAGNOSES = (
    (("F33.1",), 15), (("F41.1",), 18), (("F32.1",), 10), (("F43.23",), 10), (("F43.10",), 8),
    (("F33.1", "F41.1"), 9), (("F90.0",), 6), (("F60.3", "F33.1"), 4), (("F10.20", "F41.1"), 4),
    (("F42.2",), 3), (("F31.81",), 4), (("F40.10",), 4), (("F43.23", "Z63.0"), 3), (("F32.A",), 2),
)  # fmt: skip

_SUPERVISED = frozenset({"LPC-associate", "LMSW"})
_HOURS = tuple(range(8, 17))
_CAPITATED_PAYER = "SPEC1"
_SUPPLEMENT = "SUPPL"
_COVERED_SINCE = date(2019, 1, 1)


class Appointments:
    """The weekly grid of every clinician: a place is a weekday, an hour and one of four weeks."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.taken: set[tuple[str, int, int, int]] = set()

    def find(
        self,
        clinicians: list[SyntheticClinician],
        patient: int,
        weeks: tuple[int, ...],
        *,
        avoid: frozenset[int],
    ) -> SyntheticHabit:
        """The patient's place with the first clinician who has one; weekdays to avoid are left out.

        Raises:
            ValueError: Nobody has a place left: the practice has too many patients.
        """
        for clinician in clinicians:
            places = [(weekday, hour) for weekday in range(5) if weekday not in avoid for hour in _HOURS]
            first = draw(self.seed, "place", clinician.id, patient) % len(places)
            for weekday, hour in (*places[first:], *places[:first]):
                for shift in range(4):
                    wanted = tuple(sorted((week + shift) % 4 for week in weeks))
                    keys = {(clinician.id, weekday, hour, week) for week in wanted}
                    if not keys & self.taken:
                        self.taken |= keys
                        return SyntheticHabit(clinician.id, weekday, hour, wanted)
        raise ValueError("no clinician of the practice has a place left")


def make_patients(
    seed: int,
    around: date,
    practices: tuple[SyntheticPractice, ...],
    clinicians: tuple[SyntheticClinician, ...],
    payers: tuple[SyntheticPayer, ...],
) -> tuple[SyntheticPatient, ...]:
    """All patients, in an order that depends on the seed alone."""
    by_code = {practice.code: practice for practice in practices}
    appointments = Appointments(seed)
    maker = _Maker(seed, around, clinicians, payers, appointments)
    codes = _shuffled([code for code, count in _SHARES for _ in range(count)], seed, "practice")
    cards = _shuffled([(kind, prefix) for kind, deck in DECKS.items() for prefix in deck], seed, "deck")
    return tuple(
        maker.patient(number, by_code[code], kind, prefix)
        for number, (code, (kind, prefix)) in enumerate(_fitting(codes, cards), 1)
    )


def _shuffled(items: list[T], seed: int, word: str) -> list[T]:
    return [item for _, item in sorted(enumerate(items), key=lambda pair: draw(seed, word, pair[0]))]


def _fitting(
    codes: list[str], cards: list[tuple[PayerKind, str]]
) -> Iterator[tuple[str, tuple[PayerKind, str]]]:
    """Pairs of practice and card; what a practice cannot show goes to one that can.

    Parts of a claim are denied where there are two lines, which needs a prescriber; a wrong place of
    service needs telehealth.
    """
    waiting = list(codes)
    for card in sorted(cards, key=lambda card: card[1] not in ("PT", "NH")):
        suits = {"PT": ("MV", "CR"), "NH": ("TM",)}.get(card[1])
        at = next(at for at, code in enumerate(waiting) if suits is None or code in suits)
        yield waiting.pop(at), card


class _Maker:
    def __init__(
        self,
        seed: int,
        around: date,
        clinicians: tuple[SyntheticClinician, ...],
        payers: tuple[SyntheticPayer, ...],
        appointments: Appointments,
    ) -> None:
        self.seed = seed
        self.around = around
        self.clinicians = clinicians
        self.payers = {payer.payer_id: payer for payer in payers}
        self.appointments = appointments
        self.names: set[tuple[str, str]] = set()
        self.members = {group.id: 0 for group in GROUPS}

    def patient(
        self, number: int, practice: SyntheticPractice, kind: PayerKind, prefix: str
    ) -> SyntheticPatient:
        seed = self.seed
        location = one_of(practice.locations, seed, "location", number)
        state = one_of(practice.states, seed, "state", number)
        if practice.kind != "telehealth":
            state = location.address.state
        elif state != practice.states[0]:
            location = next(one for one in practice.locations if one.address.state == state)
        payer = self._payer(number, kind, prefix, state)
        person, child = self._person(number, kind, state)
        therapy, medication, group = self._habits(number, practice, payer, prefix)
        remote = percent(practice.telehealth_percent, seed, "remote", number) or prefix == "NH"
        return SyntheticPatient(
            id=f"{practice.code}-P{number:04d}",
            chart_number=f"{practice.code}{10_000 + number}",
            practice_code=practice.code,
            location_id=location.id,
            person=person,
            phone=f"55555501{number % 100:02d}",
            coverages=self._coverages(number, payer, kind, prefix, person, state, child=child),
            diagnoses=weighted(_DIAGNOSES, seed, "diagnoses", number),
            therapy=therapy,
            medication=medication,
            care_starts=draw(seed, "care starts", number) % 365,
            care_days=self._care_days(number, prefix, group),
            copay_cents=2500 if prefix == "CP" and percent(70, seed, "copay", number) else 0,
            family=therapy is not None and percent(9, seed, "family", number),
            group=group,
            prefers="video" if remote else "in_person",
            authorizations=self._authorizations(number, payer, kind, prefix),
        )

    def _payer(self, number: int, kind: PayerKind, prefix: str, state: str) -> SyntheticPayer:
        if kind is PayerKind.MEDICARE:
            code = "EXMCN" if state in self.payers["EXMCN"].states else "EXMCS"
        elif kind is PayerKind.MEDICAID:
            code = f"DM{state}1"
        elif prefix == "CC":
            code = _CAPITATED_PAYER
        else:
            choices = (("EXHP1", 40), ("SMUT1", 30), ("FIXT1", 20), ("SPEC1", 10))
            code = weighted(choices, self.seed, "payer", number)
        return self.payers[code]

    def _person(self, number: int, kind: PayerKind, state: str) -> tuple[Person, bool]:
        """The patient, and whether it is a child on a parent's plan."""
        seed = self.seed
        attempt = 0
        while True:
            first = one_of(FIRST_NAMES, seed, "first", number, attempt)
            last = one_of(LAST_NAMES, seed, "last", number, attempt)
            if (first, last) not in self.names:
                break
            attempt += 1
        self.names.add((first, last))
        child = kind is PayerKind.COMMERCIAL and percent(14, seed, "child", number)
        low, high = (66, 86) if kind is PayerKind.MEDICARE else (9, 17) if child else (19, 63)
        days = between(low * 366, high * 365, seed, "age", number)
        town, postal_code, _ = PLACES[state]
        house = between(1, 999, seed, "house", number)
        street = one_of(STREETS, seed, "street", number)
        # One chart lacks its ZIP code: every claim of this patient stops at the edits.
        address = Address(f"{house} {street}", "", town, state, "" if number == 404 else postal_code)
        sex = one_of("FFFMMU", seed, "sex", number)
        return Person(last, first, "", "", self.around - timedelta(days=days), sex, address), child

    def _coverages(
        self, number: int, payer: SyntheticPayer, kind: PayerKind, prefix: str, person: Person, state: str, *,
        child: bool,
    ) -> tuple[SyntheticCoverage, ...]:  # fmt: skip
        subscriber = person
        if child:
            parent = one_of(FIRST_NAMES, self.seed, "parent", number)
            born = (person.birth_date or self.around) - timedelta(
                days=between(23 * 365, 38 * 365, self.seed, "parent", number)
            )
            subscriber = Person(person.last_name, parent, "", "", born, "F", person.address)
        medicare = kind is PayerKind.MEDICARE
        primary = SyntheticCoverage(
            payer_id=payer.payer_id,
            plan_id=one_of(payer.plans, self.seed, "plan", number).id,
            sequence="P",
            member_id=medicare_number(prefix, self.seed, number)
            if medicare
            else member_number(prefix, number),
            relationship="19" if child else "18",
            subscriber=subscriber,
            starts_on=_COVERED_SINCE,
            group_number=f"G{700 + number % 50}" if kind is PayerKind.COMMERCIAL else "",
        )
        second = self._second_payer(number, payer, kind, prefix, state)
        if second is None:
            return (primary,)
        denied = second.kind is PayerKind.COMMERCIAL and percent(12, self.seed, "second denied", number)
        secondary = SyntheticCoverage(
            payer_id=second.payer_id,
            plan_id=second.plans[0].id,
            sequence="S",
            member_id=member_number("N1" if denied and prefix != "XO" else "PD", 5000 + number),
            relationship=primary.relationship,
            subscriber=subscriber,
            starts_on=_COVERED_SINCE,
        )
        return (primary, secondary)

    def _second_payer(
        self, number: int, payer: SyntheticPayer, kind: PayerKind, prefix: str, state: str
    ) -> SyntheticPayer | None:
        if prefix == "XO":
            return self.payers[_SUPPLEMENT]
        if prefix == "SQ" and percent(20, self.seed, "second", number):
            return self.payers[f"DM{state}1"]
        if prefix in ("CN", "DD", "DC") and percent(22, self.seed, "second", number):
            return self.payers["FIXT1" if payer.payer_id != "FIXT1" else "SMUT1"]
        return None

    def _habits(
        self, number: int, practice: SyntheticPractice, payer: SyntheticPayer, prefix: str
    ) -> tuple[SyntheticHabit | None, SyntheticHabit | None, str]:
        seed = self.seed
        staff = [one for one in self.clinicians if one.practice_code == practice.code]
        prescribers = [one for one in staff if one.prescribes]
        therapists = [one for one in staff if not one.prescribes and _may_treat(one, payer)]
        therapists.sort(key=lambda one: draw(seed, "clinician", number, one.id))
        if prefix == "PT":
            return None, self.appointments.find(prescribers, number, (0, 2), avoid=frozenset()), ""
        group = self._group(number, practice, prefix)
        avoid = frozenset(next((one.weekdays for one in GROUPS if one.id == group), ()))
        weeks = self._weeks(number, prefix)
        therapy = self.appointments.find(therapists, number, weeks, avoid=avoid)
        medication = None
        if prescribers and percent(22, seed, "medication", number):
            medication = self.appointments.find(prescribers, number, (0,), avoid=avoid | {therapy.weekday})
        return therapy, medication, group

    def _weeks(self, number: int, prefix: str) -> tuple[int, ...]:
        if prefix == "R9":
            return (0,)
        at = spread(100, number, self.seed, "weeks")
        weekly, every_second = (29, 74) if prefix in PLAIN else (24, 76)
        return (0, 1, 2, 3) if at < weekly else (0, 2) if at < every_second else (0,)

    def _care_days(self, number: int, prefix: str, group: str) -> int:
        if group == "CR-IOP":
            return 84
        if prefix == "R9":
            return 90
        shortest, longest = (132, 310) if prefix in PLAIN else (130, 310)
        return shortest + spread(longest - shortest, number, self.seed, "care", series=1)

    def _group(self, number: int, practice: SyntheticPractice, prefix: str) -> str:
        """A group of the practice that still has room, for some of the plainly paid."""
        for group in GROUPS:
            room = 12 if group.id == "CR-IOP" else 9
            fits = group.practice_code == practice.code and prefix in PLAIN
            if fits and self.members[group.id] < room and percent(30, self.seed, "group", number):
                self.members[group.id] += 1
                return group.id
        return ""

    def _authorizations(
        self, number: int, payer: SyntheticPayer, kind: PayerKind, prefix: str
    ) -> tuple[SyntheticAuthorization, ...]:
        """Yearly permissions of some members of managed plans; who is denied for want of one has none."""
        if (
            kind is PayerKind.MEDICARE
            or prefix == "N3"
            or not percent(18, self.seed, "authorization", number)
        ):
            return ()
        return tuple(
            SyntheticAuthorization(
                number=f"AU{year % 100:02d}{number:05d}",
                payer_id=payer.payer_id,
                units=60,
                starts_on=date(year, 1, 1),
                ends_on=date(year, 12, 31),
            )
            for year in range(self.around.year - 2, self.around.year + 2)
        )


def _may_treat(clinician: SyntheticClinician, payer: SyntheticPayer) -> bool:
    """Supervised clinicians see members of payers that accept them."""
    return clinician.credential not in _SUPERVISED or payer.profile.get("supervised") == "yes"
