from django.apps import AppConfig


class CycleConfig(AppConfig):
    name = "cleanclaim_server.cycle"
    label = "cycle"
    default_auto_field = "django.db.models.BigAutoField"
