"""What the tests of failing services share: the server of tests/http, a PostgreSQL to be harmed.

A test that cannot have a service is skipped with the reason that the service's script gives.
"""
import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEEP = "CINEMA_TEST_DEEP" in os.environ

sys.path.append(str(ROOT / "tests/http"))  # durability_test; but conftest is this one
spec = importlib.util.spec_from_file_location("http_conftest", ROOT / "tests/http/conftest.py")
http = importlib.util.module_from_spec(spec)
spec.loader.exec_module(http)
Server, Service, ended_well, start = http.Server, http.Service, http.ended_well, http.start
TIMEOUT, settle = http.TIMEOUT, http.settle


class Postgres(Service):
    """A server that is stopped and started again with its data."""

    def __init__(self):
        super().__init__("postgres.sh")
        arguments = Path(f"/proc/{self.pid}/cmdline").read_bytes().split(b"\0")
        self.data = arguments[arguments.index(b"-D") + 1].decode()

    def processes(self):
        """The server and its children."""
        pid = int(Path(self.data, "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]

    def freeze(self):
        self.frozen = self.processes()
        for pid in self.frozen:
            os.kill(pid, signal.SIGSTOP)

    def thaw(self):
        for pid in self.frozen:
            os.kill(pid, signal.SIGCONT)

    def fall(self):
        """`immediate` stop: no goodbye, no checkpoint. The script waits to be told to go on."""
        self.script.send_signal(signal.SIGUSR1)
        while self.listening():
            time.sleep(0.02)

    def rise(self):
        self.script.send_signal(signal.SIGUSR2)

    def port(self):
        return int(re.search(r":(\d+)/", self.url)[1])

    def listening(self):
        try:
            socket.create_connection(("127.0.0.1", self.port()), 1).close()
            return True
        except OSError:
            return False

    def psql(self, text):
        done = subprocess.run(["psql", self.url, "-Atqc", text], text=True, capture_output=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def database(self, name):
        """A new one, and its URL."""
        self.psql(f"CREATE DATABASE {name}")
        return self.url.rsplit("/", 1)[0] + "/" + name


class Proxy:
    """Passes bytes on to a port, late by `delay` seconds, or not at all."""

    def __init__(self, port):
        self.port_there, self.delay, self.open = port, 0, True
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                here, _ = self.listener.accept()
                there = socket.create_connection(("127.0.0.1", self.port_there))
            except OSError:
                return
            for a, b in ((here, there), (there, here)):
                threading.Thread(target=self.carry, args=(a, b), daemon=True).start()

    def carry(self, a, b):
        try:
            while data := a.recv(65536):
                if a.getpeername()[1] == self.port_there:
                    time.sleep(self.delay)
                b.sendall(data)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def stop(self):
        self.listener.close()


@pytest.fixture(scope="module")
def postgres():
    service = Postgres()
    yield service
    service.stop()


@pytest.fixture
def redis():
    service = Service("redis.sh")
    yield service
    service.stop()


@pytest.fixture
def note(capsys):
    """Says something that script/test shows."""
    def say(text):
        with capsys.disabled():
            print(f"\nNOTE {text}")
    return say
