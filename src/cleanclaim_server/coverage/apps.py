from django.apps import AppConfig


class CoverageConfig(AppConfig):
    name = "cleanclaim_server.coverage"
    label = "coverage"
    default_auto_field = "django.db.models.BigAutoField"
