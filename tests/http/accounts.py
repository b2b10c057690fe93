"""What tests of accounts share: questions in JSON, people, and the mails that they get, which are
files in the data folder.
"""
import email
import email.policy
import json
import re

from conftest import settle

ANNA, PASSWORD = "anna@home.example", "three tall giraffes sing"
PUBLIC = "https://films.example"


def call(server, method, path, members=None, token=None, fields=()):
    """`fields`: more lines of the head; a Host among them stands in place of ours."""
    body = b"" if members is None else json.dumps(members).encode()
    head = [*fields, f"Content-Length: {len(body)}"]
    if not any(field.startswith("Host:") for field in fields):
        head.insert(0, "Host: localhost")
    if token:
        head.append(f"Authorization: Bearer {token}")
    if members is not None:
        head.append("Content-Type: application/json")
    lines = "\r\n".join([f"{method} {path} HTTP/1.1", *head])
    return server.ask(f"{lines}\r\n\r\n".encode() + body)


def was(answer, status, code=None):
    assert answer.status == status, answer
    assert code is None or answer.json["code"] == code, answer
    return answer


def auth(server, what, members, **more):
    return call(server, "POST", f"/v1/auth/{what}", members, **more)


def login(server, address, password=PASSWORD, **more):
    return auth(server, "login", {"email": address, "password": password}, **more)


def register(server, address, **more):
    return auth(server, "register", {"email": address, "password": PASSWORD, "name": "Anna", **more})


def mails(server, to):
    """Those to an address, the oldest first."""
    found = []
    for path in sorted((server.data / "mail").glob("*.eml")):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if any(a.addr_spec == to for a in mail["to"].addresses):
            found.append(mail)
    return found


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def newest(server, to, path):
    """The token behind the newest link to a page of the site that was mailed; None: no such mail."""
    for mail in reversed(mails(server, to)):
        found = re.search(re.escape(f"{PUBLIC}/{path}#token=") + r"([\w-]+)", text_of(mail))
        if found:
            return found[1]
    return None


def mailed(server, to, path, but=None):
    """The same, once there is one other than `but`."""
    settle(lambda: newest(server, to, path) not in (None, but))
    return newest(server, to, path)


def join(server, address):
    """Registers and verifies; the token that did it."""
    was(register(server, address), 202)
    token = mailed(server, address, "verify-email")
    was(auth(server, "email/verify", {"token": token}), 204)
    return token


def signed_in(server, address, password=PASSWORD):
    return was(login(server, address, password), 200).json
