"""Rates in force from a day on; a message costs what was in force on the day it was created."""

from django.db import models


class SmsRate(models.Model):
    """Pounds for one fragment of a text."""

    valid_from = models.DateTimeField(unique=True)
    rate = models.DecimalField(max_digits=12, decimal_places=6)

    class Meta:
        db_table = "sms_rate"

    def __str__(self) -> str:
        return f"£{self.rate} from {self.valid_from:%d %B %Y}"


class LetterRate(models.Model):
    """Pounds for a letter of some sheets at some postage."""

    post_class = models.CharField(max_length=20)
    sheet_count = models.PositiveIntegerField()
    rate = models.DecimalField(max_digits=12, decimal_places=6)
    start_date = models.DateTimeField()
    end_date = models.DateTimeField(null=True)

    class Meta:
        db_table = "letter_rate"

    def __str__(self) -> str:
        return f"£{self.rate} for {self.sheet_count} sheets, {self.post_class}"
