"""This app of the console."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Names the app by its concept."""

    name = "pillarbox.console.notifications"
    label = "notifications"
    default_auto_field = "django.db.models.BigAutoField"
