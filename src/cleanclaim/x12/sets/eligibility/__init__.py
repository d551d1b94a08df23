"""Eligibility, 005010X279A1: the question (270), the answer (271), and what an answer says row by row.

```python
from cleanclaim.x12.sets.eligibility import benefit_rows, read_271, rejection_rows

answer, findings = read_271(transaction)
for row in benefit_rows(answer):
    ...                                  # one row for each benefit and service type
for row in rejection_rows(answer):
    ...                                  # why it was not answered, in plain words, and what to do
for one in answered_people(answer):
    standing(one.person, answer.created_on)   # is the policy in force, and for which day does it say so
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
from cleanclaim.x12.sets.eligibility.standing import Answered, Standing, answered_people, standing

__all__ = [
    "GUIDE", "AnswerReceiver", "Answered", "AnsweredDependent", "AnsweredSubscriber", "AnsweringSource",
    "AskedDependent", "AskedSource", "AskedSubscriber", "AskingReceiver", "Benefit", "BenefitRow",
    "EligibilityAnswer", "EligibilityQuestion", "Inquiry", "MilitaryService", "Place", "RejectionRow",
    "Standing", "answered_people", "benefit_rows", "read_270", "read_271", "rejection_rows", "standing",
    "write_270", "write_271",
]  # fmt: skip
