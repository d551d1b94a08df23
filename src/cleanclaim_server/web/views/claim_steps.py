"""What the payer said of a claim, and the two likeliest next steps, as the work pane shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from cleanclaim_server.claims.codes import REJECTED, HoldCause, Lifecycle, PayerState
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.cycle.handling import is_unsent
from cleanclaim_server.web.views import payer_words
from cleanclaim_server.web.views.mending import fix_url

CORRECTING = {
    "CORRECT_FREQ7",
    "CORRECT_OR_APPEAL",
    "REVIEW_BUNDLING",
    "AUTH_MISMATCH",
    "NEW_CLAIM",
    "APPEAL_AUTH",
    "CRED_FIX",
    "FIX_ELIG",
    "FIX_COB",
    "REDIRECT_PAYER",
    "FIX_PRIMARY_FIRST",
}
RECORD_OF_CATEGORY = {
    "authorization": "authorization",
    "eligibility": "coverage",
    "cob": "coverage",
    "wrong_payer_carveout": "coverage",
    "coding_modifier": "session",
    "submission_data": "coverage",
    "registration": "patient",
    "diagnosis": "session",
    "capitation_or_managed_care": "coverage",
    "identity": "coverage",
}
PAID = {PayerState.PAID, PayerState.PARTLY_PAID, PayerState.PATIENT_SHARE}
WAITING = {
    PayerState.WAITING,
    PayerState.FILE_ACCEPTED,
    PayerState.ACCEPTED_CLEARINGHOUSE,
    PayerState.ACCEPTED_PAYER,
    PayerState.PENDING,
}


@dataclass
class Situation:
    """What decides the words and the steps."""

    claim: Claim
    today: date
    holds: list
    findings: list
    denials: list
    answers: list
    lines: dict[UUID, dict]
    items: list
    family: list
    paid_cents: int
    may_act: bool
    may_money: bool
    batch: Any = None


def said_of(it: Situation) -> dict[str, Any]:
    """`said` and `silent` of the work pane: the payer's last word in plain words with its codes, or
    its silence.
    """
    one = it.claim
    codes = list(dict.fromkeys(code for line in it.lines.values() for code in line["codes"]))
    if one.payer_state in REJECTED:
        answer = next((row for row in reversed(it.answers) if row.result == "rejected"), None)
        found = answer.codes.split() if answer and answer.codes else []
        text = payer_words.rejection(found, answer.meaning if answer else "")
        if one.payer_state == PayerState.REJECTED_FILE:
            text = f"The whole file was refused. {text}"
        note = "It never reached the payer's decision; the filing limit still runs."
        status = [code for code in found if ":" in code]
        return {
            "said": {
                "on": one.payer_state_on,
                "text": f"{text}.",
                "codes": payer_words.coded(*status),
                "group_note": note,
                "kind": "rejected",
            },
            "silent": None,
        }
    if one.payer_state == PayerState.DENIED or it.denials:
        keys = [f"{row.group}-{row.reason}" for row in it.denials] or codes
        remarks = [mark for row in it.denials for mark in row.remarks]
        text = it.denials[-1].cause if it.denials else payer_words.sentence(codes)
        return {
            "said": {
                "on": one.adjudicated_on or one.payer_state_on,
                "text": text,
                "codes": payer_words.coded(*keys, *remarks),
                "group_note": payer_words.group_note(keys),
                "kind": "denied",
            },
            "silent": None,
        }
    if one.payer_state in PAID and it.may_money:
        patient = sum(line["patient_cents"] for line in it.lines.values())
        text = f"Paid ${it.paid_cents / 100:,.2f}"
        if one.expected_cents is not None and one.sequence == "P":
            allowed = sum(line["allowed_cents"] for line in it.lines.values())
            text += f" and allowed ${allowed / 100:,.2f} of ${one.expected_cents / 100:,.2f} expected"
        text += (
            f". The patient's share is ${patient / 100:,.2f}." if patient else ". Nothing is the patient's."
        )
        return {
            "said": {
                "on": one.adjudicated_on or one.payer_state_on,
                "text": text,
                "codes": payer_words.coded(*codes),
                "group_note": "",
                "kind": "paid",
            },
            "silent": None,
        }
    if one.payer_state in WAITING and one.first_sent_at:
        sent_on = _day_of(one, one.first_sent_at)
        return {
            "said": None,
            "silent": {
                "sent_on": sent_on,
                "days": max((it.today - sent_on).days, 0),
                "usual": one.payer.usual_answer_days,
            },
        }
    return {"said": None, "silent": None}


def _guard(text: str, ok: bool) -> dict:
    return {"text": text, "ok": ok}


def _limit(one: Claim, today: date) -> list[dict]:
    if not one.filing_limit_on:
        return [_guard("Filing limit not known: the rule book has none for this payer", False)]
    left = (one.filing_limit_on - today).days
    proven = "" if one.filing_limit_enforceable else "about "
    text = f"Filing limit {proven}{one.filing_limit_on:%-d %b %Y}"
    return [_guard(f"{text}, {left} days left" if left >= 0 else f"{text}, {-left} days past", left >= 0)]


def next_steps(it: Situation) -> list[dict]:
    """At most two steps, likeliest first, each a button that does it. None for those who may not act."""
    if not it.may_act:
        return []
    one = it.claim
    if one.payer_state in REJECTED and is_unsent(one):
        steps = _rejected(it)
    elif one.lifecycle == Lifecycle.READY:
        steps = [_send(it)]
    elif one.lifecycle in (Lifecycle.HELD, Lifecycle.DRAFT):
        steps = _held(it)
    elif one.lifecycle == Lifecycle.UNSURE and it.batch:
        steps = [
            _step(
                "Find out whether the file arrived",
                "Look at the partner's site, then say what you saw.",
                "Open the batch",
                f"/batches/{it.batch.batch_id}",
                method="get",
            )
        ]
    elif any(row.state in ("open", "working") for row in it.denials):
        steps = _denied(it)
    elif one.payer_state in WAITING:
        steps = _waiting(it)
    else:
        steps = []
    return steps[:2]


def _step(
    title: str, why: str, button: str, url: str, *, method: str = "post", guards=(), fields=None
) -> dict:
    return {
        "title": title,
        "why": why,
        "button": button,
        "url": url,
        "method": method,
        "guards": list(guards),
        "fields": (fields or {}).items(),
        "diff": [],
        "blocked": "",
    }


def _send(it: Situation) -> dict:
    return _step(
        "Send this claim now",
        "It also goes by itself with the next batch.",
        "Send the claim",
        "/claims/send",
        guards=_limit(it.claim, it.today),
        fields={"id": str(it.claim.pk), "back": f"/claims/{it.claim.pk}"},
    )


def _rejected(it: Situation) -> list[dict]:
    one = it.claim
    build = _step(
        "Build the claim anew and check it",
        "It follows the records as they are now and keeps its number. If nothing changed, it says so.",
        "Build anew",
        f"/claims/{one.pk}/mend",
        guards=_limit(one, it.today),
    )
    if one.payer_state == PayerState.REJECTED_FILE:
        return [build]
    answer = next((row for row in reversed(it.answers) if row.result == "rejected"), None)
    codes = answer.codes.split() if answer and answer.codes else []
    record_ = next((found for found in map(payer_words.mended_in, codes) if found), "")
    if not record_ or record_ == "claim":
        return [build]
    words = {
        "coverage": "Correct the member number or the policy",
        "patient": "Correct the patient's data",
        "session": "Correct the session",
        "authorization": "Record the authorization",
        "practice": "Correct the practice's or clinician's numbers",
    }
    mend = _step(
        words[record_],
        "The rejection names it. What you save, the claim takes when it is built anew.",
        payer_words.MEND_WORDS[record_],
        fix_url(one, record_),
        method="get",
    )
    return [mend, build]


def _held(it: Situation) -> list[dict]:
    one, steps = it.claim, []
    causes = {row.cause for row in it.holds}
    if HoldCause.UNSIGNED_NOTE in causes:
        steps.append(
            _step(
                "Have the note signed",
                "The claim goes on by itself when the clinician signs.",
                "Open the session",
                f"/sessions/{one.family.encounter_id}",
                method="get",
            )
        )
    stops = [row for row in it.findings if row.severity != "tell" and not row.overridden_at]
    record_ = next(
        (
            found
            for found in (
                payer_words.mended_in(row.code) for row in stops if row.code != "edits.note_unsigned"
            )
            if found
        ),
        "",
    )
    if record_ and record_ != "claim":
        first = next(row for row in stops if payer_words.mended_in(row.code) == record_)
        steps.append(
            _step(
                first.remedy or "Mend what the edit found",
                "",
                payer_words.MEND_WORDS[record_],
                fix_url(one, record_),
                method="get",
            )
        )
    if HoldCause.EDIT in causes or HoldCause.OVERRIDE in causes or not it.holds:
        steps.append(
            _step(
                "Run the edits again",
                "After you mended the records: the claim follows them.",
                "Build anew and check",
                f"/claims/{one.pk}/mend",
                fields={"anyway": "1"},
                guards=_limit(one, it.today),
            )
        )
    return steps


def _denied(it: Situation) -> list[dict]:
    one = it.claim
    row = next(row for row in reversed(it.denials) if row.state in ("open", "working"))
    texts = [step["step"] for step in row.steps if step.get("kind") == "step"]
    guards = [_guard(step["step"], True) for step in row.steps if step.get("kind") == "guard"]
    if row.due_on:
        left = (row.due_on - it.today).days
        about = "" if row.due_enforceable else "about "
        guards.insert(0, _guard(f"Answer by {about}{row.due_on:%-d %b %Y}", left >= 0))
    else:
        guards.insert(0, _guard("No limit for an answer is in the rule book: ask the payer", False))
    replaced = next((one_ for one_ in it.family if one_.replaces_id == one.pk), None)
    if replaced:
        return [
            _step(
                "A corrected claim is on its way",
                "Its answer reverses this one.",
                "Open it",
                f"/claims/{replaced.pk}",
                method="get",
                guards=guards,
            )
        ]
    first = texts[0] if texts else "Read the payer's policy and call when the reason is not clear."
    second = texts[1] if len(texts) > 1 else "Do it another day; the deadline stays."
    steps = []
    record_ = RECORD_OF_CATEGORY.get(row.category, "")
    if row.action_code in CORRECTING and one.payer_control_number and one.sequence == "P":
        steps.append(
            _step(
                first,
                "The corrected claim follows the records as they are now: correct them first.",
                "Build the corrected claim",
                f"/claims/{one.pk}/correct",
                guards=guards,
            )
        )
        guards = []
        if record_:
            steps.append(
                _step(second, "", payer_words.MEND_WORDS[record_], fix_url(one, record_), method="get")
            )
    if len(steps) < 2 and row.state == "open":
        plan = first if not steps else second
        steps.append(
            _step(
                plan,
                "Marks the denial as in work, and the timeline says what is planned.",
                "Take into work",
                f"/claims/{one.pk}/work-denial",
                fields={"plan": plan},
                guards=guards,
            )
        )
        guards = []
    if len(steps) < 2 and it.items:
        steps.append(
            _step(
                second,
                "",
                "Put off for a week",
                f"/work/{it.items[0].pk}/snooze",
                guards=guards,
                fields={"days": "7", "back": "/work"},
            )
        )
    return steps


def _day_of(claim: Claim, instant: datetime) -> date:
    """The practice's calendar day."""
    return instant.astimezone(ZoneInfo(claim.practice.timezone)).date()


def _waiting(it: Situation) -> list[dict]:
    one = it.claim
    days = (it.today - _day_of(one, one.first_sent_at)).days if one.first_sent_at else 0
    if days <= one.payer.usual_answer_days:
        return []
    steps = [
        _step(
            f"Ask the payer: {days} days without an answer",
            "Write down whom you asked and what they said.",
            "Note that you asked",
            f"/claims/{one.pk}/remark",
            fields={"text": "Asked the payer for the claim's status."},
        )
    ]
    if it.items:
        steps.append(
            _step(
                "Ask again in a week",
                "",
                "Put off for a week",
                f"/work/{it.items[0].pk}/snooze",
                fields={"days": "7", "back": "/work"},
            )
        )
    return steps
