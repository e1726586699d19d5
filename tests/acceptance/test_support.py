"""What the acceptance tests stand on: programs are ended whatever they do, and mail is kept as it came."""

import signal
import smtplib
import sys
from collections import Counter

import pytest

from tests.support.ledger import Ledger
from tests.support.mail_catcher import mail_catcher
from tests.support.ports import free_port
from tests.support.processes import Program, find, lives

# Starts another that ignores every polite signal, in a session of its own, and says so.
DEAF = """
import signal, time
for number in (2, 15): signal.signal(number, signal.SIG_IGN)
print("child", flush=True)
time.sleep(600)
"""
STUBBORN = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {DEAF!r}], start_new_session=True)
print("parent", flush=True)
time.sleep(600)
"""


def python(code):
    return Program([sys.executable, "-c", code])


def test_nothing_that_a_program_started_outlives_it():
    with python(STUBBORN) as program:
        program.wait_for("^child$", 10)
        processes = program.processes()
        program.process.kill()
        program.wait(10)
        assert len(find(program.processes(), "SIG_IGN")) == 1
    assert (len(processes), [p for p in processes if lives(p)]) == (2, [])


def test_waiting_for_a_line_fails_with_the_output_when_the_program_ends():
    with python("print('something else')") as program, pytest.raises(AssertionError, match="something else"):
        program.wait_for("ready", 20)


def test_an_interrupt_reaches_the_whole_group():
    with python("print('up', flush=True)\nimport time\ntime.sleep(600)") as program:
        program.wait_for("up", 10)
        program.interrupt()
        assert program.wait(10) in (-signal.SIGINT, 1)


def test_mail_is_kept_as_it_came():
    with mail_catcher() as catcher, smtplib.SMTP("127.0.0.1", catcher.port) as client:
        client.sendmail("a@example.com", ["b@example.com"], "Subject: Hi\r\nMessage-ID: <1@x>\r\n\r\nHello")
        mail = catcher.wait_for("b@example.com")
    assert (mail.message["Subject"], mail.message_id) == ("Hi", "<1@x>")
    assert mail.part("text/plain").strip() == "Hello"
    assert catcher.counts() == Counter({"b@example.com": 1})


def test_mail_can_be_refused_once():
    with mail_catcher() as catcher, smtplib.SMTP("127.0.0.1", catcher.port) as client:
        catcher.answers.append("451 Try later")
        with pytest.raises(smtplib.SMTPDataError):
            client.sendmail("a@example.com", ["b@example.com"], "Hello")
        client.sendmail("a@example.com", ["b@example.com"], "Hello")
    assert len(catcher.mails) == 1


def test_a_port_is_on_loopback_and_below_those_that_the_kernel_gives_out():
    assert 20_000 <= free_port() < 32_000


def test_the_ledger_finds_what_is_missing_and_what_came_twice():
    ledger = Ledger()
    for number in range(3):
        ledger.accept(f"id{number}", f"to{number}")
    ledger.fail(ValueError())
    came = Counter({"to0": 2, "to1": 1})
    assert ledger.missing(came) == {"to2"}
    assert ledger.summary(came) == (
        "accepted 3, not accepted {'ValueError': 1}, handed over 3, missing 1, twice 1"
    )
