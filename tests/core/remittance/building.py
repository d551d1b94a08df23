"""Small words and strategies for remittances in tests. Amounts in words are dollars."""

from __future__ import annotations

from hypothesis import strategies as st

from cleanclaim.money import parse_amount
from cleanclaim.remittance import PriorClaim, PriorState, plan
from cleanclaim.x12.sets.records import Cas, ProviderAdjustment, RemitClaim, RemitLine, Remittance


def cents(amount) -> int:
    return parse_amount(str(amount))


def cas(text: str) -> tuple[Cas, ...]:
    """``CO-45 40.00 PR-2 20`` as adjustments."""
    words = text.split()
    return tuple(
        Cas(*code.split("-", 1), cents(amount)) for code, amount in zip(words[::2], words[1::2], strict=True)
    )


def line(charge, paid, adjustments="", *, code="90837", **more) -> RemitLine:
    return RemitLine(code, cents(charge), cents(paid), adjustments=cas(adjustments), **more)


def clp(
    charge, paid, adjustments="", *, number="A1", status="1", control="P1", lines=None, **more
) -> RemitClaim:
    """One claim payment; its adjustments stand on one line unless lines are given, or `lines=()`."""
    if lines is None:
        lines, adjustments = (line(charge, paid, adjustments),), ""
    return RemitClaim(
        number, status, cents(charge), cents(paid),
        payer_control_number=control, lines=tuple(lines), adjustments=cas(adjustments), **more,
    )  # fmt: skip


def reversed_of(claim: RemitClaim, **more) -> RemitClaim:
    """The reversal (CLP02 22) of an answer: every amount turned."""

    def turn(items):
        return tuple(Cas(one.group, one.reason, -one.amount_cents) for one in items)

    lines = tuple(
        RemitLine(
            one.code, -one.charge_cents, -one.paid_cents, modifiers=one.modifiers,
            submitted_code=one.submitted_code, line_control=one.line_control, adjustments=turn(one.adjustments),
        )
        for one in claim.lines
    )  # fmt: skip
    return RemitClaim(
        claim.claim_number, "22", -claim.charge_cents, -claim.paid_cents,
        payer_control_number=claim.payer_control_number, adjustments=turn(claim.adjustments), lines=lines, **more,
    )  # fmt: skip


def remit(*claims: RemitClaim, plb=(), trace="T1", **more) -> Remittance:
    """A payment that balances."""
    provider = tuple(ProviderAdjustment("", None, code, ref, cents(amount)) for code, ref, amount in plb)
    paid = sum(one.paid_cents for one in claims) - sum(one.amount_cents for one in provider)
    return Remittance(paid, "ACH", trace_number=trace, claims=claims, provider_adjustments=provider, **more)


def prior(billed=150, number="A1", **more) -> PriorClaim:
    return PriorClaim(
        number,
        cents(billed),
        **{key: cents(value) if key.endswith("_cents") else value for key, value in more.items()},
    )


def go(*claims, before=None, policy=None, debt=0, plb=(), trace="T1"):
    before = before if isinstance(before, tuple) else (before or prior(),)
    return plan(
        remit(*claims, plb=plb, trace=trace), PriorState(before, payer_debt_cents=cents(debt)), policy
    )


def moves(result) -> list[tuple[str, str, int]]:
    return sorted((str(one.type), one.carc, one.amount_cents) for one in result.postings)


CODES = (
    "CO-45 CO-253 CO-97 CO-197 CO-29 CO-24 CO-104 CO-144 CO-94 OA-94 OA-23 OA-18 OA-133 OA-209 OA-100 PI-16 "
    "PR-1 PR-2 PR-3 PR-27 PR-45 PR-96 PR-100 CO-303 CO-192 CO-246 CO-B13 OA-300 PR-187 CO-187 CO-A7 OA-225"
).split()


@st.composite
def adjustments(draw, charge: int, most: int = 4) -> tuple[tuple[Cas, ...], int]:
    """Adjustments of a charge and what is then paid; both may be negative."""
    chosen = draw(st.lists(st.sampled_from(CODES), max_size=most))
    items = []
    for code in chosen:
        group, reason = code.split("-")
        amount = draw(st.integers(-abs(charge) // 4 - 1, abs(charge)))
        items.append(Cas(group, reason, amount if charge >= 0 else -amount))
    return tuple(items), charge - sum(item.amount_cents for item in items)


@st.composite
def claim_payments(draw, numbers=("A1", "A2", "X9")) -> RemitClaim:
    status = draw(st.sampled_from(("1", "1", "1", "2", "3", "4", "19", "20", "21", "22", "23", "25")))
    sign = -1 if status == "22" else 1
    lines, charge, paid = [], 0, 0
    for _ in range(draw(st.integers(0, 3))):
        line_charge = sign * draw(st.integers(0, 30000))
        items, line_paid = draw(adjustments(line_charge))
        lines.append(
            RemitLine(
                draw(st.sampled_from(("90837", "90834", "99214"))), line_charge, line_paid, adjustments=items,
                submitted_code=draw(st.sampled_from(("", "", "90837"))),
                remarks=draw(st.sampled_from(((), ("N130",), ("MA130",)))),
            )
        )  # fmt: skip
        charge, paid = charge + line_charge, paid + line_paid
    if not lines:
        charge = paid = sign * draw(st.integers(0, 30000))
    whole = draw(adjustments(charge, 2))[0] if draw(st.booleans()) else ()
    return RemitClaim(
        draw(st.sampled_from(numbers)), status, charge, paid - sum(item.amount_cents for item in whole),
        payer_control_number=draw(st.sampled_from(("P1", "P2", ""))), adjustments=whole, lines=tuple(lines),
    )  # fmt: skip


PLB_CODES = ("L6", "FB", "WO", "72", "CS", "LE", "IR", "CT", "AP", "E3", "LS", "J1", "50", "ZZ9")


@st.composite
def remittances(draw) -> Remittance:
    """Payments that balance."""
    claims = tuple(draw(st.lists(claim_payments(), max_size=4)))
    provider = tuple(
        ProviderAdjustment("", None, draw(st.sampled_from(PLB_CODES)), "R", draw(st.integers(-20000, 20000)))
        for _ in range(draw(st.integers(0, 3)))
    )
    paid = sum(one.paid_cents for one in claims) - sum(one.amount_cents for one in provider)
    return Remittance(
        paid,
        "ACH",
        trace_number="T1",
        trace_payer_id="1999999999",
        claims=claims,
        provider_adjustments=provider,
    )
