"""The policy in force for one payment: the product's rows, and those of its practice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
from django.db.models import F, Max

from cleanclaim.remittance import ResolvedPolicy, load_policy_book, policy_for
from cleanclaim.x12.sets.records import Remittance as RemittanceValue
from cleanclaim_server.coverage.models import Payer
from cleanclaim_server.postingrules.documents import PolicyDocument, rule_of, setting_of
from cleanclaim_server.postingrules.models import PolicyState, PolicyVersion


class Policy(msgspec.Struct, frozen=True):
    """A document with the name by which traces and held lines cite it: `policy 4.2`."""

    key: str
    document: PolicyDocument


def newest_versions(practice_id: UUID) -> list[PolicyVersion]:
    """The newest version of every policy of a practice, by number, those that are off too."""
    rows = PolicyVersion.objects.filter(practice_id=practice_id).annotate(
        last=Max("policy__versions__number")
    )
    return list(rows.filter(number=F("last")).select_related("policy", "payer").order_by("policy__number"))


def policies_in_force(practice_id: UUID) -> list[Policy]:
    """Every policy of a practice that is on."""
    return [as_policy(row) for row in newest_versions(practice_id) if row.state == PolicyState.ON]


def as_policy(version: PolicyVersion) -> Policy:
    document = msgspec.convert(version.document, type=PolicyDocument)
    return Policy(f"policy {version.policy.number}.{version.number}", document)


def numbers_of(content: RemittanceValue) -> tuple[str, ...]:
    """Every number under which the payer of a payment is known, the plainest first."""
    payer = content.payer
    known = [payer.id, content.trace_payer_id, payer.tax_id]
    known += [value for _, value in payer.additional_ids]
    return tuple(dict.fromkeys(value.strip() for value in known if value and value.strip()))


def payer_number_of(content: RemittanceValue) -> str:
    """The one number under which decisions about a payer are kept; its name when it gives none."""
    return next(iter(numbers_of(content)), content.payer.name.strip().upper())[:30]


def policy_of(
    practice_id: UUID, payer: Payer | None, content: RemittanceValue, policies: Iterable[Policy] | None = None
) -> ResolvedPolicy:
    """What posts by itself of one payment, with the trace of why.

    Args:
        payer: Who pays, where it was found; its rows apply whatever number the 835 uses.
        policies: In place of those in force, for a dry run.
    """
    rows: Sequence[Policy] = list(policies_in_force(practice_id) if policies is None else policies)
    numbers = numbers_of(content)
    # The core compares with the numbers in the 835: our payer's rows are given one of them.
    own = payer.payer_id if payer is not None else ""
    said = own if own in numbers[:3] or not numbers else numbers[0]
    settings, rules = [], []
    for row in rows:
        wanted = row.document.payer_id
        if wanted and wanted != own and wanted not in numbers:
            continue
        payer_id = said if wanted and wanted == own else wanted
        if row.document.is_rule:
            rules.append(rule_of(row.document, row.key, str(practice_id), payer_id))
        else:
            settings.append(setting_of(row.document, row.key, str(practice_id), payer_id))
    return policy_for(
        load_policy_book(settings, rules),
        practice_id=str(practice_id),
        payer_ids=(*numbers, *([own] if own else [])),
        payer_kind=payer.kind if payer is not None else "",
    )
