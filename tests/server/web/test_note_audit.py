"""The note audit on screen, and the gate: no way in takes a psychotherapy or SUD counseling note (R-24)."""

from __future__ import annotations

import base64
import io
import random

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject
from tests.server.web.test_every_route import GUARDED, ROUTES, address

from cleanclaim.coding.notes.sketch import Hashed
from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.claims.models import Claim, ClaimEvent, ClaimFinding
from cleanclaim_server.clearinghouse.files import store_file, store_files
from cleanclaim_server.clearinghouse.models import StoredFile
from cleanclaim_server.clearinghouse.separate_notes import SeparateNoteRefused, refused_bytes
from cleanclaim_server.encounters.models import NoteReading
from cleanclaim_server.identity.models import Grant
from cleanclaim_server.identity.roles import Role
from cleanclaim_server.tenancy.context import system_context, tenant_context
from cleanclaim_server.tenancy.sealing import derived_key
from cleanclaim_server.web import separate_notes
from cleanclaim_server.web.views import shared

CANARY = "FLOODEDHOUSE"
SEPARATE = {
    "psychotherapy": f"PSYCHOTHERAPY NOTES - kept separate from the medical record\n{CANARY}",
    "process": f"Process note\nI felt irritated in the hour. {CANARY}",
    "sud": f"SUD counseling notes\n{CANARY}",
    "suspected": f'I felt irritated; countertransference again. He said, "You do not listen." The dream of {CANARY} is symbolic. Bring to my supervision.',
}  # fmt: skip
NOTE = """Progress note
Session 10:00 to 10:45, in the office. Individual psychotherapy with the patient.
Diagnosis: generalized anxiety disorder, F41.1.
Intervention: cognitive restructuring of worry about work.
Response: engaged, practised the skill.
Plan: weekly sessions, next visit in one week.
"""


@pytest.fixture
def coder(make_user, desk):
    return make_user("coder", [desk.practice])


def text(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.status_code
    return answer.content.decode()


# --- the audit --------------------------------------------------------------------------------------


def test_findings_point_at_their_words_and_the_text_is_not_kept(desk, coder, client_for):
    claim, client = desk.claim(), client_for(coder)
    url = f"/sessions/{claim.family.encounter_id}/note"
    assert "Nothing audited yet" in text(client.get(url))
    note = NOTE.replace("10:45", "10:20").replace("worry", CANARY)
    page = text(client.post(url, {"text": note}))
    assert "<mark" in page and CANARY in page, "shown once, highlighted"
    assert "90834" in page and "Nothing in the text to point at" in page
    with system_context(desk.practice.agency_id):
        row = NoteReading.objects.get()
        assert (row.result, row.codes, row.made_by) == ("stop", ["90834"], coder.pk)
        assert row.text_mark and any(one["spans"] for one in row.findings)
        assert ClaimEvent.objects.filter(claim=claim, title="Note audited").count() == 1
    assert found_in_database(CANARY) == []
    later = text(client.get(url))
    assert "Earlier audits" in later and CANARY not in later
    assert "Last note audit" in text(client_for(desk.user).get(f"/sessions/{claim.family.encounter_id}"))


def test_the_same_text_has_the_same_mark_and_another_has_not(desk, coder, client_for):
    claim, client = desk.claim(), client_for(coder)
    for note in (NOTE, NOTE, NOTE + "More."):
        client.post(f"/sessions/{claim.family.encounter_id}/note", {"text": note})
    with system_context(desk.practice.agency_id):
        marks = list(NoteReading.objects.order_by("id").values_list("text_mark", flat=True))
    assert marks[0] == marks[1] != marks[2]


def test_a_copied_note_is_told_when_the_other_is_given(desk, coder, client_for):
    claim = desk.claim()
    page = text(
        client_for(coder).post(
            f"/sessions/{claim.family.encounter_id}/note", {"text": NOTE * 3, "other": NOTE * 3}
        )
    )
    assert "notes.cloned" in page
    assert "No other notes were given" not in page


@pytest.mark.parametrize("kind", list(SEPARATE))
@pytest.mark.parametrize("field", ["text", "other", "file"])
def test_a_separate_note_is_refused_and_counted(kind, field, desk, coder, client_for):
    claim = desk.claim()
    sent = {"text": NOTE} if field == "other" else {}
    sent[field] = (
        SimpleUploadedFile("note.txt", SEPARATE[kind].encode()) if field == "file" else SEPARATE[kind]
    )
    page = text(client_for(coder).post(f"/sessions/{claim.family.encounter_id}/note", sent), 422)
    assert "Nothing of it was kept" in page and CANARY not in page
    assert AuditRow.objects.filter(action="note.refused").count() == 1
    assert found_in_database(CANARY) == []
    with system_context(desk.practice.agency_id):
        assert not NoteReading.objects.exists()


def test_the_clinician_lifts_a_suspicion_and_nothing_else(desk, coder, client_for):
    claim, client = desk.claim(), client_for(coder)
    url = f"/sessions/{claim.family.encounter_id}/note"
    assert client.post(url, {"text": SEPARATE["suspected"], "released": "1"}).status_code == 200
    assert client.post(url, {"text": SEPARATE["psychotherapy"], "released": "1"}).status_code == 422


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({}, "Paste the note"),
        ({"text": "x" * 60_001}, "more than 60,000"),
    ],
)
def test_what_cannot_be_read_is_said(sent, why, desk, coder, client_for):
    claim = desk.claim()
    assert why in text(client_for(coder).post(f"/sessions/{claim.family.encounter_id}/note", sent), 400)


