"""Writes to contracts: a contract, a version, a paper. Nothing is edited; each is a row more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime

import msgspec
from django.db.models import Max

from cleanclaim.money import dollars
from cleanclaim.pricing.contracts import (
    Change,
    Contract,
    ContractInvalid,
    Proposal,
    check_contract,
    confirm,
    differences,
    rate_name,
)
from cleanclaim_server.audit.recording import record
from cleanclaim_server.charges.models import ContractRate
from cleanclaim_server.clearinghouse.files import plain_name
from cleanclaim_server.contracts.access import practices_to_write
from cleanclaim_server.contracts.models import (
    ContractDocument,
    ContractVersion,
    How,
    PayerContract,
    RateDismissed,
)
from cleanclaim_server.contracts.queries import plain_contract
from cleanclaim_server.coverage.models import Payer
from cleanclaim_server.identity.models import User
from cleanclaim_server.practice.models import Practice

DOCUMENT_MAX = 8 * 1024 * 1024


class ContractRefused(Exception):
    """What was asked of a contract was not done; the reason for people."""


def start_contract(practice: Practice, payer: Payer, *, acting_user: User, now: datetime) -> PayerContract:
    """Begin a contract: empty, or with the plain amounts that the set-up of the practice brought.

    Raises:
        ContractRefused: The person may not, or there is one already.
    """
    _may_write(acting_user, practice)
    if PayerContract.objects.filter(practice=practice, payer=payer).exists():
        raise ContractRefused("There is a contract with this payer already.")
    contract = PayerContract.objects.create(
        practice=practice, payer=payer, created_at=now, created_by=acting_user.pk
    )
    rows = ContractRate.objects.filter(practice=practice, payer=payer)
    value = plain_contract(payer, rows)
    _version(contract, value, None, How.STARTED, "", None, acting_user, now)
    return contract


def keep_document(
    practice: Practice, name: str, data: bytes, *, acting_user: User, now: datetime
) -> ContractDocument:
    """Keep a paper byte for byte, sealed, with its hash. The same bytes are kept once.

    Raises:
        ContractRefused: The person may not, it is empty, or larger than 8 MB.
    """
    _may_write(acting_user, practice)
    if not data:
        raise ContractRefused("The file is empty.")
    if len(data) > DOCUMENT_MAX:
        raise ContractRefused("The file is larger than 8 MB. Split it, or save it with smaller pictures.")
    digest = hashlib.sha256(data).hexdigest()
    known = ContractDocument.objects.filter(practice=practice, sha256=digest).first()
    if known is not None:
        return known
    row = ContractDocument.objects.create(
        practice=practice,
        name=plain_name(name),
        content=data,
        sha256=digest,
        size=len(data),
        kept_at=now,
        kept_by=acting_user.pk,
    )
    record("contract.document_kept", "contract_document", row.pk, practice_id=practice.pk, size=len(data))
    return row


def save_version(
    contract: PayerContract,
    value: Contract,
    *,
    how: How,
    note: str,
    based_on: int,
    acting_user: User,
    now: datetime,
    source: ContractDocument | None = None,
) -> ContractVersion:
    """Save what a contract says from now on.

    Args:
        value: The whole contract.
        based_on: The version that the author saw; another author's newer one refuses.

    Raises:
        ContractRefused: The person may not, no reason was given, nothing is different, the contract
            contradicts itself, or somebody saved a version in between.
    """
    _may_write(acting_user, contract.practice)
    note = note.strip()[:300]
    if not note:
        raise ContractRefused("Say why the contract changes: the amendment, the letter, the mistake.")
    # The newest version is read under a lock on the contract, so that two authors cannot both be next.
    PayerContract.objects.select_for_update().get(pk=contract.pk, practice_id=contract.practice_id)
    newest = newest_version(contract)
    if newest.number != based_on:
        raise ContractRefused("Somebody saved this contract in the meantime. Look at their version first.")
    try:
        check_contract(value)
    except ContractInvalid as error:
        raise ContractRefused(f"Not saved: {error}.") from None
    if not differences(newest.value, value):
        raise ContractRefused("Nothing is different from the version in force.")
    return _version(contract, value, newest, how, note, source, acting_user, now)


def confirm_learnt(
    contract: PayerContract,
    proposals: Iterable[Proposal],
    *,
    based_on: int,
    acting_user: User,
    now: datetime,
    today: date,
) -> ContractVersion:
    """Put rates that remittances showed in force; the person who confirms stands in each rate's source.

    Raises:
        ContractRefused: None was chosen, or see `save_version`.
    """
    _may_write(acting_user, contract.practice)
    chosen = list(proposals)
    if not chosen:
        raise ContractRefused("Tick the rates that are right.")
    value = newest_version(contract).value
    try:
        for proposal in chosen:
            value = confirm(value, proposal, by=acting_user.display_name, on=today)
    except ContractInvalid as error:
        raise ContractRefused(f"Not saved: {error}.") from None
    note = f"{len(chosen)} rate{'s' if len(chosen) != 1 else ''} learnt from remittances and confirmed"
    return save_version(
        contract, value, how=How.LEARNT, note=note, based_on=based_on, acting_user=acting_user, now=now
    )


def dismissal_key(proposal: Proposal) -> str:
    """By what a dismissed proposal is known again: its kind of line and its amount, whenever it is seen."""
    rate = proposal.rate
    parts = (rate.code, rate.modifier, rate.credential, rate.place, rate.plan_id, rate.amount_cents)
    return "|".join(str(part or "") for part in parts)[:200]


def dismiss_learnt(
    contract: PayerContract, chosen: Iterable[Proposal], *, reason: str, acting_user: User, now: datetime
) -> int:
    """Say that learnt rates are none of the contract's. They are not proposed again at these amounts.

    Returns:
        How many were dismissed now; what was dismissed before counts no more.

    Raises:
        ContractRefused: The person may not, nothing was chosen, or no reason was given.
    """
    _may_write(acting_user, contract.practice)
    wanted = {dismissal_key(one): one for one in chosen}
    reason = " ".join(reason.split())[:200]
    if not wanted:
        raise ContractRefused("No rate was chosen.")
    if not reason:
        raise ContractRefused("Say why these are no rates of the contract.")
    # Two people at once: the contract's practice is the lock, and the second finds them dismissed.
    Practice.objects.select_for_update().get(pk=contract.practice_id)
    known = set(RateDismissed.objects.filter(contract=contract).values_list("key", flat=True))
    fresh = [
        RateDismissed(
            practice_id=contract.practice_id,
            contract=contract,
            key=key,
            name=f"{rate_name(one.rate)}: {dollars(one.rate.amount_cents)}"[:200],
            reason=reason,
            made_at=now,
            made_by=acting_user.pk,
            made_by_name=acting_user.display_name[:80],
        )
        for key, one in sorted(wanted.items())
        if key not in known
    ]
    RateDismissed.objects.bulk_create(fresh)
    record(
        "contract.learnt_dismissed", "payer_contract", contract.pk, practice_id=contract.practice_id,
        actor=acting_user.pk, rates=len(fresh),
    )  # fmt: skip
    return len(fresh)


def newest_version(contract: PayerContract) -> ContractVersion:
    """The version that counts."""
    rows = ContractVersion.objects.filter(contract=contract, practice_id=contract.practice_id)
    return rows.order_by("-number")[0]


def _may_write(user: User, practice: Practice) -> None:
    if practice.pk not in practices_to_write(user):
        raise ContractRefused("Contracts of this practice are changed by its managers and owners.")


def _effective(found: list[Change], value: Contract) -> date | None:
    days = [one.starts for one in found if one.starts is not None]
    if any(one.what == "term" for one in found):
        days += [rate.starts for rate in value.rates]
    return min(days, default=None)


def _version(
    contract: PayerContract,
    value: Contract,
    newest: ContractVersion | None,
    how: How,
    note: str,
    source: ContractDocument | None,
    user: User,
    now: datetime,
) -> ContractVersion:
    found = differences(newest.value if newest else None, value)
    last = ContractVersion.objects.filter(contract=contract, practice_id=contract.practice_id)
    number = (last.aggregate(last=Max("number"))["last"] or 0) + 1
    document = msgspec.to_builtins(msgspec.structs.replace(value, id="", practice_id=""))
    version = ContractVersion.objects.create(
        practice_id=contract.practice_id,
        contract=contract,
        number=number,
        how=how,
        document=document,
        effective_on=_effective(found, value),
        note=note,
        source=source,
        rates_count=len(value.rates),
        changes_count=len(found),
        made_at=now,
        made_by=user.pk,
        made_by_name=user.display_name,
    )
    record(
        "contract.version_saved",
        "payer_contract",
        contract.pk,
        practice_id=contract.practice_id,
        actor=user.pk,
        version=number,
        rates=len(value.rates),
        changes=len(found),
    )
    return version
