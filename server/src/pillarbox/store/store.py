"""All that the data plane keeps, as one value."""

from dataclasses import dataclass

from pillarbox.store.admissions import Admissions
from pillarbox.store.allowances import Allowances
from pillarbox.store.callback_attempts import CallbackAttempts
from pillarbox.store.database import Pool
from pillarbox.store.idempotency import IdempotencyKeys
from pillarbox.store.leftovers import Leftovers
from pillarbox.store.notifications import Notifications
from pillarbox.store.outbox import Outbox
from pillarbox.store.provider_posts import ProviderPosts
from pillarbox.store.queues import Queues
from pillarbox.store.rates import Rates
from pillarbox.store.received_texts import ReceivedTexts
from pillarbox.store.rehearsals import Rehearsals
from pillarbox.store.retention import Retention
from pillarbox.store.sandbox import Sandbox
from pillarbox.store.sealing import Seal
from pillarbox.store.services import Services
from pillarbox.store.silence import Silence
from pillarbox.store.templates import Templates
from pillarbox.store.text_parts import TextParts
from pillarbox.store.unsubscribing import UnsubscribeRequests


@dataclass(frozen=True)
class Store:
    """The tables, each behind the object that alone knows its SQL."""

    pool: Pool
    services: Services
    templates: Templates
    notifications: Notifications
    outbox: Outbox
    callback_attempts: CallbackAttempts
    provider_posts: ProviderPosts
    sandbox: Sandbox
    rehearsals: Rehearsals
    rates: Rates
    allowances: Allowances
    admissions: Admissions
    received_texts: ReceivedTexts
    text_parts: TextParts
    unsubscribe_requests: UnsubscribeRequests
    idempotency_keys: IdempotencyKeys
    silence: Silence
    queues: Queues
    retention: Retention
    leftovers: Leftovers
    seal: Seal

    @classmethod
    def over(cls, pool: Pool, seal: Seal) -> "Store":
        """Put the store together over one pool of connections."""
        provider_posts = ProviderPosts(pool)
        notifications, allowances = Notifications(pool), Allowances(pool)
        return cls(
            pool=pool,
            services=Services(pool, seal),
            templates=Templates(pool),
            notifications=notifications,
            outbox=Outbox(pool),
            callback_attempts=CallbackAttempts(pool),
            provider_posts=provider_posts,
            sandbox=Sandbox(pool),
            rehearsals=Rehearsals(pool, provider_posts),
            rates=Rates(pool),
            allowances=allowances,
            admissions=Admissions(pool, allowances, notifications),
            received_texts=ReceivedTexts(pool),
            text_parts=TextParts(pool),
            unsubscribe_requests=UnsubscribeRequests(pool),
            idempotency_keys=IdempotencyKeys(pool),
            silence=Silence(pool),
            queues=Queues(pool),
            retention=Retention(pool),
            leftovers=Leftovers(pool),
            seal=seal,
        )
