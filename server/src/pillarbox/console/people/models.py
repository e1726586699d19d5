"""People who belong to services."""

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class User(AbstractBaseUser):
    """A person: signs in to the console, and is a team member of services."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=255)
    email_address = models.EmailField(unique=True, max_length=320)
    mobile_number = models.CharField(max_length=50, blank=True)

    objects = BaseUserManager()

    USERNAME_FIELD = "email_address"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        db_table = "person"

    def __str__(self) -> str:
        return self.name
