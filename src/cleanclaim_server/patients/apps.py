from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "cleanclaim_server.patients"
    label = "patients"
    default_auto_field = "django.db.models.BigAutoField"
