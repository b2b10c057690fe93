"""docs/guide/walkthrough.md as it stands there: on SQLite with no service, and where CINEMA_TEST_URL is
set, on PostgreSQL with Redis (TLS only, ACL) and a mail server that demands STARTTLS and AUTH. The server
has the settings that the page names, and all others as they are by default; Google is npm oidc-provider,
GitHub a server that behaves so.
"""
import json
import os
import re
import shutil
import subprocess
from urllib.parse import parse_qs, urlsplit

import pytest

import examples
from conftest import ROOT, http

PAGE = (ROOT / "docs/guide/walkthrough.md").read_text()
CHAPTERS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))
SERVICES = bool(os.environ.get("CINEMA_TEST_URL"))
LOOKER = "--user looker on >look -@all +dbsize"  # who only counts the keys
pytestmark = pytest.mark.skipif(not shutil.which("oathtool"),
                                reason="no oathtool (apt-get install oathtool)")


@pytest.fixture(scope="module")
def places(database, service):
    """What the page leaves to its reader of PostgreSQL, Redis and mail."""
    if not SERVICES:
        return {}
    return {**database, "CINEMA_REDIS_URL": service("redis.sh", MODE="tls", REDIS_EXTRA=LOOKER).url,
            "CINEMA_MAIL_URL": service("smtp.sh").url,
            "CINEMA_MAIL_FROM": "Films <no-reply@films.example>"}


@pytest.fixture(scope="module")
def missing():
    """By chapter why it cannot be told here."""
    return {}


@pytest.fixture(scope="module")
def stand_ins(service, missing):
    """stand_ins(url): where Google and GitHub are for a server of that address."""
    def run(url):
        github = service("github-oauth.sh").url
        found = {**http.like_github(github), **http.provider("GOOGLE"), "CINEMA_OUTGOING_ALLOW": github}
        try:
            google = service("oidc.sh", REDIRECT=f"{url}/v1/auth/oauth/google/callback").url
        except pytest.skip.Exception as e:
            missing["Coming by Google"] = str(e)
        else:
            found.update(CINEMA_OAUTH_GOOGLE_ISSUER=google, CINEMA_OUTGOING_ALLOW=f"{github} {google}")
        return found
    return run


def configuration(values):
    """The settings that the page names."""
    alone, with_services = re.findall(r"^```ini\n(.*?)^```", PAGE, re.M | re.S)
    names = re.findall(r"^(CINEMA_\w+)=", alone + with_services * SERVICES, re.M)
    return "".join(f"{name}={values.pop(name)}\n" for name in names)


@pytest.fixture(scope="module")
def site(tmp_path_factory, places, stand_ins):
    folder = tmp_path_factory.mktemp("site")
    port = http.free_port()
    url = f"http://127.0.0.1:{port}"
    rest = {"CINEMA_PUBLIC_URL": url, **stand_ins(url), **places}
    (folder / "films.conf").write_text(configuration(rest))
    server = http.Server(folder, {"CINEMA_CONFIG": "films.conf", "CINEMA_LISTEN": f"127.0.0.1:{port}", **rest})
    yield server
    http.ended_well(server)


@pytest.fixture(scope="module")
def told(site, places, missing):
    """By chapter what was asked for and answered."""
    (site.folder / "cinema-data").symlink_to(site.data)
    mails = {"MAILS": str(http.box(places["CINEMA_MAIL_URL"]))} if SERVICES else {}
    blocks = [(title, block) for title, text in CHAPTERS.items() if title not in missing
              for block in examples.shell_blocks(text)]
    asked = iter(examples.run([block for _, block in blocks], site, "the walkthrough", **mails))
    found = {title: [] for title in CHAPTERS}
    for title, block in blocks:
        found[title] += [next(asked) for _ in examples.expected(block)]
    return found


@pytest.mark.parametrize("chapter", [c for c in CHAPTERS if examples.expected(CHAPTERS[c])])
def test_every_command_answers_what_the_page_says(told, missing, chapter):
    if chapter in missing:
        pytest.skip(missing[chapter])
    examples.check(chapter, told[chapter])


def mails_by_smtp(url):
    heads = [json.loads(path.read_bytes().split(b"\n", 1)[0]) for path in http.box(url).glob("[!.]*")]
    assert all(head["tls"] and head["login"] == "cinema" for head in heads), heads
    return len(heads)


def keys_in_redis(url):
    at = urlsplit(url)
    p = subprocess.run(["redis-cli", "--no-auth-warning", "-u", f"rediss://looker:look@localhost:{at.port}",
                        "--cacert", parse_qs(at.query)["sslrootcert"][0], "DBSIZE"],
                       text=True, capture_output=True)
    assert p.stdout.strip().isdigit(), (p.stdout, p.stderr)
    return int(p.stdout)


def test_mails_and_counts_are_where_the_settings_say(told, site, places):
    files = len(list((site.data / "mail").glob("*.eml")))
    if SERVICES:
        assert mails_by_smtp(places["CINEMA_MAIL_URL"]) >= 2 and files == 0
        assert keys_in_redis(places["CINEMA_REDIS_URL"]) > 0  # of the wrong attempts
        assert "by itself" not in site.log  # as it would while Redis is away
    else:
        assert files >= 2
