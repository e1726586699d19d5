"""Services as the data plane sees them: one frozen snapshot each, loaded with one statement, at most 2 s old."""

from datetime import datetime
from functools import cached_property, lru_cache
from typing import Literal
from uuid import UUID

import msgspec

from pillarbox.recipients.comparison import format_recipient
from pillarbox.recipients.phone_numbers import InvalidPhoneNumber, PhoneNumber
from pillarbox.store.database import Pool
from pillarbox.store.sealing import Seal
from pillarbox.store.snapshots import Snapshots

KeyType = Literal["normal", "team", "test"]
Channel = Literal["sms", "email", "letter"]


class ApiKey(msgspec.Struct, frozen=True):
    """A key whose secret has been opened."""

    id: UUID
    key_type: KeyType
    secret: bytes
    revoked: bool


class SmsSender(msgspec.Struct, frozen=True):
    """A name or number that texts come from."""

    id: UUID
    sms_sender: str
    is_default: bool


class EmailReplyTo(msgspec.Struct, frozen=True):
    """An address that replies go to."""

    id: UUID
    email_address: str
    is_default: bool


class Service(msgspec.Struct, frozen=True, dict=True):
    """Everything about a service that accepting or delivering a message asks for."""

    id: UUID
    name: str
    email_local_part: str
    restricted: bool
    active: bool
    permissions: frozenset[str]
    prefix_sms: bool
    rate_limit: int
    daily_limits: dict[str, int]
    contact_link: str | None
    guest_list: tuple[str, ...]
    team: tuple[str, ...]
    sms_senders: tuple[SmsSender, ...]
    email_reply_to: tuple[EmailReplyTo, ...]
    api_keys: tuple[ApiKey, ...]
    providers: dict[str, str] = {}  # by channel, the only one that its messages go through

    def sms_sender(self, sender_id: UUID | None) -> str | None:
        """Return the sender of that id, or the default one; None if there is none of that id."""
        for sender in self.sms_senders:
            if sender.id == sender_id or (sender_id is None and sender.is_default):
                return as_shown(sender.sms_sender)
        return None

    def reply_to(self, reply_to_id: UUID | None) -> str | None:
        """Return the address of that id, or the default one; None if there is none of that id."""
        for reply_to in self.email_reply_to:
            if reply_to.id == reply_to_id or (reply_to_id is None and reply_to.is_default):
                return reply_to.email_address
        return None

    def knows(self, recipient: str) -> bool:
        """Whether a recipient, in the form in which recipients are compared, is in the team or on the guest list."""
        return recipient in self._known

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(map(format_recipient, (*self.team, *self.guest_list)))

    @cached_property
    def sms_prefix(self) -> str | None:
        """What texts begin with, if anything."""
        return self.name if self.prefix_sms else None


@lru_cache(maxsize=4096)
def as_shown(sender: str) -> str:
    """Return a sender as callers see it: a phone number in international form, anything else as it is."""
    try:
        return PhoneNumber.parse(sender).normalised
    except InvalidPhoneNumber:
        return sender


class _StoredKey(msgspec.Struct):
    id: UUID
    key_type: KeyType
    secret: bytes  # sealed; base64 in the JSON
    revoked_at: datetime | None


_LOAD = """
select json_build_object(
    'id', s.id, 'name', s.name, 'email_local_part', s.email_local_part, 'restricted', s.restricted,
    'active', s.active, 'permissions', s.permissions, 'prefix_sms', s.prefix_sms, 'rate_limit', s.rate_limit,
    'daily_limits', json_build_object('sms', s.sms_daily_limit, 'email', s.email_daily_limit,
        'letter', s.letter_daily_limit, 'international_sms', s.international_sms_daily_limit),
    'contact_link', s.contact_link, 'providers', s.providers,
    'guest_list', (select coalesce(json_agg(g.recipient), '[]') from guest_list_entry g where g.service_id = s.id),
    'team', (select coalesce(json_agg(contact), '[]') from membership m join person p on p.id = m.user_id,
        unnest(array[p.email_address, p.mobile_number]) contact where m.service_id = s.id and contact <> ''),
    'sms_senders', (select coalesce(json_agg(json_build_object('id', x.id, 'sms_sender', x.sms_sender,
        'is_default', x.is_default)), '[]') from sms_sender x where x.service_id = s.id and not x.archived),
    'email_reply_to', (select coalesce(json_agg(json_build_object('id', x.id, 'email_address', x.email_address,
        'is_default', x.is_default)), '[]') from email_reply_to x where x.service_id = s.id and not x.archived),
    'api_keys', '[]'::json
)::text, (
    select coalesce(json_agg(json_build_object('id', k.id, 'key_type', k.key_type,
        'secret', translate(encode(k.secret, 'base64'), E'\\n', ''), 'revoked_at', k.revoked_at)
        order by k.created_at), '[]')::text
    from api_key k where k.service_id = s.id and (k.revoked_at is null or k.revoked_at > now() - interval '7 days')
)
from service s where s.id = %s
"""


class Services:
    """Finds services by id, from memory where the snapshot is fresh."""

    def __init__(self, pool: Pool, seal: Seal, lifetime: float = 2.0) -> None:
        self._pool = pool
        self._seal = seal
        self._snapshots = Snapshots(self._load, lifetime)

    async def find(self, service_id: UUID) -> Service | None:
        """Return the service, or None; keys revoked over 7 days ago are left out."""
        return await self._snapshots.get(service_id)

    async def _load(self, service_id: UUID) -> Service | None:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(_LOAD, [service_id])
            row = await cursor.fetchone()
        if row is None:
            return None
        service = msgspec.json.decode(row[0], type=Service)
        stored = msgspec.json.decode(row[1], type=list[_StoredKey])
        return msgspec.structs.replace(service, api_keys=tuple(self._open(key) for key in stored))

    def _open(self, key: _StoredKey) -> ApiKey:
        secret = self._seal.open(key.secret).encode()
        return ApiKey(key.id, key.key_type, secret, revoked=key.revoked_at is not None)
