"""The route table: identity first, then the pages, then the programming interfaces that are installed."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import include, path

urlpatterns = [path("", include("cleanclaim_server.identity.urls"))]
for package, prefix in [("web", ""), ("api", "api/"), ("fhir", "fhir/")]:
    if find_spec(f"cleanclaim_server.{package}") and find_spec(f"cleanclaim_server.{package}.urls"):
        urlpatterns.append(path(prefix, include(f"cleanclaim_server.{package}.urls")))

handler403 = "cleanclaim_server.identity.pages.forbidden"
