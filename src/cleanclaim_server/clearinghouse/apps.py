from django.apps import AppConfig


class ClearinghouseConfig(AppConfig):
    name = "cleanclaim_server.clearinghouse"
    label = "clearinghouse"
    default_auto_field = "django.db.models.BigAutoField"
