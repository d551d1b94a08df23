"""Template tags: `{% load ui %}` brings them all."""
