"""The file that describes a practice (docs/recipes/set-up-a-practice.md), and putting it on file."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import yaml
from django.db import transaction

from cleanclaim.coding.vocabulary import CREDENTIAL_ALIASES, CREDENTIALS
from cleanclaim.edits.prepare import npi_is_valid
from cleanclaim.money import AmountError, parse_amount
from cleanclaim_server.audit.recording import record
from cleanclaim_server.charges.models import ChargeRate, ContractRate
from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.clearinghouse.ports import PortError, port_for
from cleanclaim_server.coverage.models import Payer, Plan
from cleanclaim_server.practice.models import Agency, License, Location, Practice, Provider

LARGEST_FILE = 2_000_000
PAYER_KINDS = ("medicare", "medicaid", "commercial", "tricare")


class PracticeFileError(ValueError):
    """The file cannot be used; the message names the place. Nothing was put on file."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class SubmitterPart(_Part):
    """Whom a payer calls about a file (837P loop 1000A). Kept for the agency when it has nobody yet."""

    contact_name: str
    contact_phone: str


class AddressPart(_Part):
    line1: str
    city: str
    state: str
    postal_code: str
    line2: str = ""


class PracticePart(_Part):
    """The billing provider. `code` is two letters, unique in the agency; it begins every claim number."""

    code: str
    name: str
    npi: str
    taxonomy: str
    tax_id: str
    address: AddressPart
    tax_id_kind: str = "EI"
    phone: str = ""
    timezone: str = "America/New_York"
    is_person: bool = False
    first_name: str = ""


class LocationPart(_Part):
    """A place of sessions. Without an address it is the billing address."""

    name: str
    place_of_service: str = "11"
    address: AddressPart | None = None
    npi: str = ""
    timezone: str = ""


class LicensePart(_Part):
    state: str
    number: str = ""
    starts: date | None = None
    ends: date | None = None


class ClinicianPart(_Part):
    first_name: str
    last_name: str
    npi: str
    taxonomy: str
    credential: str
    supervisor: str = ""
    licenses: tuple[LicensePart, ...] = ()


class ClearinghousePart(_Part):
    """Who carries the files. `settings` are those of the transport (docs/recipes)."""

    name: str
    receiver_id: str
    transport: str
    settings: dict[str, Any] = {}
    receiver_qualifier: str = "ZZ"
    receiver_name: str = ""
    usage: str = "P"


class PricePart(_Part):
    code: str
    amount: str
    starts: date
    modifier: str = ""
    credential: str = ""


class PlanPart(_Part):
    name: str
    state: str = ""
    program: str = ""


class PayerPart(_Part):
    name: str
    payer_id: str
    kind: str
    plans: tuple[PlanPart, ...]
    claim_filing_code: str = "CI"
    states: tuple[str, ...] = ()
    address: AddressPart | None = None
    profile: dict[str, str] = {}
    allowed: tuple[PricePart, ...] = ()


class PracticeFile(_Part):
    """The whole file. Lists may be empty where the agency has these records already."""

    practice: PracticePart
    clinicians: tuple[ClinicianPart, ...]
    submitter: SubmitterPart | None = None
    locations: tuple[LocationPart, ...] = ()
    clearinghouse: ClearinghousePart | None = None
    payers: tuple[PayerPart, ...] = ()
    charges: tuple[PricePart, ...] = ()


