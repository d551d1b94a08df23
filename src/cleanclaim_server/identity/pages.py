"""The pages that belong to no stage: refused."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that the page is not for this person, alike whether or not it exists."""
    return render(request, "identity/forbidden.html", status=403)
