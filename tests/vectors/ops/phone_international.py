"""How the recorded cases about phone numbers of other countries are asked of our packages."""

from tests.vectors.ops.phone_numbers import phone

OPS = {"phone": phone}
