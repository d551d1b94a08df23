"""The built-in partner behind the same protocol as the real ones. Its memory is a sealed file."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
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
    """Everything the partner knows, as it is stored: its state, what it was given, what it has put out."""

    state: bytes
    given: dict[str, int] = {}
    waiting: dict[str, bytes] = {}


class _Open:
    """A memory in use: the partner itself in place of its state."""

    def __init__(self, memory: Memory) -> None:
        self.partner = SimulatedClearinghouse.from_bytes(memory.state)
        self.given, self.waiting = memory.given, memory.waiting

    def closed(self) -> Memory:
        return Memory(self.partner.to_bytes(), self.given, self.waiting)


# Memories kept in this process by `held`, by partner.
_held: dict[UUID, _Open] = {}


@contextmanager
def held(partner: TradingPartner, *, now: datetime) -> Iterator[Callable[[], None]]:
    """Keep the partner's memory in this process until the block ends.

    For simulations of months, where reading and writing it at every step would cost more than the work.
    No other process may use the partner meanwhile: the lock is held.

    Yields:
        A function that writes the memory as it is now; call it when the work so far is committed. The end
        of the block writes it too, unless it ends by an error: then what was written last stands.
    """
    port = SimulatorPort.of(partner, now=now)
    with port._memory(write=False) as memory:
        _held[partner.pk] = memory
        try:
            yield lambda: port._write(memory)
            port._write(memory)
        finally:
            del _held[partner.pk]


class SimulatorPort:
    """The partner that ships with the product. It keeps what it was given, so absence is a proof.

    Settings: `seed`, `contract` and `timing` in the shape of `cleanclaim.simulator`.
    """

    keeps_files = True

    def __init__(
        self, path: Path, *, agency_id: UUID, partner_id: UUID, new: Callable[[], bytes], now: datetime
    ) -> None:
        self.path, self.agency_id, self.partner_id, self.new, self.now = path, agency_id, partner_id, new, now

    @classmethod
    def of(cls, partner: TradingPartner, *, now: datetime) -> SimulatorPort:
        folder = Path(settings.DATA_DIR) / "simulator"
        return cls(
            folder / f"{partner.pk.hex}.sealed", agency_id=partner.agency_id, partner_id=partner.pk,
            new=lambda: _fresh(partner.config), now=now.astimezone(ZoneInfo(partner.agency.timezone)),
        )  # fmt: skip

    def put(self, name: str, data: bytes) -> None:
        checked_name(name)
        with self._memory() as memory:
            if name in memory.given:
                if memory.given[name] != len(data):
                    raise PortRefused("another file stands under this name at the partner", "port.name_taken")
                return
            memory.partner.receive(data, self.now)
            memory.given[name] = len(data)

    def exists(self, name: str) -> int | None:
        with self._memory(write=False) as memory:
            return memory.given.get(checked_name(name))

    def withdraw(self, name: str) -> bool:
        return self.exists(name) is None

    def list_inbox(self) -> list[RemoteFile]:
        with self._memory() as memory:
            for file in memory.partner.due(self.now):
                memory.waiting[file.name] = file.data
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
    def _memory(self, *, write: bool = True) -> Iterator[_Open]:
        """The memory, alone; written back as a whole when the block ends well."""
        if self.partner_id in _held:
            yield _held[self.partner_id]
            return
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(self.path.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.path.exists():
                stored = unseal(self.path.read_bytes(), **self._place)
                memory = _Open(msgspec.msgpack.decode(stored, type=Memory))
            else:
                memory = _Open(Memory(self.new()))
            yield memory
            if write:
                self._write(memory)

    @property
    def _place(self) -> dict:
        return {"scope": self.agency_id, "table": "simulator", "column": "memory", "row_id": self.partner_id}

    def _write(self, memory: _Open) -> None:
        temporary = self.path.with_suffix(".part")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(seal(msgspec.msgpack.encode(memory.closed()), **self._place))
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, self.path)


def _fresh(config: dict) -> bytes:
    """The state of a partner that has not been spoken to."""
    try:
        return SimulatedClearinghouse(
            int(config.get("seed", 1)),
            msgspec.convert(config.get("contract") or {}, Contract, strict=False),
            msgspec.convert(config.get("timing") or {}, Timing, strict=False),
        ).to_bytes()
    except (ValueError, TypeError):
        raise PortRefused(
            "the simulator's settings are not a seed, a contract and timings", "port.setting"
        ) from None
