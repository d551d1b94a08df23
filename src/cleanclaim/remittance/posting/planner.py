"""Planning: what posting a remittance would do, as a value.

Order of work: balance; duplicate; each claim payment in file order (its cash, then every adjustment,
claim level first, contractual write-offs last because of their cap); provider-level adjustments; state,
flags, next actions. README.md of `cleanclaim.remittance` defines every word.
"""

from __future__ import annotations

from collections.abc import Mapping

from cleanclaim.denials.playbook import classify_denial
from cleanclaim.findings import Finding, Severity
from cleanclaim.remittance.balance import PREDETERMINATION, REVERSAL, balance
from cleanclaim.remittance.policy import PostingPolicy, default_policy
from cleanclaim.remittance.posting import actions
from cleanclaim.remittance.posting.adjustments import Ruling, rule_on
from cleanclaim.remittance.posting.holding import Ruled, held_lines, is_downcoded
from cleanclaim.remittance.posting.ledger_state import RunningClaim
from cleanclaim.remittance.posting.observations import observe_claim, observe_reversal
from cleanclaim.remittance.posting.provider_level import debt_after, provider_postings
from cleanclaim.remittance.posting.records import (
    ClaimOutcome,
    Credit,
    DenialItem,
    HeldMoney,
    Posting,
    PostingPlan,
    PriorState,
)
from cleanclaim.remittance.posting.records import PostingType as T
from cleanclaim.remittance.posting.reversal import Mirror
from cleanclaim.x12.sets.records import Cas, RemitClaim, Remittance

PAYER_SEQ = {"1": "P", "19": "P", "2": "S", "20": "S", "3": "T", "21": "T"}

UNDERPAYMENT = "UNDERPAYMENT"
DUPLICATE_WRITEOFF = "COB_DUPLICATE_WRITEOFF_BLOCKED"

# Holds whose category the row itself gives: the playbook's action for the CARC does not apply.
ROW_ACTIONS = {"network": "CHECK_CONTRACT", "cob_qmb": "FIX_COB"}


def claim_key(claim_number: str) -> str:
    """CLP01 and CLM01 compared: trimmed, case ignored."""
    return claim_number.strip().upper()


def plan(
    remittance: Remittance,
    prior: PriorState,
    policy: PostingPolicy | None = None,
    *,
    matches: Mapping[int, str] | None = None,
    file: str = "",
) -> PostingPlan:
    """Work out what posting a remittance would do to these balances. Nothing is changed.

    Args:
        remittance: One payment as read from its 835.
        prior: Our claims and the payer's debt before it.
        policy: Which codes write off, move or wait. The product's default when None.
        matches: Place of a CLP in `remittance.claims` (from 0) -> claim number of ours. Given, it alone
            decides and a place that is missing matches nothing; left out, CLP01 is compared exactly.
        file: Name of the file, for findings.

    Returns:
        The plan. Out of balance, already posted: no postings, claims unchanged, with the reason.
    """
    return _Planner(remittance, prior, policy or default_policy(), matches, file).run()


