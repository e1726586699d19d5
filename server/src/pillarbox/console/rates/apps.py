"""This app of the console."""

from django.apps import AppConfig


class RatesConfig(AppConfig):
    """Names the app by its concept."""

    name = "pillarbox.console.rates"
    label = "rates"
    default_auto_field = "django.db.models.BigAutoField"
