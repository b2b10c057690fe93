"""machine.py - processes and what they cost: CPU time, private memory; and the machine they run on."""
import os
import platform
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
CALLERS = 32   # that write at once
CONNECTIONS = 64


def say(text):
    """Progress, for people who watch."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run(*command, **more):
    """Runs to the end; what it said on failure is in the exception."""
    p = subprocess.run([str(c) for c in command], text=True, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, **more)
    if p.returncode:
        raise Failure(f"{' '.join(map(str, command))[:200]}: exit {p.returncode}\n{p.stderr[-2000:]}")
    return p.stdout


class Failure(Exception):
    """A measurement that cannot be had, in words."""


# ---- CPU time ----------------------------------------------------------------------------------------

def stat(pid):
    """utime, stime, and those of children that have ended, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return [int(n) / TICK for n in fields[11:15]]


def tree(pid):
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            children = (task / "children").read_text().split()
        except FileNotFoundError:
            continue
        for child in children:
            found += tree(int(child))
    return found


def cpu_seconds(pid):
    """Of a process and all its descendants, those that have ended too."""
    total = 0.0
    for process in tree(pid):
        try:
            total += sum(stat(process))
        except FileNotFoundError:
            pass  # its parent has counted it
    return total


def cpu_ms_precise(pid):
    """The same for one process in nanoseconds instead of ticks; threads that have ended are missed."""
    return sum(int((task / "schedstat").read_text().split()[0])
               for task in Path(f"/proc/{pid}/task").iterdir()) / 1e6


def thread_seconds(pid, name):
    """Of the threads of that name that are there."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().strip() == name:
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def timed(command, **more):
    """Runs a program; its CPU and wall seconds and what it printed."""
    with subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, **more) as p:
        begun = time.monotonic()
        out, err = p.communicate()
        wall = time.monotonic() - begun
    if p.returncode:
        raise Failure(f"{command[0]}: exit {p.returncode}\n{err[-2000:]}")
    return out, wall


def timed_cpu(command, **more):
    """As timed, with the CPU seconds of the program between."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out, wall = timed(command, **more)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return out, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


# ---- memory --------------------------------------------------------------------------------------------

def private_mib(pid, data):
    """Private pages of a process without those that map files in `data`: the page cache has those."""
    kib, path = 0, ""
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        header = re.match(r"[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+ *(.*)", line)
        if header:
            path = header.group(1)
        elif line.startswith("Private_") and not path.startswith(str(data)):
            kib += int(line.split()[1])
    return kib / 1024


def peak(server, act):
    """The most private memory while `act` runs."""
    seen, over = [private_mib(server.pid, server.data)], threading.Event()

    def watch():
        while not over.wait(0.2):
            seen.append(private_mib(server.pid, server.data))
    thread = threading.Thread(target=watch)
    thread.start()
    try:
        act()
    finally:
        over.set()
        thread.join()
    return max(seen)


# ---- servers -------------------------------------------------------------------------------------------

class Server:
    """A process that listens; its output goes to a file."""

    def __init__(self, command, port, log, env=None, cwd=None):
        self.port, self.log = port, Path(log)
        with open(log, "ab") as out:
            self.begun = time.monotonic()
            self.process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=out, env=env, cwd=cwd)
        self.pid = self.process.pid

    def wait(self, path="/", seconds=30):
        """Until it answers 200; the answer."""
        while time.monotonic() < self.begun + seconds:
            if self.process.poll() is not None:
                break
            answer = ask(self.port, path)
            if answer and answer[0] == 200:
                return answer[2]
            time.sleep(0.0005)
        raise Failure(f"no server: {self.log.read_text()[-2000:]}")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def ask(port, path, method="GET", headers=None, body=None):
    """Status, headers and body of an answer; None where there is none. Small, so that trying often
    costs the server nothing: no http.client."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    lines += [f"{n}: {v}" for n, v in (headers or {}).items()]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as s:
            s.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b""))
            data = b""
            while piece := s.recv(1 << 16):
                data += piece
    except OSError:
        return None
    head, _, rest = data.partition(b"\r\n\r\n")
    if not head:
        return None
    first, *others = head.decode("latin-1").split("\r\n")
    named = {n.lower(): v for n, _, v in (o.partition(": ") for o in others)}
    if named.get("transfer-encoding") == "chunked":
        rest = b"".join(chunks(rest))
    return int(first.split()[1]), named, rest


def chunks(data):
    while data:
        size, _, data = data.partition(b"\r\n")
        n = int(size, 16)
        if not n:
            return
        yield data[:n]
        data = data[n + 2:]


def healthz_while(server, act):
    """What `act` gives, and the 99th percentile of /healthz meanwhile, in ms, connecting included."""
    seen, over = [], threading.Event()

    def watch():
        while not over.wait(0.005):
            begun = time.monotonic()
            ask(server.port, "/healthz")
            seen.append((time.monotonic() - begun) * 1000)
    thread = threading.Thread(target=watch)
    thread.start()
    try:
        given = act()
    finally:
        over.set()
        thread.join()
    return given, sorted(seen)[len(seen) * 99 // 100]


# ---- load ----------------------------------------------------------------------------------------------

def load(server, path, seconds, connections=CONNECTIONS, script=None, arguments=(), warm=False, refused=False):
    """wrk against a server: the server's CPU microseconds a request, requests a second, percentiles. `refused`:
    each answer has to be an error, and without it none."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency"]
    command += ["-s", script] if script else []
    command += [f"http://127.0.0.1:{server.port}{path}", "--", *map(str, arguments)]
    before = cpu_seconds(server.pid)
    out = run(*command)
    cpu = cpu_seconds(server.pid) - before
    if warm:
        return None
    requests, wall = re.search(r"(\d+) requests in ([\d.]+)(m?s|m)", out).group(1, 2)
    bad = re.search(r"Socket errors: .*|Non-2xx or 3xx responses: \d+", out)
    bad = bad.group(0) if bad else ""
    if not int(requests) or bad != (f"Non-2xx or 3xx responses: {requests}" if refused else ""):
        raise Failure(f"{path}: {requests} answers; {bad}")
    return {"us": cpu * 1e6 / int(requests), "requests": int(requests),
            "rps": int(requests) / float(wall),
            "p50_ms": milliseconds(out, "50"), "p99_ms": milliseconds(out, "99")}


def milliseconds(out, percent):
    found = re.search(rf"^ +{percent}% +([\d.]+)(us|ms|s)", out, re.M)
    return float(found.group(1)) * {"us": 0.001, "ms": 1, "s": 1000}[found.group(2)]


# ---- the machine ---------------------------------------------------------------------------------------

def describe(folder):
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    system = re.search(r'PRETTY_NAME="(.*)"', Path("/etc/os-release").read_text())
    kind = run("df", "--output=fstype", folder).split()[-1]
    return (f"{os.cpu_count()} cores {cpu.group(1) if cpu else platform.machine()}, "
            f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') >> 30} GiB, "
            f"{system.group(1) if system else 'Linux'}, Linux {platform.release()}, data on {kind}")
