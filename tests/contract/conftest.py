"""What the contract checks share: the server of tests/http, filled with the sample, on the database
of CINEMA_TEST_URL where that is set.
"""
import base64
import importlib.util
import os
import re
import shutil
import sqlite3
import subprocess
import time
import uuid
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "examples/data/sample.jsonl"
LIMITS = ("SIGN_IN_ACCOUNT", "SIGN_IN_ADDRESS", "SECOND_FACTOR", "REGISTER_ADDRESS", "MAIL_ACCOUNT")

_spec = importlib.util.spec_from_file_location("http_conftest", ROOT / "tests/http/conftest.py")
http = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(http)


def tool(name):
    """Runs tests/contract/<name>, which prints where a tool is, or skips."""
    p = subprocess.run([str(ROOT / "tests/contract" / name)], text=True, capture_output=True)
    if p.returncode == 77:
        pytest.skip(re.sub(r"^SKIP ", "", p.stderr.strip().splitlines()[-1]))
    assert p.returncode == 0, p.stderr
    return p.stdout.strip()


def psql(url, statement):
    program = shutil.which("psql")
    if not program:
        pytest.skip("no psql")
    subprocess.run([program, url, "-qc", statement], check=True)


@pytest.fixture(scope="module")
def database():
    """The settings of a database of this module's own; none for SQLite in the data folder."""
    url = os.environ.get("CINEMA_TEST_URL")
    if not url:
        yield {}
        return
    name = f"contract_{uuid.uuid4().hex}"
    psql(url, f"CREATE DATABASE {name}")
    yield {"CINEMA_DATABASE_URL": re.sub(r"(//[^/]+/)[^?]*", rf"\g<1>{name}", url),
           "CINEMA_KEY": base64.b64encode(b"k" * 32).decode()}  # SQLite makes its own
    psql(url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def service():
    with http.services() as begin:
        yield begin


@pytest.fixture(scope="module")
def github(service):
    """The settings for a provider that behaves as GitHub."""
    url = service("github-oauth.sh").url
    return {**http.like_github(url), "CINEMA_OUTGOING_ALLOW": url}


def give_up(data, url):
    """A mail is given up, as if its server had refused it for good."""
    statement = ("INSERT INTO outbox (kind, key, status, payload, created_at, due_at, attempts, ended_at, error)"
                 " VALUES ('mail', 'given up', 'dead', {}, {now}, {now}, 1, {now}, '550 no such mailbox')")
    now = int(time.time() * 1000)
    if url:
        psql(url, statement.format("''", now=now))
    else:
        with sqlite3.connect(data / "cinema.db") as db:
            db.execute(statement.format("x''", now=now))


@pytest.fixture(scope="module")
def served(tmp_path_factory, database, github):
    """A server with the sample in it and no limit that a check could run into."""
    folder = tmp_path_factory.mktemp("served")
    settings = {"CINEMA_DATA_DIR": str(folder / "data"), "CINEMA_LIMIT_REQUESTS_ADDRESS": "off",
                "CINEMA_EMAIL_VERIFICATION": "optional", "CINEMA_PUBLIC_URL": "http://films.example",
                "CINEMA_OUTBOX": "inline",  # a mail is there when the answer is
                **{f"CINEMA_LIMIT_{name}": "off" for name in LIMITS},
                **github, **database}
    kept = {name: os.environ[name] for name in http.KEPT if name in os.environ}
    for command in (["migrate"], ["import", str(SAMPLE)]):
        subprocess.run([http.BINARY, *command], env={**kept, **settings}, check=True, cwd=folder,
                       stdout=subprocess.DEVNULL)
    give_up(folder / "data", database.get("CINEMA_DATABASE_URL"))
    server = http.Server(folder, settings)
    yield server
    http.ended_well(server)
