"""Why a payment is not posted, undone or matched."""

from __future__ import annotations


class PostingRefused(ValueError):
    """A payment cannot be posted, undone or matched as asked; nothing was changed. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(f"{message} [{code}]")
