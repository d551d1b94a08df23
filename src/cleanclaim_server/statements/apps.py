from django.apps import AppConfig


class StatementsConfig(AppConfig):
    name = "cleanclaim_server.statements"
    label = "statements"
    default_auto_field = "django.db.models.BigAutoField"
