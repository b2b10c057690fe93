"""Attacks on accounts over HTTP: finding out who has one, guessing, tokens in the wrong place, members
that nobody may set, forged hosts, secrets that are left lying about.
"""
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts import (ANNA, PASSWORD, PUBLIC, auth, call, join, login, mailed, mails, register, signed_in, text_of, was)
from conftest import settle

BERT, NOBODY = "bert@home.example", "nobody@home.example"
WRONG = "four short giraffes hum"


@pytest.fixture
def site(start):
    """site(CINEMA_X="1"): a server with a public address."""
    def run(**settings):
        return start(CINEMA_PUBLIC_URL=PUBLIC, CINEMA_MAIL_FROM="films@films.example", **settings)
    return run


def at_once(function, arguments):
    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(function, arguments))


# --- who has an account --------------------------------------------------------------------------
def seen(answer):
    """All that a client sees of an answer but the time and the request's own id."""
    fields = [(name, value) for name, value in answer.fields if name not in ("date", "x-request-id")]
    assert len(fields) >= len(answer.fields) - 2
    body = answer.body.replace((answer["x-request-id"] or "-").encode(), b"ID")
    return answer.status, fields, body


@pytest.fixture
def people(site):
    """A server that knows anna, who is verified, bert, who is not, and disabled@home.example."""
    server = site(CINEMA_LIMIT_MAIL_ACCOUNT="off", CINEMA_LIMIT_REGISTER_ADDRESS="off")
    join(server, ANNA)
    was(register(server, BERT), 202)
    gone = {"email": "disabled@home.example", "password": PASSWORD, "name": "Dora"}
    user = was(call(server, "POST", "/v1/users", gone, server.token), 201).json
    was(call(server, "PATCH", f"/v1/users/{user['id']}", {"status": "disabled"}, server.token), 200)
    return server


@pytest.mark.parametrize("what, members, status", [
    ("login", {"password": WRONG}, 401),
    ("register", {"password": PASSWORD, "name": "Eve"}, 202),
    ("password/forgot", {}, 202),
    ("email/resend", {}, 202),
])
def test_an_answer_does_not_tell_who_has_an_account(people, what, members, status):
    known = (ANNA, ANNA.upper(), BERT, "disabled@home.example")
    answers = [seen(auth(people, what, {"email": address, **members})) for address in (NOBODY, *known)]
    assert answers[0][0] == status
    assert answers[1:] == answers[:1] * len(known)


def test_where_guessing_ends_it_ends_for_nobody_too(site):
    server = site(CINEMA_LIMIT_SIGN_IN_ACCOUNT="2/1d")
    join(server, ANNA)
    told = [[seen(login(server, address, WRONG))[::2] for _ in range(3)] for address in (ANNA, NOBODY)]
    assert [status for status, _ in told[0]] == [401, 401, 429]
    assert told[0] == told[1]


# --- guessing ------------------------------------------------------------------------------------
LIMIT = 10


def guesses(server, address_of, fields_of=lambda i: ()):
    """How many of forty guesses at once were looked at; the others were refused by the limit."""
    answers = at_once(lambda i: login(server, address_of(i), WRONG, fields=fields_of(i)).status, range(40))
    assert set(answers) <= {401, 429}, answers
    return answers.count(401)


def spelt(i):
    """One address, spelt in a thousand ways."""
    return "".join(c.upper() if i >> n & 1 else c for n, c in enumerate(ANNA))


def test_many_spellings_at_once_are_one_account(site):
    server = site(CINEMA_LIMIT_SIGN_IN_ACCOUNT=f"{LIMIT}/1d", CINEMA_LIMIT_SIGN_IN_ADDRESS="off")
    join(server, ANNA)
    assert 0 < guesses(server, spelt) <= 1.2 * LIMIT + 5
    was(login(server, spelt(5), WRONG), 429, "limited")
    answer = was(login(server, ANNA), 429, "limited")  # even the right one
    assert int(answer["retry-after"]) > 0


def test_headers_make_nobody_another_client(site):
    server = site(CINEMA_LIMIT_SIGN_IN_ADDRESS=f"{LIMIT}/1d", CINEMA_LIMIT_SIGN_IN_ACCOUNT="off")
    join(server, ANNA)

    def fields(i):
        return (f"X-Forwarded-For: 192.0.2.{i}", f"Forwarded: for=192.0.2.{i}", f"X-Real-IP: 192.0.2.{i}",
                f"User-Agent: Browser {i}")
    assert 0 < guesses(server, lambda i: f"user{i}@home.example", fields) <= 1.2 * LIMIT + 5
    was(login(server, ANNA, WRONG, fields=fields(77)), 429, "limited")


