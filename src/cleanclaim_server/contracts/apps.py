from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "cleanclaim_server.contracts"
    label = "contracts"
    default_auto_field = "django.db.models.BigAutoField"
