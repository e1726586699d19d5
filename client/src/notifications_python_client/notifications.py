"""The client: one method for each call of the API (public API contract, section 12)."""

from __future__ import annotations

import io
import time
from typing import IO, TYPE_CHECKING, Any, Iterable, Iterator, List, Mapping, Optional, TypeVar

import requests

from notifications_python_client import _calls
from notifications_python_client._calls import Call, Choice
from notifications_python_client._paging import next_older_than
from notifications_python_client._status_watch import StatusWatch
from notifications_python_client.base import BaseAPIClient, json_of
from notifications_python_client.errors import APIError
from notifications_python_client.retries import Tries

if TYPE_CHECKING:
    from notifications_python_client import answers
    from notifications_python_client._bulk_run import BulkRun, ShowProgress, Task
    from notifications_python_client._result_file import ResultPath
    from notifications_python_client.bulk import Messages, Outcome

T = TypeVar("T")


class NotificationsAPIClient(BaseAPIClient):
    """Send texts, emails and letters, and see what became of them.

    Every method raises the errors of module `errors`: `HTTPError` and its kinds for an answer of 4xx or 5xx,
    `HTTP503Error` also when no answer came, `InvalidResponse` for an answer that is not JSON. Optional
    arguments that are empty are left out of the request. The sending methods take an `idempotency_key`, under
    which the server recognises a repetition; with `retries` on they make one of their own.
    """

    def send_sms_notification(
        self,
        phone_number: str,
        template_id: str,
        personalisation: Optional[Mapping[str, Any]] = None,
        reference: Optional[str] = None,
        sms_sender_id: Optional[str] = None,
        *,
        idempotency_key: Optional[str] = None,
    ) -> answers.SentSms:
        """Send a text.

        Args:
            phone_number: the recipient.
            template_id: which template.
            personalisation: a value for each placeholder.
            reference: a name of your own for the message.
            sms_sender_id: another sender than the service's default.
            idempotency_key: see the class.

        Returns:
            What was accepted, with the message's `id`.
        """
        call = _calls.send_sms(phone_number, template_id, personalisation, reference, sms_sender_id)
        return self._perform(call, idempotency_key)

    def send_email_notification(
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
        """Send an email.

        Args:
            email_address: the recipient.
            template_id: which template.
            personalisation: a value for each placeholder; `prepare_upload` makes those that are files.
            reference: a name of your own for the message.
            email_reply_to_id: another reply-to address than the service's default.
            one_click_unsubscribe_url: https address where mail programs post a wish to leave.
            sanitise_content_for: placeholders whose values are made harmless: no links, no Markdown.
            idempotency_key: see the class.

        Returns:
            What was accepted, with the message's `id`.
        """
        call = _calls.send_email(
            email_address,
            template_id,
            personalisation,
            reference,
            email_reply_to_id,
            one_click_unsubscribe_url,
            sanitise_content_for,
        )
        return self._perform(call, idempotency_key)

    def send_letter_notification(
        self,
        template_id: str,
        personalisation: Mapping[str, Any],
        reference: Optional[str] = None,
        *,
        idempotency_key: Optional[str] = None,
    ) -> answers.SentLetter:
        """Send a letter made from a template.

        Args:
            template_id: which template.
            personalisation: the address as `address_line_1` to `address_line_7`, and other values.
            reference: a name of your own for the message.
            idempotency_key: see the class.

        Returns:
            What was accepted, with the message's `id`.
        """
        return self._perform(_calls.send_letter(template_id, personalisation, reference), idempotency_key)

    def send_precompiled_letter_notification(
        self,
        reference: str,
        pdf_file: IO[bytes],
        postage: Optional[str] = None,
        *,
        idempotency_key: Optional[str] = None,
    ) -> answers.SentPrecompiledLetter:
        """Send a letter that is a PDF already.

        Args:
            reference: a name of your own for the message.
            pdf_file: the PDF, open for reading bytes.
            postage: `first`, `second` or `economy`.
            idempotency_key: see the class.

        Returns:
            The message's `id`, reference and postage.
        """
        return self._perform(_calls.send_precompiled_letter(reference, pdf_file, postage), idempotency_key)

    def get_notification_by_id(self, id: str) -> answers.Notification:  # noqa: A002 - the published name
        """Look up one message by its id."""
        return self._perform(_calls.get_notification(id))

    def get_pdf_for_letter(self, id: str) -> io.BytesIO:  # noqa: A002 - the published name
        """Fetch a letter's PDF; `PDFNotReadyError` while it is being made."""
        call = _calls.get_pdf(id)
        return self._exchange(self._outgoing(call.method, call.path, None, None, None), _file)

    def get_all_notifications(
        self,
        status: Choice = None,
        template_type: Choice = None,
        reference: Optional[str] = None,
        older_than: Optional[str] = None,
        include_jobs: Optional[bool] = None,
    ) -> answers.NotificationPage:
        """Fetch one page of messages, newest first.

        Args:
            status: one status or several.
            template_type: `sms`, `email`, `letter`, or several of them.
            reference: only messages with this reference.
            older_than: only messages created before the one with this id.
            include_jobs: also those sent from uploaded lists.

        Returns:
            Up to 250 messages, and links.
        """
        call = _calls.get_notifications(status, template_type, reference, older_than, include_jobs)
        return self._perform(call)

    def get_all_notifications_iterator(
        self,
        status: Choice = None,
        template_type: Choice = None,
        reference: Optional[str] = None,
        older_than: Optional[str] = None,
        include_jobs: Optional[bool] = None,
    ) -> Iterator[answers.Notification]:
        """Go through all messages, newest first, fetching pages as they are needed.

        Messages that are created meanwhile are not met, and none is met twice. Arguments as for
        `get_all_notifications`.
        """
        while True:
            page = self.get_all_notifications(status, template_type, reference, older_than, include_jobs)
            yield from page["notifications"]
            older_than = next_older_than(page, "notifications")
            if older_than is None:
                return

    def get_received_texts(self, older_than: Optional[str] = None) -> answers.ReceivedTextPage:
        """Fetch one page of received texts, newest first, from before the one with the id `older_than`."""
        return self._perform(_calls.get_received_texts(older_than))

    def get_received_texts_iterator(self, older_than: Optional[str] = None) -> Iterator[answers.ReceivedText]:
        """Go through all received texts, newest first, fetching pages as they are needed."""
        while True:
            page = self.get_received_texts(older_than)
            yield from page["received_text_messages"]
            older_than = next_older_than(page, "received_text_messages")
            if older_than is None:
                return

    def get_template(self, template_id: str) -> answers.Template:
        """Look up a template's latest version."""
        return self._perform(_calls.get_template(template_id))

    def get_template_version(self, template_id: str, version: int) -> answers.Template:
        """Look up one version of a template."""
        return self._perform(_calls.get_template_version(template_id, version))

    def get_all_templates(self, template_type: Optional[str] = None) -> answers.TemplateList:
        """Fetch all templates, or those of one type."""
        return self._perform(_calls.get_templates(template_type))

    def get_all_template_versions(self, template_id: str) -> answers.TemplateVersions:
        """Fetch all versions of a template."""
        return self._perform(_calls.get_template_versions(self.service_id, template_id))

    def post_template_preview(
        self, template_id: str, personalisation: Mapping[str, Any]
    ) -> answers.TemplatePreview:
        """See a template filled in with `personalisation`, without sending anything."""
        return self._perform(_calls.preview_template(template_id, personalisation))

    def wait_for_status(
        self,
        id: str,  # noqa: A002 - as in `get_notification_by_id`
        statuses: Choice = None,
        *,
        timeout: float = 60,
    ) -> answers.Notification:
        """Ask for a message, at first five times a second, then less often, until it has a status.

        Args:
            id: the message.
            statuses: one status or several; without it any that is final.
            timeout: seconds after which to give up.

        Returns:
            The message, with that status.

        Raises:
            StatusNotReachedError: it came to a final status that was not waited for, or the time is up.
        """
        watch = StatusWatch(statuses, timeout)
        while True:
            notification = self.get_notification_by_id(id)
            if watch.is_over(notification):
                return notification
            time.sleep(watch.pause())

    def send_many(
        self,
        messages: Messages,
        *,
        concurrency: int = 8,
        rate_limit: Optional[float] = 3000,
        results: ResultPath = None,
        progress: ShowProgress = None,
    ) -> List[Outcome]:
        """Send many messages, several at a time, inside the service's rate limit.

        A message that is refused does not stop the others. Requests refused for their rate are made again;
        what got no answer is sent again only if the client has `retries`. With a result file an interrupted
        run goes on where it stopped when it is called again with the same messages: those that have their
        final outcome are not sent again, and the others go out under the same idempotency keys as before.

        Args:
            messages: texts, emails and letters in any mixture (see `bulk.Message`); taken as they are needed.
            concurrency: how many requests are under way at a time.
            rate_limit: the service's limit in requests a minute (public API contract, section 5). With None the
                messages go as fast as they are taken, and once one is refused at the pace that the refusal names.
            results: path of the result file.
            progress: called with a `bulk.Progress` after each message; True draws a bar on a terminal.

        Returns:
            The outcome of each message, in their order.

        Raises:
            ValueError: the result file is not of these messages, or `concurrency` is less than 1.
            SendingStoppedError: the key was refused, the daily limit reached, or no answer came.
        """
        # Few programs send in bulk; the others start faster without these.
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - see above

        from notifications_python_client._bulk_run import BulkRun  # noqa: PLC0415 - see above
        from notifications_python_client._plain_line import is_plain  # noqa: PLC0415 - see above
        from notifications_python_client._plain_sending import PlainSending  # noqa: PLC0415 - see above

        run = BulkRun(messages, self.retries, rate_limit, results, progress, concurrency)
        if is_plain(self):
            workers = [PlainSending(self, run, concurrency).work]
        else:
            workers = [lambda: self._work(run)] * concurrency
        with ThreadPoolExecutor(len(workers)) as pool:
            try:
                for worker in [pool.submit(work) for work in workers]:
                    worker.result()
            except BaseException:
                # Also for Ctrl-C: what is under way is seen to its end, so that its outcome is on file.
                run.stop()
                pool.shutdown()
                run.abandon()
                raise
        return run.close()

    def _work(self, run: BulkRun) -> None:
        for task in run.tasks():
            self._send_task(run, task)

    def _send_task(self, run: BulkRun, task: Task) -> None:
        outgoing = self._outgoing(task.call.method, task.call.path, task.call.data, None, None)
        tries = Tries(outgoing, run.retries, is_send=True, pacer=run.pacer)
        try:
            answer = self._try(tries, lambda: json_of(self._ask(run.as_tried(task, outgoing, tries))))
        except APIError as error:
            run.failed(task, error)
        else:
            run.accepted(task, answer)

    def _perform(self, call: Call[T], key: Optional[str] = None) -> T:
        # By way of the public verbs, which programs and their tests override.
        answer: T
        if call.method == "GET":
            answer = self.get(call.path, params=call.params)
        elif key is None:
            answer = self.post(call.path, data=call.data)
        else:
            answer = self.post(call.path, data=call.data, idempotency_key=key)
        return answer


def _file(response: requests.Response) -> io.BytesIO:
    return io.BytesIO(response.content)
