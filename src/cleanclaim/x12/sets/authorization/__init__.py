"""Authorization, 278 005010X217: the request and the answer with its decisions.

```python
from cleanclaim.x12.sets.authorization import decisions, read_278_answer

answer, findings = read_278_answer(transaction)
for row in decisions(answer):
    ...          # certified or not, the certification number, units and days, for the event and each service
```
"""

from cleanclaim.x12.sets.authorization.records import (
    Admission,
    AuthorizationAnswer,
    AuthorizationRequest,
    Condition,
    Decision,
    Event,
    InstitutionalService,
    ProfessionalService,
    RequestedService,
    Review,
)
from cleanclaim.x12.sets.authorization.sets import (
    DECISIONS,
    GUIDE,
    DecisionRow,
    decisions,
    read_278_answer,
    read_278_request,
    write_278_answer,
    write_278_request,
)

__all__ = [
    "DECISIONS", "GUIDE", "Admission", "AuthorizationAnswer", "AuthorizationRequest", "Condition", "Decision",
    "DecisionRow", "Event", "InstitutionalService", "ProfessionalService", "RequestedService", "Review",
    "decisions", "read_278_answer", "read_278_request", "write_278_answer", "write_278_request",
]  # fmt: skip
