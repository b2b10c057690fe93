"""Signing in by real providers: npm oidc-provider (tests/rig/oidc.sh) and a server that behaves as
GitHub's (tests/rig/github-oauth.sh), with a browser that follows redirects and keeps cookies.
"""
import json
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

import conftest

RETURN_TO = "https://app.example/done"


class Browser:
    """Follows redirects as far as it knows the way: `stop` is where it looks at the address."""

    def __init__(self):
        self.jar = CookieJar()

    def visit(self, url, stop=RETURN_TO, **more):
        """Where it ends: the URL that begins with `stop`, or the answer."""
        for _ in range(20):
            if url.startswith(stop):
                return url
            if more and "response_type=code" in url:  # who signs in is said to the provider
                url += f"&{urlencode(more)}"
            request = urllib.request.Request(url)
            self.jar.add_cookie_header(request)
            try:
                answer = urllib.request.build_opener(Stay).open(request, timeout=conftest.TIMEOUT)
            except urllib.error.HTTPError as e:
                answer = e
            self.jar.extract_cookies(answer, request)
            if answer.status not in (302, 303):
                return answer
            url = urllib.parse.urljoin(url, answer.headers["Location"])
        raise AssertionError("sent from place to place")


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def value(url, name):
    assert isinstance(url, str), url.read()
    return parse_qs(urlsplit(url).query).get(name, [None])[0]


def call(server, method, path, body=None, token=None):
    request = urllib.request.Request(server.url + path, method=method,
                                     data=None if body is None else json.dumps(body).encode())
    if body is not None:
        request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=conftest.TIMEOUT) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as e:
        return e.code, json.loads(e.read())


@pytest.fixture
def site(start, service):
    """A server that knows both providers; the address it will have is needed beforehand."""
    port = conftest.free_port()
    own = f"http://127.0.0.1:{port}"
    github = service("github-oauth.sh").url
    oidc = service("oidc.sh", REDIRECT=f"{own}/v1/auth/oauth/okta/callback").url
    return start(CINEMA_LISTEN=f"127.0.0.1:{port}", CINEMA_PUBLIC_URL=own,
                 CINEMA_OAUTH_RETURN_ORIGINS="https://app.example",
                 CINEMA_OUTGOING_ALLOW=f"{github} {oidc}", **conftest.like_github(github),
                 **conftest.provider("OKTA", ISSUER=oidc))


def come_by(site, provider, **who):
    start = f"{site.url}/v1/auth/oauth/{provider}/start?{urlencode({'return_to': RETURN_TO})}"
    return Browser().visit(start, **who)


def signed_in(site, provider, **who):
    end = come_by(site, provider, **who)
    status, answer = call(site, "POST", "/v1/auth/oauth/exchange", {"code": value(end, "code")})
    assert status == 200, answer
    return answer["access_token"]


def test_github_and_an_openid_provider_sign_people_in(site):
    for provider, who in (("github", {"login": "octo"}), ("okta", {"login_hint": "alice"})):
        token = signed_in(site, provider, **who)
        status, answer = call(site, "GET", "/v1/me/identities", token=token)
        assert status == 200
        assert [i["provider"] for i in answer["items"]] == [provider]
        assert answer["items"][0]["email"] == f"{next(iter(who.values()))}@example.test"


def test_one_person_with_two_providers_is_one_account(site):
    first = signed_in(site, "github", login="alice")
    second = signed_in(site, "okta", login_hint="alice")  # the same address, verified by both
    status, answer = call(site, "GET", "/v1/me/identities", token=second)
    assert {i["provider"] for i in answer["items"]} == {"github", "okta"}
    assert call(site, "DELETE", "/v1/me/identities/okta", token=first)[0] == 204
    status, answer = call(site, "DELETE", "/v1/me/identities/github", token=first)
    assert (status, answer["code"]) == (409, "last_way_in")


def test_who_says_no_or_has_no_address_is_told_kindly(site):
    assert value(come_by(site, "github", login="deny"), "error") == "access_denied"
    assert value(come_by(site, "okta", login_hint="deny"), "error") == "access_denied"
    for provider, who in (("github", {"login": "nomail"}), ("github", {"login": "unverified"}),
                          ("okta", {"login_hint": "unverified"})):
        end = come_by(site, provider, **who)
        assert value(end, "error") == "email_unverified"
        assert value(end, "error_description")


def test_a_second_provider_is_linked_from_the_account(site):
    token = signed_in(site, "github", login="octo")
    status, answer = call(site, "POST", "/v1/me/identities/okta", {"return_to": RETURN_TO}, token)
    assert status == 200
    end = Browser().visit(answer["location"], login_hint="bob")
    assert value(end, "linked") == "okta", end
    status, answer = call(site, "GET", "/v1/me/identities", token=token)
    assert {i["provider"] for i in answer["items"]} == {"github", "okta"}


def test_no_secret_is_in_the_log(site):
    end = come_by(site, "github", login="octo")
    code = value(end, "code")
    call(site, "POST", "/v1/auth/oauth/exchange", {"code": code})
    assert code not in site.log and "cinema-client-secret" not in site.log
    assert "gho_" not in site.log
