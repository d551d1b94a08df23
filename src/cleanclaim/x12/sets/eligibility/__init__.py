"""Eligibility, 005010X279A1: the question (270), the answer (271), and what an answer says row by row.

```python
from cleanclaim.x12.sets.eligibility import benefit_rows, read_271, rejection_rows

answer, findings = read_271(transaction)
for row in benefit_rows(answer):
    ...                                  # one row for each benefit and service type
for row in rejection_rows(answer):
    ...                                  # why it was not answered, in plain words, and what to do
```

Nothing is guessed: what the payer does not say is empty or None.
"""

from cleanclaim.x12.sets.eligibility.records import (
    AnsweredDependent,
    AnsweredSubscriber,
    AnsweringSource,
    AnswerReceiver,
    AskedDependent,
    AskedSource,
    AskedSubscriber,
    AskingReceiver,
    Benefit,
    EligibilityAnswer,
    EligibilityQuestion,
    Inquiry,
    MilitaryService,
    Place,
)
from cleanclaim.x12.sets.eligibility.rows import (
    BenefitRow,
    RejectionRow,
    benefit_rows,
    rejection_rows,
)
from cleanclaim.x12.sets.eligibility.sets import GUIDE, read_270, read_271, write_270, write_271

__all__ = [
    "GUIDE", "AnswerReceiver", "AnsweredDependent", "AnsweredSubscriber", "AnsweringSource", "AskedDependent",
    "AskedSource", "AskedSubscriber", "AskingReceiver", "Benefit", "BenefitRow", "EligibilityAnswer",
    "EligibilityQuestion", "Inquiry", "MilitaryService", "Place", "RejectionRow", "benefit_rows", "read_270",
    "read_271", "rejection_rows", "write_270", "write_271",
]  # fmt: skip
