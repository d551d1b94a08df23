"""What every route asks for, written down once by hand: the tests hold the code to it.

A route that is not here fails; so does one that asks for something else. `agency` marks what all practices
share: it needs the access in every practice, or the administrator of users.
"""

from __future__ import annotations

from typing import NamedTuple

from cleanclaim_server.identity.roles import Access, DataClass


class Need(NamedTuple):
    """A class of data, how much of it, and whether in every practice of the agency."""

    data_class: DataClass
    access: Access
    agency: bool = False


READ, FULL, LIMITED = Access.READ, Access.FULL, Access.LIMITED
CLAIM, LEDGER, USERS = DataClass.CLAIM, DataClass.LEDGER, DataClass.USERS
PEOPLE, COVERAGE, CONTRACTS, TRAIL = (
    DataClass.DEMOGRAPHICS, DataClass.COVERAGE, DataClass.CONTRACTS, DataClass.AUDIT_LOG,
)  # fmt: skip

PUBLIC = {
    "identity:sign_in", "identity:second_factor", "identity:enroll_second_factor", "identity:sign_out",
}  # fmt: skip
SIGNED_IN = {
    "identity:new_password", "identity:account", "identity:end_others", "identity:new_codes", "web:switch", "web:seen",
}  # fmt: skip


def _rows(need: Need, names: str) -> dict[str, Need]:
    return {f"web:{name}": need for name in names.split()}


TABLE: dict[str, Need] = {
    **_rows(Need(CLAIM, READ), """
        today search work take_next take_items snooze_items change_item practices sessions session claims claim rejections
        batches batch file raw download denials before_sending edit_finding
    """),
    **_rows(Need(CLAIM, READ), "paper_claim episodes episode"),
    **_rows(Need(CLAIM, FULL), "new_episode edit_episode add_programme_day drop_programme_day bill_programme programme_bill"),
    **_rows(Need(DataClass.NOTE_EXCERPT, FULL), "sign_programme_day"),
    **_rows(Need(CLAIM, FULL), "void_claim"),
    **_rows(Need(LEDGER, FULL), "move_remittance move_claim_payment take_claim_payment_back"),
    **_rows(Need(CLAIM, FULL), """
        send_items enter_session edit_session not_billable preview import_sessions session_sample session_faults session_import
        send_claims recheck_claims mend_claims hold_claim release_hold override remark mend_claim correct_claim work_denial write_off undo_write_off
        preview_fix run_fix override_many
        resolve_batch add_file
    """),
    **_rows(Need(DataClass.NOTE_EXCERPT, READ), "note_audit"),
    **_rows(Need(DataClass.NOTE_EXCERPT, FULL), "sign"),
    **_rows(Need(PEOPLE, READ), "patients patient"),
    **_rows(Need(PEOPLE, FULL), "new_patient edit_patient"),
    **_rows(Need(COVERAGE, FULL), "new_coverage edit_coverage new_authorization edit_authorization new_consent end_consent new_answer"),
    **_rows(Need(COVERAGE, READ), "eligibility_reply"),
    **_rows(Need(COVERAGE, FULL), "place_eligibility_reply set_eligibility_reply_aside"),
    **_rows(Need(LEDGER, READ), """
        remittances remittance remittance_raw remittance_scan claim_payment stray balances balance receipt month measure closes close closed_books credits credit refund
        statements preview_statement statement_run print_run statement
    """),
    **_rows(Need(LEDGER, FULL), """
        add_remittance read_file post undo match claim_not_ours key_in key_sheet key_balance post_part post_part_always part_seen part_aside ask_about_part assign payment_not_ours pay apply_credit undo_pay
        make_statements refund_patient refund_credit move_credit decide_credit withdraw_refund
    """),
    **_rows(Need(DataClass.APPROVALS, FULL), "freeze approve_refund decline_refund void_refund"),
    **_rows(Need(DataClass.RULES, READ), """
        practice_rules practice_rule rule_book ask_rule_book rule_matrix uncertain_rules book_rule code_sets
    """),
    **_rows(Need(DataClass.RULES, FULL), "confirm_rule withdraw_rule"),
    **_rows(Need(DataClass.BANK, LIMITED), "bank bank_line"),
    **_rows(Need(LEDGER, FULL), """
        add_bank_file accept_lines new_bank_account bank_account tie_line count_line line_aside payment_aside untie undo_set_aside
    """),
    **_rows(Need(DataClass.RULES, FULL), """
        write_practice_rule practice_rule_fields practice_rule_sentence practice_rule_trial rewrite_practice_rule practice_rule_on practice_rule_off
    """),
    **_rows(Need(LEDGER, READ), "underpayments compared_lines project project_letter project_list project_workbook"),
    **_rows(Need(CLAIM, FULL), "ask_for_project give_up_project leave_line_out"),
    **_rows(Need(CONTRACTS, READ), """
        contracts contract test_contract contract_rates contract_version contract_document rate_sample
    """),
    **_rows(Need(CONTRACTS, FULL), "start_contract edit_contract import_rates learnt_rates"),
    **_rows(Need(TRAIL, READ), "audit audit_check audit_export"),
    **_rows(Need(CONTRACTS, READ), "settings set_up_practice prices enrollments posting_policies payers partners"),
    **_rows(Need(CONTRACTS, FULL), """
        edit_practice statement_policy thresholds note_policy new_place place new_provider set_up_provider add_license drop_license new_price stop_price new_enrollment end_enrollment
        try_posting_policy add_posting_policy posting_policy_on posting_policy_off forget_hint
    """),
    **_rows(Need(CONTRACTS, FULL, agency=True), """
        set_up_agency preview_code_set load_code_set new_practice new_payer payer new_plan new_partner partner test_partner
    """),
    **{
        f"identity:{name}": Need(USERS, FULL)
        for name in ("users", "user", "give_role", "take_role", "change_account")
    },
}  # fmt: skip
