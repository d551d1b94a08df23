"""Sealed values: unreadable in the database, bound to their place, and silent."""

from __future__ import annotations

import pickle
from datetime import date

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import connection, transaction

from cleanclaim_server.identity.models import SecondFactor
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.tenancy.keys import KeyFileError, add_key, create_key_file, keyring
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.tenancy.sealing import Sealed, SealError, blind_index, seal, unseal

pytestmark = pytest.mark.django_db
CANARY = "999-88-7777"
PLACE = {"scope": new_id(), "table": "patients_patient", "column": "birth_date_sealed", "row_id": new_id()}


def raw(practice) -> bytes:
    with connection.cursor() as cursor:
        key = practice.pk.hex if connection.vendor == "sqlite" else practice.pk
        cursor.execute("SELECT tax_id FROM practice_practice WHERE id = %s", [key])
        return bytes(cursor.fetchone()[0])


def put(practice, blob: bytes) -> None:
    with connection.cursor() as cursor:
        key = practice.pk.hex if connection.vendor == "sqlite" else practice.pk
        cursor.execute("UPDATE practice_practice SET tax_id = %s WHERE id = %s", [blob, key])


def test_the_database_holds_no_plain_value(practice_a):
    practice_a.tax_id = CANARY
    practice_a.save()
    assert CANARY.encode() not in raw(practice_a)
    assert Practice.objects.get(pk=practice_a.pk).tax_id == CANARY


def test_equal_values_do_not_look_equal(practice_a, practice_b):
    for practice in (practice_a, practice_b):
        practice.tax_id = CANARY
        practice.save()
    assert raw(practice_a)[15:] != raw(practice_b)[15:]


MOVES = [("scope", new_id()), ("table", "claims_claim"), ("column", "contact"), ("row_id", new_id())]


@pytest.mark.parametrize(("part", "elsewhere"), MOVES)
def test_a_moved_value_does_not_open(part, elsewhere):
    blob = seal(b"1980-02-29", **PLACE)
    assert unseal(blob, **PLACE) == b"1980-02-29"
    with pytest.raises(SealError, match="altered or moved"):
        unseal(blob, **(PLACE | {part: elsewhere}))


def test_every_flipped_bit_and_every_cut_is_refused():
    blob = seal(b"1980-02-29", **PLACE)
    for position in range(len(blob)):
        for bit in range(8):
            bad = bytearray(blob)
            bad[position] ^= 1 << bit
            with pytest.raises(SealError):
                unseal(bytes(bad), **PLACE)
    for length in range(len(blob)):
        with pytest.raises(SealError):
            unseal(blob[:length], **PLACE)


def test_a_value_copied_to_another_row_is_refused(practice_a, practice_b):
    put(practice_b, raw(practice_a))
    with pytest.raises(SealError, match="seal_broken"):
        Practice.objects.get(pk=practice_b.pk).tax_id


def test_an_unread_value_survives_a_save_and_a_copied_row_is_refused(practice_a):
    loaded = Practice.objects.get(pk=practice_a.pk)
    before = raw(practice_a)
    loaded.name = "New name"
    loaded.save()
    assert raw(practice_a) == before
    loaded = Practice.objects.get(pk=practice_a.pk)
    loaded.pk = new_id()
    loaded.code = "ZZ"
    with pytest.raises(SealError), transaction.atomic():
        loaded.save()
    assert Practice.objects.count() == 1


def test_a_value_that_was_read_and_not_changed_keeps_its_ciphertext(practice_a):
    loaded = Practice.objects.get(pk=practice_a.pk)
    before = raw(practice_a)
    assert loaded.tax_id == "990000001"
    loaded.tax_id = "990000001"
    loaded.save()
    assert raw(practice_a) == before
    loaded.tax_id = CANARY
    loaded.save()
    assert raw(practice_a) != before
    assert Practice.objects.get(pk=practice_a.pk).tax_id == CANARY
    copied = Practice.objects.get(pk=practice_a.pk)
    assert copied.tax_id == CANARY
    copied.pk, copied.code = new_id(), "CC"
    copied.save(force_insert=True)
    assert Practice.objects.get(code="CC").tax_id == CANARY, "a row copied after reading is sealed anew"


def test_a_sealed_value_shows_itself_nowhere(practice_a):
    loaded = Practice.objects.get(pk=practice_a.pk)
    token = Practice.objects.values_list("tax_id", flat=True).get(pk=practice_a.pk)
    assert (repr(token), str(token), f"{token}") == ("<sealed>",) * 3
    assert practice_a.tax_id not in repr(loaded) + str(vars(loaded))
    field = Practice._meta.get_field("tax_id")
    assert field.open(token, scope=practice_a.pk, row_id=practice_a.pk) == "990000001"


