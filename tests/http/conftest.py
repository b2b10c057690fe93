"""What the tests of the HTTP server share: the executable on a data folder of its own, raw sockets.

The executable is CINEMA_BIN, build/dev/cinema where that is not set. Settings of the person who
runs the tests do not reach it. Only the standard library and pytest are used: a client library
would mend what these tests want to send broken.
"""
import json
import os
import re
import select
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = str(Path(os.environ.get("CINEMA_BIN") or ROOT / "build/dev/cinema").resolve())
RIGS = ROOT / "tests/rig"
TIMEOUT = 30
KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "CINEMA_MODULE_DIR", "ASAN_OPTIONS", "UBSAN_OPTIONS",
        "TSAN_OPTIONS", "LD_LIBRARY_PATH")


def settle(reached, timeout=TIMEOUT):
    """Asks until it is reached, and fails if it never is. Each question counts once: the connection
    of the one before may still be open while the next is asked."""
    until = time.monotonic() + timeout
    while not reached():
        assert time.monotonic() < until, f"not reached within {timeout} s"
        time.sleep(0.05)


class Answer:
    """One response: status, header fields (names in lower case), body."""

    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    def __getitem__(self, name):
        """The one value of a field; None: it is not there."""
        values = [value for key, value in self.fields if key == name]
        assert len(values) <= 1, f"{name} is there {len(values)} times"
        return values[0] if values else None

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.fields} {self.body[:300]!r}"


class Client:
    """A connection on which bytes are sent as they are and responses are taken apart strictly."""

    def __init__(self, port, timeout=TIMEOUT, host="127.0.0.1"):
        self.socket = socket.create_connection((host, port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)
        return self

    def end(self):
        self.socket.shutdown(socket.SHUT_WR)
        return self

    def is_silent(self):
        """Nothing has come, not even the end."""
        return not select.select([self.socket], [], [], 0)[0]

    def more(self):
        """Some more bytes; b"" when the server has closed, in whichever way."""
        try:
            piece = self.socket.recv(65536)
        except ConnectionResetError:
            piece = b""
        self.rest += piece
        return piece

    def closed(self):
        """Waits for the server to close; what it still sent is in `rest`."""
        while self.more():
            pass
        return True

    def answer(self, head_only=False):
        """The next response; None: the server closed instead."""
        while b"\r\n\r\n" not in self.rest:
            if not self.more():
                assert not self.rest, f"cut off: {self.rest!r}"
                return None
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        line, *lines = head.decode("latin-1").split("\r\n")
        status = re.fullmatch(r"HTTP/1\.1 (\d{3}) [ -~]*", line)
        assert status, line
        fields = [(name.lower(), value) for name, value in (f.split(": ", 1) for f in lines)]
        answer = Answer(int(status[1]), fields, b"")
        length = 0 if head_only or answer.status == 100 else int(answer["content-length"] or 0)
        while len(self.rest) < length:
            assert self.more(), f"body cut off: {len(self.rest)} of {length}"
        answer.body, self.rest = self.rest[:length], self.rest[length:]
        return answer


class Server:
    """A running `cinema serve`."""

    def __init__(self, folder, settings=None, args=(), binary=BINARY):
        self.folder = Path(folder)
        self.data = self.folder / "data"
        self.log_path = self.folder / "log"
        env = {name: os.environ[name] for name in KEPT if name in os.environ}
        env.update(CINEMA_DATA_DIR=str(self.data), CINEMA_LISTEN="127.0.0.1:0",
                   CINEMA_LIMIT_CONNECTIONS_ADDRESS="off", CINEMA_LIMIT_REQUESTS_ADDRESS="off")
        env.update(settings or {})
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([binary, "serve", *args], env=env, cwd=self.folder,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.url = None
        while self.url is None and self.process.poll() is None:
            found = re.search(r"\b(http://\S+:(\d+))\s", self.log)  # the whole of the line
            if found:
                self.url, self.port = found[1], int(found[2])
            time.sleep(0.02)
        assert self.url, f"exit {self.process.poll()}:\n{self.log}"

    @property
    def pid(self):
        return self.process.pid

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    def lines(self, *wanted, timeout=TIMEOUT):
        """The access log's lines, when each of `wanted` is in one of them: lines of two connections
        come in any order."""
        until = time.monotonic() + timeout
        while True:
            lines = [line for line in self.log.splitlines(keepends=True) if line.startswith("{")]
            lines = [line for line in lines if line.endswith("\n")]
            if all(any(word in line for line in lines) for word in wanted):
                return [json.loads(line) for line in lines]
            assert time.monotonic() < until, f"no line with each of {wanted} in\n{self.log[-4000:]}"
            time.sleep(0.05)

    @property
    def token(self):
        return (self.data / "setup-token").read_text().strip()

    def client(self, **options):
        return Client(self.port, **options)

    def ask(self, data, **options):
        """One request on a connection of its own."""
        with self.client() as client:
            return client.send(data).answer(**options)

    def get(self, path, *fields):
        head = "".join(f"{field}\r\n" for field in fields)
        return self.ask(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode())

    def gauge(self, word):
        """A number of /metrics whose name has `word` in it; None: there is none such."""
        for line in self.get("/metrics").body.decode().splitlines():
            if word in line and not line.startswith("#"):
                return float(line.rsplit(" ", 1)[1])
        return None

    def refuses(self):
        """Waits until it no longer takes connections: it is stopping."""
        settle(lambda: not self.listens())

    def listens(self):
        try:
            self.client().close()  # each loop has a socket of its own
            return True
        except ConnectionError:
            return False

    def resident(self):
        """KiB of memory."""
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text())[1])

    def stop(self, number=signal.SIGTERM, timeout=TIMEOUT):
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


