"""Records of the claim status question (276), as nested as the levels of the guide.

Payer > receiver (who asks) > provider > subscriber > dependent; claims stand under the patient.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from cleanclaim.x12.sets.parties import Member, Party, Service


class AskedLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """2210: one service line that is asked about."""

    service: Service | None = None
    charge_cents: int | None = None
    revenue_code: str = ""
    """SVC04."""
    units: Decimal | None = None
    line_control: str = ""
    """REF*FJ: our number of the line."""
    service_from: date | None = None
    service_to: date | None = None
    """The last day; None for a single one."""
    position: int = 0


class AskedClaim(msgspec.Struct, frozen=True, omit_defaults=True):
    """2200: one claim that is asked about."""

    trace_number: str = ""
    """TRN02: the number by which the answer is matched; the 277 repeats it."""
    payer_control_number: str = ""
    """REF*1K."""
    bill_type: str = ""
    """REF*BLT."""
    application_id: str = ""
    """REF*LU."""
    group_number: str = ""
    """REF*6P."""
    claim_number: str = ""
    """REF*EJ: our claim number, CLM01."""
    pharmacy_number: str = ""
    """REF*XZ."""
    clearinghouse_number: str = ""
    """REF*D9."""
    charge_cents: int | None = None
    """AMT*T3."""
    service_from: date | None = None
    service_to: date | None = None
    lines: tuple[AskedLine, ...] = ()
    position: int = 0
    end_position: int = 0


class StatusDependent(Member, frozen=True, omit_defaults=True):
    """2000E: a patient who is not the subscriber."""

    claims: tuple[AskedClaim, ...] = ()


class AskedPatient(StatusDependent, frozen=True, omit_defaults=True):
    """2000D: the subscriber; the patient itself when claims stand here."""

    dependents: tuple[StatusDependent, ...] = ()


class AskingProvider(msgspec.Struct, frozen=True, omit_defaults=True):
    """2000C: the provider of the claims, by one or two ids."""

    providers: tuple[Party, ...] = ()
    subscribers: tuple[AskedPatient, ...] = ()
    position: int = 0


class AskingParty(Party, frozen=True, omit_defaults=True):
    """2000B: who asks."""

    groups: tuple[AskingProvider, ...] = ()


class AskedPayer(Party, frozen=True, omit_defaults=True):
    """2000A: who is asked."""

    receivers: tuple[AskingParty, ...] = ()


class StatusQuestion(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="set", tag="276"):
    """One 276 transaction."""

    reference: str = ""
    """BHT03."""
    created_on: date | None = None
    created_clock: str = ""
    """BHT05, hhmm in the sender's local time."""
    kind: str = ""
    payers: tuple[AskedPayer, ...] = ()
    guide: str = ""
    control_number: str = ""


class AskedClaimRow(msgspec.Struct, frozen=True):
    """One claim that is asked about, with whom it concerns: flat, in file order."""

    payer: Party
    provider: Party
    subscriber: AskedPatient
    patient: StatusDependent
    claim: AskedClaim
