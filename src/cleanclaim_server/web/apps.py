from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "cleanclaim_server.web"
    label = "web"
