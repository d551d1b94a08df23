from django.apps import AppConfig


class PostingRulesConfig(AppConfig):
    name = "cleanclaim_server.postingrules"
    label = "postingrules"
    default_auto_field = "django.db.models.BigAutoField"