def read_practice_file(data: bytes) -> PracticeFile:
    """Read and check a file. Codes are quoted in YAML: a bare 11 is a number and refused.

    Raises:
        PracticeFileError: Not YAML, an unknown or missing key, a number that cannot be an NPI, ...
    """
    if len(data) > LARGEST_FILE:
        raise PracticeFileError(f"larger than {LARGEST_FILE:,} bytes [setup.too_large]")
    try:
        document = yaml.safe_load(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise PracticeFileError("not UTF-8 text [setup.unreadable]") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark else ""
        raise PracticeFileError(f"{place}not YAML [setup.unreadable]") from None
    try:
        found = msgspec.convert(document, PracticeFile, builtin_types=(date,))
    except msgspec.ValidationError as error:
        raise PracticeFileError(f"{error} [setup.shape]") from None
    _check(found)
    return found


def _check(found: PracticeFile) -> None:
    def need(good: bool, where: str, fault: str) -> None:
        if not good:
            raise PracticeFileError(f"{where}: {fault} [setup.value]")

    own = found.practice
    need(len(own.code) == 2 and own.code.isascii() and own.code.isalpha() and own.code.isupper(),
         "practice.code", "two capital letters")  # fmt: skip
    need(npi_is_valid(own.npi), "practice.npi", "not an NPI (see `cleanclaim npi`)")
    need(own.tax_id.isdecimal() and len(own.tax_id) == 9, "practice.tax_id", "nine digits, no dashes")
    need(own.tax_id_kind in ("EI", "SY"), "practice.tax_id_kind", "EI (employer number) or SY (SSN)")
    npis = [one.npi for one in found.clinicians]
    for at, one in enumerate(found.clinicians):
        where = f"clinicians[{at}]"
        need(npi_is_valid(one.npi), f"{where}.npi", "not an NPI (see `cleanclaim npi`)")
        need(npis.count(one.npi) == 1, f"{where}.npi", "given twice")
        known = sorted(CREDENTIALS | CREDENTIAL_ALIASES.keys())
        need(one.credential in known, f"{where}.credential", f"one of {', '.join(known)}")
        need(not one.supervisor or npi_is_valid(one.supervisor), f"{where}.supervisor", "not an NPI")
    for at, payer in enumerate(found.payers):
        need(payer.kind in PAYER_KINDS, f"payers[{at}].kind", f"one of {', '.join(PAYER_KINDS)}")
        need(bool(payer.plans), f"payers[{at}].plans", "a payer has at least one plan")
    prices = [(f"charges[{at}]", one) for at, one in enumerate(found.charges)]
    for at, payer in enumerate(found.payers):
        prices += [(f"payers[{at}].allowed[{place}]", one) for place, one in enumerate(payer.allowed)]
    for where, price in prices:
        try:
            need(parse_amount(price.amount) > 0, f"{where}.amount", "more than zero")
        except AmountError:
            need(False, f"{where}.amount", 'dollars and cents, quoted: "150.00"')


def set_up_practice(
    agency: Agency, found: PracticeFile, *, actor_id: UUID | None = None, actor: str = "", now
) -> tuple[Practice, Counter[str]]:
    """Put on file what is missing, in one transaction; what is there stays as it is.

    Runs inside a tenant context of the agency. A new practice is in nobody's reach until an administrator
    of users gives roles there.

    Returns:
        The practice, and how many records of each kind were added.

    Raises:
        PracticeFileError: The clearinghouse's settings cannot be used, or a supervisor is unknown.
    """
    from cleanclaim_server.tenancy.context import system_context

    made: Counter[str] = Counter()
    with transaction.atomic():
        own = found.practice
        if found.submitter and not agency.contact_name:
            agency.contact_name = found.submitter.contact_name
            agency.contact_phone = found.submitter.contact_phone
            agency.save(update_fields=["contact_name", "contact_phone"])
        practice, new = Practice.objects.get_or_create(
            agency=agency,
            code=own.code,
            defaults={
                "name": own.name, "npi": own.npi, "taxonomy": own.taxonomy, "tax_id": own.tax_id,
                "tax_id_kind": own.tax_id_kind, "phone": own.phone, "timezone": own.timezone,
                "is_person": own.is_person, "first_name": own.first_name,
                "hue": 1 + Practice.objects.filter(agency=agency).count() % 8, **_address(own.address),
            },
        )  # fmt: skip
        made["practices"] += new
        with system_context(agency.id):  # its reach includes the new practice
            _locations(practice, found, made)
            _clinicians(practice, found.clinicians, made)
            partner = _partner(agency, found.clearinghouse, made, now)
            _payers(practice, found.payers, partner, made)
            for one in found.charges:
                _, new = ChargeRate.objects.get_or_create(
                    practice=practice, code=one.code, modifier=one.modifier, starts_on=one.starts,
                    defaults={"amount_cents": parse_amount(one.amount)},
                )  # fmt: skip
                made["charges"] += new
            record(
                "practice.set_up", "practice", practice.id, practice_id=practice.id, agency_id=agency.id,
                actor=actor_id or actor, added=sum(made.values()),
            )  # fmt: skip
    return practice, +made


def _address(part: AddressPart) -> dict[str, str]:
    return {
        "address_line1": part.line1,
        "address_line2": part.line2,
        "city": part.city,
        "state": part.state,
        "postal_code": part.postal_code.replace("-", ""),
    }


def _locations(practice: Practice, found: PracticeFile, made: Counter[str]) -> None:
    for one in found.locations or (LocationPart(name="Main office"),):
        address = one.address or found.practice.address
        _, new = Location.objects.get_or_create(
            practice=practice,
            name=one.name,
            defaults={
                "npi": one.npi, "place_of_service": one.place_of_service,
                "timezone": one.timezone or practice.timezone, "is_billing_address": one.address is None,
                **_address(address),
            },
        )  # fmt: skip
        made["locations"] += new


def _clinicians(practice: Practice, parts: tuple[ClinicianPart, ...], made: Counter[str]) -> None:
    for one in parts:
        provider, new = Provider.objects.get_or_create(
            practice=practice,
            npi=one.npi,
            defaults={
                "first_name": one.first_name, "last_name": one.last_name, "taxonomy": one.taxonomy,
                "credential": CREDENTIAL_ALIASES.get(one.credential, one.credential),
            },
        )  # fmt: skip
        made["clinicians"] += new
        for held in one.licenses if new else ():
            License.objects.create(
                practice=practice, provider=provider, state=held.state, number=held.number,
                starts_on=held.starts, ends_on=held.ends,
            )  # fmt: skip
    on_file = {provider.npi: provider for provider in Provider.objects.filter(practice=practice)}
    for one in parts:
        provider = on_file[one.npi]
        if one.supervisor and provider.supervisor_id is None:
            if one.supervisor not in on_file:
                raise PracticeFileError(
                    f"supervisor {one.supervisor} is no clinician here [setup.supervisor]"
                )
            provider.supervisor = on_file[one.supervisor]
            provider.save(update_fields=["supervisor"])


def _partner(
    agency: Agency, part: ClearinghousePart | None, made: Counter[str], now
) -> TradingPartner | None:
    if part is None:
        return TradingPartner.objects.filter(agency=agency, is_active=True).order_by("id").first()
    partner = TradingPartner.objects.filter(agency=agency, name=part.name).first()
    if partner is None:
        partner = TradingPartner(
            agency=agency, name=part.name, transport=part.transport, config=part.settings,
            receiver_id=part.receiver_id, receiver_qualifier=part.receiver_qualifier,
            receiver_name=part.receiver_name or part.name, usage=part.usage,
        )  # fmt: skip
        try:
            port_for(partner, now=now)
        except PortError as error:
            raise PracticeFileError(f"clearinghouse.settings: {error} [setup.clearinghouse]") from None
        partner.save()
        made["clearinghouses"] += 1
    return partner


def _payers(
    practice: Practice, parts: tuple[PayerPart, ...], partner: TradingPartner | None, made: Counter[str]
) -> None:
    for one in parts:
        payer, new = Payer.objects.get_or_create(
            agency=practice.agency,
            payer_id=one.payer_id,
            defaults={
                "name": one.name, "kind": one.kind, "claim_filing_code": one.claim_filing_code,
                "states": list(one.states), "profile": one.profile, "trading_partner": partner,
                "address": _contact(one.address) if one.address else {},
            },
        )  # fmt: skip
        made["payers"] += new
        for plan in one.plans:
            _, new = Plan.objects.get_or_create(
                agency=practice.agency, payer=payer, name=plan.name,
                defaults={"state": plan.state, "program": plan.program},
            )  # fmt: skip
            made["plans"] += new
        for price in one.allowed:
            _, new = ContractRate.objects.get_or_create(
                practice=practice, payer=payer, code=price.code, credential=price.credential,
                starts_on=price.starts, defaults={"allowed_cents": parse_amount(price.amount)},
            )  # fmt: skip
            made["allowed amounts"] += new


def _contact(part: AddressPart) -> dict[str, str]:
    return {
        "line1": part.line1,
        "line2": part.line2,
        "city": part.city,
        "state": part.state,
        "postal_code": part.postal_code.replace("-", ""),
    }
