"""Accounts on two processes with one PostgreSQL and one Redis, without that Redis, behind a pooler,
and a server that is killed before a mail has left.
"""
import base64
import itertools
import json
import os
import signal
import subprocess
import time

import pytest

from accounts import ANNA, PASSWORD, PUBLIC, auth, call, join, login, mailed, mails, register, signed_in, was
from conftest import Server, Service, ended_well, http, start  # noqa: F401

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
WRONG = "four short giraffes hum"
LIMIT = 5
numbers = itertools.count(1)


@pytest.fixture
def settings(postgres):
    """Those of all processes on one new database."""
    database = postgres.database(f"accounts_{next(numbers)}")
    return {"CINEMA_DATABASE_URL": database, "CINEMA_KEY": KEY, "CINEMA_PUBLIC_URL": PUBLIC,
            "CINEMA_MAIL_FROM": "films@films.example"}


@pytest.fixture
def pooled(settings):
    """The same behind a pooler."""
    direct = settings["CINEMA_DATABASE_URL"]
    pooler = Service("pgbouncer.sh", direct)
    yield {**settings, "CINEMA_DATABASE_URL": pooler.url, "CINEMA_DATABASE_DIRECT_URL": direct}
    pooler.stop()


@pytest.fixture
def two(start, settings, redis):
    """two(CINEMA_X="1"): two servers; only the first sends mails."""
    def run(**more):
        both = {**settings, "CINEMA_REDIS_URL": redis.url, **more}
        return start(**both), start(**both, CINEMA_OUTBOX="off")
    return run


def me(server, token):
    return call(server, "GET", "/v1/me", token=token).status


def test_a_session_that_ends_on_one_is_refused_on_the_other_within_a_second(two):
    one, other = two()
    join(one, ANNA)
    logged_out, ended, changed = (signed_in(one, ANNA)["access_token"] for _ in range(3))
    assert [me(other, token) for token in (logged_out, ended, changed)] == [200, 200, 200]

    def refused_in_a_second(*tokens):
        time.sleep(1)
        assert [me(other, token) for token in tokens] == [401] * len(tokens)
    was(auth(one, "logout", None, token=logged_out), 204)
    refused_in_a_second(logged_out)
    assert me(other, ended) == 200
    was(call(one, "PUT", "/v1/me/password", {"password": PASSWORD, "new_password": WRONG}, changed), 204)
    refused_in_a_second(ended)
    assert me(other, changed) == 200
    was(call(other, "DELETE", "/v1/me/sessions", token=changed), 204)
    time.sleep(1)
    assert me(one, changed) == 401


def test_a_disabled_account_is_out_on_every_process_within_a_second(two):
    one, other = two()
    join(one, ANNA)
    tokens = signed_in(other, ANNA)
    user = was(call(one, "GET", "/v1/me", token=tokens["access_token"]), 200).json
    was(call(one, "PATCH", f"/v1/users/{user['id']}", {"status": "disabled"}, one.token), 200)
    time.sleep(1)
    assert me(other, tokens["access_token"]) == 401
    was(auth(other, "refresh", {"refresh_token": tokens["refresh_token"]}), 401)
    was(login(other, ANNA), 403, "account_disabled")


def key_of(token):
    head = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"]


def rotate(settings):
    env = {name: os.environ[name] for name in http.KEPT if name in os.environ}
    subprocess.run([http.BINARY, "call", "key.rotate"], env={**env, **settings}, check=True,
                   stdout=subprocess.DEVNULL, timeout=http.TIMEOUT)


def test_keys_that_are_rotated_elsewhere_are_taken_at_once(start, settings):
    one = start(**settings)
    join(one, ANNA)
    before = signed_in(one, ANNA)["access_token"]
    time.sleep(1)  # keys are read again at most once a second
    rotate(settings)
    other = start(**settings)
    after = signed_in(other, ANNA)["access_token"]
    assert key_of(before) != key_of(after)
    assert [me(server, token) for server in (one, other) for token in (before, after)] == [200] * 4
    for server in (one, other):
        keys = was(call(server, "GET", "/.well-known/jwks.json"), 200).json["keys"]
        assert {key["kid"] for key in keys} == {key_of(before), key_of(after)}


