"""What the tests of the command line share: the executable, a data folder of their own, a terminal.

The executable is CINEMA_BIN, build/dev/cinema where that is not set. Settings of the person who
runs the tests do not reach it.
"""
import json
import os
import pty
import re
import select
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("CINEMA_BIN") or str(ROOT / "build/dev/cinema")
TIMEOUT = 60
KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "CINEMA_MODULE_DIR", "ASAN_OPTIONS", "UBSAN_OPTIONS",
        "TSAN_OPTIONS")
COMMANDS = ("serve", "migrate", "import", "export", "call", "ops", "search", "user", "role", "session", "key",
            "explain", "openapi", "worker", "doctor", "completion", "version", "help")


class Ended:
    """How a command ended: exit code, stdout, stderr."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class Cinema:
    def __init__(self, data):
        self.data = data
        self.env = {name: os.environ[name] for name in KEPT if name in os.environ}
        self.env.update(CINEMA_DATA_DIR=str(data), TERM="xterm",
                        CINEMA_DEADLINE_MS="30000")  # however slow sanitizers and machine are

    def start(self, *args, env=None, **popen):
        return subprocess.Popen([BINARY, *map(str, args)], env={**self.env, **(env or {})},
                                cwd=self.data.parent, **popen)

    def __call__(self, *args, input=b"", env=None, **popen):
        if isinstance(input, str):
            input = input.encode()
        p = self.start(*args, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, **popen)
        out, err = p.communicate(input, timeout=TIMEOUT)
        return Ended(p.returncode, out.decode(), err.decode())

    def on_terminal(self, *args, env=None):
        """The same with stdout and stderr on one terminal; `out` has both."""
        own, its = pty.openpty()
        p = self.start(*args, env=env, stdin=subprocess.DEVNULL, stdout=its, stderr=its)
        os.close(its)
        seen = b""
        while select.select([own], [], [], TIMEOUT)[0]:
            try:
                piece = os.read(own, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            seen += piece
        os.close(own)
        return Ended(p.wait(TIMEOUT), seen.decode(), "")

    def call(self, op, **members):
        ended = self("call", op, "--json", json.dumps(members))
        assert ended.code == 0, ended
        return ended.json

    def movie_count(self):
        return self.call("movie.list", limit=1, total=True)["total"]


class Server:
    def __init__(self, cinema, *args):
        self.p = cinema.start("serve", *args, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.said = []
        for line in self.p.stderr:
            self.said.append(line.decode().rstrip("\n"))
            found = re.search(r"Serving (http://\S+)", self.said[-1])
            if found:
                self.url = found[1]
                return
        self.p.wait()
        raise AssertionError((self.p.returncode, self.said))

    def stop(self, number=signal.SIGTERM):
        self.p.send_signal(number)
        out, err = self.p.communicate(timeout=30)
        return self.p.returncode, out.decode(), err.decode()


PASSWORD = "zither under Vienna"


class Site(Server):
    """A server, and people who sign in to it."""

    def ask(self, method, path, body=None, token=None):
        """(status, answer)"""
        head = {"Content-Type": "application/json", "User-Agent": "Zither/1.0"}
        if token:
            head["Authorization"] = "Bearer " + token
        request = urllib.request.Request(self.url + path, method=method, headers=head,
                                         data=body and json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())

    def sign_in(self, email):
        status, answer = self.ask("POST", "/v1/auth/login", {"email": email, "password": PASSWORD})
        assert status == 200, answer
        return answer["access_token"]

    def me(self, token):
        return self.ask("GET", "/v1/me", token=token)[0]


@pytest.fixture
def people(fresh):
    """With Ada, an administrator, and Eve."""
    assert fresh("migrate", "-q").code == 0
    for name, role in ("ada", "admin"), ("eve", "viewer"):
        ended = fresh("user", "create", f"{name}@films.example", "--role", role, "--password-stdin",
                      input=PASSWORD)
        assert ended.code == 0, ended
    return fresh


@pytest.fixture
def site(people):
    site = Site(people, "--listen", "127.0.0.1:0")
    yield site
    site.stop()


@pytest.fixture
def fresh(tmp_path):
    """With a data folder that does not exist yet."""
    assert os.access(BINARY, os.X_OK), f"{BINARY} is not there: build it, or set CINEMA_BIN"
    return Cinema(tmp_path / "data")


@pytest.fixture
def cinema(fresh):
    """With an empty, migrated database."""
    ended = fresh("migrate")
    assert ended.code == 0, ended
    return fresh


@pytest.fixture
def sample():
    return ROOT / "examples/data/sample.jsonl"
