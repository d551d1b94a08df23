"""What one policy of a practice says: read from a form, kept as JSON, said in a sentence."""

from __future__ import annotations

import hashlib

import msgspec

from cleanclaim.codesets.remittance_codes import carc
from cleanclaim.money import dollars
from cleanclaim.remittance import Automation, CodeRule, Effect, PolicySetting

GROUPS = ("CO", "PR", "OA", "PI")
STATUSES = {
    "1": "answers of the first payer",
    "2": "answers of the second payer",
    "3": "answers of the third payer",
    "4": "denials",
    "19": "answers forwarded by the first payer",
    "22": "take-backs",
}
LEVELS = {
    Automation.OFF: "nothing posts by itself; every claim waits",
    Automation.SAFE_LINES: "lines that need no decision post; the others wait",
    Automation.ALL: "all that balances posts",
}
EFFECTS = {
    Effect.POST: "post without a person",
    Effect.POST_AND_QUEUE: "post, and somebody looks",
    Effect.HOLD: "wait for a person",
}
TOLERANCE_MOST = 1_000
"""A contract may be exceeded by at most ten dollars a claim; larger differences are underpayments to see."""


class PolicyInvalid(ValueError):
    """A policy that says nothing, or contradicts itself; the message is fit for its author."""


class PolicyDocument(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A setting (`automation` or `tolerance_cents`) or a rule (`effect`), for one payer or for all.

    `payer_id` is the payer's number as claims address it; empty for all payers of the practice.
    """

    payer_id: str = ""
    payer_name: str = ""
    automation: Automation | None = None
    tolerance_cents: int | None = None
    effect: Effect | None = None
    group: str = ""
    reason_code: str = ""
    remark: str = ""
    status: str = ""
    is_stop: bool = False
    """On the practice's own stop-list: holds, whatever another policy says."""
    why: str = ""

    @property
    def is_rule(self) -> bool:
        return self.effect is not None


def checked(document: PolicyDocument) -> PolicyDocument:
    """The document, if it can be followed.

    Raises:
        PolicyInvalid: It sets nothing or too much at once, or names what no list knows.
    """
    setting = document.automation is not None or document.tolerance_cents is not None
    if setting == document.is_rule:
        raise PolicyInvalid("Say either how much posts by itself, or what happens to a code.")
    if document.is_stop and document.effect is not Effect.HOLD:
        raise PolicyInvalid("What is on the stop-list waits; it cannot post.")
    if setting and not 0 <= (document.tolerance_cents or 0) <= TOLERANCE_MOST:
        raise PolicyInvalid(f"The tolerance is at most {dollars(TOLERANCE_MOST)} a claim.")
    if document.is_rule:
        if not any(
            (document.payer_id, document.group, document.reason_code, document.remark, document.status)
        ):
            raise PolicyInvalid(
                "Name a payer, a code or a kind of answer; else set how much posts by itself."
            )
        if document.group and document.group not in GROUPS:
            raise PolicyInvalid(f"{document.group} is no group of adjustments.")
        if document.status and document.status not in STATUSES:
            raise PolicyInvalid(f"{document.status} is no kind of answer that can be held.")
        if document.reason_code and not known_reason(document.reason_code):
            raise PolicyInvalid(f"{document.reason_code} is in no list of reason codes.")
    if len(document.why) > 160:
        raise PolicyInvalid("Say why in at most 160 letters.")
    return document


def known_reason(code: str) -> str:
    """What a reason code means in our words; '' when no list knows it."""
    try:
        return carc(code).meaning
    except LookupError:
        return ""


def sentence(document: PolicyDocument) -> str:
    """The policy as a plain sentence.

    Examples:
        >>> sentence(PolicyDocument(payer_name="Evergreen", effect=Effect.HOLD, group="CO", reason_code="97"))
        'From Evergreen, lines with CO-97 wait for a person.'
        >>> sentence(PolicyDocument(automation=Automation.OFF))
        'From every payer, nothing posts by itself; every claim waits.'
    """
    whom = f"From {document.payer_name or 'every payer'}"
    if not document.is_rule:
        parts = [LEVELS[document.automation]] if document.automation is not None else []
        if document.tolerance_cents is not None:
            parts.append(
                f"a write-off may exceed the contract by {dollars(document.tolerance_cents)} a claim"
                if document.tolerance_cents
                else "no write-off may exceed the contract"
            )
        return f"{whom}, {'; '.join(parts)}."
    code = "-".join(part for part in (document.group, document.reason_code) if part)
    named = [f"with {code}"] if code else []
    if document.remark:
        named.append(f"with remark {document.remark}")
    noun = STATUSES[document.status] if document.status else "lines"
    said = " ".join([noun, *named])
    assert document.effect is not None  # every document without one has returned above
    stop = ", whatever another policy says" if document.is_stop else ""
    return f"{whom}, {said} {EFFECTS[document.effect]}{stop}."


def fingerprint(document: PolicyDocument) -> str:
    """Names what a document says, so that what is saved is what was tried."""
    return hashlib.sha256(msgspec.json.encode(document)).hexdigest()[:24]


def setting_of(document: PolicyDocument, row_id: str, practice_id: str, payer_id: str) -> PolicySetting:
    """The row of the core's policy book that a setting makes."""
    return PolicySetting(
        row_id,
        document.automation,
        document.tolerance_cents,
        practice_id=practice_id,
        payer_id=payer_id,
        reason=document.why,
        source="the practice",
    )


def rule_of(document: PolicyDocument, row_id: str, practice_id: str, payer_id: str) -> CodeRule:
    """The row of the core's policy book that a rule makes."""
    assert document.effect is not None
    why = document.why or sentence(document).rstrip(".")
    return CodeRule(
        document.effect,
        why,
        payer_id=payer_id,
        group=document.group,
        carc=document.reason_code,
        remark=document.remark,
        id=row_id,
        status=document.status,
        practice_id=practice_id,
        stop=document.is_stop,
        source="the practice",
    )
