"""How files reach a trading partner and come back: one small protocol, three ways to carry it."""

from __future__ import annotations

from datetime import datetime

from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.clearinghouse.ports.base import (
    Port,
    PortError,
    PortRefused,
    PortUnavailable,
    RemoteFile,
)
from cleanclaim_server.clearinghouse.ports.folder import FolderPort
from cleanclaim_server.clearinghouse.ports.sftp import SftpPort
from cleanclaim_server.clearinghouse.ports.simulator import SimulatorPort

__all__ = [
    "FolderPort", "Port", "PortError", "PortRefused", "PortUnavailable", "RemoteFile", "SftpPort",
    "SimulatorPort", "port_for",
]  # fmt: skip


def port_for(partner: TradingPartner, *, now: datetime) -> Port:
    """The way to a partner. Opens nothing yet.

    Args:
        partner: Its transport and configuration decide.
        now: The moment of the call, which only the simulator's clock needs.

    Raises:
        PortRefused: An unknown transport, or a configuration that lacks something.
    """
    if partner.transport == "folder":
        return FolderPort.of(partner.config)
    if partner.transport == "sftp":
        return SftpPort.of(partner.config)
    if partner.transport == "simulator":
        return SimulatorPort.of(partner, now=now)
    raise PortRefused(
        f"transport {partner.transport[:20]!r} is not folder, sftp or simulator", "port.transport"
    )
