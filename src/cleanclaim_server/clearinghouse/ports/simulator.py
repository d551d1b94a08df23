"""The built-in partner behind the same protocol as the real ones. Its memory is a sealed file."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings

from cleanclaim.simulator import Contract, SimulatedClearinghouse, Timing
from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.clearinghouse.ports.base import PortRefused, RemoteFile, checked_name
from cleanclaim_server.tenancy.sealing import seal, unseal


class Memory(msgspec.Struct):
    """Everything the partner knows: its own state, what it was given, what it has put out for us."""

    state: bytes
    given: dict[str, int] = {}
    waiting: dict[str, bytes] = {}


# Memories kept in this process by `held`, by partner.
_held: dict[UUID, Memory] = {}


@contextmanager
def held(partner: TradingPartner, *, now: datetime) -> Iterator[None]:
    """Keep the partner's memory in this process until the block ends, then write it once.

    For simulations of months, where writing it at every step would cost more than the work. No other
    process may use the partner meanwhile: the lock is held.
    """
    with SimulatorPort.of(partner, now=now)._memory() as memory:
        _held[partner.pk] = memory
        try:
            yield
        finally:
            del _held[partner.pk]


class SimulatorPort:
    """The partner that ships with the product. It keeps what it was given, so absence is a proof.

    Settings: `seed`, `contract` and `timing` in the shape of `cleanclaim.simulator`.
    """

    keeps_files = True

    def __init__(self, path: Path, *, agency_id: UUID, partner_id: UUID, new: bytes, now: datetime) -> None:
        self.path, self.agency_id, self.partner_id, self.new, self.now = path, agency_id, partner_id, new, now

    @classmethod
    def of(cls, partner: TradingPartner, *, now: datetime) -> SimulatorPort:
        config = partner.config
        try:
            fresh = SimulatedClearinghouse(
                int(config.get("seed", 1)),
                msgspec.convert(config.get("contract") or {}, Contract, strict=False),
                msgspec.convert(config.get("timing") or {}, Timing, strict=False),
            )
        except (ValueError, TypeError):
            raise PortRefused(
                "the simulator's settings are not a seed, a contract and timings", "port.setting"
            ) from None
        folder = Path(settings.DATA_DIR) / "simulator"
        return cls(
            folder / f"{partner.pk.hex}.sealed", agency_id=partner.agency_id, partner_id=partner.pk,
            new=fresh.to_bytes(), now=now.astimezone(ZoneInfo(partner.agency.timezone)),
        )  # fmt: skip

    def put(self, name: str, data: bytes) -> None:
        checked_name(name)
        with self._memory() as memory:
            if name in memory.given:
                if memory.given[name] != len(data):
                    raise PortRefused("another file stands under this name at the partner", "port.name_taken")
                return
            partner = SimulatedClearinghouse.from_bytes(memory.state)
            partner.receive(data, self.now)
            memory.given[name] = len(data)
            memory.state = partner.to_bytes()

    def exists(self, name: str) -> int | None:
        with self._memory(write=False) as memory:
            return memory.given.get(checked_name(name))

    def withdraw(self, name: str) -> bool:
        return self.exists(name) is None

    def list_inbox(self) -> list[RemoteFile]:
        with self._memory() as memory:
            partner = SimulatedClearinghouse.from_bytes(memory.state)
            for file in partner.due(self.now):
                memory.waiting[file.name] = file.data
            memory.state = partner.to_bytes()
            # In the order in which they became due, as dicts keep it.
            return [RemoteFile(name, len(data)) for name, data in memory.waiting.items()]

    def fetch(self, name: str) -> bytes:
        with self._memory(write=False) as memory:
            if name not in memory.waiting:
                raise PortRefused("no such file waits", "port.gone")
            return memory.waiting[name]

    def archive(self, name: str) -> None:
        with self._memory() as memory:
            memory.waiting.pop(name, None)

    @contextmanager
    def _memory(self, *, write: bool = True) -> Iterator[Memory]:
        """The memory, alone; written back as a whole when the block ends well."""
        if self.partner_id in _held:
            yield _held[self.partner_id]
            return
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        place = {"scope": self.agency_id, "table": "simulator", "column": "memory", "row_id": self.partner_id}
        with open(self.path.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            memory = Memory(self.new)
            if self.path.exists():
                memory = msgspec.msgpack.decode(unseal(self.path.read_bytes(), **place), type=Memory)
            yield memory
            if write:
                temporary = self.path.with_suffix(".part")
                with os.fdopen(
                    os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
                ) as file:
                    file.write(seal(msgspec.msgpack.encode(memory), **place))
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(temporary, self.path)
