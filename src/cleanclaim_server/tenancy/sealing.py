"""Sealed fields: encrypted at rest, and bound to their place.

A sealed value is AES-256-GCM with the practice (or agency), table, column, row and key id as
associated data. A thief of the database reads nothing; a value moved to another row, column or
practice does not open. Reading is lazy: a value is opened when its attribute is read.

Sealed columns cannot be searched; keep a `blind_index` beside a value that must be found exactly.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from cleanclaim_server.tenancy.keys import Keyring, keyring

NOWHERE = UUID(int=0)
FORMAT = b"\x01"
NONCE_BYTES = 12
HEADER_BYTES = 1 + 2 + NONCE_BYTES


class SealError(ValueError):
    """A sealed value did not open, or was asked for something that sealed values cannot do."""


class Sealed:
    """Ciphertext as it lies in the database. It never shows what it holds."""

    __slots__ = ("blob",)

    def __init__(self, blob: bytes) -> None:
        self.blob = blob

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self.blob)


def blind_index(value: str, *, purpose: str, practice_id: UUID | str) -> str:
    """Return a keyed hash (32 hex digits) by which a sealed value can be found exactly.

    Case and white space do not count. The same value gives different indexes for different purposes
    and practices, so that equal values cannot be matched across them. Empty stays empty.
    """
    folded = "".join(value.split()).casefold()
    if not folded:
        return ""
    message = "\x1f".join([purpose, str(practice_id), folded]).encode()
    return hmac.new(keyring().index_key, message, hashlib.sha256).hexdigest()[:32]


def derived_key(purpose: str, *, practice_id: UUID | str) -> bytes:
    """A secret of one practice for one purpose (32 bytes), for keyed hashes that the core makes.

    Like blind indexes it rests on the index key, which is never rotated.
    """
    message = "\x1f".join(["derived", purpose, str(practice_id)]).encode()
    return hmac.new(keyring().index_key, message, hashlib.sha256).digest()


def seal(plain: bytes, *, scope: UUID, table: str, column: str, row_id: UUID) -> bytes:
    """Encrypt bytes for one place, with the newest key."""
    keys = keyring()
    header = FORMAT + keys.newest.to_bytes(2, "big")
    nonce = os.urandom(NONCE_BYTES)
    place = _place(scope, table, column, row_id, keys.newest)
    return header + nonce + keys.ciphers[keys.newest].encrypt(nonce, plain, place)


def unseal(
    blob: bytes, *, scope: UUID, table: str, column: str, row_id: UUID, keys: Keyring | None = None
) -> bytes:
    """Decrypt bytes that were sealed for this place.

    `keys` spares a look at the key file, for callers that open many values at once.

    Raises:
        SealError: Moved, altered, cut short, or sealed with a key that is not here.
    """
    where = f"{table}.{column} of row {row_id}"
    if len(blob) < HEADER_BYTES + 16 or blob[:1] != FORMAT:
        raise SealError(f"{where} is not a sealed value [tenancy.seal_format]")
    key_id = int.from_bytes(blob[1:3], "big")
    cipher = (keys or keyring()).ciphers.get(key_id)
    if cipher is None:
        raise SealError(
            f"{where} is sealed with key {key_id}, which is not in the key file [tenancy.seal_key]"
        )
    try:
        place = _place(scope, table, column, row_id, key_id)
        return cipher.decrypt(blob[3:HEADER_BYTES], blob[HEADER_BYTES:], place)
    except InvalidTag:
        raise SealError(f"{where} was altered or moved, and stays closed [tenancy.seal_broken]") from None


def _place(scope: UUID, table: str, column: str, row_id: UUID, key_id: int) -> bytes:
    return "\x1f".join(["cleanclaim.sealed.1", scope.hex, table, column, row_id.hex, str(key_id)]).encode()


def sealing_scope(instance: models.Model) -> UUID:
    """Return the practice (else the agency, else nowhere) that a row's sealed values are bound to."""
    for name in ("sealing_scope", "practice_id", "agency_id"):
        scope = getattr(instance, name, None)
        if scope is not None:
            return scope if isinstance(scope, UUID) else UUID(str(scope))
    return NOWHERE


class SealedAttribute(DeferredAttribute):
    """Opens the value when it is first read. Setting makes it win over the instance's dictionary."""

    def __get__(self, instance, cls=None):
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            token, scope = value, sealing_scope(instance)
            value = self.field.open(token, scope=scope, row_id=instance.pk)
            instance.__dict__[self.field.attname] = value
            # Saving an unchanged value keeps its ciphertext, so that a row that may not change does not.
            instance.__dict__[self.field.opened_name] = (token, self.field.digest(value), scope, instance.pk)
        return value

    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = value


