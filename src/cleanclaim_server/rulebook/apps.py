from django.apps import AppConfig


class RulebookConfig(AppConfig):
    name = "cleanclaim_server.rulebook"
    label = "rulebook"
