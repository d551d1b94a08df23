"""Claims on paper: CMS-1500 and UB-04 as placed texts, and as PDF.

`cms1500(claim)` and `ub04(claim)` fill in sheets (values); `form_pdf(pages)` prints them, for the red form
or for plain paper; `eob_pdf` and `bundle` add the first payer's answer.
"""

from cleanclaim.paper.cms1500 import Form, cms1500
from cleanclaim.paper.layout import Page, Placed, Slot, money, plain, slots
from cleanclaim.paper.letter import letter_pdf
from cleanclaim.paper.pdf import Calibration, bundle, eob_pdf, form_pdf, position
from cleanclaim.paper.programme import programme_claim
from cleanclaim.paper.ub04 import ProgrammeClaim, ProgrammeLine, ProgrammePayer, ub04

__all__ = [
    "Calibration",
    "Form",
    "Page",
    "Placed",
    "ProgrammeClaim",
    "ProgrammeLine",
    "ProgrammePayer",
    "Slot",
    "bundle",
    "cms1500",
    "eob_pdf",
    "form_pdf",
    "letter_pdf",
    "money",
    "plain",
    "position",
    "programme_claim",
    "slots",
    "ub04",
]
