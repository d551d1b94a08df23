"""Family psychotherapy with and without the patient: 26 minutes at least, one unit, nothing for longer."""

from __future__ import annotations

from cleanclaim.coding.services import Billed, Circumstances, Refusal, Service
from cleanclaim.coding.visit import Part, Visit
from cleanclaim.coding.vocabulary import PRESCRIBERS, THERAPISTS

FLOOR = 26


def _family(minutes: int, circumstances: Circumstances) -> Billed:
    if minutes < FLOOR:
        return ()
    return (("90846" if circumstances.participant == "family without patient" else "90847", 1),)


def _check(part: Part, visit: Visit) -> None:
    if part.participant not in ("family+patient", "family without patient"):
        raise Refusal("E_FACT_MISSING", column="participants", fact="whether the patient was present")


SERVICES = (
    Service(
        name="family psychotherapy",
        family="family",
        eligible=PRESCRIBERS | THERAPISTS,
        timed=_family,
        below="E_BELOW_MIN_FAMILY",
        check=_check,
        rule="26 minutes and more: 90847 with the patient, 90846 without; one unit",
        source="APA Services psychotherapy codes page",
    ),
)