class SealedField(models.Field):
    """A column whose values are sealed: text (`kind="text"`), bytes, or JSON.

    Empty text and bytes are stored as empty, so that "is something there?" needs no key:
    `.exclude(member_id=b"")` is the one comparison allowed beside `isnull`.
    """

    descriptor_class = SealedAttribute
    description = "Encrypted and bound to its place"
    empty_strings_allowed = False
    KINDS = ("text", "bytes", "json")

    def __init__(self, *args: Any, kind: str = "text", **kwargs: Any) -> None:
        if kind not in self.KINDS:
            raise ValueError(f"a sealed field is one of {', '.join(self.KINDS)}, not {kind}")
        self.kind = kind
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        if self.kind != "text":
            kwargs["kind"] = self.kind
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_default(self):
        if self.has_default() or self.null:
            return super().get_default()
        return self._empty()

    @property
    def opened_name(self) -> str:
        """Where an instance remembers the ciphertext of a value that was read."""
        return f"_opened_{self.attname}"

    def digest(self, value: Any) -> bytes:
        """A fingerprint of a value, to see whether it was changed since it was read."""
        return hashlib.blake2b(self._to_bytes(value), digest_size=16).digest()

    # --- between Python and the database ---

    def open(self, token: Sealed, *, scope: UUID, row_id: UUID) -> Any:
        """Open a value read with `values()` or `values_list()`, given its row and practice."""
        if not token.blob:
            return self._empty()
        table, column = self.model._meta.db_table, self.column
        plain = unseal(token.blob, scope=scope, table=table, column=column, row_id=row_id)
        return self._from_bytes(plain)

    def open_many(self, rows: Iterable[tuple[Sealed, UUID, UUID]]) -> Iterator[Any]:
        """Open values read with `values_list()`: (value, practice, row) each, with one look at the keys."""
        keys, table, column = keyring(), self.model._meta.db_table, self.column
        for token, scope, row_id in rows:
            if not token.blob:
                yield self._empty()
                continue
            plain = unseal(token.blob, scope=scope, table=table, column=column, row_id=row_id, keys=keys)
            yield self._from_bytes(plain)

    def seal(self, value: Any, *, scope: UUID, row_id: UUID) -> Sealed | None:
        """Seal a value for a row that is written without its model (COPY, executemany): use `.blob`."""
        if value is None:
            return None
        plain = self._to_bytes(value)
        if not plain:
            return Sealed(b"")
        table, column = self.model._meta.db_table, self.column
        return Sealed(seal(plain, scope=scope, table=table, column=column, row_id=row_id))

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:
        value = model_instance.__dict__.get(self.attname)
        scope, row_id = sealing_scope(model_instance), model_instance.pk
        if isinstance(value, Sealed):
            # Unread since it was loaded: keep it, if it still belongs here (a copied row would lose it).
            self.open(value, scope=scope, row_id=row_id)
            return value
        if self.attname not in model_instance.__dict__:
            value = getattr(model_instance, self.attname)
        opened = model_instance.__dict__.get(self.opened_name)
        if opened is not None and value is not None and opened[1:] == (self.digest(value), scope, row_id):
            return opened[0]
        return self.seal(value, scope=scope, row_id=row_id)

    def get_db_prep_value(self, value, connection, prepared=False):
        if value is None:
            return None
        if isinstance(value, Sealed):
            return connection.Database.Binary(value.blob)
        if value in (b"", ""):
            return connection.Database.Binary(b"")
        raise SealError(
            f"{self.name} is sealed to its row: set it on the instance and save (update() cannot seal) "
            "[tenancy.seal_needs_row]"
        )

    def from_db_value(self, value, expression, connection):
        return None if value is None else Sealed(bytes(value))

    def get_lookup(self, lookup_name):
        if lookup_name not in {"isnull", "exact"}:
            raise FieldError(f"{self.name} is sealed and cannot be searched; keep a blind index beside it")
        return super().get_lookup(lookup_name)

    def value_to_string(self, obj):
        raise SealError(f"{self.name} is sealed and is not written to fixtures")

    def formfield(self, **kwargs):
        return models.TextField.formfield(self, **kwargs)

    # --- between Python and bytes ---

    def _empty(self) -> Any:
        return {"text": "", "bytes": b"", "json": {}}[self.kind]

    def _to_bytes(self, value: Any) -> bytes:
        if self.kind == "bytes":
            return bytes(value)
        if self.kind == "json":
            return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
        return str(value).encode()

    def _from_bytes(self, plain: bytes) -> Any:
        if self.kind == "bytes":
            return plain
        return json.loads(plain) if self.kind == "json" else plain.decode()
