"""Public sample remittances: BPR02 comes back from the ledger's cash legs, or the payment is held."""

from __future__ import annotations

from datetime import UTC, date, datetime

from cleanclaim.ledger import ClaimIds, Source, cash_cents, entries_for_plan
from cleanclaim.remittance import PriorClaim, PriorState, balance, plan
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.remittance_835 import read_835

SOURCE = Source("practice", date(2026, 11, 23), datetime(2026, 11, 23, tzinfo=UTC), file_hash="f" * 64)


def test_every_sample_reproduces_its_payment_or_is_held(samples_dir):
    posted = held = 0
    for path in sorted((samples_dir / "835").iterdir()):
        for transaction in read_x12(path.read_bytes(), file=path.name).transactions():
            remittance, _ = read_835(transaction)
            numbers = {
                claim.claim_number.strip().upper(): abs(claim.charge_cents) for claim in remittance.claims
            }
            result = plan(
                remittance, PriorState(tuple(PriorClaim(number, cents) for number, cents in numbers.items()))
            )
            if not result.balanced:
                held += 1
                assert result.postings == () and result.bank_deposit_cents == 0
                assert any(finding.facts.get("difference_cents") for finding in balance(remittance).findings)
                continue
            posted += 1
            ids = {number: ClaimIds(f"c-{number}") for number in numbers}
            entries = entries_for_plan(result, remittance, ids, SOURCE, key=path.name)
            assert cash_cents(entries) == remittance.paid_cents == result.bank_deposit_cents, path.name
    assert posted > 100
    assert held > 0
