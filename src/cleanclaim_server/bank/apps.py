from django.apps import AppConfig


class BankConfig(AppConfig):
    name = "cleanclaim_server.bank"
    label = "bank"
    default_auto_field = "django.db.models.BigAutoField"
