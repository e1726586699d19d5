"""This app of the console."""

from django.apps import AppConfig


class ServicesConfig(AppConfig):
    """Names the app by its concept."""

    name = "pillarbox.console.services"
    label = "services"
    default_auto_field = "django.db.models.BigAutoField"
