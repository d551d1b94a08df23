"""Post every sample 835 into an empty practice, and compare the ledger's cash leg with BPR02.

    python tools/sample_cash.py FOLDER [--write]

FOLDER holds files of any provenance; their names appear nowhere. Prints a table of counts by what became of
the payments, and with --write keeps it as docs/reliability/cash-of-samples.md. Ends with 1 if a posted
payment's cash is not its amount, or a payment that is not posted has moved money.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))
PAGE = ROOT / "docs" / "reliability" / "cash-of-samples.md"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def become(folder: Path) -> tuple[Counter, int, int]:
    """What became of every payment: counts by state, cents posted, and how many differ."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "cleanclaim_server.config.settings"
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from cleanclaim.ledger import CASH_ACCOUNTS
    from cleanclaim_server.cycle.posting import assign_remittance
    from cleanclaim_server.cycle.receiving import receive_file
    from cleanclaim_server.identity.models import User
    from cleanclaim_server.ledger.models import Entry, Leg
    from cleanclaim_server.practice.models import Agency, Practice
    from cleanclaim_server.remittances.models import InboxRemittance, Remittance
    from cleanclaim_server.tenancy.context import tenant_context
    from cleanclaim_server.tenancy.keys import create_key_file

    create_key_file(Path(settings.CLEANCLAIM_KEYS_FILE), today=date(2026, 11, 23))
    call_command("migrate", verbosity=0)
    agency = Agency.objects.create(name="Samples", submitter_id="SAMPLES01")
    practice = Practice.objects.create(
        agency=agency, code="AA", name="Samples", npi="1234567893", taxonomy="261QM0850X", tax_id="990000001",
        address_line1="1 Example St", city="Albany", state="NY", postal_code="122070001",
    )  # fmt: skip
    actor = User.objects.create(agency=agency, email="samples@example.test", display_name="Samples")
    found: Counter = Counter()
    with tenant_context(agency.pk, [practice.pk]):
        for number, path in enumerate(sorted(one for one in folder.rglob("*") if one.is_file())):
            before = InboxRemittance.objects.count()
            receive_file(agency.pk, name=f"{number}.835", data=path.read_bytes(), now=NOW)
            found["file without a payment that can be read"] += InboxRemittance.objects.count() == before
            for stray in InboxRemittance.objects.filter(state="unassigned"):
                assign_remittance(stray.pk, practice.pk, actor_id=actor.pk, now=NOW)
        cash = {account.value for account in CASH_ACCOUNTS}
        posted = wrong = 0
        for one in Remittance.objects.all():
            entries = Entry.objects.filter(remittance_id=one.pk).values("id")
            legs = Leg.objects.filter(entry_id__in=entries, account__in=cash)
            moved = sum(legs.values_list("amount_cents", flat=True))
            is_posted = one.state == "posted"
            wrong += moved != (one.paid_cents if is_posted else 0)
            posted += moved
            found[WORDS.get(one.state, one.state)] += 1
    return found, posted, wrong


WORDS = {
    "posted": "posted: the cash legs are BPR02 to the cent",
    "held": "held whole with its difference or finding: no cent moved",
    "duplicate": "received before: not posted again",
    "quarantined": "same payment, other content: in quarantine",
}


def table(found: Counter, posted: int, wrong: int) -> str:
    rows = "\n".join(f"| {words} | {count} |" for words, count in sorted(found.items()) if count)
    return (
        "# Cash of sample payments\n\n"
        "Every 835 of a folder of public sample files, posted into an empty practice by\n"
        "`tools/sample_cash.py`. The ledger's cash legs are compared with BPR02.\n\n"
        f"| what became of it | payments |\n| --- | ---: |\n{rows}\n\n"
        f"Cash posted: {posted // 100:,}.{posted % 100:02d}. Payments whose cash differs: {wrong}.\n"
    )


def main() -> int:
    if len(sys.argv) < 2 or not Path(sys.argv[1]).is_dir():
        print(__doc__)
        return 2
    with tempfile.TemporaryDirectory(prefix="cleanclaim-samples-") as data:
        os.environ |= {"CLEANCLAIM_DATA_DIR": data, "CLEANCLAIM_DATABASE_URL": ""}
        found, posted, wrong = become(Path(sys.argv[1]))
    text = table(found, posted, wrong)
    print(text)
    if "--write" in sys.argv:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(text, encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
