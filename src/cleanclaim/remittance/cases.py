"""The JSON form of worked posting cases, in and out. Amounts in it are decimal dollars.

A document is the whole file (``{"meta": ..., "cases": [...]}``), a list of cases, or one case
(``{"prior": ..., "remit": ...}``). Numbers are read as text, amounts are answered as Decimal, and
`write_json` writes them as JSON numbers; nothing passes through float.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from cleanclaim.money import AmountError, parse_amount
from cleanclaim.remittance.policy import PostingPolicy
from cleanclaim.remittance.posting import (
    ClaimState,
    PostedBefore,
    Posting,
    PostingPlan,
    PriorClaim,
    PriorState,
    plan,
)
from cleanclaim.x12.sets.records import Cas, ProviderAdjustment, RemitClaim, RemitLine, RemitParty, Remittance


class CaseError(ValueError):
    """A document, or one case of it, is not in the form of a posting case. Says where."""


def read_cases(text: str | bytes) -> list[dict[str, Any]]:
    """Read a document of cases.

    Raises:
        CaseError: Not JSON, or not one of the three forms.
    """
    try:
        document = json.loads(text, parse_float=str, parse_int=str, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise CaseError(f"not a JSON document: {error}") from None
    cases = document
    if isinstance(document, dict):
        cases = document.get("cases", [document])
    if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
        raise CaseError("expected a case, a list of cases, or an object with the key 'cases'")
    return cases


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is not a number")


def plan_case(case: dict[str, Any], policy: PostingPolicy | None = None) -> dict[str, Any]:
    """Plan one case and answer in the form of its `expected`.

    Raises:
        CaseError: A key is missing or has the wrong kind of value.
    """
    remittance, prior = case_values(case)
    answer = plan_document(plan(remittance, prior, policy))
    return {"id": _text(case.get("id")), **answer}


def case_values(case: dict[str, Any]) -> tuple[Remittance, PriorState]:
    """The typed remittance and prior state of a case.

    Raises:
        CaseError: A key is missing or has the wrong kind of value.
    """
    place = _text(case.get("id")) or "case"
    try:
        return _remittance(case["remit"]), _prior(case["prior"])
    except KeyError as error:
        raise CaseError(f"{place}: the key {error.args[0]!r} is missing") from None
    except AmountError as error:
        raise CaseError(f"{place}: {error}") from None
    except (TypeError, ValueError, AttributeError, IndexError) as error:
        raise CaseError(f"{place}: a value has the wrong kind ({type(error).__name__})") from None


def _cents(value: Any) -> int:
    if value is None or isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise AmountError("an amount is missing")
    text = str(value)
    if "e" in text.lower():  # JSON may write 1e2
        try:
            text = format(Decimal(text), "f")
        except ArithmeticError:
            raise AmountError("not a decimal amount") from None
    return parse_amount(text)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _remittance(remit: dict[str, Any]) -> Remittance:
    sign = -1 if _text(remit.get("bpr03")) == "D" else 1
    paid_on = _text(remit.get("bpr16"))
    return Remittance(
        paid_cents=sign * _cents(remit["bpr02"]),
        method=_text(remit.get("bpr04")),
        handling=_text(remit.get("bpr01")),
        trace_number=_text(remit.get("trn02")),
        trace_payer_id=_text(remit.get("trn03")),
        paid_on=date.fromisoformat(paid_on) if paid_on else None,
        claims=tuple(_claim(claim) for claim in remit.get("claims") or ()),
        provider_adjustments=tuple(
            ProviderAdjustment("", None, _text(code), _text(reference), _cents(amount))
            for code, reference, amount in remit.get("plb") or ()
        ),
    )


def _claim(clp: dict[str, Any]) -> RemitClaim:
    patient = clp.get("clp05")
    return RemitClaim(
        claim_number=_text(clp["clp01"]),
        status=_text(clp["clp02"]),
        charge_cents=_cents(clp["clp03"]),
        paid_cents=_cents(clp["clp04"]),
        patient_cents=None if patient in (None, "") else _cents(patient),
        payer_control_number=_text(clp.get("clp07")),
        adjustments=_adjustments(clp.get("cas")),
        remarks=tuple(_text(code) for code in clp.get("moa") or ()),
        crossover_to=RemitParty(name=_text(clp.get("nm1_tt"))),
        amounts=tuple((code, _cents(amount)) for code, amount in (clp.get("amt") or {}).items()),
        lines=tuple(_line(line) for line in clp.get("lines") or ()),
    )


def _line(line: dict[str, Any]) -> RemitLine:
    qualifier, code, modifiers = _procedure(_text(line.get("proc")))
    _, submitted, submitted_modifiers = _procedure(_text(line.get("svc06")))
    return RemitLine(
        code=code,
        charge_cents=_cents(line["charge"]),
        paid_cents=_cents(line["paid"]),
        qualifier=qualifier,
        modifiers=modifiers,
        units_paid=_text(line.get("units")),
        submitted_code=submitted,
        submitted_modifiers=submitted_modifiers,
        line_control=_text(line.get("ref6r")),
        adjustments=_adjustments(line.get("cas")),
        remarks=tuple(_text(code) for code in line.get("lq") or ()),
    )


def _procedure(text: str) -> tuple[str, str, tuple[str, ...]]:
    """SVC01 or SVC06 as ``HC:90834:95``; a bare code has no qualifier."""
    if ":" not in text:
        return "HC", text, ()
    qualifier, code, *modifiers = text.split(":")
    return qualifier, code, tuple(modifiers)


def _adjustments(items: Any) -> tuple[Cas, ...]:
    return tuple(Cas(_text(group), _text(carc), _cents(amount)) for group, carc, amount in items or ())


def _prior(prior: dict[str, Any]) -> PriorState:
    debt = (prior.get("payer_debt_ledger") or {}).get("payer_debt")
    return PriorState(
        claims=tuple(_prior_claim(claim) for claim in prior.get("claims") or ()),
        posted_traces=frozenset(_text(trace) for trace in prior.get("posted_traces") or ()),
        payer_debt_cents=0 if debt is None else _cents(debt),
    )


def _prior_claim(claim: dict[str, Any]) -> PriorClaim:
    def amount(key: str) -> int:
        return _cents(claim[key]) if claim.get(key) is not None else 0

    expected = claim.get("expected_allowed")
    return PriorClaim(
        claim_number=_text(claim["clm01"]),
        billed_cents=_cents(claim["billed"]),
        insurance_paid_cents=amount("insurance_paid"),
        adjusted_cents=amount("adjusted"),
        patient_responsibility_cents=amount("patient_responsibility"),
        patient_paid_cents=amount("patient_paid"),
        denied_open_cents=amount("denied_open"),
        current_payer=_text(claim.get("current_payer")) or "P",
        next_payer=_text(claim.get("next_payer")) or None,
        expected_allowed_cents=None if expected is None else _cents(expected),
        capitated=claim.get("capitated") is True,
        out_of_network=claim.get("out_of_network") is True,
        never_bill_patient=claim.get("never_bill_patient") is True,
        history=tuple(
            PostedBefore(
                _text(item["clp07"]),
                _text(item["type"]),
                _cents(item["amount"]),
                _text(item.get("carc")),
                int(item.get("line") or 0),
                _text(item.get("sub")),
                _text(item.get("category")),
                _text(item.get("payer_seq")),
            )
            for item in claim.get("history") or ()
        ),
    )


# Out --------------------------------------------------------------------------------------------


def _money(cents: int) -> Decimal:
    """Exact dollars with two decimals."""
    return Decimal(cents).scaleb(-2)


_ENCODER = msgspec.json.Encoder(decimal_format="number")


def write_json(value: Any, *, indent: int = 1) -> str:
    """A document as JSON text, decimals as numbers with their two places."""
    return msgspec.json.format(_ENCODER.encode(value), indent=indent).decode()


def plan_document(result: PostingPlan) -> dict[str, Any]:
    """A plan in the form of a case's `expected`; amounts are exact decimal dollars."""
    document: dict[str, Any] = {
        "balanced": result.balanced,
        "postings": [_posting(item) for item in result.postings],
        "claims_after": {number: _state(state) for number, state in result.claims_after.items()},
        "bank_deposit": _money(result.bank_deposit_cents),
        "next_action": result.next_action,
        "flags": list(result.flags),
        "credits": [
            {"claim": item.claim, "owner": item.owner, "amount": _money(item.amount_cents)}
            for item in result.credits
        ],
        "errors": [finding.message for finding in result.findings if finding.severity.stops],
    }
    if result.payer_debt_after_cents is not None:
        document["payer_debt_ledger_after"] = {"payer_debt": _money(result.payer_debt_after_cents)}
    if result.denials:
        document["denials"] = [
            {
                "claim": item.claim,
                "line": item.line or None,
                "carc": f"{item.group}-{item.carc}",
                "remarks": list(item.remarks),
                "amount": _money(item.amount_cents),
                "at_stake": _money(item.at_stake_cents),
                "category": item.category,
                "action_code": item.action_code,
                "action": item.action,
                "cause": item.cause,
            }
            for item in result.denials
        ]
    notes = [finding.message for finding in result.findings if not finding.severity.stops]
    if notes:
        document["notes"] = notes
    return document


def _posting(item: Posting) -> dict[str, Any]:
    document: dict[str, Any] = {
        "claim": item.claim,
        "type": str(item.type),
        "amount": _money(item.amount_cents),
    }
    for key, value in (
        ("carc", item.carc),
        ("line", item.line),
        ("sub", item.sub),
        ("category", item.category),
        ("payer_seq", item.payer_seq),
        ("clp01", item.clp01),
        ("reason", item.reason),
    ):
        if value:
            document[key] = value
    if item.reference is not None:
        document["reference"] = item.reference
    if item.cash_effect_cents is not None:
        document["cash_effect"] = _money(item.cash_effect_cents)
    return document


def _state(state: ClaimState) -> dict[str, Any]:
    return {
        "billed": _money(state.billed_cents),
        "insurance_paid": _money(state.insurance_paid_cents),
        "adjusted": _money(state.adjusted_cents),
        "patient_responsibility": _money(state.patient_responsibility_cents),
        "patient_paid": _money(state.patient_paid_cents),
        "denied_open": _money(state.denied_open_cents),
        "insurance_balance": _money(state.insurance_balance_cents),
        "patient_balance": _money(state.patient_balance_cents),
        "current_payer": state.current_payer,
        "next_payer": state.next_payer,
    }
