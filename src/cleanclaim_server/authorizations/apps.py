from django.apps import AppConfig


class AuthorizationsConfig(AppConfig):
    name = "cleanclaim_server.authorizations"
    label = "authorizations"
    default_auto_field = "django.db.models.BigAutoField"
