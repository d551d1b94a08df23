"""Who a remittance is: the business identity of a payment, and the hash of what it says.

A payment comes back under other file names, other control numbers, from another clearinghouse, split
or merged. Its identity is therefore built from the payment alone: practice, payer, trace, amount, day.
The hash of its content is kept apart: same identity and same content is a duplicate, same identity
and other content goes to quarantine.
"""

from __future__ import annotations

import hashlib

import msgspec

from cleanclaim.x12.sets.records import Cas, Remittance

VERSION = b"cleanclaim.remittance.1\x00"
_ENCODER = msgspec.json.Encoder(order="deterministic")


def _folded(text: str) -> str:
    return " ".join(text.split()).upper()


def _digest(*parts: object) -> str:
    return hashlib.sha256(VERSION + _ENCODER.encode(parts)).hexdigest()


def identity_key(remittance: Remittance, *, practice_id: str, payer_id: str = "", part: int = 0) -> str:
    """The key under which a payment posts once.

    Args:
        practice_id: The practice that is paid.
        payer_id: Only when the caller knows the payer by something that never changes, such as its tax id.
            Left empty, the payer is what the payment itself says: TRN03, else the payer's number, else its
            name. A link to a master record is no identity: it may be made between two receipts.
        part: Place (from 1) of the one claim payment that was taken out of the payment; 0 for all of it.

    Returns:
        64 hex digits: a hash of practice, payer, TRN02, TRN03, BPR02 (signed cents) and BPR16.
    """
    payer = payer_id or _folded(remittance.trace_payer_id or remittance.payer.id or remittance.payer.name)
    return _digest(
        practice_id,
        payer,
        _folded(remittance.trace_number),
        _folded(remittance.trace_payer_id),
        remittance.paid_cents,
        remittance.paid_on,
        *([part] if part else ()),
    )


def content_hash(remittance: Remittance) -> str:
    """A hash of what the payment is for: its claims, lines, adjustments and provider adjustments.

    Positions, offsets, control numbers and the spelling of parties do not count, and the order of
    claims and of provider adjustments does not either: a clearinghouse may change all of these.

    Returns:
        64 hex digits.
    """
    claims = sorted(
        _ENCODER.encode(
            (
                _folded(claim.claim_number),
                claim.status,
                claim.charge_cents,
                claim.paid_cents,
                claim.patient_cents or 0,
                _folded(claim.payer_control_number),
                _adjustments(claim.adjustments),
                sorted(claim.remarks),
                [
                    (
                        line.code,
                        line.modifiers,
                        line.submitted_code,
                        line.charge_cents,
                        line.paid_cents,
                        line.service_from,
                        line.line_control,
                        _adjustments(line.adjustments),
                        sorted(line.remarks),
                    )
                    for line in claim.lines
                ],
            )
        ).decode()
        for claim in remittance.claims
    )
    provider = sorted(
        (item.code, _folded(item.reference), item.amount_cents) for item in remittance.provider_adjustments
    )
    return _digest(claims, provider)


def _adjustments(items: tuple[Cas, ...]) -> list[tuple[str, str, int]]:
    return sorted((item.group, item.reason, item.amount_cents) for item in items)