# --- tokens in the wrong place -------------------------------------------------------------------
def test_a_token_is_good_for_its_own_purpose_only(site):
    server = site()
    verification = join(server, ANNA)
    tokens = signed_in(server, ANNA)
    was(auth(server, "password/forgot", {"email": ANNA}), 202)
    reset = mailed(server, ANNA, "reset-password")
    for token in (tokens["refresh_token"], verification, reset):
        was(call(server, "GET", "/v1/me", token=token), 401)
    for token in (tokens["access_token"], verification, reset):
        assert auth(server, "refresh", {"refresh_token": token}).status in (400, 401)
    for token in (verification, tokens["refresh_token"]):
        was(auth(server, "password/reset", {"token": token, "new_password": WRONG}), 400)
    was(auth(server, "email/verify", {"token": reset}), 400)
    assert signed_in(server, ANNA)


@pytest.mark.parametrize("size", [8 << 10, 100 << 10])
def test_a_token_without_end_is_refused(site, size):
    server = site()
    join(server, ANNA)
    token = signed_in(server, ANNA)["access_token"]
    for long in ("x" * size, token + "x" * size, token + "." * size):
        assert call(server, "GET", "/v1/me", token=long).status in (401, 431)
    assert auth(server, "refresh", {"refresh_token": "x" * size}).status == 400
    assert auth(server, "email/verify", {"token": "x" * size}).status == 400
    was(call(server, "GET", "/v1/me", token=token), 200)


# --- members that nobody may set -----------------------------------------------------------------
EXTRA = {"roles": ["administrator"], "permissions": ["user.write"], "is_admin": True, "status": "active",
         "id": "0192f0c1-2345-7000-8000-000000000001", "email_verified": True,
         "email_verified_at": "2026-01-01T00:00:00Z", "created_at": "2020-01-01T00:00:00Z", "delete_at": None,
         "password_hash": "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAA", "session_id": "x",
         "client": {"address": "192.0.2.1"}, "__proto__": {"roles": ["administrator"]}}


def refused_member(answer, name):
    was(answer, 400)
    assert [(e["field"], e["rule"]) for e in answer.json["errors"]] == [(name, "unknown_field")], answer


def test_registering_sets_nothing_but_what_is_asked_for(site):
    server = site()
    for name, value in EXTRA.items():
        refused_member(register(server, ANNA, **{name: value}), name)
    was(login(server, ANNA), 401, "invalid_credentials")
    assert not mails(server, ANNA)


def test_one_changes_nothing_of_oneself_but_name_and_language(site):
    server = site()
    join(server, ANNA)
    token = signed_in(server, ANNA)["access_token"]
    before = was(call(server, "GET", "/v1/me", token=token), 200).json
    for name, value in {**EXTRA, "email": BERT, "password": WRONG}.items():
        refused_member(call(server, "PATCH", "/v1/me", {"name": "Eve", name: value}, token), name)
    assert was(call(server, "GET", "/v1/me", token=token), 200).json == before
    assert (before["name"], before["roles"]) == ("Anna", ["viewer"])


# --- lost passwords ------------------------------------------------------------------------------
def test_a_reset_token_is_good_once_though_many_use_it_together(site):
    server = site()
    join(server, ANNA)
    was(auth(server, "password/forgot", {"email": ANNA}), 202)
    token = mailed(server, ANNA, "reset-password")

    def reset(i):
        return auth(server, "password/reset", {"token": token, "new_password": f"{WRONG} {i}"})
    answers = at_once(reset, range(8))
    assert sorted(a.status for a in answers) == [204] + [400] * 7, answers
    assert all(a.json["code"] == "invalid_token" for a in answers if a.status == 400)
    won = [a.status for a in answers].index(204)
    for i in range(8):
        was(login(server, ANNA, f"{WRONG} {i}"), 200 if i == won else 401)
    was(reset(9), 400, "invalid_token")


@pytest.mark.parametrize("fields", [
    ("Host: evil.example",),
    ("X-Forwarded-Host: evil.example", "X-Forwarded-Proto: http", "Forwarded: host=evil.example"),
    ("Origin: https://evil.example", "Referer: https://evil.example/"),
])
def test_a_forged_host_does_not_get_into_mails(site, fields):
    server = site(CINEMA_TRUSTED_PROXIES="127.0.0.1")
    join(server, ANNA)
    was(auth(server, "password/forgot", {"email": ANNA}, fields=fields), 202)
    assert mailed(server, ANNA, "reset-password")
    assert b"evil" not in mails(server, ANNA)[-1].as_bytes()


# --- sign-ins from somewhere new -----------------------------------------------------------------
def test_a_sign_in_from_a_new_device_is_told_and_one_from_a_known_one_is_not(site):
    server = site(CINEMA_TRUSTED_PROXIES="127.0.0.1")
    laptop = "User-Agent: Laptop/1.0", "X-Forwarded-For: 192.0.2.7"
    evil = ("User-Agent: Laptop/1.1 <b>call us</b>{link}", "X-Forwarded-For: 203.0.113.5")

    def told():
        return [mail for mail in mails(server, ANNA) if mail["subject"] == "New sign-in to your account"]
    join(server, ANNA)
    for fields in (laptop, laptop, evil):
        was(login(server, ANNA, fields=fields), 200)
    settle(told)
    assert len(told()) == 1
    lines = text_of(told()[0]).splitlines()
    assert "Device: Laptop/1.1 <b>call us</b>{link}" in lines and "Address: 203.0.113.5" in lines
    assert "<b>" not in told()[0].get_body(("html",)).get_content()


