"""Templates: what messages are made from. Old versions stay, since messages are shown from the one they used."""

import uuid
from typing import ClassVar

from django.db import models

from pillarbox.console.people.models import User
from pillarbox.console.services.models import LetterContact, Service


class Channel(models.TextChoices):
    """How a message travels."""

    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"


class Template(models.Model):
    """A template as a whole; its texts stand in its versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="templates")
    channel = models.CharField(max_length=10, choices=Channel)
    name = models.CharField(max_length=255)
    version = models.PositiveIntegerField(help_text="The current one of its versions")
    archived = models.BooleanField(default=False)
    hidden = models.BooleanField(
        default=False, help_text="The template that precompiled letters are stored under"
    )
    has_unsubscribe_link = models.BooleanField(default=False)
    postage = models.CharField(max_length=20, null=True)  # noqa: DJ001 - only letters have one
    letter_contact = models.ForeignKey(LetterContact, null=True, on_delete=models.PROTECT)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "template"

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """The texts of one version."""

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    subject = models.TextField(null=True)  # noqa: DJ001 - a text has none, which is not an empty one
    content = models.TextField()
    archived = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "template_version"
        constraints: ClassVar = [models.UniqueConstraint(fields=["template", "version"], name="version_once")]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"
