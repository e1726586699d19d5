"""The client for asyncio (extra `async`): the same calls and rules, with aiohttp."""

from __future__ import annotations

import asyncio
import io
from typing import (
    IO,
    TYPE_CHECKING,
    Any,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    List,
    Mapping,
    Optional,
    TypeVar,
    Union,
)
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies, select_proxy

try:
    import aiohttp
except ImportError as error:
    raise ImportError("aiohttp is missing: pip install 'notifications-python-client[async]'") from error

from notifications_python_client import _calls, answers
from notifications_python_client._bulk_run import BulkRun, ShowProgress, Task
from notifications_python_client._calls import Call, Choice
from notifications_python_client._core import GOV_UK_NOTIFY, Answer, ClientCore, Outgoing, Timeout
from notifications_python_client._paging import next_older_than
from notifications_python_client._result_file import ResultPath
from notifications_python_client._status_watch import StatusWatch
from notifications_python_client.bulk import Messages, Outcome
from notifications_python_client.errors import (
    APIError,
    InvalidResponse,
    NetworkError,
    RequestTimeoutError,
    error_from,
)
from notifications_python_client.retries import Retries, Tries

if TYPE_CHECKING:
    from typing_extensions import Self

T = TypeVar("T")


class AsyncNotificationsAPIClient(ClientCore):
    """`NotificationsAPIClient` for asyncio: the same methods, arguments, answers and errors, to be awaited.

    Use it in `async with`, or await `close`. Up to `connections` requests are under way at a time; more wait.

    Args:
        api_key: as for `NotificationsAPIClient`, like the arguments after it.
        base_url: where the API is.
        timeout: seconds, or a pair for connecting and reading.
        retries: see `Retries.of`.
        connections: how many connections are opened at most.
    """

    def __init__(
        self,
        api_key: str,
        base_url: str = GOV_UK_NOTIFY,
        timeout: Timeout = 30,
        *,
        retries: Union[Retries, bool, int, None] = None,
        connections: int = 100,
    ) -> None:
        super().__init__(api_key, base_url, timeout, retries=retries)
        self.connections = connections
        self._proxy = _proxy_for(base_url)
        self.request_session: Optional[aiohttp.ClientSession] = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        if self.request_session is not None:
            await self.request_session.close()
            self.request_session = None

    async def send_sms_notification(
        self,
        phone_number: str,
        template_id: str,
        personalisation: Optional[Mapping[str, Any]] = None,
        reference: Optional[str] = None,
        sms_sender_id: Optional[str] = None,
        *,
        idempotency_key: Optional[str] = None,
    ) -> answers.SentSms:
        """Send a text; see `NotificationsAPIClient.send_sms_notification`."""
        call = _calls.send_sms(phone_number, template_id, personalisation, reference, sms_sender_id)
        return await self._perform(call, idempotency_key)

    async def send_email_notification(
        self,
        email_address: str,
        template_id: str,
        personalisation: Optional[Mapping[str, Any]] = None,
        reference: Optional[str] = None,
        email_reply_to_id: Optional[str] = None,
        one_click_unsubscribe_url: Optional[str] = None,
        sanitise_content_for: Optional[Iterable[str]] = None,
        *,
        idempotency_key: Optional[str] = None,
    ) -> answers.SentEmail:
        """Send an email; see `NotificationsAPIClient.send_email_notification`."""
        call = _calls.send_email(
            email_address,
            template_id,
            personalisation,
            reference,
            email_reply_to_id,
            one_click_unsubscribe_url,
            sanitise_content_for,
        )
        return await self._perform(call, idempotency_key)

    async def send_letter_notification(
        self,
        template_id: str,
        personalisation: Mapping[str, Any],
        reference: Optional[str] = None,
        *,
        idempotency_key: Optional[str] = None,
    ) -> answers.SentLetter:
        """Send a letter; see `NotificationsAPIClient.send_letter_notification`."""
        call = _calls.send_letter(template_id, personalisation, reference)
        return await self._perform(call, idempotency_key)

    async def send_precompiled_letter_notification(
        self,
        reference: str,
        pdf_file: IO[bytes],
        postage: Optional[str] = None,
        *,
        idempotency_key: Optional[str] = None,
    ) -> answers.SentPrecompiledLetter:
        """Send a PDF; see `NotificationsAPIClient.send_precompiled_letter_notification`."""
        call = _calls.send_precompiled_letter(reference, pdf_file, postage)
        return await self._perform(call, idempotency_key)

    async def get_notification_by_id(self, id: str) -> answers.Notification:  # noqa: A002 - as in the other client
        """Look up one message by its id."""
        return await self._perform(_calls.get_notification(id))

    async def get_pdf_for_letter(self, id: str) -> io.BytesIO:  # noqa: A002 - as in the other client
        """Fetch a letter's PDF; `PDFNotReadyError` while it is being made."""
        call = _calls.get_pdf(id)
        return await self._exchange(self._outgoing(call.method, call.path, None, None, None), _file)

    async def get_all_notifications(
        self,
        status: Choice = None,
        template_type: Choice = None,
        reference: Optional[str] = None,
        older_than: Optional[str] = None,
        include_jobs: Optional[bool] = None,
    ) -> answers.NotificationPage:
        """Fetch one page of messages; see `NotificationsAPIClient.get_all_notifications`."""
        call = _calls.get_notifications(status, template_type, reference, older_than, include_jobs)
        return await self._perform(call)

    async def get_all_notifications_iterator(
        self,
        status: Choice = None,
        template_type: Choice = None,
        reference: Optional[str] = None,
        older_than: Optional[str] = None,
        include_jobs: Optional[bool] = None,
    ) -> AsyncIterator[answers.Notification]:
        """Go through all messages, newest first, fetching pages as they are needed."""
        while True:
            page = await self.get_all_notifications(
                status, template_type, reference, older_than, include_jobs
            )
            for notification in page["notifications"]:
                yield notification
            older_than = next_older_than(page, "notifications")
            if older_than is None:
                return

    async def get_received_texts(self, older_than: Optional[str] = None) -> answers.ReceivedTextPage:
        """Fetch one page of received texts, newest first, from before the one with the id `older_than`."""
        return await self._perform(_calls.get_received_texts(older_than))

    async def get_received_texts_iterator(
        self, older_than: Optional[str] = None
    ) -> AsyncIterator[answers.ReceivedText]:
        """Go through all received texts, newest first, fetching pages as they are needed."""
        while True:
            page = await self.get_received_texts(older_than)
            for text in page["received_text_messages"]:
                yield text
            older_than = next_older_than(page, "received_text_messages")
            if older_than is None:
                return

    async def get_template(self, template_id: str) -> answers.Template:
        """Look up a template's latest version."""
        return await self._perform(_calls.get_template(template_id))

    async def get_template_version(self, template_id: str, version: int) -> answers.Template:
        """Look up one version of a template."""
        return await self._perform(_calls.get_template_version(template_id, version))

    async def get_all_templates(self, template_type: Optional[str] = None) -> answers.TemplateList:
        """Fetch all templates, or those of one type."""
        return await self._perform(_calls.get_templates(template_type))

    async def get_all_template_versions(self, template_id: str) -> answers.TemplateVersions:
        """Fetch all versions of a template."""
        return await self._perform(_calls.get_template_versions(self.service_id, template_id))

    async def post_template_preview(
        self, template_id: str, personalisation: Mapping[str, Any]
    ) -> answers.TemplatePreview:
        """See a template filled in with `personalisation`, without sending anything."""
        return await self._perform(_calls.preview_template(template_id, personalisation))

    async def wait_for_status(
        self,
        id: str,  # noqa: A002 - as in the other client
        statuses: Choice = None,
        *,
        timeout: float = 60,
    ) -> answers.Notification:
        """Ask until a message has a status; see `NotificationsAPIClient.wait_for_status`."""
        watch = StatusWatch(statuses, timeout)
        while True:
            notification = await self.get_notification_by_id(id)
            if watch.is_over(notification):
                return notification
            await asyncio.sleep(watch.pause())

    async def send_many(
        self,
        messages: Messages,
        *,
        concurrency: int = 16,
        rate_limit: Optional[float] = 3000,
        results: ResultPath = None,
        progress: ShowProgress = None,
    ) -> List[Outcome]:
        """Send many messages; see `NotificationsAPIClient.send_many`."""
        run = BulkRun(messages, self.retries, rate_limit, results, progress, concurrency)
        workers = [asyncio.ensure_future(self._work(run)) for _ in range(concurrency)]
        try:
            await asyncio.gather(*workers)
        except BaseException:
            run.stop()
            await asyncio.gather(*workers, return_exceptions=True)
            run.abandon()
            raise
        return run.close()

    async def _work(self, run: BulkRun) -> None:
        for task in run.tasks():
            await self._send_task(run, task)

    async def _send_task(self, run: BulkRun, task: Task) -> None:
        outgoing = self._outgoing(task.call.method, task.call.path, task.call.data, None, None)
        tries = Tries(outgoing, run.retries, is_send=True, pacer=run.pacer)
        try:
            answer = await self._try(tries, lambda: self._read(run.as_tried(task, outgoing, tries), _json))
            run.accepted(task, answer)
        except APIError as error:
            run.failed(task, error)

    async def _perform(self, call: Call[T], key: Optional[str] = None) -> T:
        outgoing = self._outgoing(call.method, call.path, call.data, call.params, key)
        answer: T = await self._exchange(outgoing, _json)
        return answer

    async def _exchange(self, outgoing: Outgoing, read: Callable[[Answer], T]) -> T:
        return await self._try(self._tries(outgoing), lambda: self._read(outgoing, read))

    @staticmethod
    async def _try(tries: Tries, call: Callable[[], Awaitable[T]]) -> T:
        while True:
            wait = tries.wait()
            if wait:
                await asyncio.sleep(wait)
            try:
                return await call()
            except APIError as error:
                tries.failed(error)

    async def _read(self, outgoing: Outgoing, read: Callable[[Answer], T]) -> T:
        return read(await self._ask(outgoing))

    async def _ask(self, outgoing: Outgoing) -> Answer:
        try:
            answer = await self._send(outgoing)
        except asyncio.TimeoutError as error:
            raise RequestTimeoutError from error
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError from error
        if answer.status_code >= 400:
            raise error_from(answer)
        return answer

    async def _send(self, outgoing: Outgoing) -> Answer:
        if self.request_session is None:
            self.request_session = self._session()
        async with self.request_session.request(
            outgoing.method,
            outgoing.url,
            headers=self._headers(outgoing),
            data=outgoing.body,
            params=list(outgoing.query_pairs()),
            proxy=self._proxy,
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    def _session(self) -> aiohttp.ClientSession:
        connect, read = self.timeout if isinstance(self.timeout, tuple) else (self.timeout, self.timeout)
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self.connections),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect, sock_read=read),
        )


def _proxy_for(base_url: str) -> Optional[str]:
    # aiohttp would look for it on each request, and for ~/.netrc on a thread, half of a request's time.
    proxy = select_proxy(base_url, get_environ_proxies(base_url))
    return proxy if proxy and urlsplit(proxy).scheme in {"http", "https"} else None


def _json(answer: Answer) -> Any:
    if answer.status_code == 204:
        return None
    try:
        return answer.json()
    except ValueError as error:
        raise InvalidResponse(answer, "No JSON response object could be decoded") from error


def _file(answer: Answer) -> io.BytesIO:
    return io.BytesIO(answer.content)
