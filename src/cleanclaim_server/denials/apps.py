from django.apps import AppConfig


class DenialsConfig(AppConfig):
    name = "cleanclaim_server.denials"
    label = "denials"
    default_auto_field = "django.db.models.BigAutoField"
