"""The cycle as navigation: every page of the product once, in the order of the money.

Paths are fixed here; `web/urls.py` serves them. `count` names a key of the context's `nav` dict.
"""

from __future__ import annotations

from typing import NamedTuple


class Page(NamedTuple):
    """One entry of the sidebar. `keys` is the two-letter jump; `hot` colours its count."""

    key: str
    label: str
    path: str
    icon: str
    keys: str = ""
    hot: bool = False


WORK = (
    Page("today", "Today", "/", "calendar-check", "G T"),
    Page("work", "Work queue", "/work", "list-checks", "G Q"),
    Page("practices", "Practices", "/practices", "building-2", "G P"),
)
CYCLE = (
    Page("patients", "Patients", "/patients", "users", "G U"),
    Page("sessions", "Sessions", "/sessions", "clock", "G S"),
    Page("programmes", "Programmes", "/programmes", "calendar-check", "G Z"),
    Page("edits", "Before sending", "/edits", "shield-check", "G F"),
    Page("claims", "Claims", "/claims", "file-text", "G C"),
    Page("batches", "Batches and files", "/batches", "files", "G B"),
    Page("rejections", "Rejections", "/rejections", "unplug", "G X", hot=True),
    Page("remittances", "Remittances", "/remittances", "banknote", "G R"),
    Page("bank", "Bank", "/bank", "landmark", "G J"),
    Page("denials", "Denials", "/denials", "gavel", "G D"),
    Page("underpayments", "Underpayments", "/underpayments", "scale", "G I"),
    Page("balances", "Patient balances", "/balances", "receipt-text", "G A"),
    Page("statements", "Statements", "/statements", "mail", "G W"),
    Page("credits", "Credit balances", "/credits", "wallet", "G Y"),
)
KNOW = (
    Page("month", "Month", "/month", "chart-column", "G M"),
    Page("contracts", "Contracts", "/contracts", "file-check", "G H"),
    Page("rule_book", "Rule book", "/rule-book", "book-open", "G K"),
    Page("code_sets", "Code sets", "/code-sets", "list-checks", "G V"),
    Page("rules", "Our rules", "/practice-rules", "list-filter", "G N"),
    Page("audit", "Audit log", "/audit", "scroll-text", "G L"),
    Page("users", "Users", "/users", "user-check", "G E"),
    Page("settings", "Settings", "/settings", "settings", "G O"),
)
GROUPS = (("", WORK, ""), ("The cycle", CYCLE, "cycle"), ("Know", KNOW, ""))
PHONE = ("today", "work", "claims", "remittances", "month")
PAGES = {page.key: page for _, pages, _ in GROUPS for page in pages}

# Pages that live under another entry of the sidebar.
UNDER = {
    "/files": "batches",
    "/refunds": "credits",
    "/coverages": "patients",
    "/authorizations": "patients",
    "/eligibility": "patients",
}


def current_key(path: str) -> str:
    """The entry that a path belongs to.

    Examples:
        >>> current_key("/"), current_key("/claims/018f"), current_key("/files/7"), current_key("/sign-in")
        ('today', 'claims', 'batches', '')
    """
    for prefix, key in UNDER.items():
        if path == prefix or path.startswith(prefix + "/"):
            return key
    for page in PAGES.values():
        if path == page.path or (page.path != "/" and path.startswith(page.path + "/")):
            return page.key
    return ""