class _Planner:
    def __init__(
        self,
        remittance: Remittance,
        prior: PriorState,
        policy: PostingPolicy,
        matches: Mapping[int, str] | None,
        file: str,
    ) -> None:
        self.remittance = remittance
        self.prior = prior
        self.policy = policy
        self.matches = matches
        self.file = file
        self.claims = {claim_key(claim.claim_number): RunningClaim(claim) for claim in prior.claims}
        self.postings: list[Posting] = []
        self.flags: set[str] = set()
        self.denials: list[DenialItem] = []
        self.held: list[HeldMoney] = []
        self.matched: list[str | None] = []
        self.findings: list[Finding] = []
        self.unmatched = 0
        payer = remittance.payer
        self.payer_ids = tuple(
            value for value in (remittance.trace_payer_id, payer.id, payer.tax_id) if value
        )

    def run(self) -> PostingPlan:
        report = balance(self.remittance, file=self.file)
        self.findings.extend(report.findings)
        if not report.balanced:
            return self._nothing(
                False, actions.REJECT_OUT_OF_BALANCE, "OUT_OF_BALANCE", report.difference_cents
            )
        if self.remittance.trace_number in self.prior.posted_traces:
            return self._nothing(True, actions.DISCARD_DUPLICATE_ERA, "DUPLICATE_ERA", 0)
        for index, claim in enumerate(self.remittance.claims):
            self._claim_payment(index, claim)
        provider = provider_postings(self.remittance, self.findings)
        self.postings.extend(provider)
        debt = debt_after(self.remittance, self.prior.payer_debt_cents)
        outcomes = self._outcomes()
        return PostingPlan(
            True,
            tuple(self.postings),
            self._states(),
            self.remittance.paid_cents,
            self._file_action(outcomes, provider, debt),
            tuple(sorted(self.flags)),
            self._credits(),
            debt,
            tuple(self.denials),
            outcomes,
            tuple(self.held),
            tuple(self.matched),
            0,
            tuple(self.findings),
        )

    def _nothing(self, balanced: bool, action: str, flag: str, difference: int) -> PostingPlan:
        return PostingPlan(
            balanced,
            (),
            self._states(),
            0,
            action,
            (flag,),
            difference_cents=difference,
            findings=tuple(self.findings),
        )

    def _states(self) -> dict:
        return {claim.prior.claim_number: claim.state() for claim in self.claims.values()}

    # One claim payment ------------------------------------------------------------------------

    def _find(self, index: int, claim: RemitClaim) -> RunningClaim | None:
        number = claim.claim_number if self.matches is None else self.matches.get(index)
        return self.claims.get(claim_key(number)) if number else None

    def _claim_payment(self, index: int, claim: RemitClaim) -> None:
        running = self._find(index, claim)
        self.matched.append(running.prior.claim_number if running else None)
        if claim.status == PREDETERMINATION:
            self.flags.add("PREDETERMINATION")
            return
        if running is None:
            self._unmatched(index, claim)
            return
        reversal = claim.status == REVERSAL
        running.note(index, claim, is_reversal=reversal)
        observe_claim(claim, running, self.policy, self.findings)
        ruled = self._rule(claim, running)
        held, queued = held_lines(claim, ruled, self.payer_ids, self.policy)
        for reason in queued:
            self._tell(
                claim,
                "remittance.policy_queue",
                f"Claim {claim.claim_number} posted; policy asks for a look: {reason}",
            )
        cash = self._hold(index, claim, running, held)
        if 0 in held:
            return
        if held:
            ruled = [item for item in ruled if item[0] not in held]
        mirror = Mirror(claim, running.prior) if reversal and running.prior.history else None
        if mirror:
            observe_reversal(claim, mirror, self.findings)
        if cash:
            seq = (
                PAYER_SEQ.get(claim.status)
                or (mirror.payer_seq if mirror else "")
                or running.prior.current_payer
            )
            self._add(running, reversal, Posting(
                T.PMT_INS, cash, running.prior.claim_number, payer_seq=seq, clp_index=index, position=claim.position
            ))  # fmt: skip
        items = self._adjustments(index, claim, running, ruled, mirror)
        self._denials(claim, running, items)
        if not reversal:
            running.downcoded = running.downcoded or any(
                number not in held and is_downcoded(line, self.policy)
                for number, line in enumerate(claim.lines, start=1)
            )
            if running.downcoded:
                self.flags.add("DOWNCODE")

    def _rule(self, claim: RemitClaim, running: RunningClaim) -> list[Ruled]:
        ruled: list[Ruled] = []
        prior, policy, status = running.prior, self.policy, claim.status
        for cas in claim.adjustments:
            if cas.amount_cents:
                ruled.append(
                    (0, cas, claim.remarks, rule_on(cas.group, cas.reason, cas.amount_cents, claim.remarks, status, prior, policy))
                )  # fmt: skip
        for number, line in enumerate(claim.lines, start=1):
            remarks = line.remarks + claim.remarks
            for cas in line.adjustments:
                if cas.amount_cents:
                    ruled.append(
                        (number, cas, remarks, rule_on(cas.group, cas.reason, cas.amount_cents, remarks, status, prior, policy))
                    )  # fmt: skip
        return ruled

    def _unmatched(self, index: int, claim: RemitClaim) -> None:
        self.unmatched += 1
        self.flags.add(actions.MANUAL_MATCH)
        if claim.paid_cents:
            self.postings.append(
                Posting(
                    T.UNMATCHED_CLAIM,
                    claim.paid_cents,
                    clp01=claim.claim_number,
                    reason="no claim of ours has this number",
                    clp_index=index,
                    position=claim.position,
                )
            )

    def _hold(self, index: int, claim: RemitClaim, running: RunningClaim, held: dict[int, str]) -> int:
        """Put held money in suspense; returns what is left to post as payment."""
        if not held:
            return claim.paid_cents
        running.held = True
        self.flags.add("HELD")
        whole = 0 in held
        left = claim.paid_cents
        for number, reason in sorted(held.items()):
            if whole and number:
                continue
            source = claim.lines[number - 1] if number else claim
            left -= source.paid_cents
            self.held.append(
                HeldMoney(
                    running.prior.claim_number, index, number, source.paid_cents, reason, source.position
                )
            )
            if source.paid_cents:
                self.postings.append(
                    Posting(
                        T.SUSPENSE,
                        source.paid_cents,
                        running.prior.claim_number,
                        line=number,
                        reason=reason,
                        clp_index=index,
                        position=source.position,
                    )
                )
        return left

    # Adjustments ------------------------------------------------------------------------------

    def _adjustments(
        self, index: int, claim: RemitClaim, running: RunningClaim, ruled: list[Ruled], mirror: Mirror | None
    ) -> list[tuple[Posting, Cas, tuple[str, ...], bool]]:
        """Post every adjustment; returns the denied amounts with what explains them."""
        reversal = claim.status == REVERSAL
        denied: list[tuple[Posting, Cas, tuple[str, ...], bool]] = []
        capped: list[Ruled] = []
        for item in ruled:
            number, cas, remarks, ruling = item
            carc = f"{cas.group}-{cas.reason}"
            if ruling.flag:
                self.flags.add(ruling.flag)
            if mirror and mirror.covers(number, carc):
                for part in mirror.take(number, carc):
                    self._add(running, True, Posting(
                        part.type, -part.amount_cents, running.prior.claim_number, carc, number, part.sub,
                        part.category, reason="reversal of what was posted", clp_index=index, position=cas.position,
                    ))  # fmt: skip
                continue
            if ruling.open_item and not reversal:
                self.flags.add(ruling.open_item)
                running.open_items.add(ruling.open_item)
            if ruling.capped and not reversal:
                capped.append(item)
                continue
            posting = self._posting(index, running, number, cas, ruling, cas.amount_cents)
            self._add(running, reversal, posting)
            if ruling.type == T.DENY_HOLD and cas.amount_cents > 0 and not reversal:
                denied.append((posting, cas, remarks, False))
        if capped:
            denied += self._contractual(index, claim, running, capped)
        return denied

    def _contractual(
        self, index: int, claim: RemitClaim, running: RunningClaim, capped: list[Ruled]
    ) -> list[tuple[Posting, Cas, tuple[str, ...], bool]]:
        """Contractual write-offs within the cap; what exceeds it is information or a dispute."""
        cap, is_secondary = self._cap(claim, running)
        denied = []
        for number, cas, remarks, ruling in capped:
            amount = cas.amount_cents
            taken = amount if cap is None or amount <= 0 else min(amount, cap)
            if cap is not None:
                cap -= taken
            if taken:
                self._add(running, False, self._posting(index, running, number, cas, ruling, taken))
            if amount == taken:
                continue
            if is_secondary:
                rest = Ruling(T.INFO, reason="already written off under the prior payer")
                self.flags.add(DUPLICATE_WRITEOFF)
                self._add(running, False, self._posting(index, running, number, cas, rest, amount - taken))
            else:
                rest = Ruling(T.DENY_HOLD, category="contract_underpayment", reason="beyond the contract")
                posting = self._posting(index, running, number, cas, rest, amount - taken)
                self._add(running, False, posting)
                denied.append((posting, cas, remarks, True))
        return denied

    def _cap(self, claim: RemitClaim, running: RunningClaim) -> tuple[int | None, bool]:
        """The most that may be written off as contractual; None without a limit."""
        if claim.status in self.policy.secondary_statuses and self.policy.cap_secondary:
            return max(0, running.insurance_balance - max(0, running.kept_cents)), True
        if claim.status in self.policy.secondary_statuses or not self.policy.cap_by_contract:
            return None, False
        expected = self._expected(claim, running)
        return (None if expected is None else max(0, claim.charge_cents - expected)), False

    def _expected(self, claim: RemitClaim, running: RunningClaim) -> int | None:
        by_line = running.prior.expected_by_line
        if by_line and claim.lines and all(line.line_control in by_line for line in claim.lines):
            return sum(by_line[control] for control in {line.line_control for line in claim.lines})
        return running.prior.expected_allowed_cents

    def _posting(
        self, index: int, running: RunningClaim, number: int, cas: Cas, ruling: Ruling, amount: int
    ) -> Posting:
        return Posting(
            ruling.type,
            amount,
            running.prior.claim_number,
            f"{cas.group}-{cas.reason}",
            number,
            ruling.sub,
            ruling.category,
            reason=ruling.reason,
            clp_index=index,
            position=cas.position,
        )

    def _add(self, running: RunningClaim, reversal: bool, posting: Posting) -> None:
        self.postings.append(posting)
        running.apply(posting, is_reversal=reversal)

    # Denials, outcomes ------------------------------------------------------------------------

    def _denials(
        self,
        claim: RemitClaim,
        running: RunningClaim,
        denied: list[tuple[Posting, Cas, tuple[str, ...], bool]],
    ) -> None:
        if not denied:
            return
        extra = -sum(
            min(0, cas.amount_cents)
            for line in claim.lines
            for cas in line.adjustments
            if cas.reason in self.policy.paid_above_charge
        )
        for posting, cas, remarks, is_variance in denied:
            known = classify_denial(cas.reason, remarks)
            category = posting.category
            code = known.action_code if category == known.category else ROW_ACTIONS.get(category, "REVIEW")
            netted = min(extra, posting.amount_cents) if category == "bundling" else 0
            extra -= netted
            line = claim.lines[posting.line - 1] if posting.line else None
            item = DenialItem(
                running.prior.claim_number,
                posting.clp_index,
                posting.line,
                cas.group,
                cas.reason,
                posting.amount_cents,
                posting.amount_cents - netted,
                category,
                code,
                actions.denial_action(category, code, cas.reason, remarks),
                known.cause,
                known.owner,
                tuple(dict.fromkeys(remarks)),
                line.line_control if line else "",
                (line.submitted_code or line.code) if line else "",
                posting.position,
                is_variance,
            )
            self.flags.add(UNDERPAYMENT if is_variance else f"DENIAL:{category}")
            running.items.append(item)
            self.denials.append(item)

    def _outcomes(self) -> tuple[ClaimOutcome, ...]:
        """One per claim named in the file, in the order of its first CLP."""
        named = sorted(
            (claim for claim in self.claims.values() if claim.indexes), key=lambda claim: claim.indexes[0]
        )
        found = []
        for claim in named:
            rank, action = actions.claim_action(claim)
            found.append(ClaimOutcome(claim.prior.claim_number, action, rank, tuple(claim.indexes)))
        return tuple(found)

    def _file_action(
        self, outcomes: tuple[ClaimOutcome, ...], provider: list[Posting], debt: int | None
    ) -> str:
        claims = self.remittance.claims
        if claims and all(claim.status == PREDETERMINATION for claim in claims):
            return actions.NO_POSTING
        return actions.file_action(outcomes, self.unmatched, provider, debt, has_claims=bool(claims))

    def _credits(self) -> tuple[Credit, ...]:
        credits = []
        for claim in self.claims.values():
            if not claim.indexes:
                continue
            if claim.insurance_balance < 0:
                credits.append(Credit(claim.prior.claim_number, "payer", -claim.insurance_balance))
            if claim.patient_balance < 0:
                credits.append(Credit(claim.prior.claim_number, "patient", -claim.patient_balance))
        return tuple(credits)

    def _tell(self, claim: RemitClaim, code: str, message: str) -> None:
        self.findings.append(Finding(code, Severity.TELL, message, subject_id=claim.claim_number))
