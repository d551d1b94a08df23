"""The posting policy: which codes write off, which move, which wait. Choices, held as data.

`cleanclaim_data/playbooks/posting_policy.yaml` holds the product's code lists, `posting/policies.yaml` its
rules by payer and code. `cleanclaim.remittance.policies` resolves the policy of one practice and payer.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache

import msgspec

from cleanclaim_data.loader import read_yaml

POLICY_FILE = "playbooks/posting_policy.yaml"


class Automation(StrEnum):
    """How much posts without a person."""

    OFF = "off"
    """The payment is booked; every claim of it waits in suspense."""
    SAFE_LINES = "safe_lines"
    """Lines that need no decision post; the others wait in suspense, each with its reason."""
    ALL = "all"
    """All that balances posts."""


class Effect(StrEnum):
    """What a rule of the policy does to an adjustment that it fits."""

    POST = "post"
    """Safe, whatever the automation level says."""
    POST_AND_QUEUE = "post_and_queue"
    """Posts, and somebody looks at it."""
    HOLD = "hold"
    """The line (or, for a claim-level adjustment, the claim) waits in suspense."""


class CodeRule(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One rule by payer and code. Empty fields fit everything; `payer_id` is TRN03 or N104 of the payer.

    A line or claim without adjustments is tried with empty codes, so that a rule about a payer alone
    reaches it too.
    """

    effect: Effect
    reason: str
    """Shown beside the held money."""
    payer_id: str = ""
    group: str = ""
    carc: str = ""
    remark: str = ""
    id: str = ""
    status: str = ""
    """CLP02."""
    practice_id: str = ""
    payer_kind: str = ""
    """PayerKind: medicare, medicaid, commercial, tricare."""
    stop: bool = False
    """On the stop-list: wins over every other rule, always holds."""
    source: str = ""
    confidence: str = ""

    def fits(
        self,
        payer_ids: tuple[str, ...],
        group: str,
        carc: str,
        remarks: tuple[str, ...],
        status: str = "",
    ) -> bool:
        """Whether the rule speaks of an adjustment. Practice and kind of payer are settled before."""
        return (
            (not self.payer_id or self.payer_id in payer_ids)
            and (not self.group or self.group == group)
            and (not self.carc or self.carc == carc)
            and (not self.remark or self.remark in remarks)
            and (not self.status or self.status == status)
        )


class PostingPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code lists of the posting rows, the caps and the automation level. See the data file."""

    id: str
    paid_above_charge: frozenset[str]
    bonus: frozenset[str]
    prior_payer_information: frozenset[str]
    duplicate: frozenset[str]
    pending: frozenset[str]
    forwarded: frozenset[str]
    sequestration: frozenset[str]
    withhold: frozenset[str]
    capitation: frozenset[str]
    qmb_write_off: frozenset[str]
    qmb_never_patient: frozenset[str]
    patient_share: dict[str, frozenset[str]]
    paid_to_patient: frozenset[str]
    balance_bill: frozenset[str]
    reporting_only: frozenset[str]
    contractual: frozenset[str]
    bundling: frozenset[str]
    next_payer_statuses: frozenset[str]
    secondary_statuses: frozenset[str]
    cap_by_contract: bool = True
    cap_secondary: bool = True
    automation: Automation = Automation.ALL
    rules: tuple[CodeRule, ...] = ()
    """The most specific one that fits decides; see `cleanclaim.remittance.policies.resolve_rule`."""
    variance_tolerance_cents: int = 0
    """A contractual adjustment may exceed the contract by this much and is still written off, per claim.
    Balancing has no tolerance."""
    title: str = ""
    source: str = ""
    confidence: str = ""
    verified: dict[str, object] = {}

    def share_kind(self, carc: str) -> str:
        """DED, COINS, COPAY, … when the code is a patient share, else ``''``."""
        for kind, codes in self.patient_share.items():
            if carc in codes:
                return kind
        return ""


@cache
def code_lists() -> PostingPolicy:
    """The product's code lists, without any rule by payer and code."""
    return msgspec.convert(read_yaml(POLICY_FILE), PostingPolicy, strict=False)


@cache
def default_policy() -> PostingPolicy:
    """The policy that ships with the product: its code lists, stop-list and rules."""
    from cleanclaim.remittance.policies import load_policy_book, policy_for

    return policy_for(load_policy_book()).policy
