"""All kinds of providers, by the names that the providers file calls them."""

from pillarbox.providers.kannel.provider import KANNEL
from pillarbox.providers.kinds import Kind
from pillarbox.providers.sandbox.provider import SANDBOX
from pillarbox.providers.smpp.provider import SMPP
from pillarbox.providers.sms_http.kind import SMS_HTTP
from pillarbox.providers.smtp.provider import SMTP

KINDS: dict[str, Kind] = {kind.name: kind for kind in (KANNEL, SANDBOX, SMPP, SMS_HTTP, SMTP)}