class Service:
    """A script of tests/rig in the foreground; `url` is its address. What cannot be had is a skip."""

    def __init__(self, script, *args, **settings):
        env = dict(os.environ, **settings)
        self.script = subprocess.Popen([RIGS / script, *args], env=env, text=True,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE)
        found = {}
        while "URL" not in found:
            line = self.script.stdout.readline()
            if not line:
                why = self.script.stderr.read().strip()
                if self.script.wait() == 77:
                    pytest.skip(why.splitlines()[-1].removeprefix("SKIP "))
                raise AssertionError(f"{script}: {why}")
            name, _, value = line.strip().partition("=")
            found[name] = value
        self.url, self.pid = found["URL"], int(found["PID"])

    def stop(self):
        self.script.terminate()
        self.script.wait(TIMEOUT)
        self.script.stdout.close()
        self.script.stderr.close()


def box(url):
    """Where tests/rig/smtp.sh, whose address it is, puts the mails that it takes."""
    return Path(parse_qs(urlsplit(url).query)["sslrootcert"][0]).parent / "box"


@contextmanager
def services():
    """begin("oidc.sh", REDIRECT="…"): a Service; all of them are stopped in the end."""
    running = []

    def begin(script, *args, **settings):
        running.append(Service(script, *args, **settings))
        return running[-1]

    try:
        yield begin
    finally:
        for service in running:
            service.stop()


def free_port():
    """For a server whose address others have to know before it is there."""
    return subprocess.run(["bash", "-c", f". {RIGS}/common.sh; free_port"], text=True, check=True,
                          stdout=subprocess.PIPE).stdout.strip()


def provider(name, **where):
    """The settings of a provider that knows us as those of tests/rig do: ISSUER="…", for one."""
    client = {"CLIENT_ID": "cinema", "CLIENT_SECRET": "cinema-client-secret"}
    return {f"CINEMA_OAUTH_{name}_{what}": text for what, text in {**client, **where}.items()}


def like_github(url):
    """Those of tests/rig/github-oauth.sh."""
    return provider("GITHUB", AUTHORIZE_URL=f"{url}/login/oauth/authorize",
                    TOKEN_URL=f"{url}/login/oauth/access_token", USER_URL=f"{url}/user")


def ended_well(server):
    code = server.stop()
    for word in ("AddressSanitizer", "ThreadSanitizer", "LeakSanitizer", "runtime error"):
        assert word not in server.log, server.log[-6000:]
    assert code == 0, f"exit {code}:\n{server.log[-4000:]}"


@pytest.fixture
def service():
    with services() as begin:
        yield begin


@pytest.fixture
def start(tmp_path):
    """start(CINEMA_X="1", args=(...)): a server with settings of its own; stopped afterwards."""
    running = []

    def run(*, args=(), well=True, binary=BINARY, **settings):
        folder = tmp_path / f"server{len(running)}"
        folder.mkdir()
        server = Server(folder, settings, args, binary)
        running.append((server, well))
        return server

    yield run
    for server, well in running:
        if well:
            ended_well(server)
        else:
            server.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for the tests of a module that change nothing."""
    running = Server(tmp_path_factory.mktemp("server"))
    yield running
    ended_well(running)


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    """A server that is sent nothing but requests it has to refuse, and has little patience."""
    running = Server(tmp_path_factory.mktemp("strict"),
                     {"CINEMA_HEADER_TIMEOUT_S": "1", "CINEMA_BODY_TIMEOUT_S": "1"})
    yield running
    ended_well(running)
