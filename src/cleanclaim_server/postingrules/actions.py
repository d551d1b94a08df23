"""Writes: a policy or a new version of one, on and off; what was decided; a hint revoked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from django.db.models import Max

from cleanclaim.remittance.hints import HintEffect
from cleanclaim_server.audit.recording import record
from cleanclaim_server.coverage.models import Payer
from cleanclaim_server.identity.models import User
from cleanclaim_server.postingrules.access import may_write_policies
from cleanclaim_server.postingrules.documents import PolicyDocument, checked, sentence
from cleanclaim_server.postingrules.models import (
    Decision,
    PolicyState,
    PolicyVersion,
    PostingPolicy,
    Said,
)
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.models import RemittanceClaim


class PolicyRefused(Exception):
    """A policy that was not saved, with the reason for people."""


def save_policy(
    document: PolicyDocument,
    practice: Practice,
    *,
    payer: Payer | None,
    trial: dict,
    acting_user: User,
    now: datetime,
    policy: PostingPolicy | None = None,
) -> PolicyVersion:
    """Save a policy, or a new version of one; it applies to what posts from now on.

    Raises:
        PolicyInvalid: The document cannot be followed.
        PolicyRefused: The person may not write policies there.
    """
    _may_write(acting_user, practice.pk)
    checked(document)
    if policy is None:
        last = PostingPolicy.objects.filter(practice=practice).aggregate(last=Max("number"))["last"] or 0
        policy = PostingPolicy.objects.create(
            practice=practice, number=last + 1, created_at=now, created_by=acting_user.pk
        )
    return _version(policy, document, payer, PolicyState.ON, trial, acting_user, now)


def switch_policy(
    policy: PostingPolicy, state: PolicyState, *, acting_user: User, now: datetime
) -> PolicyVersion:
    """Turn a policy on or off: a new version that says the same.

    Raises:
        PolicyRefused: The person may not write policies there, or it is so already.
    """
    _may_write(acting_user, policy.practice_id)
    rows = PolicyVersion.objects.filter(policy=policy, practice_id=policy.practice_id)
    newest = rows.select_related("payer").order_by("-number").first()
    if newest is None or newest.state == state:
        raise PolicyRefused(f"The policy is {PolicyState(state).label.lower()} already.")
    document = msgspec.convert(newest.document, type=PolicyDocument)
    return _version(policy, document, newest.payer, state, newest.trial, acting_user, now)


def _may_write(user: User, practice_id: UUID) -> None:
    if not may_write_policies(user, practice_id):
        raise PolicyRefused("What posts by itself is decided by the practice's managers and owners.")


def _version(
    policy: PostingPolicy,
    document: PolicyDocument,
    payer: Payer | None,
    state: PolicyState,
    trial: dict,
    user: User,
    now: datetime,
) -> PolicyVersion:
    rows = PolicyVersion.objects.filter(policy=policy, practice_id=policy.practice_id)
    version = PolicyVersion.objects.create(
        practice_id=policy.practice_id,
        policy=policy,
        number=(rows.aggregate(last=Max("number"))["last"] or 0) + 1,
        state=state,
        payer=payer,
        document=msgspec.to_builtins(document),
        sentence=sentence(document),
        trial=trial,
        made_at=now,
        made_by=user.pk,
        made_by_name=user.display_name,
    )
    record(
        "posting_policy.saved", "posting_policy", policy.pk, practice_id=policy.practice_id, actor=user.pk,
        version=version.number, state=str(state),
    )  # fmt: skip
    return version


def note_decision(
    row: RemittanceClaim,
    said: Said,
    *,
    payer_number: str,
    pattern: str,
    actor_id: UUID | None,
    now: datetime,
    our_number: str = "",
    note: str = "",
) -> Decision:
    """Keep what a person decided about a claim payment; the next of its kind is shown it."""
    return Decision.objects.create(
        practice_id=row.practice_id,
        remittance_claim=row,
        payer_number=payer_number[:30],
        payer_name=row.remittance.payer_name,
        pattern=pattern[:40],
        said=said,
        their_number=row.claim_number,
        our_number=our_number,
        note=note[:200],
        made_at=now,
        made_by=actor_id,
        made_by_name=_name(actor_id),
    )


def _name(actor_id: UUID | None) -> str:
    if actor_id is None:
        return ""
    return User.objects.filter(pk=actor_id).values_list("display_name", flat=True).first() or ""


def forget_hint(
    practice: Practice,
    payer_number: str,
    pattern: str,
    effect: str,
    text: str,
    *,
    actor_id: UUID,
    now: datetime,
) -> Decision:
    """Revoke what decisions taught about a payer's numbers; later decisions may teach it anew."""
    hint = {"pattern": pattern, "effect": str(HintEffect(effect)), "text": text}
    made = Decision.objects.create(
        practice=practice,
        payer_number=payer_number,
        said=Said.FORGOTTEN,
        hint=hint,
        made_at=now,
        made_by=actor_id,
        made_by_name=_name(actor_id),
    )
    record("payer_hint.revoked", "decision", made.pk, practice_id=practice.pk, actor=actor_id, effect=effect)
    return made
