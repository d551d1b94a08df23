"""One claim payment (CLP) into postings: its cash, then every adjustment."""

from __future__ import annotations

from dataclasses import dataclass, field

from cleanclaim.denials.playbook import classify_denial
from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.remittance.balance import REVERSAL
from cleanclaim.remittance.policies import RuleTable
from cleanclaim.remittance.policy import PostingPolicy
from cleanclaim.remittance.posting.actions import denial_action
from cleanclaim.remittance.posting.adjustments import WAIT_FORWARD, Ruling, rule_on
from cleanclaim.remittance.posting.contractual import share_out
from cleanclaim.remittance.posting.holding import Hold, Look, Ruled, held_lines, is_downcoded
from cleanclaim.remittance.posting.ledger_state import RunningClaim
from cleanclaim.remittance.posting.observations import observe_claim, observe_reversal
from cleanclaim.remittance.posting.records import DenialItem, HeldMoney, Posting, QueuedLook
from cleanclaim.remittance.posting.records import PostingType as T
from cleanclaim.remittance.posting.reversal import Mirror
from cleanclaim.x12.sets.records import Cas, RemitClaim

PAYER_SEQ = {"1": "P", "19": "P", "2": "S", "20": "S", "3": "T", "21": "T"}

UNDERPAYMENT = "UNDERPAYMENT"
DUPLICATE_WRITEOFF = "COB_DUPLICATE_WRITEOFF_BLOCKED"
HELD = "HELD"
FORWARDED = "23"
"""CLP02: not this payer's claim, sent on to another."""
DOWNCODE = "DOWNCODE"

# Holds whose category the row itself gives: the playbook's action for the CARC does not apply.
ROW_ACTIONS = {"network": "CHECK_CONTRACT", "cob_qmb": "FIX_COB"}


@dataclass(slots=True)
class Sheet:
    """What planning has written so far, over all claim payments."""

    postings: list[Posting] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    denials: list[DenialItem] = field(default_factory=list)
    held: list[HeldMoney] = field(default_factory=list)
    queued: list[QueuedLook] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    has_reversals: bool = False
    """Whether a claim payment of the file undoes one, so that what posts must be remembered."""


