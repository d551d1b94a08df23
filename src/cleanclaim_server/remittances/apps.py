from django.apps import AppConfig


class RemittancesConfig(AppConfig):
    name = "cleanclaim_server.remittances"
    label = "remittances"
    default_auto_field = "django.db.models.BigAutoField"
