from django.apps import AppConfig


class UnderpaymentsConfig(AppConfig):
    name = "cleanclaim_server.underpayments"
    label = "underpayments"
    default_auto_field = "django.db.models.BigAutoField"