# --- header injection ----------------------------------------------------------------------------
BREAKS = "\r\n", "\n", "\r", "\0", "\u2028", "\u0085", "\x0b"


@pytest.mark.parametrize("lines", BREAKS, ids=ascii)
def test_no_header_of_a_mail_can_be_written_by_a_client(site, lines):
    server = site()
    tail = f"{lines}Bcc: eve@evil.example{lines}{lines}<b>Hello"
    was(register(server, ANNA + tail), 400)
    was(register(server, f"anna{tail}@home.example"), 400)
    answer = register(server, ANNA, name="Anna" + tail, locale="en")
    assert answer.status in (202, 400), answer
    if answer.status == 202:
        settle(lambda: mails(server, ANNA))
        mail = mails(server, ANNA)[0]
        assert mail["bcc"] is None and len(mail["to"].addresses) == 1
        assert "<b>" not in mail.get_body(("html",)).get_content()
    assert not mails(server, "eve@evil.example")


# --- secrets -------------------------------------------------------------------------------------
MARKED = "marked giraffes sing one", "marked giraffes sing two", "marked giraffes sing three"


def story(server):
    """Registers, verifies, signs in, refreshes, resets, changes, signs out: answers and secrets."""
    def note(answer, status, *names):
        answers.append(was(answer, status))
        secrets.extend(answer.json[name] for name in names)
        return answer
    answers, secrets, pair = [], [*MARKED], ("access_token", "refresh_token")
    note(auth(server, "register", {"email": ANNA, "password": MARKED[0], "name": "Anna"}), 202)
    secrets.append(mailed(server, ANNA, "verify-email"))
    note(auth(server, "email/verify", {"token": secrets[-1]}), 204)
    note(login(server, ANNA, MARKED[1]), 401)
    note(login(server, ANNA, MARKED[0]), 200, *pair)
    note(auth(server, "refresh", {"refresh_token": secrets[-1]}), 200, *pair)
    note(auth(server, "password/forgot", {"email": ANNA}), 202)
    secrets.append(mailed(server, ANNA, "reset-password"))
    note(auth(server, "password/reset", {"token": secrets[-1], "new_password": MARKED[1]}), 204)
    me = note(login(server, ANNA, MARKED[1]), 200, *pair).json["access_token"]
    note(call(server, "PUT", "/v1/me/password", {"password": MARKED[1], "new_password": MARKED[2]}, me), 204)
    note(call(server, "POST", "/v1/me/totp", token=me), 200, "secret")
    note(call(server, "GET", f"/v1/me?access_token={me}", token=me), 400)
    note(call(server, "GET", "/v1/me", token=me), 200)
    note(auth(server, "logout", None, token=me), 204)
    note(call(server, "GET", "/v1/me", token=me), 401)
    return answers, secrets


def rows(path):
    """All that is in a database as text, and the file's own bytes."""
    with sqlite3.connect(path) as database:
        dump = "\n".join(database.iterdump())
    return dump.encode() + b"".join(p.read_bytes() for p in path.parent.glob(path.name + "*"))


def test_no_secret_is_left_lying_about(site, tmp_path):
    server = site(CINEMA_LOG="debug", CINEMA_ACCESS_LOG=str(tmp_path / "access"))
    answers, secrets = story(server)
    audit = was(call(server, "GET", "/v1/audit?limit=100", token=server.token), 200)
    assert {"user.register", "password.reset"} <= {entry["action"] for entry in audit.json["items"]}
    settle(lambda: (tmp_path / "access").read_text().count('"status"') > len(answers))
    places = {"log": server.log.encode(), "access log": (tmp_path / "access").read_bytes(),
              "audit": audit.body, "database": rows(server.data / "cinema.db")}
    found = [(place, secret) for place, text in places.items() for secret in secrets if secret.encode() in text]
    assert not found
    assert all(len(text) > 100 for text in places.values())


def test_answers_with_tokens_are_kept_by_nobody_and_set_no_cookie(site):
    server = site(CINEMA_EMAIL_VERIFICATION="optional")
    first = was(register(server, ANNA), 201)
    second = was(auth(server, "refresh", {"refresh_token": first.json["refresh_token"]}), 200)
    third = was(login(server, ANNA), 200)
    for answer in (first, second, third):
        assert "access_token" in answer.json and answer["cache-control"] == "no-store"


def test_nothing_but_signing_in_elsewhere_sets_a_cookie(site):
    answers, _ = story(site())
    for answer in answers:
        assert answer["set-cookie"] is None, answer
        assert "access_token" not in (answer.json if answer.body else {}) or answer["cache-control"] == "no-store"
