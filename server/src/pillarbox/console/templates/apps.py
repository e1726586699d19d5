"""This app of the console."""

from django.apps import AppConfig


class TemplatesConfig(AppConfig):
    """Names the app by its concept."""

    name = "pillarbox.console.templates"
    label = "templates"
    default_auto_field = "django.db.models.BigAutoField"
