"""A real HTTP server on loopback that gives prepared answers in turn and keeps what it was asked."""

import base64
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Dict, List, Optional, Tuple
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Seen:
    method: str
    path: str
    query: List[Tuple[str, str]]
    headers: Dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class StubServer:
    """Answers are as in the client cases: `status`, `headers`, and `json`, `text`, or `body_base64`."""

    answers: List[Dict[str, Any]] = field(default_factory=list)
    seen: List[Seen] = field(default_factory=list)
    connections: int = 0

    def __enter__(self):
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Two small writes in turn would otherwise wait for each other's acknowledgement.
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                stub.connections += 1

            def handle_any(self) -> None:
                stub._answer(self)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        for verb in ("GET", "POST", "PUT", "DELETE"):
            setattr(Handler, f"do_{verb}", Handler.handle_any)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def next_answer(self, seen: Seen) -> Optional[Dict[str, Any]]:
        """Give the answer to a request; tests with rules of their own replace this."""
        return self.answers.pop(0)

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        url = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        query = parse_qsl(url.query, keep_blank_values=True)
        seen = Seen(handler.command, url.path, query, dict(handler.headers), body)
        self.seen.append(seen)
        answer = self.next_answer(seen)
        if answer is None:
            handler.close_connection = True
            return
        time.sleep(answer.get("delay_seconds", 0))
        _write(handler, answer)


def _write(handler: BaseHTTPRequestHandler, answer: Dict[str, Any]) -> None:
    content, kind = _content(answer)
    handler.send_response(answer["status"])
    if content:
        handler.send_header("Content-Type", kind)
    for name, value in answer.get("headers", {}).items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def _content(answer: Dict[str, Any]) -> Tuple[bytes, str]:
    if "json" in answer:
        return json.dumps(answer["json"]).encode(), "application/json"
    if "body_base64" in answer:
        return base64.b64decode(answer["body_base64"]), answer.get("content_type", "application/octet-stream")
    return answer.get("text", "").encode(), answer.get("content_type", "text/plain")
