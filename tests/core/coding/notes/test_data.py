"""Health of the notes' data."""

from __future__ import annotations

import re

from cleanclaim.codesets import procedures
from cleanclaim.coding.notes import requirements
from cleanclaim.coding.notes.checks.content import ELEMENTS
from cleanclaim.coding.notes.reading import lexicon
from cleanclaim.findings import Severity
from cleanclaim_data import loader

REGISTERED = {source["id"] for source in loader.read_yaml("sources.yaml")}
CLASSES = loader.read_yaml("notes/services.yaml")


def test_every_source_is_registered_and_marked():
    for requirement in requirements().values():
        assert requirement.sources, requirement.id
        assert {source.id for source in requirement.sources} <= REGISTERED, requirement.id
        assert {source.confidence for source in requirement.sources} <= {"seen", "known", "ours"}, (
            requirement.id
        )


def test_a_stop_for_a_payer_rests_on_a_source_that_was_read_or_on_our_policy():
    for requirement in requirements().values():
        for kind, severity in requirement.severity.items():
            if severity is not Severity.STOP or kind == "default":
                continue
            sources = [source for source in requirement.sources if source.binds(kind, "")]
            assert any(source.confidence in ("seen", "ours") for source in sources), (requirement.id, kind)


def test_every_message_has_only_plain_placeholders():
    for requirement in requirements().values():
        assert set(re.findall(r"{(\w*)}", requirement.message)) == set(
            re.findall(r"{(\w+)}", requirement.message)
        )
        assert requirement.message.endswith(".") and requirement.remedy.endswith("."), requirement.id


def test_every_class_and_element_exists():
    families = {row.family for rows in procedures._rows().values() for row in rows}
    for name, words in CLASSES.items():
        if name != "timed_rules":
            assert set(words) <= families, name
    for requirement in requirements().values():
        assert requirement.services <= set(CLASSES) | {"any", "timed"}, requirement.id
    assert {element for element, _ in ELEMENTS} <= set(lexicon())
