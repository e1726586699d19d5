"""Templates as the data plane sees them: parsed once for each version, found anew every 2 s."""

from datetime import datetime
from functools import cached_property
from uuid import UUID

import msgspec
from psycopg.rows import args_row

from pillarbox.content.emails import EmailTemplate
from pillarbox.content.letters import LetterTemplate
from pillarbox.content.texts import TextTemplate
from pillarbox.store.database import Pool
from pillarbox.store.services import Channel
from pillarbox.store.snapshots import Snapshots


class Template(msgspec.Struct, frozen=True, dict=True):
    """One version of a template, with what is true of the template as a whole."""

    id: UUID
    service_id: UUID
    channel: Channel
    name: str
    version: int
    subject: str | None
    content: str
    archived: bool
    version_archived: bool
    hidden: bool
    has_unsubscribe_link: bool
    postage: str | None
    contact_block: str | None
    created_at: datetime
    updated_at: datetime | None
    created_by: str | None

    @cached_property
    def text(self) -> TextTemplate:
        """The template of a text, parsed."""
        return TextTemplate(self.content)

    @cached_property
    def email(self) -> EmailTemplate:
        """The template of an email, parsed."""
        return EmailTemplate(self.subject or "", self.content)

    @cached_property
    def letter(self) -> LetterTemplate:
        """The template of a letter, parsed."""
        return LetterTemplate(self.subject or "", self.content, contact_block=self.contact_block)

    @property
    def filled(self) -> TextTemplate | EmailTemplate | LetterTemplate:
        """The template, parsed, of whichever channel it is."""
        if self.channel == "sms":
            return self.text
        return self.email if self.channel == "email" else self.letter


_COLUMNS = """
select t.id, t.service_id, t.channel, v.name, v.version, v.subject, v.content,
    t.archived, v.archived as version_archived, t.hidden, t.has_unsubscribe_link, t.postage, c.contact_block,
    t.created_at, t.updated_at,
    p.email_address as created_by
from template t
join template_version v on v.template_id = t.id
left join letter_contact c on c.id = t.letter_contact_id
left join person p on p.id = v.created_by_id
"""
_CURRENT = _COLUMNS + "where t.service_id = %s and t.id = %s and v.version = t.version"
_VERSION = _COLUMNS + "where t.service_id = %s and t.id = %s and v.version = %s"
_ALL = (
    _COLUMNS
    + "where t.service_id = %s and v.version = t.version and not t.archived and not t.hidden "
    + "order by v.name, t.channel"
)
_VERSIONS = _COLUMNS + "where t.service_id = %s and t.id = %s and not t.hidden order by v.version desc"


class Templates:
    """Finds the templates of a service; another service's are not there."""

    def __init__(self, pool: Pool, lifetime: float = 2.0) -> None:
        self._pool = pool
        self._current = Snapshots(self._load_current, lifetime)
        self._versions = Snapshots(self._load_version, lifetime)
        self._parsed: dict[tuple[UUID, int], Template] = {}

    async def current(self, service_id: UUID, template_id: UUID) -> Template | None:
        """Return the template in its current version, archived and hidden ones too; None if there is none."""
        return await self._current.get((service_id, template_id))

    async def version(self, service_id: UUID, template_id: UUID, version: int) -> Template | None:
        """Return the template in one of its versions; None if there is none."""
        return await self._versions.get((service_id, template_id, version))

    async def all(self, service_id: UUID) -> list[Template]:
        """Return all templates but archived and hidden ones, by name, then channel."""
        return await self._fetch(_ALL, [service_id])

    async def versions(self, service_id: UUID, template_id: UUID) -> list[Template]:
        """Return all versions of a template that is not hidden, newest first."""
        return await self._fetch(_VERSIONS, [service_id, template_id])

    async def _load_current(self, key: tuple[UUID, UUID]) -> Template | None:
        return self._keep(await self._fetch(_CURRENT, list(key)))

    async def _load_version(self, key: tuple[UUID, UUID, int]) -> Template | None:
        return self._keep(await self._fetch(_VERSION, list(key)))

    def _keep(self, found: list[Template]) -> Template | None:
        """Texts of a version never change: an equal one that is parsed already serves again."""
        if not found:
            return None
        template = found[0]
        kept = self._parsed.get((template.id, template.version))
        if kept == template:
            return kept
        if len(self._parsed) > 10_000:
            self._parsed.clear()
        self._parsed[template.id, template.version] = template
        return template

    async def _fetch(self, query: str, parameters: list[object]) -> list[Template]:
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=args_row(Template)) as cursor,
        ):
            await cursor.execute(query, parameters)
            return await cursor.fetchall()
