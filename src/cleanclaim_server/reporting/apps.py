from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "cleanclaim_server.reporting"
    label = "reporting"
    default_auto_field = "django.db.models.BigAutoField"
