"""The register of cited documents: what stands behind a source id."""

from __future__ import annotations

from functools import cache

import msgspec

from cleanclaim_data import loader


class Document(msgspec.Struct, frozen=True):
    """One cited document of ``sources.yaml``.

    Attributes:
        kind: law, agency, standard, payer, secondary, ours.
        link: Where it is published; '' when it is ours.
        read: How its text was read, in words.
        retrieved: ISO date.
    """

    id: str
    title: str
    publisher: str
    kind: str
    link: str
    read: str
    retrieved: str


@cache
def _register() -> dict[str, Document]:
    rows = loader.read_yaml("sources.yaml")
    return {
        row["id"]: Document(
            row["id"], row["title"], row.get("publisher", ""), row.get("kind", ""),
            row.get("link", "") if str(row.get("link", "")).startswith("https://") else "",
            row.get("read", ""), str(row.get("retrieved", "")),
        )
        for row in rows
    }  # fmt: skip


loader.when_overlaid(_register.cache_clear)


def document(source_id: str) -> Document | None:
    """The document behind an id; None when the register has none."""
    return _register().get(source_id)


def cited(text: str) -> str:
    """A citation as people read it: the document's title and the place in it.

    Args:
        text: A source id, and where in the document: ``ssa_1128j (d)``.

    Returns:
        The text itself where the register has no such document.

    Examples:
        >>> cited("cfr_42_424_44 (b)")
        '42 CFR 424.44 Time limits for filing claims, (b)'
        >>> cited("a letter of 2024")
        'a letter of 2024'
    """
    source_id, _, place = text.partition(" ")
    found = document(source_id)
    return text if found is None else f"{found.title}, {place.strip()}" if place.strip() else found.title
