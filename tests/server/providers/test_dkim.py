"""Signed emails: what an independent verifier makes of them, whole and tampered with."""

import re
from base64 import b64encode
from uuid import UUID

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pillarbox.providers.base import EmailMessage
from pillarbox.providers.dkim import Signer, UnfitKeyError, read_key
from pillarbox.providers.mime import build

ID = UUID("0198c0de-0000-7000-8000-00000000000a")
RSA = rsa.generate_private_key(65537, 2048)
ED25519 = ed25519.Ed25519PrivateKey.generate()
ONE_CLICK = {
    "List-Unsubscribe": f"<https://example.com/unsubscribe/{'a1b2' * 100}?token={'x' * 300}>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}


def pem(key, password=None):
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, encryption).decode()


def record(name, timeout=5):
    """What the domain's DNS says, for dkimpy."""
    selector = name.partition(b".")[0]
    public = {b"r": RSA, b"e": ED25519}[selector].public_key()
    if selector == b"e":
        raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return b"v=DKIM1; k=ed25519; p=" + b64encode(raw)
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + b64encode(der)


SIGNERS = [Signer("notify.example.org", "r", RSA), Signer("notify.example.org", "e", ED25519)]
both = pytest.mark.parametrize("signer", SIGNERS, ids=["rsa", "ed25519"])


def email(**more):
    given = {
        "from_name": "Some Service",
        "subject": "News",
        "plain": "Hello\n",
        "html": "<p>Hello</p>\n",
    } | more
    return build(
        EmailMessage(ID, ID, from_address="some.service@notify.example.org", to="jo@example.com", **given)
    )


def holds(signed):
    return dkim.verify(signed, dnsfunc=record)


@both
def test_a_verifier_believes_the_signature(signer):
    signed = signer.sign(email(headers=ONE_CLICK, reply_to="reply@example.com"))
    assert holds(signed)
    assert max(map(len, signed.partition(b"\r\nFrom:")[0].split(b"\r\n"))) <= 78


@both
@settings(max_examples=30)
@given(
    subject=st.text(max_size=100),
    name=st.text(max_size=100),
    plain=st.text(max_size=300),
    html=st.text(st.sampled_from(" \t\n\r.=x€"), max_size=300),
)
@example(subject="  two  spaces ", name="Gŵyl, " * 30, plain="a  b \t\n\n\n", html="\n\n")
def test_whatever_is_in_it(signer, subject, name, plain, html):
    assert holds(signer.sign(email(subject=subject, from_name=name, plain=plain, html=html)))


@pytest.mark.parametrize(
    "body",
    [b"", b"\r\n", b"\r\n\r\n", b"x", b"x\r\n\r\n", b" \r\n", b"a  b\t \r\n\t\r\n", b" \t \r\nx \r\n \r\n"],
)
def test_bodies_of_any_form_are_signed_in_their_relaxed_form(body):
    head = b"From: a@notify.example.org\r\nSubject:  two   spaces \r\n\tand a fold\r\n\r\n"
    assert holds(SIGNERS[0].sign(head + body))


TAMPERED = [
    (b"Hello", b"Adieu"),
    (b"Subject: News", b"Subject: Olds"),
    (b"To: jo@", b"To: zoe@"),
    (b"unsubscribe/a1b2", b"unsubscribe/eve"),
    (b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two-Click"),
    (b"\r\nFrom:", b"\r\nFrom: eve@example.com\r\nFrom:"),
    (b"\r\nSubject:", b"\r\nSubject: Olds\r\nSubject:"),
    (b"\r\nFrom:", b"\r\nReply-To: eve@example.com\r\nFrom:"),
    (b"d=notify.example.org", b"d=notify.example.net"),
]


@both
@pytest.mark.parametrize(("there", "instead"), TAMPERED)
def test_what_was_changed_or_added_breaks_the_signature(signer, there, instead):
    signed = signer.sign(email(headers=ONE_CLICK))
    changed = signed.replace(there, instead)
    assert changed != signed
    assert not holds(changed)


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        (b"</p>\r\n", b"</p> \t\r\n"),
        (b"Subject: News", b"SUBJECT:   News "),
        (b"--\r\n", b"--  \r\n\r\n\r\n"),
    ],
)
def test_what_relays_do_to_white_space_does_not(there, instead):
    assert holds(SIGNERS[0].sign(email()).replace(there, instead))


def test_both_unsubscribe_headers_are_signed():
    """RFC 8058, section 4: else mail programs show no button."""
    signed = SIGNERS[0].sign(email(headers=ONE_CLICK)).decode()
    names = re.sub(r"\s", "", re.search(r"\bh=([^;]*);", signed)[1]).split(":")
    assert {"list-unsubscribe", "list-unsubscribe-post"} <= set(names)
    assert names.count("from") == 2


@pytest.mark.parametrize("key", [RSA, ED25519], ids=["rsa", "ed25519"])
def test_keys_are_read_from_pem(key):
    signed = Signer("notify.example.org", "r" if key is RSA else "e", read_key(pem(key))).sign(email())
    assert holds(signed)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no private key in PEM"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no private key in PEM"),
        (pem(RSA, b"secret"), "without a password"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "must be an RSA key"),
    ],
)
def test_what_is_no_key_for_this_is_said_so(text, says):
    with pytest.raises(UnfitKeyError, match=says):
        read_key(text)
