"""Made-up view models, one per screen template: the contract between queries and templates, as values.

Everybody here is invented. `SCREENS` maps a picture's name to (template, request path, context); the tests
render each, and `tools/preview_templates.py` shows them in a browser.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

TODAY = date(2026, 11, 23)


def at(day: int, hour: int = 9, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


HL = {"code": "HL", "name": "Harbor Lane Counseling", "hue": 1, "id": "1"}
JP = {"code": "JP", "name": "Juniper Psychology Group", "hue": 2, "id": "2"}
NB = {"code": "NB", "name": "Northfield Behavioral", "hue": 3, "id": "3"}
CS = {"code": "CS", "name": "Cedar & Stone Therapy", "hue": 4, "id": "4"}
MS = {
    "code": "MS",
    "name": "Maple Street Intensive Outpatient and Partial Hospitalization Programs",
    "hue": 5,
    "id": "5",
}
RO = {"code": "RO", "name": "R. Okafor, LCSW", "hue": 6, "id": "6"}
PRACTICES = [HL, JP, NB, CS, MS, RO]
ITEMS = (112, 31, 29, 21, 15, 13, 3)

SHELL = {
    "today": TODAY,
    "as_of": at(23, 9, 12),
    "demo": True,
    "nav": {
        "today": 112,
        "work": 112,
        "sessions": 23,
        "claims": 30,
        "rejections": 7,
        "remittances": 5,
        "denials": 16,
        "balances": 31,
    },
    "switch": {
        "agency": "Tallyhouse Billing",
        "all_url": "#",
        "all_n": 112,
        "current": None,
        "options": [
            {**practice, "url": "#", "n": n} for practice, n in zip(PRACTICES, ITEMS[1:], strict=True)
        ],
    },
    "practices": PRACTICES,
    "me": {"name": "Dana Whitlow", "role": "Biller, denials"},
}
ONE_PRACTICE = {**SHELL, "switch": {**SHELL["switch"], "current": HL}, "practices": [HL]}


def search(action: str, placeholder: str) -> dict:
    return {"action": action, "q": "", "placeholder": placeholder, "keep": []}


def tab(label: str, n: int | None = None, current: bool = False) -> dict:
    return {"label": label, "n": n, "url": "#", "current": current}


def page(total: int | None, noun: str, last: int = 50) -> dict:
    return {"first": 1, "last": last, "total": total, "noun": noun, "previous_url": "", "next_url": "#"}


def column(label: str, css: str = "", sort: str = "", url: str = "") -> dict:
    return {"label": label, "css": css, "sort": sort, "url": url}


PRACTICE_FILTER = {
    "key": "practice", "label": "Practice", "value": "all 6", "on": False, "icon": "",
    "options": [{"practice": practice, "url": "#", "n": 3, "current": False} for practice in PRACTICES],
}  # fmt: skip
OWNER_FILTER = {
    "key": "owner", "label": "Owner", "value": "me or nobody", "on": True, "icon": "users",
    "options": [{"label": "Me", "url": "#"}, {"label": "Me or nobody", "url": "#", "current": True}, {"label": "Anybody", "url": "#"}],
}  # fmt: skip
FILTERS = [PRACTICE_FILTER, OWNER_FILTER]

# --- today ------------------------------------------------------------------------------------------


def tile(label, icon, n, cents, oldest, due, note="", due_note=""):
    return {
        "label": label,
        "icon": icon,
        "url": "#",
        "count": n,
        "cents": cents,
        "oldest_days": oldest,
        "due_today": due,
        "note": note,
        "due_note": due_note,
    }


def day(offset: int, *pins, holiday: str = "") -> dict:
    on = TODAY + timedelta(days=offset)
    return {"date": on, "off": on.weekday() > 4 or bool(holiday), "holiday": holiday, "pins": list(pins)}


def pin(label, n, cents, tone, note=""):
    return {"label": label, "n": n, "cents": cents, "tone": tone, "url": "#", "note": note}


FIRST = [
    (
        91,
        "Send before the filing limit: session note was late",
        HL,
        "C.B., 90837 on 26 Aug, Demo State Medicaid",
        14200,
        TODAY,
    ),
    (
        88,
        "Records asked for: send the note and the plan of care",
        NB,
        "K.A., 90791 on 4 Nov, Sample Mutual",
        14000,
        TODAY,
    ),
    (
        84,
        "Rejected: subscriber number not on file",
        JP,
        "T.Q., 90834 on 18 Nov, Example Health Plan",
        11160,
        TODAY,
    ),
    (
        79,
        "Denied: authorization number missing (CO-197)",
        NB,
        "L.H., 90853 × 6, Specimen Behavioral",
        42654,
        date(2026, 11, 24),
    ),
    (
        73,
        "Payer silent 41 days: ask for status again",
        MS,
        "D.S., H0015 on 13 Oct, Sample Mutual",
        68800,
        date(2026, 11, 27),
    ),
]
CHANGED = [
    {
        "at": at(23, 7, 12),
        "actor": "payer",
        "lead": "Example Health Plan",
        "text": "paid $4,318.62 on 41 lines. 38 posted by themselves;",
        "url": "#",
        "url_text": "3 are held",
    },
    {
        "at": at(23, 6, 0),
        "actor": "rule",
        "lead": "Rule book:",
        "text": "Demo State Medicaid asks for modifier 93 on audio-only visits from 1 Dec.",
        "url": "#",
        "url_text": "14 booked sessions",
    },
    {
        "at": at(22, 21, 40),
        "actor": "clearinghouse",
        "lead": "Clearinghouse",
        "text": "rejected 2 claims: subscriber number not on file. They never reached the payer.",
    },
    {
        "at": at(21, 16, 5),
        "actor": "person",
        "lead": "M. Reyes",
        "text": "answered your question on HL26K004402. The hold is closed.",
    },
    {
        "at": at(20, 18, 2),
        "actor": "bank",
        "lead": "Deposit of $2,207.14",
        "text": "has no remittance yet.",
        "url": "#",
        "url_text": "Say where it belongs",
    },
]
TODAY_SCREEN = {
    "total": {"queued": 110, "count": 112, "cents": 1477826, "due_today": 21},
    "start_url": "#", "queue_url": "/work", "seen_url": "#", "changed_since": at(20, 17, 42), "filling": None,
    "tiles": [
        tile("Sessions without a signed note", "clock", 23, 315100, 9, 4),
        tile("Ready to send", "send", 64, 884250, 1, 0, due_note="Goes at 18:00"),
        tile("Stopped by an edit", "octagon-x", 11, 160425, 89, 3),
        tile("Rejected, not yet fixed", "unplug", 7, 92100, 5, 2),
        tile("Payer silent too long", "hourglass", 19, 274780, 41, 5),
        tile("Remittances held", "banknote", 5, 211836, 7, 5, note="16 lines, oldest 7 days"),
        tile("Denied, waiting for us", "gavel", 16, 238910, 33, 2),
        tile("Patients to bill", "receipt-text", 31, 184675, 12, 0),
    ],
    "days": [
        day(0, pin("Timely filing", 2, 28400, "stop"), pin("Records", 1, 14000, "stop")),
        day(1, pin("Appeal", 1, 42654, "override")),
        day(2, pin("Auth ends", 3, None, "tell", "with visits booked")),
        day(3, holiday="Thanksgiving. Payer mail dates move to Fri."),
        day(4, pin("Timely filing", 4, 57120, "override")),
        day(5), day(6),
        day(7, pin("Appeal", 2, 68200, "override"), pin("Records", 2, 31800, "tell")),
        day(8, pin("Auth ends", 5, None, "tell", "with visits booked")),
        day(9),
        day(10, pin("60-day refund", 1, 21240, "override")),
        day(11, pin("Timely filing", 1, 14218, "tell")),
        day(12), day(13),
    ],
    "unproven": {"n": 6, "url": "#"},
    "first": [{"score": s, "title": t, "url": "#", "practice": p, "note": n, "cents": c, "due": d, "due_enforceable": True} for s, t, p, n, c, d in FIRST],
    "changed": CHANGED,
}  # fmt: skip
TODAY_EMPTY = {
    "total": {"queued": 0, "count": 0, "cents": 0, "due_today": 0}, "queue_url": "/work", "unproven": {"n": 0}, "first": [], "changed": [],
    "tiles": [{**one, "count": 0, "cents": 0, "due_today": 0, "due_note": "", "note": ""} for one in TODAY_SCREEN["tiles"]],
    "days": [{**one, "pins": []} for one in TODAY_SCREEN["days"]],
    "filling": {"done": 4, "total": 12, "label": "Loading older months"},
}  # fmt: skip

# --- work -------------------------------------------------------------------------------------------

WHY = [
    {"label": "Dollars at stake", "note": "$426.54 expected", "points": 26, "of": 35},
    {"label": "Chance", "note": "44 of 55 alike were paid", "points": 20, "of": 25},
    {"label": "Deadline", "note": "Appeal by Tue 24 Nov", "points": 27, "of": 30},
    {"label": "Age", "note": "33 days", "points": 6, "of": 10},
]
ME, NOBODY = {"name": "Dana Whitlow", "me": True}, None
QUEUE = [
    (
        91,
        "Send before the filing limit: the note was signed late",
        "",
        HL,
        "C.B.",
        "HL26H004112",
        "Demo State Medicaid",
        14200,
        TODAY,
        89,
        ME,
        "",
    ),
    (
        88,
        "Records asked for: send note and plan of care",
        "",
        NB,
        "K.A.",
        "NB26K004051",
        "Sample Mutual",
        14000,
        TODAY,
        19,
        ME,
        "",
    ),
    (
        84,
        "Rejected: subscriber number not on file",
        "",
        JP,
        "T.Q.",
        "JP26K002988",
        "Example Health Plan",
        11160,
        TODAY,
        5,
        NOBODY,
        "",
    ),
    (
        79,
        "Denied: authorization number missing",
        "CO-197",
        NB,
        "L.H.",
        "NB26J003871",
        "Specimen Behavioral",
        42654,
        date(2026, 11, 24),
        33,
        ME,
        "",
    ),
    (
        73,
        "Payer silent 41 days: ask for status again",
        "",
        MS,
        "D.S.",
        "MS26J001204",
        "Sample Mutual of the Greater Northwest and Alaska",
        68800,
        date(2026, 11, 27),
        41,
        NOBODY,
        "",
    ),
    (
        71,
        "Stopped: place of service 10 needs modifier 95 here",
        "",
        CS,
        "R.T.",
        "CS26K000931",
        "Example Health Plan",
        11840,
        date(2026, 11, 27),
        6,
        NOBODY,
        "",
    ),
    (
        62,
        "Denied: other insurance is first",
        "CO-22",
        MS,
        "P.W.",
        "MS26K001266",
        "Sample Mutual",
        68800,
        date(2026, 12, 12),
        17,
        NOBODY,
        "Priya",
    ),
    (
        58,
        "Held line: control number does not match",
        "",
        HL,
        "A.B.",
        "HL26K004388",
        "Example Health Plan",
        8660,
        None,
        3,
        NOBODY,
        "",
    ),
    (
        51,
        "Bill held: the copay is not known yet",
        "",
        CS,
        "J.S.",
        "CS26K000940",
        "Demo State Medicaid",
        None,
        date(2026, 11, 25),
        1,
        NOBODY,
        "",
    ),
    (
        44,
        "Note not signed: session of 19 Nov",
        "",
        RO,
        "J.S.",
        "RO26K000218",
        "Sample Mutual",
        11800,
        date(2026, 12, 3),
        4,
        NOBODY,
        "",
    ),
]
QUEUE_COLUMNS = [
    column("Score", "fit", "descending", "#"), column("What it needs"), column("Practice, patient"), column("Claim"), column("Payer"),
    column("Expected, $", "num", url="#"), column("Deadline", url="#"), column("Age, days", "num col-opt", url="#"), column("Owner"),
]  # fmt: skip
QUEUE_SCREEN = {
    "tabs": [tab("All", 112, True), tab("Notes", 23), tab("Edits and rejections", 18), tab("Follow-up", 19), tab("Posting", 5), tab("Denials", 16), tab("Patient balances", 31), tab("Underpaid", 0)],
    "filters": FILTERS, "search": search("/work", "Claim, patient, payer"), "whole": {"count": 112, "cents": 1477826}, "columns": QUEUE_COLUMNS,
    "rows": [
        {"id": str(i), "score": s, "why": WHY, "formula_url": "#", "title": t, "code": code, "url": "#", "practice": p, "patient": who, "claim_number": n, "payer": payer,
         "cents": c, "due": due, "due_enforceable": i != 5, "age_days": age, "owner": owner, "locked_by": lock}
        for i, (s, t, code, p, who, n, payer, c, due, age, owner, lock) in enumerate(QUEUE)
    ],
    "bulk": [{"label": "Assign to me", "icon": "users", "url": "#"}, {"label": "Snooze a week", "icon": "pause", "url": "#"}],
    "page": page(112, "items"), "next_url": "#", "export_url": "#", "empty": {},
}  # fmt: skip
QUEUE_EMPTY = {
    **QUEUE_SCREEN, "rows": [], "next_url": None, "whole": {"count": 0, "cents": 0},
    "tabs": [tab("All", 112), tab("Underpaid", 0, True)],
    "empty": {"title": "Nothing underpaid waits for you", "text": "We compared 611 paid lines with their contracts this month. 38 lines have no contract on file and could not be compared.", "act": "Back to all work", "url": "/work"},
}  # fmt: skip

# --- claim ------------------------------------------------------------------------------------------

RAW = {
    "title": "835 from Example Health Plan, 17 Nov 2026, segments 208 to 221 of 1,406",
    "segments": [
        {"n": 208 + i, "text": text}
        for i, text in enumerate([
            "CLP*HL26K004417*4*210*0**12*EHP2632100917*10*1~", "NM1*QC*1*BIRCH*AVERY****MI*XEH000441709~", "NM1*82*1*REYES*M****XX*1999999984~", "DTM*050*20261105~",
            "SVC*HC:90837:95*185*0**1~", "DTM*472*20261103~", "CAS*CO*197*185~", "REF*6R*HL26K004417L1~", "LQ*HE*M62~", "SVC*HC:90785:95*25*0**1~", "DTM*472*20261103~", "CAS*CO*197*25~",
        ])
    ],
    "highlight": 214,
    "say": {"title": "Segment 214, CAS", "note": "Why line 1 was paid less than charged", "elements": [{"name": "CAS01", "text": "CO: the practice may not pass it on"}, {"name": "CAS02", "text": "197: authorization or notice missing"}, {"name": "CAS03", "text": "$185.00 of the charge"}]},
    "file_url": "#", "open": True,
}  # fmt: skip
EVENTS = [
    {
        "at": at(23, 9, 12),
        "actor": "person",
        "title": "Waiting for you",
        "detail": "Nearest date: corrected claim by 15 Feb 2027, 84 days left",
        "now": True,
    },
    {
        "at": at(17, 7, 6),
        "actor": "rule",
        "title": "Denial opened",
        "detail": "Cause: authorization number missing. Two next steps allowed",
        "url": "#",
        "url_text": "Playbook",
    },
    {
        "at": at(17, 7, 5),
        "actor": "payer",
        "title": "Denied, both lines",
        "detail": "835 of 17 Nov, paid $0.00 of $210.00",
        "raw_url": "#",
    },
    {
        "at": at(5, 9, 40),
        "actor": "person",
        "title": "Authorization A771204 recorded by Dana Whitlow",
        "detail": "12 visits of 90837, 1 Oct to 31 Dec. The claim had already left",
    },
    {
        "at": at(5, 6, 12),
        "actor": "payer",
        "title": "Accepted by the payer",
        "detail": "277CA, category A2",
        "raw_url": "#",
    },
    {
        "at": at(4, 18, 4),
        "actor": "clearinghouse",
        "title": "File accepted",
        "detail": "999 for batch 000001842, 212 claims",
        "raw_url": "#",
    },
    {
        "at": at(4, 18, 0),
        "actor": "person",
        "title": "Sent by the evening run",
        "detail": "Frozen copy kept: patient, coverage, clinician, location",
    },
    {"at": at(4, 2, 0), "actor": "rule", "title": "Edits: 0 stop, 0 override, 1 tell"},
    {"at": at(3, 18, 20), "actor": "person", "title": "Note signed by M. Reyes, LCSW"},
]
STEPS = [
    {"title": "Send a corrected claim with the authorization number", "why": "Worked for 49 of 52. Replaces the first claim; the filing date is kept.", "button": "Review and send", "url": "#", "method": "get",
     "guards": [{"text": "Within 90 days: by 15 Feb 2027", "ok": True}, {"text": "No appeal is open", "ok": True}, {"text": "Authorization matches code, dates, clinician", "ok": True}],
     "diff": [{"sign": "-", "text": "CLM*HL26K004417*210***10:B:1*Y*A*Y*Y~"}, {"sign": "+", "text": "CLM*HL26K004602*210***10:B:7*Y*A*Y*Y~"}, {"sign": "+", "text": "REF*G1*A771204~"}, {"sign": "+", "text": "REF*F8*EHP2632100917~"}]},
    {"title": "Appeal with proof of authorization", "why": "Worked for 7 of 9. Takes 38 days at the median.", "button": "Build the packet", "url": "#", "method": "get", "guards": [{"text": "Within 180 days: by 16 May 2027", "ok": True}]},
]  # fmt: skip
PANE = {
    "said": {"on": date(2026, 11, 17), "text": "The plan wanted an authorization number on this claim and found none. It did not say the visit was unneeded.", "codes": [{"code": "CO-197", "meaning": "authorization or notice missing"}, {"code": "M62", "meaning": "authorization number missing"}], "group_note": "Group CO: the patient may not be billed for this.", "kind": "denied"},
    "known": [
        {"severity": "ok", "message": "Authorization A771204 covers this visit", "remedy": "90837, 12 visits, 1 Oct to 31 Dec, M. Reyes. 7 used, 2 booked, 3 free."},
        {"severity": "known", "message": "61 claims alike with this payer since January", "remedy": "49 paid after a corrected claim, median 14 days. 7 paid after an appeal. 5 lost."},
    ],
    "findings": [], "steps": STEPS, "others": {"n": 4, "url": "#"}, "holds": [], "notes": [], "note_url": "#",
}  # fmt: skip
LINES = [
    {
        "number": 1,
        "code": "90837",
        "modifiers": "95",
        "place": "10",
        "units": 1,
        "charge_cents": 18500,
        "expected_cents": 14218,
        "expected_url": "#",
        "answered": True,
        "allowed_cents": 0,
        "paid_cents": 0,
        "patient_cents": 0,
        "reasons": [{"code": "CO-197", "meaning": "authorization missing"}],
    },
    {
        "number": 2,
        "code": "90785",
        "modifiers": "95",
        "place": "10",
        "units": 1,
        "charge_cents": 2500,
        "expected_cents": 1436,
        "expected_url": "#",
        "answered": True,
        "allowed_cents": 0,
        "paid_cents": 0,
        "patient_cents": 0,
        "reasons": [{"code": "CO-197", "meaning": "authorization missing"}],
    },
]
CLAIM_SCREEN = {
    "claim": {"claim_number": "HL26K004417", "practice": HL, "patient_name": "Avery Birch", "patient_url": "#", "visit_on": date(2026, 11, 3), "payer": "Example Health Plan", "plan": "PPO", "sequence_word": "", "frequency_word": ""},
    "place": {"n": 5, "of": 112, "previous_url": "#", "next_url": "#", "back_url": "/work", "back_label": "Work queue"},
    "states": [
        {"label": "Lifecycle", "state": "sent", "axis": "claim", "note": "4 Nov, first submission"}, {"label": "Payer says", "state": "denied", "axis": "payer", "note": "17 Nov"},
        {"label": "Holds", "value": "1", "note": "Patient bill waits for the denial"}, {"label": "Money", "cents": 0, "suffix": " paid", "note": "of $156.54 expected"},
    ],
    "frozen_on": at(4, 18),
    "sent": [
        {"label": "Patient", "value": "Avery Birch", "note": "Born 14 Feb 1991, self"}, {"label": "Member number", "value": "XEH000441709", "note": "Group 77120"}, {"label": "Rendering clinician", "value": "M. Reyes, LCSW", "note": "NPI 1999999984"},
        {"label": "Diagnoses", "codes": ["F41.1", "F33.1"], "note": "Anxiety; depression, recurrent"}, {"label": "Billing provider", "value": "Harbor Lane Counseling", "note": "NPI 1234567893"}, {"label": "Authorization number", "value": "Not on the claim", "missing": True, "note": "REF*G1 is absent"},
    ],
    "lines": LINES, "total": {"charge_cents": 21000, "expected_cents": 15654, "answered": True, "allowed_cents": 0, "paid_cents": 0, "patient_cents": 0},
    "events": EVENTS, "family": [{"claim_number": "HL26K004417", "word": "Original", "state": "sent", "payer_state": "denied", "current": True, "url": "#"}, {"claim_number": "HL26K004602", "word": "Corrected", "state": "draft", "payer_state": "none", "current": False, "url": "#"}],
    "answers": [{"kind": "277CA", "result": "accepted", "at": at(5, 6, 12), "sender": "Example Health Plan", "codes": ["A2:20"], "meaning": "Accepted for adjudication", "raw_url": "#"}, {"kind": "999", "result": "accepted", "at": at(4, 18, 4), "sender": "Clearinghouse", "codes": [], "meaning": "File accepted", "raw_url": "#"}],
    "pane": PANE, "raw": RAW, "raw_url": "#", "actions": [{"label": "Ask the clinician", "icon": "message-square", "url": "#", "method": "get"}, {"label": "Void the claim", "icon": "ban", "url": "#", "method": "post", "danger": True}],
}  # fmt: skip
CLAIM_HELD = {
    **CLAIM_SCREEN, "frozen_on": None, "place": None, "raw": None, "answers": [], "family": [],
    "states": [{"label": "Lifecycle", "state": "held", "axis": "claim", "note": "Built 20 Nov"}, {"label": "Payer says", "state": "none", "axis": "payer", "note": ""}, {"label": "Holds", "value": "2", "note": "An edit; the note"}, {"label": "Money", "cents": None, "note": "No contract on file"}],
    "lines": [{**LINES[0], "answered": False, "expected_cents": None, "expected_url": "", "reasons": []}], "total": {"charge_cents": 18500, "expected_cents": None, "answered": False},
    "pane": {
        "holds": [{"cause": "The note is not signed", "detail": "M. Reyes has been asked twice.", "owner": "clinician", "since": at(20, 18), "release_url": ""}, {"cause": "Stopped by an edit", "detail": "", "owner": "biller", "since": at(20, 18), "release_url": "#"}],
        "findings": [
            {"severity": "stop", "message": "The diagnosis is missing on line 2.", "remedy": "Choose a diagnosis in the session; the claim is rebuilt.", "code": "edits.diagnosis_missing", "sources": [{"id": "837P guide", "at": "2400 SV107"}], "act": {"label": "Open the session", "url": "#"}},
            {"severity": "stop_unless_overridden", "message": "Two evaluations within 12 months.", "remedy": "This plan pays one. Continue only with a reason; your name goes on the record.", "code": "edits.evaluation_twice", "act": {"label": "Override with a reason", "url": "#"}},
            {"severity": "tell", "message": "The filing limit for this plan is not confirmed.", "remedy": "One page says 90 days, one says 180. Shown, not enforced.", "code": "rules.not_confirmed"},
        ],
        "steps": [], "note_url": "#", "notes": [{"by": "Priya N.", "at": at(21, 11), "text": "Asked the practice for the licence of the supervisor."}],
    },
}  # fmt: skip
CLAIM_ROWS = [
    (
        "HL26K004417",
        HL,
        "A.B.",
        date(2026, 11, 3),
        "Example Health Plan",
        "90837 90785",
        "sent",
        "denied",
        21000,
        15654,
        0,
        "",
        1,
    ),
    (
        "JP26K002988",
        JP,
        "T.Q.",
        date(2026, 11, 18),
        "Example Health Plan",
        "90834",
        "sent",
        "rejected_clearinghouse",
        16000,
        11160,
        0,
        "",
        1,
    ),
    (
        "NB26K004102",
        NB,
        "S.P.",
        date(2026, 10, 28),
        "Specimen Behavioral",
        "90791",
        "closed",
        "paid",
        25000,
        18000,
        18000,
        "",
        0,
    ),
    (
        "CS26K000940",
        CS,
        "J.S.",
        date(2026, 11, 20),
        "Demo State Medicaid",
        "90853",
        "held",
        "none",
        8000,
        None,
        0,
        "",
        2,
    ),
    (
        "MS26K001266",
        MS,
        "P.W.",
        date(2026, 11, 6),
        "Sample Mutual of the Greater Northwest and Alaska",
        "H0015",
        "sent",
        "partly_paid",
        90000,
        68800,
        34400,
        "Corrected",
        0,
    ),
    (
        "RO26K000219",
        RO,
        "J.S.",
        date(2026, 11, 21),
        "Sample Mutual",
        "90834",
        "ready",
        "none",
        15000,
        11800,
        0,
        "",
        0,
    ),
    (
        "HL26K004450",
        HL,
        "M.F.",
        date(2026, 11, 19),
        "Demo State Medicaid",
        "99214 90836",
        "sent",
        "waiting",
        31000,
        24350,
        0,
        "Secondary",
        0,
    ),
]
CLAIMS_SCREEN = {
    "tabs": [tab("All", 7204, True), tab("Draft", 2), tab("Held", 34), tab("Ready", 64), tab("Sent", 612), tab("Rejected", 7), tab("Denied", 16), tab("Paid", 6469), tab("Closed", 6321)],
    "filters": FILTERS, "search": search("/claims", "Claim number, patient, payer"), "whole": {"count": 7204, "charge_cents": 121480000},
    "columns": [column("Claim"), column("Patient"), column("Visit", "", "descending", "#"), column("Payer"), column("Codes", "col-opt"), column("Ours"), column("Payer says"), column("Charge", "num"), column("Expected", "num"), column("Paid", "num")],
    "rows": [{"id": n, "url": "#", "claim_number": n, "practice": p, "patient": who, "visit_on": on, "payer": payer, "codes": codes, "state": st, "payer_state": ps, "charge_cents": ch, "expected_cents": ex, "paid_cents": pd, "frequency_word": word if word == "Corrected" else "", "sequence_word": word if word == "Secondary" else "", "holds": holds} for n, p, who, on, payer, codes, st, ps, ch, ex, pd, word, holds in CLAIM_ROWS],
    "ready": {"n": 64, "cents": 884250, "url": "#"}, "bulk": [{"label": "Hold", "icon": "pause", "url": "#"}], "page": page(7204, "claims"), "empty": {},
}  # fmt: skip

# --- sessions ---------------------------------------------------------------------------------------

SESSIONS_SCREEN = {
    "tabs": [tab("All", 7211, True), tab("Note not signed", 23), tab("Stop: cannot be coded", 4), tab("Coded", 12), tab("Claim built", 7172)],
    "filters": FILTERS, "search": search("/sessions", "Patient, clinician"), "new_url": "#", "import_url": "#", "page": page(None, "sessions"), "empty": {},
    "columns": [column("Day", "", "descending", "#"), column("Patient"), column("Clinician"), column("Service"), column("Minutes", "num"), column("Codes"), column("Charge, $", "num"), column("State")],
    "rows": [
        {"url": "#", "on": date(2026, 11, 20), "practice": HL, "patient": "A.B.", "clinician": "M. Reyes, LCSW", "service": "Individual psychotherapy", "modality_icon": "video", "minutes": 55, "codes": "90837 90785", "charge_cents": 21000, "state": "charged", "is_signed": True, "claim": {"number": "HL26K004471", "url": "#"}},
        {"url": "#", "on": date(2026, 11, 20), "practice": RO, "patient": "J.S.", "clinician": "R. Okafor, LCSW", "service": "Individual psychotherapy", "modality_icon": "building-2", "minutes": 45, "codes": "90834", "charge_cents": 15000, "state": "coded", "is_signed": False, "claim": None},
        {"url": "#", "on": date(2026, 11, 19), "practice": CS, "patient": "R.T.", "clinician": "Bartholomew Featherstonehaugh-Montgomery, PsyD", "service": "Family psychotherapy, patient present", "modality_icon": "phone", "minutes": 12, "codes": "", "charge_cents": None, "state": "refused", "is_signed": True, "claim": None, "why": "12 minutes are too few for any code"},
        {"url": "#", "on": date(2026, 11, 19), "practice": MS, "patient": "P.W.", "clinician": "K. Lund, LPC", "service": "Intensive outpatient day", "modality_icon": "building-2", "minutes": None, "codes": "H0015", "charge_cents": None, "state": "coded", "is_signed": True, "claim": None},
    ],
}  # fmt: skip
PREVIEW = {
    "ready": True, "minutes": 55, "timed": True, "times": "14:02 to 14:57, face to face", "edge": "2 minutes past the threshold. Under 53 it would be 90834, $30.58 less expected.",
    "lines": [{"code": "90837", "label": "Psychotherapy, 53 minutes or more", "modifiers": "95", "units": 1}, {"code": "90785", "label": "Guardian took part; the note says how", "modifiers": "95", "units": 1}],
    "place": {"code": "10", "label": "Patient at home"}, "charge_cents": 21000, "expected_cents": 15654, "expected_note": "142.18 + 14.36, contract", "patient_cents": 2500, "patient_note": "Estimate, copay", "patient_estimate": True,
    "findings": [{"severity": "stop_unless_overridden", "message": "Another session the same day: group at 10:00 with K. Lund.", "remedy": "This plan pays both only when they are separate visits.", "code": "edits.same_day", "sources": [{"id": "Plan manual 2026", "at": "section 7.2"}]}, {"severity": "tell", "message": "This plan reviews long sessions.", "remedy": "Start and stop times are in the note, which is what it looks for."}],
    "trace": {"n": 2, "items": [{"text": "55 minutes, and 53 begin 90837", "source": "Time rule, midpoint"}, {"text": "Video with this plan takes modifier 95", "source": "Plan manual 2026"}]},
    "authorization": {"number": "A771204", "used": 7, "booked": 1, "free": 3, "note": "90837 with M. Reyes, 1 Oct to 31 Dec 2026, ends in 38 days"},
}  # fmt: skip
CHOICES = {"options": [("1", "One"), ("2", "Two")], "value": "1"}
SESSION_FORM = {
    "patient": {"options": [("1", "A.B. · 10442"), ("2", "C.B. · 10881")], "value": "1"}, "coverage": {"options": [("1", "Example Health Plan, PPO"), ("", "Pays without insurance")], "value": "1", "hint": "In force on 20 Nov 2026"},
    "provider": {"options": [("1", "M. Reyes, LCSW")], "value": "1"}, "supervisor": {"options": [("", "Nobody")], "value": ""}, "date_of_service": {"value": "2026-11-20"}, "starts_at": {"value": "14:02"}, "stops_at": {"value": "14:57"},
    "minutes": {"value": "", "hint": "Only when the times are not known"}, "modality": {"options": [("video", "Video"), ("in_person", "In person")], "value": "video"}, "setting": {"options": [("office", "Office")], "value": "office"}, "location": {"options": [("1", "Main office")], "value": "1"},
    "patient_at_home": {"value": True}, "service": {"options": [("psychotherapy", "Individual psychotherapy")], "value": "psychotherapy"}, "participants": {"options": [("patient", "The patient")], "value": "patient"}, "em_code": {"options": [("", "None")], "value": ""},
    "group_size": {"value": ""}, "diagnoses": {"value": "F41.1 F33.1x", "error": "F33.1x is not a diagnosis code; F33.1 would be"}, "authorization": {"options": [("1", "A771204, 4 left")], "value": "1"}, "interactive": {"value": True}, "crisis": {"value": False}, "note_reference": {"value": "SP-88213"}, "note_signed": {"value": True},
}  # fmt: skip
ENTRY_SCREEN = {
    "heading": "Session of Friday 20 November 2026",
    "session_url": "#",
    "preview_url": "#",
    "form": SESSION_FORM,
    "errors": [],
    "preview": PREVIEW,
    "locked": "",
    "claim": None,
    "void_url": "#",
}
ENTRY_NEW = {
    **ENTRY_SCREEN,
    "heading": "New session",
    "preview": {
        "ready": False,
        "missing": "Choose a patient, a clinician, a day and the times; the code appears here.",
    },
    "void_url": None,
}
IMPORT_SCREEN = {
    "import_url": "#", "sample_url": "#", "practices": PRACTICES, "error": {"severity": "stop", "message": "This is not a CSV: it starts like a spreadsheet file.", "remedy": "In your spreadsheet choose Save as, CSV UTF-8, and drop that file here. Nothing was taken.", "code": "sessions.not_csv"},
    "columns": [{"name": "patient_chart_number", "meaning": "The practice's own number", "required": True}, {"name": "date_of_service", "meaning": "2026-11-20", "required": True}, {"name": "starts_at", "meaning": "14:02", "required": False}, {"name": "group_size", "meaning": "For groups", "required": False}],
    "recent": [{"url": "#", "name": "sessions-2026-11-20.csv", "at": at(21, 8, 3), "by": "Dana Whitlow", "practice": HL, "total": 212, "taken": 207, "repeated": 3, "faulty": 2}],
}  # fmt: skip
RESULT_SCREEN = {
    "result": {"name": "sessions-2026-11-20.csv", "at": at(21, 8, 3), "by": "Dana Whitlow", "practice": HL, "total": 212, "taken": 207, "repeated": 3, "faulty": 2, "held": 4, "claims_built": 203, "size_text": "38 KB"},
    "findings": [{"line": 14, "column": "stops_at", "message": "The session stops before it starts: 14:57 to 14:02.", "remedy": "Swap the two times, or correct the day.", "code": "sessions.times_reversed"}, {"line": 88, "column": "diagnosis_1", "message": "F41.99 is not a diagnosis code on that day.", "remedy": "F41.9 is; ask the clinician.", "code": "sessions.diagnosis_unknown"}],
    "more": 0, "faults_url": "#", "again_url": "#", "sessions_url": "#",
}  # fmt: skip

# --- patients ---------------------------------------------------------------------------------------

PATIENTS_SCREEN = {
    "search": search("/patients", "Name, chart number"), "filters": [PRACTICE_FILTER], "page": page(402, "patients"), "new_url": "#", "empty": {},
    "columns": [column("Patient"), column("Practice"), column("Coverage"), column("Last visit", "", "descending", "#"), column("With payers, $", "num"), column("Patient owes, $", "num"), column("Credit, $", "num col-opt")],
    "rows": [
        {"url": "#", "chart_number": "10442", "initials": "A.B.", "practice": HL, "payer": "Example Health Plan, PPO", "coverage_state": "active", "last_visit": date(2026, 11, 20), "open_cents": 36654, "owes_cents": 2500, "credit_cents": 0},
        {"url": "#", "chart_number": "10881", "initials": "C.B.", "practice": HL, "payer": "Demo State Medicaid", "coverage_state": "ended", "last_visit": date(2026, 8, 26), "open_cents": 14200, "owes_cents": 0, "credit_cents": 0, "is_part2": True},
        {"url": "#", "chart_number": "2207", "initials": "J.S.", "practice": RO, "payer": "", "coverage_state": "none", "last_visit": None, "open_cents": 0, "owes_cents": 11800, "credit_cents": 1250},
    ],
}  # fmt: skip
PATIENT_SCREEN = {
    "patient": {"name": "Avery Birch", "initials": "A.B.", "chart_number": "10442", "practice": HL, "birth_date": date(1991, 2, 14), "sex_word": "Female", "home_state": "OR", "contact": [], "is_part2": False, "edit_url": "#"},
    "money": {"with_payers_cents": 36654, "owes_cents": 2500, "credit_cents": 0, "unapplied_cents": 0}, "new_session_url": "#", "claims_url": "#", "sessions_url": "#",
    "coverages": [{"order_word": "Primary", "payer": "Example Health Plan", "plan": "PPO", "member_id": "XEH000441709", "group_number": "77120", "relationship": "Self", "starts_on": date(2026, 1, 1), "ends_on": None, "source": "From the 271 of 20 Nov", "in_force": True}],
    "authorizations": [{"number": "A771204", "codes": "90837", "starts_on": date(2026, 10, 1), "ends_on": date(2026, 12, 31), "ends_in_days": 38, "provider": "M. Reyes", "used": 7, "booked": 2, "free": 3, "warn": True}],
    "benefits": {"checked_at": at(20, 6, 10), "source": "271", "columns": ["Copay", "Coinsurance", "Deductible left", "Limit", "Authorization"], "rows": [{"service": "Psychotherapy", "cells": [{"value": "$25.00", "source": "Seen in 6 remits"}, {"value": "0%", "source": "271, 20 Nov"}, {"value": "$0.00", "source": "271, 20 Nov"}, {"value": "No limit", "source": "271, 20 Nov"}, {"value": "After visit 8", "source": "Portal, 2 Nov"}]}, {"service": "Group, 90853", "cells": [{"value": "$10.00", "source": "Phone, 28 Oct"}, {"value": "0%", "source": "271, 20 Nov"}, {"value": "$0.00", "source": "271, 20 Nov"}, {"value": None, "ask_url": "#"}, {"value": None}]}]},
    "claims": [{"url": "#", "claim_number": "HL26K004417", "visit_on": date(2026, 11, 3), "payer": "Example Health Plan", "codes": "90837 90785", "state": "sent", "payer_state": "denied", "charge_cents": 21000, "paid_cents": 0, "patient_cents": 0}, {"url": "#", "claim_number": "HL26K004388", "visit_on": date(2026, 10, 27), "payer": "Example Health Plan", "codes": "90834", "state": "closed", "payer_state": "paid", "charge_cents": 16000, "paid_cents": 8660, "patient_cents": 2500}],
    "sessions": [{"url": "#", "on": date(2026, 11, 20), "clinician": "M. Reyes, LCSW", "service": "Individual psychotherapy", "minutes": 55, "state": "charged", "is_signed": True}],
    "payments": [{"on": date(2026, 11, 3), "method": "card", "reference": "4471", "cents": 2500, "undone": False, "undo_url": "#"}], "payment_url": "#", "request_key": "k1", "events": EVENTS[:4],
}  # fmt: skip

# --- batches and files ------------------------------------------------------------------------------

PARTNERS = [
    {"name": "Demo Clearinghouse", "transport_word": "SFTP", "state": "ok", "last_received_at": at(23, 9, 2)},
    {
        "name": "State Medicaid",
        "transport_word": "Folder",
        "state": "failed",
        "last_received_at": at(22, 18),
        "error": "The folder answers no longer since 08:50. We try again at 09:20.",
    },
]
BATCHES_SCREEN = {
    "view": "batches", "tabs": [tab("Batches", 214, True), tab("Files received", 913), tab("Files sent", 214), tab("Could not be read", 2)], "partners": PARTNERS, "filters": FILTERS[:1], "search": search("/batches", "Batch, control number, file"), "page": page(214, "batches"), "upload_url": "#", "ready": {"n": 64, "url": "#"}, "empty": {},
    "batches": [
        {"url": "#", "reference": "HL000001842", "practice": HL, "partner": "Demo Clearinghouse", "created_at": at(4, 18), "claims": 212, "charge_cents": 3612000, "transfer_state": "sent", "ack": "accepted", "accepted": 208, "rejected": 3, "pending": 1},
        {"url": "#", "reference": "JP000000911", "practice": JP, "partner": "Demo Clearinghouse", "created_at": at(20, 18), "claims": 41, "charge_cents": 640000, "transfer_state": "unsure", "ack": "waiting", "accepted": 0, "rejected": 0, "pending": 41},
        {"url": "#", "reference": "NB000000402", "practice": NB, "partner": "State Medicaid", "created_at": at(22, 18), "claims": 12, "charge_cents": 180000, "transfer_state": "queued", "ack": "waiting", "accepted": 0, "rejected": 0, "pending": 12},
    ],
}  # fmt: skip
FILES_SCREEN = {
    **BATCHES_SCREEN, "view": "files", "tabs": [tab("Batches", 214), tab("Files received", 913, True), tab("Files sent", 214), tab("Could not be read", 2)],
    "files": [
        {"url": "#", "name": "EHP_835_20261120_0705.edi", "kind_word": "Remittance (835)", "direction": "in", "partner": "Demo Clearinghouse", "received_at": at(20, 7, 5), "size_text": "61 KB", "state": "read", "transactions": 3, "practices": [HL, JP, CS], "finding": ""},
        {"url": "#", "name": "a-very-long-name-that-somebody-made-up-for-a-file-from-a-portal-download (1) (1).txt", "kind_word": "Not recognised", "direction": "in", "partner": "a person", "received_at": at(19, 7, 5), "size_text": "2 KB", "state": "unreadable", "transactions": 0, "practices": [], "finding": "The file does not start with ISA. It is kept as it came; nothing was imported."},
    ],
}  # fmt: skip
BATCH_SCREEN = {
    "batch": {"reference": "HL000001842", "practice": HL, "partner": "Demo Clearinghouse", "created_at": at(4, 18), "created_by": "the evening run", "interchange": "000001842", "group": "1842", "transaction": "0001", "file": {"url": "#", "name": "x", "size_text": "88 KB", "sha256_short": "ab12"}},
    "states": [{"label": "Left", "state": "unsure", "axis": "transfer", "note": "18:00"}, {"label": "Interchange (TA1)", "state": "waiting", "axis": "ack"}, {"label": "File (999)", "state": "waiting", "axis": "ack"}, {"label": "Claims (277CA)", "value": "0 of 212", "note": "none answered"}],
    "unsure": {"text": "The connection broke while it was being written. We look for it in the partner's folder every 5 minutes and send nothing twice.", "left_url": "#", "again_url": "#"},
    "answers": [{"kind": "999", "result": "rejected", "at": at(4, 18, 4), "codes": ["IK5*R*5"], "meaning": "One or more segments were in error", "file_url": "#"}],
    "claims": [{"url": "#", "claim_number": n, "patient": who, "payer": payer, "codes": codes, "charge_cents": ch, "payer_state": ps, "reason": ""} for n, _p, who, _on, payer, codes, _st, ps, ch, *_ in CLAIM_ROWS[:3]], "page": page(212, "claims"), "total_cents": 3612000,
}  # fmt: skip
FILE_SCREEN = {
    "file": {"name": "EHP_835_20261120_0705.edi", "kind_word": "Remittance (835)", "direction": "in", "partner": "Demo Clearinghouse", "at": at(20, 7, 5), "size_text": "61 KB", "sha256": "9f2c4e0b77aa13de5501", "state": "findings", "practices": [HL, JP], "transactions": 3},
    "findings": [{"severity": "tell", "message": "The interchange ends with an empty line after IEA.", "remedy": "Read all the same.", "code": "x12.trailing_text", "where": "segment 1406 (IEA)"}],
    "contents": [{"word": "Remittance 0001", "url": "#", "note": "Harbor Lane Counseling, 27 claims", "cents": 431862, "state": "posted", "axis": "remittance"}, {"word": "Remittance 0002", "url": "#", "note": "No practice with NPI ending 4471", "cents": 12000, "state": "unassigned", "axis": "remittance"}],
    "raw": {**RAW, "first": 208, "last": 219, "total": 1406, "previous_url": "#", "next_url": "#"}, "download_url": "#", "read_again_url": "#", "assign": {"url": "#", "practices": PRACTICES, "text": "Remittance 0002 names an NPI that none of your practices bills with."},
}  # fmt: skip
FILE_LOCKED = {
    **FILE_SCREEN,
    "raw": None,
    "raw_problem": "This file also holds data of practices that are not yours, so its bytes are not shown. What belongs to you is listed above.",
    "findings": [
        {
            "severity": "stop",
            "message": "Segment 88 ends too early.",
            "remedy": "Ask the sender for the file again. It is kept as it came; nothing was posted.",
            "code": "x12.segment.short",
            "where": "segment 88 (CAS)",
        }
    ],
    "assign": None,
    "contents": [],
}

# --- remittances ------------------------------------------------------------------------------------


def remit_row(payer, cents, how, on, posted, held, bad, icon, tone, note, practice=HL, current=False):
    return {
        "url": "#",
        "payer": payer,
        "cents": cents,
        "method_word": how,
        "paid_on": on,
        "practice": practice,
        "posted": posted,
        "held": held,
        "bad": bad,
        "lines": posted + held + bad,
        "note": note,
        "note_icon": icon,
        "note_tone": tone,
        "current": current,
    }


INBOX = {
    "filters": [{"label": "Held", "n": 5, "url": "#", "current": True}, {"label": "Not posted", "n": 1, "url": "#"}, {"label": "All", "n": None, "url": "#"}], "search": None, "page": page(5, "", 5),
    "rows": [
        remit_row("Example Health Plan", 431862, "EFT 826319004521", date(2026, 11, 20), 38, 3, 0, "circle-check", "ok", "Balanced", current=True),
        remit_row("Sample Mutual of the Greater Northwest", 291240, "EFT 900411827", date(2026, 11, 20), 26, 4, 0, "circle-check", "ok", "Balanced", JP),
        remit_row("Demo State Medicaid", 610418, "EFT 77120096", date(2026, 11, 19), 88, 0, 0, "circle-check", "ok", "Balanced, posted", NB),
        remit_row("Sample Mutual", -21240, "Take-back", date(2026, 11, 18), 0, 1, 0, "undo-2", "soft", "No money moves", CS),
        remit_row("Placeholder Trust", 64000, "EFT 55102", date(2026, 11, 16), 0, 0, 6, "octagon-x", "stop", "Lines miss the payment by $12.00", MS),
    ],
}  # fmt: skip
REMIT_SCREEN = {
    "inbox": INBOX, "remit": {"payer": "Example Health Plan", "cents": 431862, "received_at": at(20, 7, 5), "paid_on": date(2026, 11, 20), "method_word": "EFT 826319004521", "practice": HL, "claims": 27, "lines": 41, "state": "posted"},
    "tests": [{"label": "Payment adds up", "ok": True, "equation": "4,318.62 = claims 4,318.62 + provider level 0.00"}, {"label": "Every claim adds up", "ok": True, "equation": "27 of 27: charge less adjustments is paid"}, {"label": "Every line adds up", "ok": True, "equation": "41 of 41, to the cent"}],
    "difference": None, "where": [{"label": "Posted by itself", "cents": 405297, "note": "38 lines"}, {"label": "Held in suspense", "cents": 26565, "note": "3 lines", "tone": "override"}, {"label": "Cash account", "cents": 431862, "note": "full amount, 20 Nov"}, {"label": "Bank", "cents": None, "note": "no bank file loaded"}],
    "undo": {"url": "#", "note": "Adds the opposite entries; nothing is deleted"}, "post": None, "assign": None,
    "held": [
        {"id": "1", "current": True, "url": "#", "why": "Claim number matches none of ours", "payer_wrote": "HL26K00438", "note": "Birch A, 27 Oct", "code": "90834", "charge_cents": 16000, "allowed_cents": 11160, "paid_cents": 8660, "patient_cents": 2500},
        {"id": "2", "current": False, "url": "#", "why": "Allowed is $10.60 under contract", "payer_wrote": "JP26K002870", "note": "Quill T, 29 Oct", "code": "90837", "charge_cents": 18500, "allowed_cents": 13158, "paid_cents": 11480, "patient_cents": 1678},
    ],
    "held_total": {"charge": 34500, "allowed": 24318, "paid": 20140, "patient": 4178},
    "candidates": {"note": "Three of 41,208 open lines come near", "hint": "Your choice also teaches a hint: this payer cuts our number after 10 characters.", "search_url": "#", "not_ours_url": "#",
        "rows": [{"score": 96, "practice": HL, "claim_number": "HL26K004388", "text": "A. Birch, 27 Oct 2026, 90834, $160.00", "url": "#", "why": [{"text": "Patient", "ok": True}, {"text": "Date", "ok": True}, {"text": "First 10 of 11 characters of the number", "ok": True}]}, {"score": 58, "practice": HL, "claim_number": "HL26K004381", "text": "A. Birch, 20 Oct 2026, 90834, $160.00", "url": "#", "why": [{"text": "Patient", "ok": True}, {"text": "Date differs by 7 days", "ok": False}, {"text": "Already paid on 6 Nov", "ok": False}]}]},
    "lines": [{"claim_number": "HL26K004402", "claim_url": "#", "patient": "M.F.", "code": "90837", "charge_cents": 18500, "allowed_cents": 14218, "paid_cents": 11718, "patient_cents": 2500, "adjustments": [{"code": "CO-45", "cents": 4282, "meaning": "over the contract"}, {"code": "PR-3", "cents": 2500, "meaning": "copay"}], "remarks": [], "matched_by": "line number"}, {"claim_number": "HL26K004417", "claim_url": "#", "patient": "A.B.", "code": "90837", "charge_cents": 18500, "allowed_cents": 0, "paid_cents": 0, "patient_cents": 0, "adjustments": [{"code": "CO-197", "cents": 18500, "meaning": "authorization missing"}], "remarks": [{"code": "M62", "meaning": "authorization number"}], "denied": True}, {"claim_number": "ZZ991", "claim_url": None, "patient": "B.A.", "code": "90834", "charge_cents": 16000, "allowed_cents": None, "paid_cents": 8660, "patient_cents": None, "adjustments": [], "remarks": []}], "page": page(41, "lines"),
    "plb": [{"code": "WO", "meaning": "Take-back of an earlier payment", "reference": "EHP26301", "cents": 0}],
    "proof": {"segments": [{"n": 212, "before": "CLP…*160*", "mark": "86.6", "after": "*25…"}, {"n": 214, "before": "SVC*HC:90834*160*", "mark": "86.6", "after": "…"}, {"n": 216, "before": "CAS*CO*45*", "mark": "48.4", "after": "~"}], "file_note": "File of 20 Nov, kept as received", "line": [{"label": "Charge", "cents": 16000}, {"label": "Contract", "cents": -4840}, {"label": "Copay", "cents": -2500}, {"label": "Paid", "cents": 8660, "strong": True}], "entry_on": date(2026, 11, 20), "entry": [{"account": "Cash", "debit_cents": 8660}, {"account": "Suspense", "credit_cents": 8660}, {"account": "Suspense", "debit_cents": 8660, "planned": True}, {"account": "Payer owed", "credit_cents": 16000, "planned": True}], "bank": None},
    "entries": [{"number": 1, "on": date(2026, 11, 20), "kind": "Payment received", "legs": [{"account": "Cash", "debit_cents": 431862, "claim_number": ""}, {"account": "Receivable from payer", "credit_cents": 405297, "claim_number": "HL26K004402"}, {"account": "Suspense", "credit_cents": 26565, "claim_number": ""}]}], "raw": {**RAW, "open": False}, "raw_url": "#",
}  # fmt: skip
REMIT_HELD = {
    **REMIT_SCREEN, "remit": {**REMIT_SCREEN["remit"], "payer": "Placeholder Trust", "cents": 64000, "state": "held", "practice": MS, "claims": 4, "lines": 6}, "held": [], "candidates": None, "proof": None, "entries": [], "plb": [], "undo": None, "raw": None, "lines": REMIT_SCREEN["lines"][:1],
    "difference": {"cents": 1200, "text": "The lines add up to $628.00; the payer says it paid $640.00. Nothing was posted, and nothing is invented to make it fit.", "where": "Claim 3 of 4, segment 88."},
    "tests": [{"label": "Payment adds up", "ok": False, "equation": "640.00 ≠ claims 628.00 + provider level 0.00"}, {"label": "Every claim adds up", "ok": False, "equation": "3 of 4: claim 3 misses 12.00"}, {"label": "Every line adds up", "ok": True, "equation": "6 of 6, to the cent"}],
    "where": [{"label": "Posted", "cents": 0, "note": "parked whole"}, {"label": "Difference", "cents": 1200, "note": "to be explained", "tone": "stop"}, {"label": "Cash account", "cents": 0, "note": ""}, {"label": "Bank", "cents": None, "note": "no bank file loaded"}],
}  # fmt: skip
REMITS_EMPTY = {
    "inbox": {**INBOX, "rows": []},
    "empty": {
        "title": "No remittance is held",
        "text": "43 remittances came this month; all balanced and posted by themselves.",
        "act": "See all",
        "url": "#",
    },
}

# --- denials, rejections, balances, board, month, audit ---------------------------------------------

DENIALS_SCREEN = {
    "tabs": [tab("Waiting for us", 16, True), tab("In work", 4), tab("Won", 61), tab("Lost", 12), tab("Written off", 7), tab("All", 100)], "filters": FILTERS, "search": search("/denials", "Claim, patient, payer"), "page": page(16, "denials", 16), "whole": {"count": 16, "cents": 238910}, "bulk": [{"label": "Assign to me", "icon": "users", "url": "#"}], "empty": {},
    "by_cause": [{"label": "Authorization or referral", "n": 6, "cents": 126400, "url": "#", "current": False}, {"label": "Eligibility or coverage", "n": 4, "cents": 83850, "url": "#"}, {"label": "Coordination of benefits", "n": 3, "cents": 20000, "url": "#"}, {"label": "Timely filing", "n": 3, "cents": 8660, "url": "#"}],
    "columns": [column("Cause"), column("Patient"), column("Claim"), column("Payer"), column("Reason"), column("Likeliest next step", "col-opt"), column("Denied"), column("Deadline", "", "ascending", "#"), column("Amount, $", "num")],
    "rows": [
        {"id": "1", "url": "#", "cause": "Authorization number missing", "practice": HL, "patient": "A.B.", "claim_number": "HL26K004417", "payer": "Example Health Plan", "codes": [{"code": "CO-197", "meaning": "authorization missing"}, {"code": "M62", "meaning": ""}], "step": "Corrected claim with the number", "denied_on": date(2026, 11, 17), "due": date(2027, 2, 15), "due_enforceable": True, "state": "open", "cents": 15654, "line": None},
        {"id": "2", "url": "#", "cause": "Other insurance is first", "practice": MS, "patient": "P.W.", "claim_number": "MS26K001266", "payer": "Sample Mutual", "codes": [{"code": "CO-22", "meaning": "other payer first"}], "step": "Bill the other payer", "denied_on": date(2026, 11, 6), "due": date(2026, 12, 12), "due_enforceable": False, "state": "working", "cents": 68800, "line": 2},
    ],
}  # fmt: skip
REJECTIONS_SCREEN = {
    "tabs": [tab("Not yet fixed", 7, True), tab("Fixed", 88), tab("All", 95)], "filters": FILTERS, "search": search("/rejections", "Claim, patient"), "page": page(7, "rejections", 7), "whole": {"count": 7, "cents": 92100}, "empty": {},
    "columns": [column("What was wrong"), column("Patient"), column("Claim"), column("Payer"), column("Said by"), column("Codes"), column("Rejected", "col-opt"), column("Filing limit"), column("Charge, $", "num")],
    "rows": [{"id": "1", "url": "#", "title": "Subscriber number not on file", "remedy": "Compare with the card; the 271 of 2 Nov shows another number", "practice": JP, "patient": "T.Q.", "claim_number": "JP26K002988", "payer": "Example Health Plan", "stage": "rejected_clearinghouse", "codes": [{"code": "A7:33", "meaning": ""}], "rejected_on": date(2026, 11, 18), "due": TODAY, "due_enforceable": True, "cents": 11160}],
}  # fmt: skip
BALANCES_SCREEN = {
    "tabs": [tab("To bill", 31, True), tab("Credits", 4), tab("Not applied", 2), tab("All", 37)], "filters": FILTERS[:1], "search": search("/balances", "Patient"), "page": page(31, "patients", 31), "empty": {},
    "ageing": {"total_cents": 184675, "parts": [{"label": "0 to 30", "cents": 92000, "url": "#"}, {"label": "31 to 60", "cents": 51000, "url": "#"}, {"label": "61 to 90", "cents": 21675, "url": "#"}, {"label": "Over 90", "cents": 20000, "url": "#"}]},
    "columns": [column("Patient"), column("Practice"), column("Visits", "num"), column("Oldest"), column("Owes, $", "num", "descending", "#"), column("Credit, $", "num"), column("Not applied, $", "num"), column("Last payment")],
    "rows": [{"url": "#", "initials": "A.B.", "chart_number": "10442", "practice": HL, "visits": 3, "oldest_on": date(2026, 10, 27), "oldest_days": 27, "owes_cents": 7500, "credit_cents": 0, "unapplied_cents": 0, "last_payment_on": date(2026, 11, 3), "hold": ""}, {"url": "#", "initials": "J.S.", "chart_number": "2207", "practice": RO, "visits": 1, "oldest_on": date(2026, 9, 2), "oldest_days": 82, "owes_cents": 11800, "credit_cents": 0, "unapplied_cents": 2500, "last_payment_on": None, "hold": "a denial of the same visit is open"}],
}  # fmt: skip
BOARD_SCREEN = {
    "total": {"practices": 6, "clinicians": 15, "open_cents": 7645050, "cash_cents": 4821340}, "month": TODAY,
    "practices": [
        {**practice, "url": "#", "states": states, "clinicians": n, "cash_cents": 482134 * n, "open_cents": 764505 * n, "denial": {"n": 3 * n, "d": 40 * n}, "clean": {"n": 38 * n, "d": 40 * n}, "days_ar": "33.1" if n > 1 else None, "todo": [{"label": "Rejected", "n": 2, "url": "#", "tone": "override"}, {"label": "Denied", "n": 4, "url": "#", "tone": "stop"}, {"label": "Notes", "n": 5, "url": "#", "tone": ""}] if n > 1 else []}
        for practice, states, n in zip(PRACTICES, ["OR, WA", "CA", "MN, WI", "CO", "NY, NJ", "OR"], [4, 3, 3, 2, 2, 1], strict=True)
    ],
}  # fmt: skip
MONTHS = ["Nov", "Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct"]


def measure(code, name, definition, n, d, which, against, goal):
    return {
        "code": code,
        "name": name,
        "definition": definition,
        "value": {"kind": "rate", "n": n, "d": d},
        "counted": f"{n:,} of {d:,}",
        "which": which,
        "against": against,
        "goal": goal,
        "url": "#",
        "formula_url": "#",
    }


MONTH_SCREEN = {
    "month": date(2026, 10, 1), "status": "Open month: figures still move", "months": [{"label": m, "url": "#", "current": m == "Oct"} for m in ("Aug", "Sep", "Oct")],
    "cash": {"cents": 4821340, "url": "#", "formula_url": "#", "count": 1214, "label": "Cash in"},
    "story": [{"text": "$2,906.15 more than September.", "strong": True}, {"text": "You held 27 more visits (", "cents": 341260, "tone": "ok", "signed": True, "tight": True, "after": ")"}, {"text": "and denials kept back", "cents": 112075, "tone": "stop", "after": ", mostly authorization numbers missing from claims; 7 of those 9 are corrected and sent again."}],
    "figures": [{"label": "Charges", "cents": 9120000, "note": "402 claims", "url": "#", "formula_url": "#"}, {"label": "First-pass acceptance", "n": 391, "d": 398, "note": "391 of 398", "url": "#", "formula_url": "#"}, {"label": "Initial denial rate", "n": 21, "d": 384, "note": "21 of 384 lines", "url": "#", "formula_url": "#"}, {"label": "Days in A/R", "value": "33.1", "note": "gross, 90 days", "url": "#", "formula_url": "#"}],
    "charts": [
        {"id": "cash", "kind": "stacked", "title": "Cash in by month", "say": "Cash in by month, insurance and patients. October: $48,213.40.", "unit": "money", "labels": MONTHS, "links": ["#"] * 12, "series": [{"name": "Insurance", "values": [3150000 + 75000 * i for i in range(12)]}, {"name": "Patients", "values": [620000 + 18000 * i for i in range(12)]}], "formula_url": "#"},
        {"id": "moved", "kind": "waterfall", "title": "Why it moved", "say": "What moved cash from September to October", "unit": "money", "axis_from": 4400000, "note": "Axis starts at $44,000.", "labels": ["September", "More visits", "Rates", "Mix", "Denials", "Timing", "October"], "series": [{"name": "Cash", "values": [4530725, 341260, 68400, -21835, -112075, 14865, 4821340]}], "formula_url": "#"},
        {"id": "age", "kind": "bars", "short": True, "title": "Open A/R by age: $76,450.50", "say": "Receivables by age", "unit": "money", "labels": ["0 to 30", "31 to 60", "61 to 90", "91 to 120", "Over 120"], "links": ["#"] * 5, "series": [{"name": "Insurance", "values": [4092150, 1390200, 547175, 254020, 331805]}, {"name": "Patients", "values": [339700, 300000, 140000, 140000, 110000]}], "note": "Days since the visit.", "formula_url": "#"},
        {"id": "days", "kind": "line", "short": True, "title": "Days in A/R: 33.1", "say": "Days in A/R fell from 41.8 to 33.1 in twelve months; the goal is 35 or fewer", "unit": "days", "labels": MONTHS, "series": [{"name": "Days", "values": [41.8, 40.9, 42.6, 39.7, 38.4, 37.8, 36.2, 35.8, 36.4, 34.9, 34.2, 33.1]}], "goal": {"value": 35, "text": "Goal: 35 or fewer", "below": True}, "formula_url": "#"},
        {"id": "denied", "kind": "bars", "title": "Why claims were denied: 26 lines, $3,621.75", "say": "Denied lines by cause", "unit": "money", "labels": ["Authorization or referral", "Eligibility or coverage", "Coordination of benefits", "Credentialing or network", "Coding, modifier, place", "Timely filing"], "series": [{"name": "Expected", "values": [126400, 83850, 56200, 42600, 39125, 14000], "tone": "tint"}], "formula_url": "#"},
    ],
    "asks": {"headline": "Two things we need from you", "note": "$896.56 waits on them", "rows": [{"title": "Sign 2 late notes", "note": "M. Reyes, visits of 27 and 29 Oct. $284.36 waits", "button": "Send a reminder", "url": "#"}, {"title": "Approve 6 write-offs", "note": "$118.20 of small balances, list attached", "button": "Look and approve", "url": "#"}]},
    "measures": [
        measure("C1", "Clean claim rate", "Accepted with no human edit and no rejection", 379, 402, "Claims built in October", "near", "95% or more"),
        measure("C2", "First-pass acceptance rate", "First submission not rejected", 391, 398, "First sent in October", "met", "98% or more"),
        measure("D1c", "Initial denial rate", "A line was denied at the first answer", 21, 384, "First sent in August; needs 60 days", "near", "Under 5%"),
        {"code": "E2", "name": "Days in A/R", "definition": "Open receivables over a day's charges", "value": {"kind": "number", "text": "33.1"}, "counted": "76,450.50", "which": "At 31 October", "against": "met", "goal": "35 or fewer", "url": "#", "formula_url": "#"},
        measure("A3", "Authorization secured rate", "In place on the day of the visit", 0, 0, "Visits in October", "none", "98% or more"),
    ],
}  # fmt: skip
MEASURE_SCREEN = {
    "measure": {"code": "C1", "name": "Clean claim rate", "plain": "Of the claims built, how many were accepted with no human edit and no rejection.", "numerator": "Claims that passed every edit untouched and were accepted", "denominator": "Claims built in the month", "excluded": ["Void claims"], "maturity": "At once", "source": "Handbook of measures, C1", "month": date(2026, 10, 1), "value": {"kind": "rate", "n": 379, "d": 402}},
    "rows_title": "The claims behind it", "tabs": [tab("All", 402, True), tab("Not clean", 23)], "page": page(402, "claims"),
    "rows": [{"url": "#", "title": "HL26K004417", "practice": HL, "patient": "A.B.", "note": "90837 on 3 Nov", "cents": 21000, "counted": True}, {"url": "#", "title": "JP26K002988", "practice": JP, "patient": "T.Q.", "note": "90834 on 18 Nov", "cents": 16000, "counted": False, "why": "rejected by the clearinghouse"}],
}  # fmt: skip
AUDIT_SCREEN = {
    "chain": {"state": "whole", "sealed": 18402, "waiting": 3, "last_sealed_at": at(23, 9, 11), "text": "Checked today at 06:00 against the checkpoint outside the database."}, "filters": [PRACTICE_FILTER], "search": search("/audit", "Person, action, record"), "page": page(None, "rows"), "export_url": "#", "empty": {},
    "rows": [
        {"at": at(23, 9, 12), "actor": "Dana Whitlow", "actor_kind": "user", "action": "claim.read", "subject": "claim HL26K004417", "subject_url": "#", "practice": HL, "detail": "opened from the queue", "sequence": None},
        {"at": at(23, 7, 5), "actor": "worker", "actor_kind": "system", "action": "remittance.posted", "subject": "remittance 826319004521", "subject_url": "#", "practice": HL, "detail": "38 lines, 4,052.97", "sequence": 18402},
    ],
}  # fmt: skip

LISTS_EMPTY = {
    "rows": [],
    "tabs": [],
    "filters": [],
    "search": None,
    "page": None,
    "columns": [],
    "whole": {"count": 0, "cents": 0, "charge_cents": 0},
    "empty": {"title": "Nothing here yet", "text": "Nothing was recorded so far.", "act": "", "url": ""},
}
SEARCH = {
    "q": "HL26K0044",
    "more": 4,
    "results": [
        {"kind": "claim", "title": "HL26K004417", "note": "A.B., denied", "url": "#", "practice": HL},
        {"kind": "patient", "title": "A.B.", "note": "10442", "url": "#", "practice": HL},
    ],
}

SCREENS = {
    "today": ("today/today.html", "/", TODAY_SCREEN),
    "today-empty": ("today/today.html", "/", TODAY_EMPTY),
    "today-solo": ("today/solo.html", "/", {"headline": "Two things need you, Rose", "lead": "Everything else is on its way.", "things": [{"title": "One note needs your signature", "text": "Session with J.S. on Thursday 19 November. Until you sign, $118.00 waits.", "button": "Sign the note", "url": "#", "method": "post"}, {"title": "One visit tomorrow has no price yet", "text": "K.A. at 10:00. The plan says active but not what the visit costs.", "button": "Ask the plan again", "url": "#", "method": "get"}], "done": CHANGED[:3]}),
    "queue": ("work/queue.html", "/work", QUEUE_SCREEN),
    "queue-empty": ("work/queue.html", "/work", QUEUE_EMPTY),
    "patients": ("patients/list.html", "/patients", PATIENTS_SCREEN),
    "patient": ("patients/patient.html", "/patients/1", {**ONE_PRACTICE, **PATIENT_SCREEN}),
    "sessions": ("sessions/list.html", "/sessions", SESSIONS_SCREEN),
    "session": ("sessions/entry.html", "/sessions/1", {**ONE_PRACTICE, **ENTRY_SCREEN}),
    "session-new": ("sessions/entry.html", "/sessions/new", ENTRY_NEW),
    "import": ("sessions/import.html", "/sessions/import", IMPORT_SCREEN),
    "import-result": ("sessions/import_result.html", "/sessions/import/1", RESULT_SCREEN),
    "claims": ("claims/list.html", "/claims", CLAIMS_SCREEN),
    "claim": ("claims/claim.html", "/claims/1", {**ONE_PRACTICE, **CLAIM_SCREEN}),
    "claim-held": ("claims/claim.html", "/claims/2", {**ONE_PRACTICE, **CLAIM_HELD}),
    "batches": ("batches/list.html", "/batches", BATCHES_SCREEN),
    "files": ("batches/list.html", "/batches", FILES_SCREEN),
    "batch": ("batches/batch.html", "/batches/1", BATCH_SCREEN),
    "file": ("files/file.html", "/files/1", FILE_SCREEN),
    "file-locked": ("files/file.html", "/files/2", FILE_LOCKED),
    "remits": ("remits/list.html", "/remittances", {"inbox": {**INBOX, "rows": [{**row, "current": False} for row in INBOX["rows"]]}}),
    "remits-empty": ("remits/list.html", "/remittances", REMITS_EMPTY),
    "remit": ("remits/remit.html", "/remittances/1", REMIT_SCREEN),
    "remit-held": ("remits/remit.html", "/remittances/2", REMIT_HELD),
    "denials": ("denials/list.html", "/denials", DENIALS_SCREEN),
    "rejections": ("rejections/list.html", "/rejections", REJECTIONS_SCREEN),
    "balances": ("balances/list.html", "/balances", BALANCES_SCREEN),
    "board": ("agency/board.html", "/practices", BOARD_SCREEN),
    "month": ("dashboard/month.html", "/month", {**ONE_PRACTICE, **MONTH_SCREEN}),
    "measure": ("dashboard/measure.html", "/month/C1", MEASURE_SCREEN),
    "audit": ("audit/log.html", "/audit", AUDIT_SCREEN),
    "gallery": ("gallery.html", "/gallery", {"steps": STEPS, "events": EVENTS, "raw": RAW, "proof": REMIT_SCREEN["proof"], "tests_good": REMIT_SCREEN["tests"], "tests_bad": REMIT_HELD["tests"], "tiles": TODAY_SCREEN["tiles"][:4], "practices": PRACTICES}),
}  # fmt: skip
BARE = {
    "error-404": ("404.html", {}), "error-500": ("500.html", {"request_id": "018f-77aa"}), "error-403": ("403.html", {}), "error-400": ("400.html", {}), "csrf": ("403_csrf.html", {}),
    "session-ended": ("errors/session_ended.html", {"reason": "idle"}),
}  # fmt: skip