def looked_at(*servers):
    """How many of twenty guesses, to one after the other, were not refused by the limit."""
    answers = [login(servers[i % len(servers)], ANNA, WRONG).status for i in range(20)]
    assert set(answers) <= {401, 429}
    return answers.count(401)


LIMITS = {"CINEMA_LIMIT_SIGN_IN_ACCOUNT": f"{LIMIT}/1d", "CINEMA_LIMIT_SIGN_IN_ADDRESS": "off"}


def test_guesses_are_counted_together(two):
    servers = two(**LIMITS)
    join(servers[0], ANNA)
    assert looked_at(*servers) == LIMIT
    for server in servers:
        was(login(server, ANNA), 429, "limited")


def test_without_redis_people_sign_in_and_each_process_counts_by_itself(two, redis):
    servers = two(**LIMITS)
    join(servers[0], ANNA)
    before = signed_in(servers[0], ANNA)["access_token"]
    redis.stop()
    for server in servers:
        assert me(server, before) == 200
        tokens = signed_in(server, ANNA)
        was(auth(server, "refresh", {"refresh_token": tokens["refresh_token"]}), 200)
        was(auth(server, "logout", None, token=tokens["access_token"]), 204)
        was(call(server, "GET", "/v1/me", token=tokens["access_token"]), 401)
    assert [looked_at(server) for server in servers] == [LIMIT, LIMIT]


def test_the_whole_story_behind_a_pooler(pooled, start):
    server = start(**pooled)
    join(server, ANNA)
    first = signed_in(server, ANNA)
    token = was(auth(server, "refresh", {"refresh_token": first["refresh_token"]}), 200).json["access_token"]
    assert was(call(server, "PATCH", "/v1/me", {"name": "Anna S."}, token), 200).json["name"] == "Anna S."
    second = signed_in(server, ANNA)
    listed = was(call(server, "GET", "/v1/me/sessions", token=token), 200).json["items"]
    assert len(listed) == 2
    other = next(s["id"] for s in listed if not s["current"])
    was(call(server, "DELETE", f"/v1/me/sessions/{other}", token=token), 204)
    was(call(server, "GET", "/v1/me", token=second["access_token"]), 401)
    was(auth(server, "password/forgot", {"email": ANNA}), 202)
    reset = {"token": mailed(server, ANNA, "reset-password"), "new_password": WRONG}
    was(auth(server, "password/reset", reset), 204)
    was(auth(server, "password/reset", reset), 400, "invalid_token")
    was(login(server, ANNA), 401, "invalid_credentials")
    token = signed_in(server, ANNA, WRONG)["access_token"]
    assert was(call(server, "POST", "/v1/me/totp", token=token), 200).json["secret"]
    assert was(call(server, "GET", "/v1/me/export", token=token), 200).json
    found = was(call(server, "GET", "/v1/users?q=anna", token=server.token), 200).json["items"]
    assert [user["email"] for user in found] == [ANNA]
    was(call(server, "DELETE", "/v1/me", {"password": WRONG}, token), 202)
    was(call(server, "GET", "/v1/me", token=token), 401)


@pytest.mark.parametrize("where", ["sqlite", "postgres"])
def test_a_mail_is_sent_though_the_server_was_killed_after_its_answer(where, tmp_path, settings):
    """The one that is killed sends none, so that there is one left to send."""
    if where == "sqlite":
        del settings["CINEMA_DATABASE_URL"]
    first = Server(tmp_path, {**settings, "CINEMA_OUTBOX": "off"})
    was(register(first, ANNA), 202)
    first.stop(signal.SIGKILL)
    assert not mails(first, ANNA)
    second = Server(tmp_path, settings)
    was(auth(second, "email/verify", {"token": mailed(second, ANNA, "verify-email")}), 204)
    assert len(mails(second, ANNA)) == 1
    signed_in(second, ANNA)
    ended_well(second)
