"""Claims leave exactly once, or are visibly unsure: whatever dies, and wherever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyx12_judge import pyx12_errors

from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.claim_837p import read_837p
from cleanclaim_server.claims.models import Batch, BatchClaim, Claim, ClaimFinding, ClaimHold
from cleanclaim_server.clearinghouse import fail_points
from cleanclaim_server.clearinghouse.files import read_bytes
from cleanclaim_server.clearinghouse.models import ControlNumber, Job, StoredFile, Transfer
from cleanclaim_server.clearinghouse.ports import FolderPort, PortError, PortUnavailable
from cleanclaim_server.cycle import sending, worker
from cleanclaim_server.tenancy.context import system_context
from cleanclaim_server.work.models import WorkItem

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=16)


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def kill_at(monkeypatch):
    def arm(place: str | None) -> None:
        def listen(name: str) -> None:
            if name == place:
                raise Killed

        monkeypatch.setattr(fail_points, "listener", listen if place else None)

    return arm


def queue(practice, **more) -> list[Batch]:
    with system_context(practice.agency_id):
        return sending.queue_ready(practice, now=NOW, **more)


def outbox(partner) -> list[str]:
    return sorted(path.name for path in Path(partner.config["outbox"]).iterdir() if path.name[0] != ".")


@pytest.mark.parametrize("kind", ["commercial", "medicare", "medicaid"])
def test_a_file_is_what_an_independent_judge_accepts(kind, make_claims, practice_a):
    rows = make_claims(3, kind=kind)
    [batch] = queue(practice_a)
    data = read_bytes(batch.transfer.file)
    assert pyx12_errors(data) == []
    [interchange] = read_x12(data).interchanges
    read, findings = read_837p(interchange.groups[0].transactions[0])
    assert findings == []
    places = {
        place.claim.claim_number: (place.position, place.position_end)
        for place in BatchClaim.objects.filter(batch=batch).select_related("claim")
    }
    assert {one.claim.claim_number: (one.position, one.end_position) for one in read} == places
    assert {row.claim_number for row in rows} == set(places)
    assert {one.batch_reference for one in read} == {batch.reference}
    assert (batch.claims_count, batch.total_charge_cents) == (3, 93000)
    assert set(Claim.objects.values_list("lifecycle", flat=True)) == {"queued"}


def test_one_bad_claim_is_held_and_the_rest_leave(make_claims, practice_a):
    make_claims(2)
    [bad] = make_claims(1, change={"total_charge_cents": 1})
    [batch] = queue(practice_a)
    assert batch.claims_count == 2
    bad.refresh_from_db()
    assert bad.lifecycle == "held"
    assert ClaimHold.objects.get(claim=bad).cause == "edit"
    assert ClaimFinding.objects.filter(claim=bad).exists()
    assert WorkItem.objects.get(subject_id=bad.pk).queue == "stopped"


def test_altered_content_is_held(make_claims, practice_a):
    [row] = make_claims(1)
    Claim.objects.filter(pk=row.pk).update(frozen_hash="0" * 64)
    assert queue(practice_a) == []
    assert ClaimFinding.objects.get(claim=row).code == "sending.frozen_unreadable"


def test_a_claim_in_a_live_batch_does_not_leave_again(make_claims, practice_a):
    [row] = make_claims(1)
    queue(practice_a)
    Claim.objects.filter(pk=row.pk).update(lifecycle="ready")
    assert queue(practice_a) == []
    assert ClaimFinding.objects.get(claim=row).code == "sending.already_left"


def test_a_rejected_claim_leaves_again(make_claims, practice_a):
    [row] = make_claims(1)
    [first] = queue(practice_a)
    Claim.objects.filter(pk=row.pk).update(lifecycle="ready", payer_state="rejected_payer")
    [second] = queue(practice_a)
    assert [first.interchange_control_number, second.interchange_control_number] == ["000000001", "000000002"]
    assert first.transfer.remote_name != second.transfer.remote_name
    assert list(BatchClaim.objects.filter(claim=row, is_live=True).values_list("batch_id", flat=True)) == [
        second.pk
    ]


def test_unusable_settings_of_ours_keep_the_file_back_and_say_so(make_claims, practice_a, partner):
    [row] = make_claims(1)
    type(partner).objects.filter(pk=partner.pk).update(receiver_id="X")
    assert queue(practice_a) == []
    partner.refresh_from_db()
    row.refresh_from_db()
    assert "receiver id" in partner.last_error and row.lifecycle == "ready"
    assert not ControlNumber.objects.filter(next_number__gt=1).exists()


def test_delivered_once(make_claims, practice_a, partner):
    [row] = make_claims(1)
    [batch] = queue(practice_a)
    transfer = sending.deliver(batch.transfer_id, now=NOW)
    assert sending.deliver(batch.transfer_id, now=NOW).state == "sent"
    assert outbox(partner) == [transfer.remote_name]
    row.refresh_from_db()
    assert (row.lifecycle, row.payer_state, row.first_sent_at) == ("sent", "waiting", NOW)


def test_an_answer_that_came_first_keeps_its_word(make_claims, practice_a):
    [row] = make_claims(1)
    [batch] = queue(practice_a)
    Claim.objects.filter(pk=row.pk).update(payer_state="accepted_payer")
    sending.deliver(batch.transfer_id, now=NOW)
    row.refresh_from_db()
    assert (row.lifecycle, row.payer_state) == ("sent", "accepted_payer")


def life(
    practice, partner, kill_at, place, *, partner_takes: bool, recover=None
) -> tuple[list[bytes], Transfer | None]:
    """Queue and deliver with a death at `place`, then two restarts. What the partner got, and the end."""
    got: list[bytes] = []

    def partner_empties() -> None:
        if partner_takes:
            for path in Path(partner.config["outbox"]).iterdir():
                if path.name[0] != ".":
                    got.append(path.read_bytes())
                    path.unlink()

    kill_at(place)
    try:
        queue(practice)
        for transfer in Transfer.objects.all():
            sending.deliver(transfer.pk, now=NOW)
    except Killed:
        pass
    kill_at(None)
    for restart in (1, 2):
        partner_empties()
        now = NOW + restart * timedelta(minutes=16)
        queue(practice)
        (recover or sending.recover)(practice.agency_id, now=now)
        for transfer in Transfer.objects.all():
            sending.deliver(transfer.pk, now=now)
    partner_empties()
    if not partner_takes:
        got = [path.read_bytes() for path in Path(partner.config["outbox"]).iterdir() if path.name[0] != "."]
    return got, Transfer.objects.first()


PLACES = ["built", "queued", "sending", "put", "sent", None]


@pytest.mark.parametrize("partner_takes", [False, True])
@pytest.mark.parametrize("place", PLACES)
def test_never_two_copies(place, partner_takes, make_claims, practice_a, partner, kill_at):
    if not partner_takes:
        partner.config = {**partner.config, "keeps_files": True}
        partner.save()
    make_claims(2)
    got, transfer = life(practice_a, partner, kill_at, place, partner_takes=partner_takes)
    if (
        transfer.state == "unsure"
    ):  # only where the partner empties its folder and we died beside the hand-over
        assert partner_takes and place in {"sending", "put"}
        assert len(got) == (place == "put")
        assert set(Claim.objects.values_list("lifecycle", flat=True)) == {"unsure"}
        assert WorkItem.objects.get(queue="unsure", is_open=True).subject_id == transfer.pk
    else:
        assert (len(got), transfer.state) == (1, "sent")
    numbers = [group for data in got for group in read_x12(data).interchanges]
    assert len(numbers) == len(got) <= 1
    assert BatchClaim.objects.filter(is_live=True).count() == 2


def test_the_drill_notices_a_resender_without_proof(make_claims, practice_a, partner, kill_at):
    """The planted fault: whatever did not report back is simply queued again."""
    make_claims(2)

    def careless(agency_id, *, now):
        Transfer.objects.filter(state__in=["sending", "unsure"]).update(state="queued")

    got, _ = life(practice_a, partner, kill_at, "put", partner_takes=True, recover=careless)
    assert len(got) == 2


def test_doubt_is_shown_and_a_person_decides(make_claims, practice_a, partner, make_user, monkeypatch):
    [row] = make_claims(1)
    [batch] = queue(practice_a)

    def broken(self, name, data):
        raise PortError("the rename broke off", "port.doubt")

    monkeypatch.setattr(FolderPort, "put", broken)
    assert sending.deliver(batch.transfer_id, now=NOW).state == "unsure"
    assert sending.resolve_unsure(batch.transfer_id, now=NOW).state == "unsure"
    with pytest.raises(sending.SendingError):
        sending.resolve_unsure(batch.transfer_id, now=NOW, decision="not_sent")
    person = make_user()
    monkeypatch.undo()
    again = sending.resolve_unsure(batch.transfer_id, now=NOW, decision="not_sent", actor_id=person.pk)
    assert again.state == "queued"
    assert not WorkItem.objects.filter(queue="unsure", is_open=True).exists()
    assert sending.deliver(batch.transfer_id, now=LATER).state == "sent"
    row.refresh_from_db()
    assert row.lifecycle == "sent"


def test_an_acknowledgment_proves_that_it_left(make_claims, practice_a, kill_at):
    make_claims(1)
    [batch] = queue(practice_a)
    kill_at("sending")
    with pytest.raises(Killed):
        sending.deliver(batch.transfer_id, now=NOW)
    kill_at(None)
    Batch.objects.filter(pk=batch.pk).update(ta1_result="A")
    assert sending.resolve_unsure(batch.transfer_id, now=LATER).proof == "acknowledged by the partner"


def test_a_temporary_file_proves_that_nothing_left(make_claims, practice_a, partner, kill_at):
    make_claims(1)
    [batch] = queue(practice_a)
    kill_at("sending")
    with pytest.raises(Killed):
        sending.deliver(batch.transfer_id, now=NOW)
    kill_at(None)
    half = Path(partner.config["outbox"]) / f".{batch.transfer.remote_name}.part"
    half.write_bytes(b"ISA")
    assert sending.resolve_unsure(batch.transfer_id, now=LATER).state == "queued"
    assert not half.exists()
    assert sending.deliver(batch.transfer_id, now=LATER).state == "sent"


def test_an_unreachable_partner_is_tried_again_and_then_shown(make_claims, practice_a, monkeypatch):
    make_claims(1)
    [batch] = queue(practice_a)

    def down(self, name, data):
        raise PortUnavailable("nobody answers", "port.unavailable")

    monkeypatch.setattr(FolderPort, "put", down)
    states = [sending.deliver(batch.transfer_id, now=NOW).state for _ in range(5)]
    assert states == ["queued"] * 4 + ["failed"]
    assert WorkItem.objects.get(subject_id=batch.transfer_id).title == "This file of claims did not leave"


def test_the_worker_delivers_and_collects_once(make_claims, practice_a, partner, monkeypatch):
    make_claims(1)
    queue(practice_a)
    inbox = Path(partner.config["inbox"])
    (inbox / "answer.999").write_bytes(b"ISA*00*")
    (inbox / "growing.835.part").write_bytes(b"ISA")
    seen = []
    monkeypatch.setattr(worker, "process_job", lambda job, now: seen.append(job.subject_id))
    assert worker.run_worker(NOW) >= 2
    assert len(outbox(partner)) == 1
    assert [path.name for path in inbox.iterdir()] == ["growing.835.part"]
    file = StoredFile.objects.get(direction="in")
    assert (read_bytes(file), seen) == (b"ISA*00*", [file.pk])
    (inbox / "answer.999").write_bytes(b"ISA*00*")  # as if we had died before archiving
    assert worker.collect(practice_a.agency_id, now=NOW, at_once=True) == 0
    assert StoredFile.objects.filter(direction="in").count() == 1
    assert not Job.objects.exclude(state="done").exists()


def test_send_from_the_command_line(make_claims, practice_a, monkeypatch):
    import json

    from click.testing import CliRunner

    from cleanclaim_cli.commands import cycle, operate

    monkeypatch.setattr(operate, "_ready_or_stop", lambda: None)
    make_claims(2)
    run = CliRunner().invoke(cycle.COMMANDS["send"], ["--practice", "aa", "--json"])
    assert run.exit_code == 0, run.output
    [batch] = json.loads(run.output)["batches"]
    assert (batch["claims"], batch["state"], batch["total_charge_cents"]) == (2, "sent", 62000)
    assert CliRunner().invoke(cycle.COMMANDS["send"], ["--practice", "ZZ"]).exit_code == 2
    assert CliRunner().invoke(cycle.COMMANDS["post"], []).output == "nothing waits to be posted\n"
    assert CliRunner().invoke(cycle.COMMANDS["receive"], []).output == "0 files fetched, 0 read\n"
    assert cycle.COMMANDS["absent"] is None
