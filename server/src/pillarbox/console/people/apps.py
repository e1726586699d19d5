"""This app of the console."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Names the app by its concept."""

    name = "pillarbox.console.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
