"""The door of coverage: the one way to a single record. What is absent and what is not ours look alike."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from cleanclaim_server.coverage.models import Consent, Coverage, EligibilityReply
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.scope import visible


def access_coverage(tenant: TenantContext, coverage_id: UUID) -> Coverage:
    """One policy of a patient in reach.

    Raises:
        Http404: There is none in reach.
    """
    found = visible(Coverage.objects.select_related("plan__payer"), tenant).filter(pk=coverage_id).first()
    if found is None:
        raise Http404
    return found


def access_consent(tenant: TenantContext, consent_id: UUID) -> Consent:
    """One consent or restriction of a patient in reach.

    Raises:
        Http404: There is none in reach.
    """
    found = visible(Consent.objects.select_related("payer"), tenant).filter(pk=consent_id).first()
    if found is None:
        raise Http404
    return found


def access_reply(tenant: TenantContext, reply_id: UUID) -> EligibilityReply:
    """One eligibility reply in reach that waits, or waited, for a person.

    Raises:
        Http404: There is none in reach.
    """
    found = visible(EligibilityReply.objects.select_related("file"), tenant).filter(pk=reply_id).first()
    if found is None:
        raise Http404
    return found
