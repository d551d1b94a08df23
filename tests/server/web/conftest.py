"""One small practice with a record of every kind."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from uuid import uuid4

import msgspec
import pytest

from cleanclaim.claim import Claim as ClaimValue
from cleanclaim.claim import Organization, PayerParty, Person, ServiceLine, encode_claim
from cleanclaim.pricing.contracts import Contract, Rate, RateKind
from cleanclaim.x12.sets import to_json
from cleanclaim.x12.sets.records import Remittance as RemittanceValue
from cleanclaim_server.authorizations.models import Authorization
from cleanclaim_server.bank.models import BankAccount, BankFile, Line, SetAside, Tie, TiePart
from cleanclaim_server.charges.models import ChargeRate
from cleanclaim_server.claimrules.models import BillingRule, RuleVersion
from cleanclaim_server.claims.models import (
    Batch,
    BatchClaim,
    Claim,
    ClaimEvent,
    ClaimFamily,
    ClaimFinding,
    ClaimHold,
    ClaimLine,
)
from cleanclaim_server.clearinghouse.models import StoredFile, TradingPartner, Transfer
from cleanclaim_server.contracts.models import ContractDocument, ContractVersion, PayerContract
from cleanclaim_server.coverage.models import Consent, Coverage, EligibilityReply, Enrollment, Payer, Plan
from cleanclaim_server.credits.models import Refund
from cleanclaim_server.denials.models import Denial
from cleanclaim_server.encounters.models import Encounter, SessionImport
from cleanclaim_server.identity.models import Grant, User
from cleanclaim_server.patients.models import Patient
from cleanclaim_server.postingrules.models import HeldPart, PolicyVersion, PostingPolicy
from cleanclaim_server.practice.models import License, Location, Provider
from cleanclaim_server.programmes.models import Episode, ProgrammeDay
from cleanclaim_server.remittances.models import ClaimTransfer, InboxRemittance, Remittance, RemittanceClaim
from cleanclaim_server.statements.models import PatientPayment, PatientStatement, StatementRun
from cleanclaim_server.tenancy.context import tenant_context
from cleanclaim_server.underpayments.models import LineComparison, ProjectLine, UnderpaymentProject
from cleanclaim_server.work.models import WorkItem

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 9)


def make_records(practice, tag: str) -> dict:
    """A record of every kind that a route names, by the name of the route's parameter."""
    with tenant_context(practice.agency_id, [practice.pk]):
        mine = {"practice": practice}
        agency = practice.agency
        partner = TradingPartner.objects.create(agency=agency, name="House", receiver_id="HOUSE")
        payer = Payer.objects.create(
            agency=agency, name="Plains Health", payer_id=f"P{tag}", kind="commercial"
        )
        plan = Plan.objects.create(agency=agency, payer=payer, name="Open")
        provider = Provider.objects.create(
            **mine,
            first_name="Ada",
            last_name="Birch",
            npi="1234567893",
            taxonomy="103T00000X",
            credential="PhD",
        )
        location = Location.objects.create(
            **mine,
            name="Main",
            address_line1="1 Example St",
            city="Albany",
            state="NY",
            postal_code="122070001",
        )
        patient = Patient.objects.create(
            **mine,
            chart_number=f"C{tag}",
            first_name="Avery",
            last_name="Quill",
            birth_date_sealed="1984-02-03",
        )
        coverage = Coverage.objects.create(
            **mine, patient=patient, plan=plan, member_id="M1", starts_on=date(2026, 1, 1)
        )
        file = StoredFile.objects.create(
            agency=agency, name="out.x12", direction="out", partner=partner, content=b"not X12", sha256=hashlib.sha256(b"not X12").hexdigest(), size=7,
            kind="837", practice_ids=[str(practice.pk)], received_at=NOW,
        )  # fmt: skip
        session_import = SessionImport.objects.create(**mine, file=file)
        encounter = Encounter.objects.create(
            **mine, patient=patient, coverage=coverage, rendering_provider=provider, location=location,
            external_id=f"E{tag}", date_of_service=DAY, minutes=45, service="individual psychotherapy",
        )  # fmt: skip
        episode = Episode.objects.create(
            **mine, patient=patient, attending=provider, location=location, external_id=f"E{tag}",
            program="psychiatric IOP day", admitted_on=DAY, admission_type="3", admission_source="1",
            diagnoses=["F33.1"], created_at=NOW,
        )  # fmt: skip
        day = ProgrammeDay.objects.create(
            **mine, episode=episode, external_id=f"D{tag}", on=DAY, minutes=180, created_at=NOW
        )
        family = ClaimFamily.objects.create(**mine, encounter=encounter, patient=patient)
        value = ClaimValue(
            claim_number=f"{tag}0001", billing_provider=Organization(practice.name), payer=PayerParty("P", "P1"),
            subscriber=Person("Quill"), member_id="M1", patient=Person("Quill"),
            lines=(ServiceLine(1, f"L{tag}", "90834", DAY, 18000),), diagnoses=("F41.1",), place_of_service="11",
            total_charge_cents=18000,
        )  # fmt: skip
        claim = Claim.objects.create(
            **mine, family=family, patient=patient, coverage=coverage, payer=payer, claim_number=value.claim_number,
            date_of_service=DAY, date_of_service_end=DAY, rendering_provider=provider, place_of_service="11",
            rule_state="NY", total_charge_cents=18000, codes="90834", frozen=encode_claim(value), frozen_hash="0" * 64,
            created_at=NOW,
        )  # fmt: skip
        ClaimLine.objects.create(
            **mine,
            claim=claim,
            number=1,
            control_number=f"L{tag}",
            code="90834",
            date_of_service=DAY,
            charge_cents=18000,
        )
        finding = ClaimFinding.objects.create(
            **mine,
            claim=claim,
            code="edits.x",
            severity="stop_unless_overridden",
            message="Says so.",
            found_at=NOW,
        )
        ClaimEvent.objects.create(
            **mine,
            claim=claim,
            kind="built",
            actor_kind="rule",
            happened_at=NOW,
            title="Coded",
            file=file,
            position=3,
        )
        transfer = Transfer.objects.create(
            agency=agency, partner=partner, file=file, remote_name=f"o{tag}", interchange_control_number="000000001",
            queued_at=NOW,
        )  # fmt: skip
        batch = Batch.objects.create(
            **mine, transfer=transfer, reference=f"B{tag}", interchange_control_number="000000001",
            group_control_number="1", transaction_control_number="0001", claims_count=1, total_charge_cents=18000,
            created_at=NOW,
        )  # fmt: skip
        BatchClaim.objects.create(**mine, batch=batch, claim=claim, position=3, position_end=9)
        inbox = InboxRemittance.objects.create(
            agency=agency,
            file=file,
            transaction="0001",
            ordinal=1,
            content=to_json(RemittanceValue(paid_cents=9000, method="CHK")),
            received_at=NOW,
        )
        remittance = Remittance.objects.create(
            **mine, file=file, transaction="0001", payer=payer, payer_name="Plains", trace_number=f"T{tag}",
            trace_payer_id="1", paid_cents=9000, claims_paid_cents=9000, content_hash="0" * 64, state="ready",
            received_at=NOW,
        )  # fmt: skip
        answer = RemittanceClaim.objects.create(
            **mine, remittance=remittance, number=1, claim=claim, claim_number=claim.claim_number, status="1",
            charge_cents=18000, paid_cents=9000,
        )  # fmt: skip
        Denial.objects.create(
            **mine, claim=claim, remittance_claim=answer, group="CO", reason="197", amount_cents=9000,
            category="authorization", cause="No authorization.", denied_on=DAY,
        )  # fmt: skip
        item = WorkItem.objects.create(
            **mine, queue="stopped", subject_type="claim", subject_id=claim.pk, claim_id=claim.pk, title="Stopped",
            amount_cents=18000, opened_at=NOW, opened_on=DAY, due_on=date(2026, 12, 1), due_enforceable=True,
        )  # fmt: skip
        license = License.objects.create(**mine, provider=provider, state="NY", number=tag)
        rate = ChargeRate.objects.create(**mine, code="90834", amount_cents=18000, starts_on=date(2026, 1, 1))
        hold = ClaimHold.objects.create(**mine, claim=claim, cause="manual", opened_at=NOW)
        authorization = Authorization.objects.create(
            **mine, patient=patient, coverage=coverage, number=f"A{tag}", starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31), units=10,
        )  # fmt: skip
        consent = Consent.objects.create(
            **mine, patient=patient, kind="disclosure", starts_on=date(2026, 1, 1), recorded_at=NOW, recorded_by=provider.pk,
        )  # fmt: skip
        enrollment = Enrollment.objects.create(
            **mine, payer=payer, role="billing", starts_on=date(2026, 1, 1), recorded_at=NOW, recorded_by=provider.pk,
        )  # fmt: skip
        reply = EligibilityReply.objects.create(
            **mine, file=file, transaction="0001", position=9, said="active", speaks_for=DAY, answered_on=DAY,
            about={"member_id": f"W{tag}", "last_name": f"Fall{tag}"}, why="a reason", received_at=NOW,
        )  # fmt: skip
        payment = PatientPayment.objects.create(
            **mine, patient=patient, amount_cents=500, method="cash", received_on=DAY, recorded_by=provider.pk,
            recorded_at=NOW, request_key=f"k{tag}",
        )  # fmt: skip
        statement_run = StatementRun.objects.create(
            **mine,
            number=1,
            made_on=DAY,
            made_at=NOW,
            made_by=provider.pk,
            count=1,
            total_cents=500,
            request_key=f"s{tag}",
        )
        statement = PatientStatement.objects.create(
            **mine, run=statement_run, patient=patient, number=f"{tag}-1-1", made_on=DAY, total_cents=500
        )
        refund = Refund.objects.create(
            **mine, number=1, payee="patient", patient=patient, amount_cents=100, reason="Paid ahead", request_key=f"r{tag}",
            asked_at=NOW, asked_by=provider.pk,
        )  # fmt: skip
        person = User.objects.create(
            agency=agency, email=f"{tag.lower()}@example.test", display_name=f"Person {tag}"
        )
        grant = Grant.objects.create(user=person, practice=practice, role="coder")
        rule = BillingRule.objects.create(**mine, number=1, created_at=NOW)
        RuleVersion.objects.create(**mine, rule=rule, number=1, state="off", name="A rule", made_at=NOW, sentence="When.",
                                   document={"name": "A rule", "conditions": [], "action": {"kind": "warn"}})  # fmt: skip
        policy = PostingPolicy.objects.create(**mine, number=1, created_at=NOW)
        PolicyVersion.objects.create(
            **mine,
            policy=policy,
            number=1,
            state="off",
            document={"automation": "off"},
            sentence="Nothing.",
            made_at=NOW,
        )
        part = HeldPart.objects.create(
            **mine, remittance_claim=answer, posting_number=1, kind="held", line=0, payer=payer, pattern="CO-45",
            amount_cents=9000, reason="a reason", made_at=NOW,
        )  # fmt: skip
        moved = ClaimTransfer.objects.create(
            **mine, transfer_id=uuid4(), is_out=True, remittance=remittance, remittance_claim=answer,
            other_practice=practice.pk, other_remittance=remittance.pk, other_paid_cents=9000, amount_cents=9000,
            reason="a reason", made_at=NOW, made_by=person.pk,
        )  # fmt: skip
        account = BankAccount.objects.create(**mine, name="Operating", last_four=f"99{tag}", created_at=NOW)
        told = BankFile.objects.create(
            **mine,
            account=account,
            file=file,
            format="csv",
            sha256="0" * 64,
            first_on=DAY,
            last_on=DAY,
            taken_at=NOW,
        )
        line = Line.objects.create(
            **mine, account=account, file=told, key=f"k{tag}", booked_on=DAY, amount_cents=9000, kind="ach",
            words={"text": f"WORDS OF {tag}0001"},
        )  # fmt: skip
        tie = Tie.objects.create(**mine, kind="trace", why="The number", amount_cents=100, made_at=NOW)
        TiePart.objects.create(**mine, tie=tie, line=line, remittance=remittance, amount_cents=100)
        aside = SetAside.objects.create(
            **mine, reason="fee", why="A fee", line=line, amount_cents=50, made_at=NOW
        )
        contract = PayerContract.objects.create(**mine, payer=payer, created_at=NOW)
        paper = ContractDocument.objects.create(
            **mine, name="exhibit.csv", content=b"code,starts\n", sha256="0" * 64, size=12, kept_at=NOW
        )
        version = ContractVersion.objects.create(
            **mine, contract=contract, number=1, how="typed", source=paper, made_at=NOW, rates_count=1,
            document=msgspec.to_builtins(
                Contract("", payer.payer_id, (Rate("r", RateKind.FIXED, date(2026, 1, 1), None, 10000, code="90834"),))
            ),
        )  # fmt: skip
        said = LineComparison.objects.create(
            **mine, claim=claim, claim_line=claim.lines.get(), payer=payer, remittance=remittance, version=version,
            date_of_service=DAY, status="underpaid", kind="unnamed", allowed_cents=9000,
            expected_allowed_cents=10000, paid_cents=9000, short_cents=1000, why="less", compared_at=NOW,
        )  # fmt: skip
        project = UnderpaymentProject.objects.create(
            **mine, number=1, payer=payer, kind="unnamed", opened_on=DAY
        )
        short = ProjectLine.objects.create(
            **mine,
            project=project,
            claim=claim,
            claim_line=claim.lines.get(),
            comparison=said,
            asked_cents=1000,
        )
    return {
        "contract_id": contract.pk, "document_id": paper.pk, "version_id": version.pk, "project_id": project.pk,
        "short_id": short.pk,
        "refund_id": refund.pk, "statement_id": statement.pk, "run_id": statement_run.pk, "policy_id": policy.pk, "part_id": part.pk,
        "account_id": account.pk, "line_id": line.pk, "tie_id": tie.pk, "transfer_id": moved.transfer_id, "aside_id": aside.pk,
        "rule_id": rule.pk, "practice_id": practice.pk, "answer_id": answer.pk, "location_id": location.pk, "provider_id": provider.pk,
        "license_id": license.pk, "rate_id": rate.pk, "hold_id": hold.pk, "coverage_id": coverage.pk,
        "authorization_id": authorization.pk, "consent_id": consent.pk, "reply_id": reply.pk, "enrollment_id": enrollment.pk, "payment_id": payment.pk, "payer_id": payer.pk,
        "partner_id": partner.pk, "user_id": person.pk, "grant_id": grant.pk,
        "patient_id": patient.pk, "session_id": encounter.pk, "claim_id": claim.pk, "finding_id": finding.pk,
        "batch_id": batch.pk, "file_id": file.pk, "remittance_id": remittance.pk, "inbox_id": inbox.pk,
        "episode_id": episode.pk, "day_id": day.pk,
        "item_id": item.pk, "import_id": session_import.pk, "provider": provider,
    }  # fmt: skip


@pytest.fixture
def records_a(practice_a):
    return make_records(practice_a, "AA")


@pytest.fixture
def records_b(practice_b):
    return make_records(practice_b, "BB")


@pytest.fixture
def records_foreign(foreign_practice):
    return make_records(foreign_practice, "FF")


@pytest.fixture
def desk(practice_a, tmp_path, make_user):
    """A practice that can work, and a person with every role there: `desk.user`."""
    from tests.server.web.desk import make_desk

    user = make_user()
    found = make_desk(practice_a, tmp_path, user)
    found.user = user
    return found