def test_deferred_bulk_and_pickled_values(practice_a, agency):
    assert Practice.objects.defer("tax_id").get(pk=practice_a.pk).tax_id == "990000001"
    copy = Practice(
        **{f.attname: getattr(practice_a, f.attname) for f in Practice._meta.fields} | {"code": "CC"}
    )
    copy.pk = new_id()
    Practice.objects.bulk_create([copy])
    assert Practice.objects.get(code="CC").tax_id == "990000001"
    assert pickle.loads(pickle.dumps(Practice.objects.get(code="CC"))).tax_id == "990000001"


def test_sealed_columns_cannot_be_searched_or_updated_in_bulk(practice_a):
    assert Practice.objects.exclude(tax_id=b"").count() == 1
    with pytest.raises(FieldError, match="cannot be searched"):
        Practice.objects.filter(tax_id__contains="9")
    with pytest.raises(SealError, match="seal_needs_row"):
        Practice.objects.filter(tax_id="990000001").count()
    with pytest.raises(SealError, match="seal_needs_row"):
        Practice.objects.update(tax_id="1")


def test_kinds_of_values(practice_a, make_user):
    patient = apps.get_model("patients", "Patient")
    row = patient.objects.create(
        practice=practice_a, chart_number="1", first_name="A", last_name="B", birth_date_sealed="1980-02-29",
        contact={"city": "Albany", "phone": "5185550100"},
    )  # fmt: skip
    loaded = patient.objects.get(pk=row.pk)
    assert loaded.contact == {"city": "Albany", "phone": "5185550100"}
    loaded.contact["city"] = "Troy"
    loaded.save()
    assert patient.objects.get(pk=row.pk).contact["city"] == "Troy"
    assert patient(practice=practice_a).contact == {}
    factor = SecondFactor.objects.create(user=make_user(), secret="BASE32")
    assert SecondFactor.objects.get(pk=factor.pk).secret == "BASE32"


INDEXES = [  # value, purpose, practice, same as ("X 123", "member_id", 1), why
    ("x123", "member_id", 1, True, "case and space do not count"),
    ("X124", "member_id", 1, False, "another value"),
    ("X123", "birth_date", 1, False, "another purpose"),
    ("X123", "member_id", 2, False, "another practice"),
]


@pytest.mark.parametrize(("value", "purpose", "practice", "same", "why"), INDEXES)
def test_blind_index(value, purpose, practice, same, why):
    index = blind_index("X 123", purpose="member_id", practice_id="1")
    assert len(index) == 32 and int(index, 16) >= 0
    assert (blind_index(value, purpose=purpose, practice_id=str(practice)) == index) is same, why


def test_the_index_of_nothing_is_nothing():
    assert blind_index("  ", purpose="member_id", practice_id="1") == ""


# --- keys ---


@pytest.fixture
def own_keys(tmp_path, settings):
    path = tmp_path / "keys.json"
    create_key_file(path, today=date(2026, 11, 23))
    settings.CLEANCLAIM_KEYS_FILE = path
    return path


def test_rotation_keeps_old_values_and_seals_with_the_new_key(own_keys):
    old = seal(b"old", **PLACE)
    index = blind_index("X", purpose="p", practice_id="1")
    assert add_key(own_keys, today=date(2026, 11, 24)) == 2
    new = seal(b"new", **PLACE)
    assert (old[1:3], new[1:3]) == (b"\x00\x01", b"\x00\x02")
    assert (unseal(old, **PLACE), unseal(new, **PLACE)) == (b"old", b"new")
    assert blind_index("X", purpose="p", practice_id="1") == index


def test_keys_of_another_installation_open_nothing(own_keys, tmp_path, settings):
    blob = seal(b"value", **PLACE)
    settings.CLEANCLAIM_KEYS_FILE = tmp_path / "other.json"
    create_key_file(settings.CLEANCLAIM_KEYS_FILE, today=date(2026, 11, 23))
    with pytest.raises(SealError, match="seal_broken"):
        unseal(blob, **PLACE)


def test_key_files_are_private_and_never_overwritten(own_keys):
    assert own_keys.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        create_key_file(own_keys, today=date(2026, 11, 23))
    own_keys.chmod(0o640)
    with pytest.raises(KeyFileError, match="keys_exposed"):
        keyring()
    own_keys.chmod(0o600)
    own_keys.write_text("{}")
    with pytest.raises(KeyFileError, match="keys_damaged"):
        keyring()
    own_keys.unlink()
    with pytest.raises(KeyFileError, match="cleanclaim init"):
        keyring()


def test_keys_lie_outside_the_database():
    assert settings.CLEANCLAIM_KEYS_FILE.name == "sealing-keys.json"
    assert "ciphers" not in repr(keyring())
    assert not Sealed(b"")