def test_who_reads_no_notes_audits_none(desk, make_user, client_for):
    claim = desk.claim()
    biller = make_user("biller", [desk.practice])
    url = f"/sessions/{claim.family.encounter_id}"
    assert client_for(biller).post(f"{url}/note", {"text": NOTE}).status_code == 403
    assert "Audit the note" not in text(client_for(biller).get(url))


# --- the gate ---------------------------------------------------------------------------------------


@pytest.fixture
def everybody(make_user, practice_a, records_a):
    """A person with every role, so that no route is closed to them."""
    user = make_user("clinician", [practice_a], provider=records_a["provider"], is_user_admin=True)
    for role in Role:
        if role is not Role.CLINICIAN:
            Grant.objects.create(user=user, practice=practice_a, role=role.value)
    return user


@pytest.mark.once
def test_every_route_refuses_a_separate_note_in_a_field_and_in_a_file(everybody, client_for, records_a):
    """The walk: whatever the route, whatever the field is called, before any view sees it."""
    client, wrong = client_for(everybody), []
    with system_context(everybody.agency_id):
        files = StoredFile.objects.count()
    for name, route in ROUTES.items():
        if name not in GUARDED or getattr(route.callback, "guards_notes", False):
            continue
        target = address(name, route, records_a)
        upload = SimpleUploadedFile("n.txt", SEPARATE["sud"].encode())
        for sent in (
            {"reason": SEPARATE["psychotherapy"]},
            {"anything": SEPARATE["suspected"]},
            {"file": upload},
        ):
            if client.post(target, sent).status_code != 422:
                wrong.append((name, *sent))
    assert wrong == []
    assert found_in_database(CANARY) == []
    with system_context(everybody.agency_id):
        assert StoredFile.objects.count() == files, "sealed files show no words: none may be added"


def test_one_view_alone_reads_notes_itself():
    exempt = {name for name, route in ROUTES.items() if getattr(route.callback, "guards_notes", False)}
    assert exempt == {"web:note_audit"}


def test_the_walk_would_see_a_gate_that_is_open(everybody, client_for, records_a, monkeypatch):
    monkeypatch.setattr(separate_notes, "refused_text", lambda text: None)
    sent = {"text": SEPARATE["psychotherapy"]}
    assert client_for(everybody).post(f"/claims/{records_a['claim_id']}/remark", sent).status_code != 422
    assert found_in_database(CANARY) != []


def test_ordinary_words_pass(desk, client_for):
    claim = desk.claim()
    for words in (
        "Payer wants the plan of care, no psychotherapy notes",
        "Note signed late; session of 45 minutes",
    ):
        answer = client_for(desk.user).post(f"/claims/{claim.pk}/remark", {"text": words}, follow=True)
        assert "Remark added" in text(answer)


