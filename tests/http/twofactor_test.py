"""Signing in with a second factor over HTTP, with an authenticator of somebody else: oathtool."""
import json
import shutil
import subprocess
import time
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

import conftest

pytestmark = pytest.mark.skipif(not shutil.which("oathtool"),
                                reason="no oathtool (apt-get install oathtool)")
EMAIL, PASSWORD = "anna@home.example", "three tall giraffes sing"


def call(server, method, path, members=None, token=None):
    body = "" if members is None else json.dumps(members)
    head = f"Authorization: Bearer {token}\r\n" if token else ""
    if members is not None:
        head += "Content-Type: application/json\r\n"
    return server.ask(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
                      f"{head}\r\n{body}".encode())


def app(secret, step=0):
    """The code of now, or so many steps later. One ahead is taken; and so is one of now when the
    next step begins before it arrives."""
    at = f"@{int(time.time()) + 30 * step}"
    return subprocess.run(["oathtool", "--totp", "--base32", "--now", at, "-"], input=secret,
                          text=True, capture_output=True, check=True).stdout.strip()


def was(answer, status, code=None):
    assert answer.status == status, answer
    assert code is None or answer.json["code"] == code, answer
    return answer


class Anna:
    """An account, signed in."""

    def __init__(self, server):
        self.server = server
        was(call(server, "POST", "/v1/auth/register",
                 {"email": EMAIL, "password": PASSWORD, "name": "Anna"}), 201)
        self.token = self.login().json["access_token"]

    def me(self, method, path, members=None):
        return call(self.server, method, f"/v1/me{path}", members, self.token)

    def turn_on(self):
        """Confirms with the code of now; the next one is left for a sign-in."""
        self.secret = was(self.me("POST", "/totp"), 200).json["secret"]
        answer = was(self.me("POST", "/totp/confirm", {"code": app(self.secret)}), 200)
        self.codes = answer.json["backup_codes"]

    def login(self):
        return was(call(self.server, "POST", "/v1/auth/login", {"email": EMAIL, "password": PASSWORD}), 200)

    def second(self, how, code):
        mfa_token = self.login().json["mfa_token"]
        return call(self.server, "POST", f"/v1/auth/login/{how}", {"mfa_token": mfa_token, "code": code})


@pytest.fixture
def anna(start):
    return Anna(start(CINEMA_EMAIL_VERIFICATION="optional",
                      CINEMA_PUBLIC_URL="https://films.example:8443/app"))


def mails(server, subject):
    return [text for text in (path.read_text() for path in (server.data / "mail").glob("*.eml"))
            if f"Subject: {subject}\n" in text.replace("\r\n", "\n")]


def test_the_app_is_told_by_an_address_that_names_site_and_account(anna):
    answer = was(anna.me("POST", "/totp"), 200)
    assert answer["cache-control"] == "no-store"
    told = urlsplit(answer.json["otpauth_uri"])
    query = parse_qs(told.query, strict_parsing=True)
    assert (told.scheme, told.netloc, unquote(told.path)) == ("otpauth", "totp", f"/films.example:{EMAIL}")
    assert query == {"secret": [answer.json["secret"]], "issuer": ["films.example"],
                     "algorithm": ["SHA1"], "digits": ["6"], "period": ["30"]}
    assert answer.json["qr_svg"].startswith("<svg ")


def test_signing_in_takes_a_code_of_the_app(anna):
    assert "access_token" in anna.login().json
    anna.turn_on()
    assert len(set(anna.codes)) == 10
    first = anna.login().json
    assert first["mfa_required"] is True and "access_token" not in first
    was(anna.second("totp", app(anna.secret)), 401, "invalid_code")  # it has confirmed the app
    code = app(anna.secret, 1)
    assert was(anna.second("totp", code), 200).json["access_token"]
    was(anna.second("totp", code), 401, "invalid_code")


def test_a_backup_code_signs_in_once_and_that_is_told(anna):
    anna.turn_on()
    careless = anna.codes[0].replace("-", " ").lower()
    assert was(anna.second("backup-code", careless), 200).json["access_token"]
    was(anna.second("backup-code", anna.codes[0]), 401, "invalid_code")
    conftest.settle(lambda: len(mails(anna.server, "A backup code was used")) == 1)
    assert was(anna.me("GET", "/totp"), 200).json["backup_codes_left"] == 9


def test_new_backup_codes_void_the_old_ones(anna):
    anna.turn_on()
    answer = was(anna.me("POST", "/backup-codes", {"password": PASSWORD, "code": app(anna.secret, 1)}), 200)
    assert answer["cache-control"] == "no-store"
    assert len(answer.json["backup_codes"]) == 10
    was(anna.second("backup-code", anna.codes[0]), 401, "invalid_code")
    was(anna.second("backup-code", answer.json["backup_codes"][0]), 200)


def test_turning_it_off_takes_password_and_code_in_the_body(anna):
    anna.turn_on()
    proof = {"password": PASSWORD, "code": anna.codes[0]}
    was(anna.me("DELETE", f"/totp?password=x&code={anna.codes[0]}"), 400, "invalid")
    was(anna.me("DELETE", "/totp"), 400, "invalid")
    was(anna.me("DELETE", "/totp", {**proof, "password": "another long password"}), 403, "invalid_credentials")
    was(anna.me("DELETE", "/totp", {**proof, "code": "000000"}), 403, "invalid_code")
    was(anna.me("DELETE", "/totp", proof), 204)
    assert anna.login().json["access_token"]


def test_guessing_ends(anna):
    anna.turn_on()
    proof = {"password": PASSWORD, "code": "000000"}
    answers = [anna.me("DELETE", "/totp", proof) for _ in range(11)]
    assert [answer.status for answer in answers] == [403] * 10 + [429]
    assert int(answers[-1]["retry-after"]) > 0
    was(anna.second("totp", app(anna.secret, 1)), 429, "limited")  # the same count


def test_it_is_told_by_mail_and_no_secret_is_in_mails_or_logs(anna):
    anna.turn_on()
    code = app(anna.secret, 1)
    was(anna.second("totp", code), 200)
    was(anna.me("DELETE", "/totp", {"password": PASSWORD, "code": anna.codes[0]}), 204)
    conftest.settle(lambda: mails(anna.server, "Two-factor sign-in is on") and
                    mails(anna.server, "Two-factor sign-in is off"))
    written = anna.server.log + "".join(path.read_text() for path in (anna.server.data / "mail").iterdir())
    for secret in (anna.secret, PASSWORD, *anna.codes):
        assert secret not in written
