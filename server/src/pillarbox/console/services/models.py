"""A service is the tenant: everything that is sent, is sent by one."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from pillarbox.console.people.models import User


class Service(models.Model):
    """A service, its permissions and its limits (public API contract, sections 5 and 6)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=255)
    email_local_part = models.CharField(max_length=255)
    restricted = models.BooleanField(
        default=True, help_text="In trial mode: sends to its team and guest list only"
    )
    active = models.BooleanField(default=True)
    permissions = ArrayField(models.CharField(max_length=50), default=list)
    prefix_sms = models.BooleanField(default=True, help_text="Texts begin with the service's name")
    rate_limit = models.PositiveIntegerField(default=3000, help_text="Requests a minute for each type of key")
    sms_daily_limit = models.PositiveIntegerField(default=50)
    email_daily_limit = models.PositiveIntegerField(default=50)
    letter_daily_limit = models.PositiveIntegerField(default=50)
    international_sms_daily_limit = models.PositiveIntegerField(default=100)
    contact_link = models.CharField(max_length=1000, null=True)  # noqa: DJ001 - null: not set up, unlike empty
    inbound_number = models.CharField(max_length=50, null=True, unique=True)  # noqa: DJ001 - as above
    retention_days = models.JSONField(default=dict, help_text="Days by channel, 7 where nothing is said")
    providers = models.JSONField(
        default=dict, db_default={}, help_text="By channel, the only provider that its messages go through"
    )
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(User, through="Membership", related_name="services")

    class Meta:
        db_table = "service"

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person is a team member of a service."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)

    class Meta:
        db_table = "membership"
        constraints: ClassVar = [models.UniqueConstraint(fields=["service", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} of {self.service}"


class GuestListEntry(models.Model):
    """A recipient to whom team keys, and live keys in trial mode, may send besides the team."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="guest_list")
    recipient = models.CharField(max_length=320)

    class Meta:
        db_table = "guest_list_entry"
        constraints: ClassVar = [models.UniqueConstraint(fields=["service", "recipient"], name="guest_once")]

    def __str__(self) -> str:
        return self.recipient


class ApiKey(models.Model):
    """A key: its secret signs the tokens of requests; sealed at rest."""

    class KeyType(models.TextChoices):
        """What a key may do; `normal` is shown to people as live."""

        NORMAL = "normal"
        TEAM = "team"
        TEST = "test"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=255)
    key_type = models.CharField(max_length=10, choices=KeyType)
    secret = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_key"

    def __str__(self) -> str:
        return self.name


class SmsSender(models.Model):
    """A name or number that texts come from."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="sms_senders")
    sms_sender = models.CharField(max_length=50)
    is_default = models.BooleanField(default=False)
    archived = models.BooleanField(default=False)

    class Meta:
        db_table = "sms_sender"

    def __str__(self) -> str:
        return self.sms_sender


class EmailReplyTo(models.Model):
    """An address that replies to a service's emails go to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="email_reply_to")
    email_address = models.CharField(max_length=320)
    is_default = models.BooleanField(default=False)
    archived = models.BooleanField(default=False)

    class Meta:
        db_table = "email_reply_to"

    def __str__(self) -> str:
        return self.email_address


class LetterContact(models.Model):
    """A contact block at the head of letters; may hold placeholders."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="letter_contacts")
    contact_block = models.TextField()
    is_default = models.BooleanField(default=False)
    archived = models.BooleanField(default=False)

    class Meta:
        db_table = "letter_contact"

    def __str__(self) -> str:
        return self.contact_block.partition("\n")[0]


class Callback(models.Model):
    """Where a service wants to be told; one for each kind. The bearer token is sealed at rest."""

    class Kind(models.TextChoices):
        """What a callback tells of (public API contract, section 8)."""

        DELIVERY_STATUS = "delivery_status"
        INBOUND_SMS = "inbound_sms"
        RETURNED_LETTER = "returned_letter"
        COMPLAINT = "complaint"

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="callbacks")
    kind = models.CharField(max_length=20, choices=Kind)
    url = models.CharField(max_length=2000)
    bearer_token = models.BinaryField()

    class Meta:
        db_table = "callback"
        constraints: ClassVar = [models.UniqueConstraint(fields=["service", "kind"], name="callback_once")]

    def __str__(self) -> str:
        return f"{self.kind} to {self.url}"
