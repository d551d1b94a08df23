from django.apps import AppConfig


class ClaimRulesConfig(AppConfig):
    name = "cleanclaim_server.claimrules"
    label = "claimrules"
    default_auto_field = "django.db.models.BigAutoField"
