"""completion: the scripts, run by the shells that they are for."""
import os
import pty
import re
import select
import shutil
import subprocess
import time

import pytest

from conftest import BINARY, COMMANDS, TIMEOUT


@pytest.fixture
def script(fresh):
    """Writes the script for a shell into a file."""
    def write(shell):
        ended = fresh("completion", shell)
        assert ended.code == 0 and ended.err == "", ended
        path = fresh.data.parent / f"completion.{shell}"
        path.write_text(ended.out)
        assert not fresh.data.exists(), "completing made a data folder"
        return path
    return write


class Shell:
    """An interactive shell on a terminal of its own."""

    def __init__(self, argv, folder, setup):
        self.own, its = pty.openpty()
        env = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "dumb", "PS1": "$ ",
               "PROMPT": "$ ", "ASAN_OPTIONS": "detect_leaks=0"}
        self.p = subprocess.Popen(argv, stdin=its, stdout=its, stderr=its, cwd=folder, env=env,
                                  start_new_session=True)
        os.close(its)
        self.number = 0
        for line in setup:
            self.run(line)

    def read_until(self, mark):
        seen, until = "", time.monotonic() + TIMEOUT
        while time.monotonic() < until:
            if select.select([self.own], [], [], 0.5)[0]:
                seen += os.read(self.own, 65536).decode(errors="replace")
                if re.search(mark, seen):
                    return seen
        raise AssertionError(seen)

    def run(self, line, keys=""):
        """Types a line; its output."""
        self.number += 1
        os.write(self.own, f"{line}{keys}; echo end''{self.number}\n".encode())
        return self.read_until(rf"end{self.number}\s")

    def completed(self, typed):
        """What the line becomes when Tab is pressed: it is then made the argument of an echo."""
        self.number += 1
        os.write(self.own, f"{typed}\t".encode())
        time.sleep(0.4)
        os.write(self.own, f"\x01echo 'is<\x05>' end''{self.number}\n".encode())
        seen = self.read_until(rf"> end{self.number}\s")
        return re.findall(r"^is<(.*)> end", seen, re.M)[-1].rstrip()

    def close(self):
        self.p.kill()
        self.p.wait()
        os.close(self.own)


WHOLE = [
    ("cinema mig", "cinema migrate"),
    ("cinema --quiet migrate st", "cinema --quiet migrate status"),
    ("cinema --data-dir here expo", "cinema --data-dir here export"),
    ("cinema import --rep", "cinema import --report"),
    ("cinema export --kind per", "cinema export --kind person"),
    ("cinema export --kind=per", "cinema export --kind=person"),
    ("cinema call movie.cre", "cinema call movie.create"),
    ("cinema call movie.list --as nob", "cinema call movie.list --as nobody"),
    ("cinema help exit", "cinema help exit-codes"),
    ("cinema completion fi", "cinema completion fish"),
    ("cinema import cata", "cinema import catalogue.jsonl"),
    ("cinema export -o cata", "cinema export -o catalogue.jsonl"),
    ("cinema doctor --no-c", "cinema doctor --no-color"),
]


def complete_all(shell):
    try:
        assert [(typed, shell.completed(typed)) for typed, _ in WHOLE] == WHOLE
    finally:
        shell.close()


def test_bash_completes_what_is_typed(fresh, script):
    (fresh.data.parent / "catalogue.jsonl").write_text("")
    complete_all(Shell(["bash", "--norc", "--noprofile", "-i"], fresh.data.parent,
                       ["bind 'set enable-bracketed-paste off'", f"source {script('bash')}"]))


def test_zsh_completes_what_is_typed(fresh, script):
    if not shutil.which("zsh"):
        pytest.skip("no zsh")
    (fresh.data.parent / "catalogue.jsonl").write_text("")
    complete_all(Shell(["zsh", "-f", "-i"], fresh.data.parent,
                       ["unset zle_bracketed_paste; bindkey -e; autoload -U compinit; compinit -D -u",
                        f"source {script('zsh')}"]))


def test_fish_completes_what_is_typed(fresh, script):
    if not shutil.which("fish"):
        pytest.skip("no fish")
    (fresh.data.parent / "catalogue.jsonl").write_text("")
    path = script("fish")
    for typed, whole in WHOLE:
        p = subprocess.run(["fish", "--no-config", "-c", f"source {path}; complete -C '{typed}'"],
                           cwd=fresh.data.parent, capture_output=True, text=True, timeout=TIMEOUT)
        assert p.returncode == 0, p.stderr
        words = [line.split("\t")[0] for line in p.stdout.splitlines()]
        assert whole.split(" ")[-1] in words, (typed, p.stdout)


def offered(path, *words):
    """What bash offers for the last of the words."""
    lines = f"source {path}; COMP_WORDS=({' '.join(repr(w) for w in words)}); " \
            "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); compopt() { :; }; _cinema; " \
            "printf '%s\\n' \"${COMPREPLY[@]}\""
    p = subprocess.run(["bash", "--norc", "-c", lines], capture_output=True, text=True, timeout=TIMEOUT)
    assert p.returncode == 0 and p.stderr == "", p.stderr
    return p.stdout.split()


def test_all_commands_operations_and_options_are_offered(fresh, script):
    path = script("bash")
    assert offered(path, "cinema", "") == list(COMMANDS)
    assert offered(path, "cinema", "help", "") == [*COMMANDS, "exit-codes"]
    names = [op["name"] for op in fresh("ops", "--json").json["items"]]
    assert offered(path, "cinema", "call", "") == names
    for command in COMMANDS:
        options = re.findall(r"^  (?:-., )?(--[a-z-]+)", fresh("help", command).out, re.M)
        assert sorted(offered(path, "cinema", command, "-")) == sorted(options), command


def test_another_shell_is_a_mistake(fresh):
    ended = fresh("completion", "tcsh")
    assert ended.code == 2 and "bash, zsh or fish, not 'tcsh'" in ended.err
