"""Routes of signing in and of managing users."""

from __future__ import annotations

app_name = "identity"
urlpatterns: list = []