def test_no_file_brings_one_in_whoever_delivers_it(agency, practice_a):
    given = {"direction": "in", "partner": None, "now": shared.now()}
    with tenant_context(agency.pk, [practice_a.pk]):
        for note in SEPARATE.values():
            with pytest.raises(SeparateNoteRefused) as refusal:
                store_file(agency.pk, name="n.txt", data=note.encode(), **given)
            assert CANARY not in str(refusal.value)
            with pytest.raises(SeparateNoteRefused):
                store_files(agency.pk, [("a.edi", b"ISA*00*"), ("n.txt", note.encode())], **given)
        assert not StoredFile.objects.exists()
        assert store_file(agency.pk, name="a.edi", data=b"ISA*00*~", **given).pk


def test_long_and_odd_bytes_are_looked_at_without_failing():
    assert refused_bytes(("x" * 199_999 + "é" * 10).encode()) is None
    assert refused_bytes(b"\x00\x01" + b"Psychotherapy notes") is None
    assert refused_bytes("Psychotherapy notes\nÄ".encode("latin-1")) is not None
    assert refused_bytes(b"") is None


def found_in_database(word: str) -> list[str]:
    """Tables in which a word stands, in any text, JSON or binary column as the database holds it."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            columns = [f.column for f in model._meta.concrete_fields if isinstance(f, models.CharField | models.TextField | models.JSONField | models.BinaryField)]  # fmt: skip
            if not columns:
                continue
            quoted = ", ".join(map(connection.ops.quote_name, columns))
            cursor.execute(f"SELECT {quoted} FROM {connection.ops.quote_name(model._meta.db_table)}")
            for row in cursor.fetchall():
                if any(
                    word in str(value)
                    or (isinstance(value, bytes | memoryview) and word.encode() in bytes(value))
                    for value in row
                ):
                    found.append(model._meta.label)
    return found


# --- what a note holds, and copies of a year ----------------------------------------------------------

WHOLE = """Progress note. {on}
Session 10:00 to 10:45, in the office. Individual psychotherapy with the patient.
Diagnosis: generalized anxiety disorder, F41.1.
{words}
Plan: weekly sessions, next visit in one week.
"""


def long_words(seed: int, count: int = 220) -> str:
    rng = random.Random(seed)
    return " ".join(rng.choice("amber birch cedar delta ember fjord grove heath inlet jetty knoll lagoon meadow north orchard prairie quarry river summit tundra upland valley willow".split()) for _ in range(count))  # fmt: skip


def audit_at(client, claim, note: str) -> str:
    return text(client.post(f"/sessions/{claim.family.encounter_id}/note", {"text": note}))


def test_a_stop_holds_the_claim_until_the_note_is_mended(desk, coder, client_for):
    claim, client, biller = desk.claim(), client_for(coder), client_for(desk.user)
    assert claim.lifecycle == "ready"
    page = audit_at(client, claim, NOTE.replace("10:45", "10:20"))
    assert claim.claim_number in page and "somebody releases it" in page
    assert desk.reread(claim).lifecycle == "held"
    group = text(biller.get("/edits"))
    assert "Note: " in group and "/edits/notes.minutes_outside_code" in group
    one = text(biller.get("/edits/notes.minutes_outside_code"))
    assert claim.claim_number in one and "Override with my name" in one and "Build all anew" not in one
    assert "notes.minutes_outside_code" in text(biller.get(f"/claims/{claim.pk}"))
    shown = text(biller.get(f"/sessions/{claim.family.encounter_id}"))
    assert "What it found holds" in shown and claim.claim_number in shown
    good = NOTE.replace("Individual", f"Date of service: {claim.date_of_service:%Y-%m-%d}. Individual")
    audit_at(client, claim, good)
    assert desk.reread(claim).lifecycle == "ready"
    assert "What it found holds" not in text(biller.get(f"/sessions/{claim.family.encounter_id}"))


def test_a_named_person_releases_it_with_a_reason(desk, coder, client_for):
    claim, biller = desk.claim(), client_for(desk.user)
    audit_at(client_for(coder), claim, NOTE.replace("10:45", "10:20"))
    with system_context(desk.practice.agency_id):
        codes = list(ClaimFinding.objects.filter(claim=claim, code__startswith="notes.").values_list("code", flat=True))  # fmt: skip
    for code in codes:
        biller.post(
            f"/edits/{code}/override", {"id": str(claim.pk), "reason": "The chart shows it elsewhere"}
        )
    assert desk.reread(claim).lifecycle == "ready"
    with system_context(desk.practice.agency_id):
        rows = ClaimFinding.objects.filter(claim=claim, code__startswith="notes.")
        assert {row.overridden_by for row in rows} == {desk.user.pk}


@pytest.mark.parametrize(("policy", "state"), [("stops", "ready"), ("all", "held"), ("nothing", "ready")])
def test_the_practice_says_what_holds(policy, state, desk, coder, client_for, make_user):
    """The note lacks a goal and a risk assessment, which stop only where good practice is made the rule."""
    claim = desk.claim()
    manager = client_for(make_user("manager", [desk.practice]))
    url = f"/settings/practices/{desk.practice.pk}/notes"
    assert "Noridian" in text(manager.get(url))
    assert manager.post(url, {"holds": policy}).status_code == 302
    note = NOTE.replace("Individual", f"Date of service: {claim.date_of_service:%Y-%m-%d}. Individual")
    audit_at(client_for(coder), claim, note)
    assert desk.reread(claim).lifecycle == state


def test_what_has_left_is_not_held(desk, coder, client_for):
    claim = desk.claim()
    with system_context(desk.practice.agency_id):
        Claim.objects.update(lifecycle="sent", first_sent_at=shared.now())
    audit_at(client_for(coder), claim, NOTE.replace("10:45", "10:20"))
    assert desk.reread(claim).lifecycle == "sent"


def test_a_copy_of_a_year_is_found_without_its_text(desk, coder, client_for):
    first, second, other, client = desk.claim(), desk.claim(), desk.claim(), client_for(coder)
    words = f"Intervention: cognitive restructuring. {long_words(7)} {CANARY}"
    audit_at(client, first, WHOLE.format(on=first.date_of_service, words=words))
    audit_at(client, other, WHOLE.format(on=other.date_of_service, words=f"Intervention: {long_words(8)}"))
    page = audit_at(client, second, WHOLE.format(on=second.date_of_service, words=words))
    assert "notes.cloned" in page and f"of {first.date_of_service:%Y-%m-%d}" in page
    assert "<blockquote" in page and found_in_database(CANARY) == []
    with system_context(desk.practice.agency_id):
        rows = {row.encounter_id: row for row in NoteReading.objects.all()}
        sizes = [len(row.sketch) for row in rows.values()]
        assert all(8 * 12 < size < 8 * 97 for size in sizes), sizes
        found = {one["code"] for one in rows[second.family.encounter_id].findings}
        assert "notes.cloned" in found
        assert "notes.cloned" not in {one["code"] for one in rows[other.family.encounter_id].findings}
    again = audit_at(client, first, WHOLE.format(on=first.date_of_service, words=words))
    assert f"of {second.date_of_service:%Y-%m-%d}" in again, "the later copy is named, never the note itself"
    with connection.cursor() as cursor:
        cursor.execute("SELECT sketch FROM encounters_notereading")
        kept = [bytes(row[0]) for row in cursor.fetchall()]
    assert len(set(kept)) == len(kept), "sealed to its row: equal sketches do not look equal"


def test_the_same_note_has_another_sketch_in_another_practice(practice_a, practice_b):
    keys = {derived_key("note sketch", practice_id=one.pk) for one in (practice_a, practice_b)}
    assert len(keys) == 2
    sketches = [set(Hashed(long_words(1), key).sketch().hashes) for key in keys]
    assert not sketches[0] & sketches[1]


def pdf(*lines: str) -> bytes:
    """A PDF of one page with these lines."""
    shown = (
        b"BT /F1 10 Tf 40 800 Td 14 TL " + b"".join(b"(%s) Tj T* " % one.encode() for one in lines) + b"ET"
    )
    writer = PdfWriter()
    page = writer.add_blank_page(600, 840)
    font = DictionaryObject({NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"), NameObject("/BaseFont"): NameObject("/Helvetica")})  # fmt: skip
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})})  # fmt: skip
    stream = DecodedStreamObject()
    stream.set_data(shown)
    page[NameObject("/Contents")] = writer._add_object(stream)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_pdf_with_text_is_read_and_its_gate_holds(desk, coder, client_for):
    claim, client = desk.claim(), client_for(coder)
    url = f"/sessions/{claim.family.encounter_id}/note"
    page = text(client.post(url, {"file": SimpleUploadedFile("n.pdf", pdf(*NOTE.splitlines()))}))
    assert "cognitive restructuring" in page and "90834" in page
    secret = pdf("PSYCHOTHERAPY NOTES - kept separate from the medical record", CANARY)
    page = text(client.post(url, {"file": SimpleUploadedFile("n.pdf", secret)}), 422)
    assert CANARY not in page and found_in_database(CANARY) == []


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"PK\x03\x04rest of a docx", "Save the note as PDF or plain text"),
        (b"\xd0\xcf\x11\xe0old word", "Save the note as PDF or plain text"),
        (b"{\\rtf1 words}", "Rich text"),
        (b"\x89PNG\r\n\xff\xfe", "pictures are not read"),
        (b"%PDF-1.7\nbroken", "damaged"),
        (pdf(), "picture of paper"),
    ],
)
def test_files_that_are_not_read_say_what_to_do(data, why, desk, coder, client_for):
    url = f"/sessions/{desk.claim().family.encounter_id}/note"
    assert why in text(client_for(coder).post(url, {"file": SimpleUploadedFile("note", data)}), 400)


# --- X12: notes of claims, attachments of a 275 --------------------------------------------------------

ISA = b"ISA*00*          *00*          *ZZ*PAYER          *ZZ*PRACTICE       *261101*0900*^*00501*000000001*0*P*:~"
SUD = b"SUD counseling notes: FLOODEDHOUSE relapse, ashamed of it"
CDA = b"<ClinicalDocument><title>Psychotherapy notes</title><text>FLOODEDHOUSE</text></ClinicalDocument>"
PROGRESS_CDA = b"<ClinicalDocument><title>Progress note</title><text>Plan: weekly</text></ClinicalDocument>"


def x12(kind: str, *segments: bytes) -> bytes:
    body = [b"ST*%s*0001*005010X210" % kind.encode(), *segments, b"SE*9*0001"]
    return (
        ISA
        + b"GS*HC*A*B*20261101*0900*1*X*005010X210~"
        + b"".join(one + b"~" for one in body)
        + b"GE*1*1~IEA*1*000000001~"
    )


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (x12("837", b"CLM*A1*100", b"NTE*ADD*" + SUD), "NTE of segment 3"),
        (x12("275", b"BGN*11*1", b"BDS*ASC*%d*" % len(CDA) + CDA), "BDS of segment 3"),
        (x12("275", b"BDS*B64*%d*" % len(base64.b64encode(CDA)) + base64.b64encode(CDA)), "BDS of segment 2"),
        (x12("275", b"BIN*%d*" % len(SUD + b"~x") + SUD + b"~x"), "BIN of segment 2"),
        (x12("275", b"BIN*%d*" % len(pdf("Psychotherapy notes", CANARY)) + pdf("Psychotherapy notes", CANARY)), "BIN of segment 2"),
        (x12("275", b"TRN*1*2", b"BIN*%d*" % len(PROGRESS_CDA + b"~~") + PROGRESS_CDA + b"~~", b"BDS*ASC*%d*" % len(SUD) + SUD), "BDS of segment 4"),
    ],
)  # fmt: skip
def test_x12_with_a_separate_note_is_refused_at_its_place(data, place):
    finding = refused_bytes(data)
    assert finding is not None and place in finding.message
    assert finding.where.transaction == "0001" and finding.where.segment == place[:3]
    assert CANARY not in repr(finding) and "relapse" not in repr(finding)


@pytest.mark.parametrize(
    "data",
    [
        x12("837", b"NTE*ADD*Psychotherapy notes requested by the payer; refused"),
        x12("277", b"STC*A7", b"MSG*PSYCHOTHERAPY NOTES"),
        x12("835", b"NTE*ADD*Psychotherapy notes"),
        x12("275", b"BDS*ASC*%d*" % len(PROGRESS_CDA) + PROGRESS_CDA),
        x12("275", b"BDS*B64*4*####"),
        x12("275", b"BIN*999999*short"),
        x12("275", b"BIN"),
        ISA,
    ],
)
def test_what_payers_say_and_progress_notes_go_on(data):
    assert refused_bytes(data) is None


def test_a_275_is_refused_before_it_is_kept(practice_a):
    with tenant_context(practice_a.agency_id, [practice_a.pk]):
        given = {"name": "a.275", "direction": "in", "partner": None, "now": shared.now()}
        with pytest.raises(SeparateNoteRefused, match="BDS of segment 2"):
            store_file(practice_a.agency_id, data=x12("275", b"BDS*ASC*%d*" % len(SUD) + SUD), **given)
        assert not StoredFile.objects.exists()