class ClaimPayment:
    """The work on one CLP that is matched to a claim of ours."""

    def __init__(
        self,
        index: int,
        claim: RemitClaim,
        running: RunningClaim,
        policy: PostingPolicy,
        rules: RuleTable,
        sheet: Sheet,
    ) -> None:
        self.index = index
        self.claim = claim
        self.running = running
        self.number = running.prior.claim_number
        self.policy = policy
        self.rules = rules
        self.sheet = sheet
        self.is_reversal = claim.status == REVERSAL

    def post(self) -> None:
        """Post what policy lets post."""
        claim, running, sheet = self.claim, self.running, self.sheet
        running.note(self.index, claim, is_reversal=self.is_reversal)
        observe_claim(claim, running, self.policy, sheet.findings)
        if claim.status == FORWARDED and not claim.paid_cents:
            sheet.flags.add(WAIT_FORWARD)
            running.open_items.add(WAIT_FORWARD)
        ruled = self._rule()
        held, looks = held_lines(claim, ruled, self.rules, self.policy)
        self._queue(looks)
        cash = self._hold(held)
        if 0 in held:
            return
        ruled = [item for item in ruled if item[0] not in held]
        history = running.history if self.is_reversal else ()
        mirror = Mirror(claim, history) if history else None
        if mirror:
            observe_reversal(claim, mirror, sheet.findings)
        if cash:
            mirrored = mirror.payer_seq if mirror else ""
            seq = PAYER_SEQ.get(claim.status) or mirrored or running.prior.current_payer
            self._add(Posting(T.PMT_INS, cash, payer_seq=seq, position=claim.position))
        self._adjustments(ruled, mirror)
        if not self.is_reversal and any(
            number not in held and is_downcoded(line, self.policy)
            for number, line in enumerate(claim.lines, start=1)
        ):
            running.downcoded = True
            sheet.flags.add(DOWNCODE)

    def _queue(self, looks: list[Look]) -> None:
        """Say what policy wants somebody to look at although it posts."""
        number, sheet = self.claim.claim_number, self.sheet
        for look in looks:
            sheet.queued.append(
                QueuedLook(
                    self.number, self.index, look.line, look.carc, look.reason, look.rule_id, look.position
                )
            )
            message = f"Claim {number} posted; policy asks for a look: {look.reason}"
            where = Where(segment="CAS" if look.carc else "", segment_index=look.position)
            facts: dict[str, object] = {"rule": look.rule_id, "adjustment": look.carc}
            sheet.findings.append(
                Finding("remittance.policy_queue", Severity.TELL, message, where, number, facts)
            )

    def _rule(self) -> list[Ruled]:
        """Every adjustment that moves something, with its ruling: claim level first, then line by line."""
        claim, prior, policy = self.claim, self.running.prior, self.policy
        levels = [(claim.adjustments, claim.remarks)]
        levels += [(line.adjustments, line.remarks + claim.remarks) for line in claim.lines]
        ruled: list[Ruled] = []
        for number, (items, remarks) in enumerate(levels):
            for cas in items:
                if cas.amount_cents:
                    ruled.append((number, cas, remarks, rule_on(cas, remarks, claim.status, prior, policy)))
        return ruled

    def _add(self, posting: Posting) -> None:
        posting = Posting(
            posting.type,
            posting.amount_cents,
            self.number,
            posting.carc,
            posting.line,
            posting.sub,
            posting.category,
            posting.payer_seq,
            reason=posting.reason,
            clp_index=self.index,
            position=posting.position,
        )
        self.sheet.postings.append(posting)
        self.running.apply(posting, is_reversal=self.is_reversal)
        if self.sheet.has_reversals:
            self.running.remember(posting, self.claim.payer_control_number)

    def _ruled(self, number: int, cas: Cas, ruling: Ruling, amount: int) -> None:
        carc = f"{cas.group}-{cas.reason}"
        self._add(
            Posting(
                ruling.type,
                amount,
                None,
                carc,
                number,
                ruling.sub,
                ruling.category,
                reason=ruling.reason,
                position=cas.position,
            )
        )

    def _hold(self, held: dict[int, Hold]) -> int:
        """Put held money in suspense; returns what is left to post as payment."""
        left = self.claim.paid_cents
        if not held:
            return left
        self.running.held = True
        self.sheet.flags.add(HELD)
        for number in [0] if 0 in held else sorted(held):
            source = self.claim.lines[number - 1] if number else self.claim
            cents, why = source.paid_cents, held[number]
            left -= cents
            self.sheet.held.append(
                HeldMoney(self.number, self.index, number, cents, why.reason, source.position, why.rule_id)
            )
            if cents:
                self._add(
                    Posting(T.SUSPENSE, cents, line=number, reason=why.reason, position=source.position)
                )
        return left

    def _adjustments(self, ruled: list[Ruled], mirror: Mirror | None) -> None:
        sheet, running = self.sheet, self.running
        capped: list[Ruled] = []
        denied: list[tuple[int, Cas, tuple[str, ...], str, int, bool]] = []
        for item in ruled:
            number, cas, remarks, ruling = item
            carc = f"{cas.group}-{cas.reason}"
            if ruling.flag:
                sheet.flags.add(ruling.flag)
            if mirror and mirror.covers(number, carc):
                for part in mirror.take(number, carc):
                    undone = Ruling(
                        T(part.type), part.sub, part.category, reason="reversal of what was posted"
                    )
                    self._ruled(number, cas, undone, -part.amount_cents)
                continue
            if ruling.open_item and not self.is_reversal:
                sheet.flags.add(ruling.open_item)
                running.open_items.add(ruling.open_item)
            if ruling.capped and not self.is_reversal:
                capped.append(item)
                continue
            self._ruled(number, cas, ruling, cas.amount_cents)
            if ruling.type == T.DENY_HOLD and cas.amount_cents > 0 and not self.is_reversal:
                denied.append((number, cas, remarks, ruling.category, cas.amount_cents, False))
        for share in share_out(self.claim, running, capped, self.policy) if capped else ():
            self._ruled(share.number, share.cas, share.ruling, share.amount_cents)
            if share.is_repeated:
                sheet.flags.add(DUPLICATE_WRITEOFF)
            elif share.is_variance:
                category = share.ruling.category
                denied.append((share.number, share.cas, share.remarks, category, share.amount_cents, True))
        extra = self._paid_above_charge() if denied else 0
        for number, cas, remarks, category, amount, is_variance in denied:
            netted = min(extra, amount) if category == "bundling" else 0
            extra -= netted
            self._denial(number, cas, remarks, category, amount, amount - netted, is_variance)

    def _paid_above_charge(self) -> int:
        """What the payer added to a paying line for services bundled into it."""
        return -sum(
            min(0, cas.amount_cents)
            for line in self.claim.lines
            for cas in line.adjustments
            if cas.reason in self.policy.paid_above_charge
        )

    def _denial(
        self,
        number: int,
        cas: Cas,
        remarks: tuple[str, ...],
        category: str,
        amount: int,
        at_stake: int,
        is_variance: bool,
    ) -> None:
        known = classify_denial(cas.reason, remarks)
        code = known.action_code if category == known.category else ROW_ACTIONS.get(category, "REVIEW")
        line = self.claim.lines[number - 1] if number else None
        item = DenialItem(
            self.number,
            self.index,
            number,
            cas.group,
            cas.reason,
            amount,
            at_stake,
            category,
            code,
            denial_action(category, code, cas.reason, remarks),
            known.cause,
            known.owner,
            tuple(dict.fromkeys(remarks)),
            line.line_control if line else "",
            (line.submitted_code or line.code) if line else "",
            cas.position,
            is_variance,
        )
        self.sheet.flags.add(UNDERPAYMENT if is_variance else f"DENIAL:{category}")
        self.running.items.append(item)
        self.sheet.denials.append(item)
