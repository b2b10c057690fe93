"""import: what is read, what is refused, what is told, and stopping half way."""
import gzip
import json
import lzma
import os
import signal
import subprocess
import time

import pytest


def films(first, last):
    return [{"kind": "movie", "title": f"Film {n}", "year": 1900 + n % 120,
             "external_ids": {"imdb": f"tt{n:07}"}} for n in range(first, last)]


def lines(items):
    return "".join(json.dumps(i) + "\n" for i in items).encode()


@pytest.fixture
def file(cinema):
    """Writes bytes into a file of that name."""
    def write(name, content):
        path = cinema.data.parent / name
        path.write_bytes(content)
        return path
    return write


def counts(ended, **expected):
    assert ended.code == 0, ended
    found = ended.json
    assert {name: found[name] for name in expected} == expected, found
    return found


PACKED = {
    "plain": lambda b: b,
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "two gzip members": lambda b: gzip.compress(b[:777]) + gzip.compress(b[777:]),
    "gzip with padding": lambda b: gzip.compress(b) + bytes(512),
    "two xz streams": lambda b: lzma.compress(b[:777]) + lzma.compress(b[777:]),
    "without a last newline": lambda b: b.rstrip(b"\n"),
}


@pytest.mark.parametrize("form", PACKED)
def test_a_file_is_read_however_it_is_packed(cinema, file, form):
    content = PACKED[form](lines(films(0, 50)))
    path = file("films.any-name", content)
    counts(cinema("import", path, "--json"), complete=True, lines=50, created=50, updated=0,
           unchanged=0, refused=0)
    assert cinema.movie_count() == 50


@pytest.mark.parametrize("form", ("plain", "gzip", "xz"))
def test_stdin_is_read_however_it_is_packed(cinema, form):
    content = PACKED[form](lines(films(0, 50)))
    counts(cinema("import", "-", "--json", input=content), created=50)


def test_small_pieces_of_a_pipe_are_put_together(cinema):
    content = gzip.compress(lines(films(0, 20)))
    p = cinema.start("import", "-", "--json", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for at in range(0, len(content), 7):
        p.stdin.write(content[at:at + 7])
        p.stdin.flush()
    p.stdin.close()
    assert json.loads(p.stdout.read())["created"] == 20
    assert p.wait(60) == 0


def test_the_sample_is_taken_whole_and_repeats_without_doubles(cinema, sample):
    first = counts(cinema("import", sample, "--json"), refused=0, updated=0)
    assert first["created"] > 40
    number = cinema.movie_count()
    counts(cinema("import", sample, "--json"), created=0, refused=0, lines=first["lines"])
    assert cinema.movie_count() == number


def test_what_is_said_goes_to_stderr(cinema, sample):
    ended = cinema("import", sample)
    assert ended.code == 0
    assert ended.out == ""
    assert " created, 0 updated, " in ended.err
    assert "\r" not in ended.err and "\x1b" not in ended.err
    assert cinema("import", sample, "--quiet").err == ""


def test_nothing_to_import_is_no_failure(cinema, file):
    for content in (b"", b"\n\n", gzip.compress(b""), lzma.compress(b"")):
        counts(cinema("import", file("empty", content), "--json"), complete=True, created=0, refused=0)
    counts(cinema("import", "-", "--json"), created=0)


def test_titles_are_published_unless_told_otherwise(cinema, file):
    cinema("import", file("a", lines(films(0, 1))))
    assert cinema.call("movie.list")["items"][0]["title"] == "Film 0"
    assert cinema.call("movie.get", title_id="imdb:tt0000000")["status"] == "published"
    cinema("import", file("b", lines(films(1, 2))), "--status", "draft")
    assert cinema.call("movie.get", title_id="imdb:tt0000001")["status"] == "draft"
    ended = cinema("import", file("c", b""), "--status=secret")
    assert ended.code == 2 and "--status is one of draft published archived" in ended.err


# ---- faults ---------------------------------------------------------------------------------------


BAD = [b'{"kind": "movie", "title": ""}\n', b'{"kind": "movie"\n', b'{"kind": "movie", "titel": "x"}\n']


def test_bad_lines_are_left_out_and_told_with_exit_3(cinema, file):
    path = file("mixed", lines(films(0, 3)) + b"".join(BAD) + lines(films(3, 5)))
    ended = cinema("import", path, "--json")
    assert ended.code == 3, ended
    assert ended.json["created"] == 5 and ended.json["refused"] == 3
    assert "  line 4: " in ended.err and "  line 5: " in ended.err and "  line 6: " in ended.err
    assert "3 of 8 lines were refused" in ended.err
    assert cinema.movie_count() == 5


def test_only_the_first_ten_faults_are_shown(cinema, file):
    ended = cinema("import", file("bad", BAD[0] * 25))
    assert ended.code == 3
    assert ended.out == ""
    assert ended.err.count("  line ") == 10
    assert "15 more faults; --report FILE keeps all of them" in ended.err


def test_the_report_has_every_fault(cinema, file):
    report = cinema.data.parent / "faults.jsonl"
    report.write_text("an older report")
    ended = cinema("import", file("bad", BAD[0] * 25 + BAD[1]), "--report", report)
    assert ended.code == 3
    assert "  line " not in ended.err and str(report) in ended.err
    found = [json.loads(line) for line in report.read_text().splitlines()]
    assert len(found) == 26
    assert set(found[0]) == {"line", "field", "rule", "message", "warning"}
    assert found[0]["line"] == 1 and found[0]["field"] == "title" and found[0]["warning"] is False
    assert found[25]["line"] == 26
    assert [p.name for p in report.parent.iterdir() if p.name.startswith("faults")] == ["faults.jsonl"]


def test_a_report_without_faults_is_empty(cinema, sample):
    report = cinema.data.parent / "faults.jsonl"
    assert cinema("import", sample, "--report", report).code == 0
    assert [f for f in report.read_text().splitlines() if not json.loads(f)["warning"]] == []


def test_a_report_may_go_to_what_is_no_file(cinema, file):
    path = file("bad", BAD[0])
    ended = cinema("import", path, "--report", "/dev/stdout", "--quiet")
    assert ended.code == 3
    assert json.loads(ended.out)["line"] == 1
    assert cinema("import", path, "--report", "/dev/null").code == 3
    assert not os.path.isfile("/dev/null")


def test_a_link_to_a_report_stays_a_link(cinema, file):
    real, link = cinema.data.parent / "real", cinema.data.parent / "link"
    real.write_text("")
    link.symlink_to(real)
    assert cinema("import", file("bad", BAD[0]), "--report", link).code == 3
    assert link.is_symlink() and real.read_text()


def test_a_report_that_cannot_be_written(cinema, file):
    path = file("bad", BAD[0] * 2000)
    ended = cinema("import", path, "--report", cinema.data.parent / "no/such/folder")
    assert ended.code == 1 and "could not be written: No such file" in ended.err
    ended = cinema("import", path, "--report", "/dev/full")
    assert ended.code == 1 and "No space left" in ended.err, ended


# ---- trying it first ------------------------------------------------------------------------------


def test_a_dry_run_tells_what_an_import_would_and_writes_nothing(cinema, file):
    path = file("mixed", lines(films(0, 3)) + b"".join(BAD) + lines(films(2, 700)))
    dry_faults, faults = cinema.data.parent / "dry.jsonl", cinema.data.parent / "real.jsonl"
    dry = cinema("import", path, "--dry-run", "--json", "--report", dry_faults)
    assert dry.code == 3 and dry.json["dry_run"] is True, dry
    assert "would be created" in dry.err and "nothing was written" in dry.err
    assert "3 of 704 lines would be refused" in dry.err
    assert cinema("export").out == ""
    real = cinema("import", path, "--json", "--report", faults)
    assert real.code == 3 and real.json == {**dry.json, "dry_run": False}
    assert dry_faults.read_text() == faults.read_text() != ""


def test_status_tells_what_of_a_file_is_in(cinema, file):
    """Of an import that was interrupted, say."""
    changed = {**films(0, 1)[0], "language": "en"}
    cinema("import", "-", input=lines(films(0, 30)))
    path = file("films", lines([changed, *films(1, 100)]) + BAD[0])
    for args in (["--status", path], [path, "--status"]):
        ended = cinema("import", *args)
        assert ended.code == 0, ended
        assert [int(line.split()[0]) for line in ended.out.splitlines()] == [29, 1, 70, 1]
        assert f"'cinema import {path}' brings in the rest" in ended.err
    assert cinema.movie_count() == 30
    found = cinema("import", path, "--status", "--json").json
    assert (found["unchanged"], found["updated"], found["created"], found["refused"]) == (29, 1, 70, 1)
    assert cinema("import", path, "--status", "draft", "--json").json["created"] == 70


def test_status_without_a_file_tells_what_the_last_import_did(cinema, file):
    ended = cinema("import", "--status")
    assert ended.code == 0 and "Nothing was imported" in ended.err
    assert cinema("import", "--status", "--json").json is None
    path = file("films", lines(films(0, 30)) + BAD[0])
    cinema("import", path)
    cinema("import", file("other", b""), "--dry-run")
    ended = cinema("import", "--status")
    assert ended.out.splitlines()[0] == str(path)
    assert "\n  done at 20" in ended.out and "31 lines: 30 created" in ended.out and "1 refused" in ended.out
    found = cinema("import", "--status", "--json").json
    assert (found["state"], found["created"], found["refused"]) == ("done", 30, 1)


@pytest.mark.parametrize("number, state", ((signal.SIGINT, "stopped"), (signal.SIGKILL, "interrupted")))
def test_status_tells_of_an_import_that_did_not_end(cinema, number, state):
    p = cinema.start("import", "-", "--batch", "5", stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    p.stdin.write(lines(films(0, 50)))
    p.stdin.flush()
    until = time.monotonic() + 30
    while not (cinema.data / "import.json").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert cinema("import", "--status", "--json").json["state"] == "running"
    p.send_signal(number)  # while it waits for more
    p.wait(30)
    p.stdin.close()
    p.stderr.close()
    ended = cinema("import", "--status")
    assert ended.code == 0 and ended.out.startswith(f"-\n  {state} at 20"), ended
    assert "Repeating the import goes on" in ended.err


# ---- files that are not what they should be -------------------------------------------------------


def damaged(packed):
    middle = len(packed) // 2
    return packed[:middle] + bytes(b ^ 0xFF for b in packed[middle:middle + 40]) + packed[middle + 40:]


BROKEN = {
    "gzip, cut off": lambda b: gzip.compress(b)[:-200],
    "gzip, without its checksum": lambda b: gzip.compress(b)[:-8],
    "gzip, damaged": lambda b: damaged(gzip.compress(b)),
    "gzip, with something after it": lambda b: gzip.compress(b) + b"more",
    "gzip, the magic only": lambda b: b"\x1f\x8b",
    "xz, cut off": lambda b: lzma.compress(b)[:-200],
    "xz, damaged": lambda b: damaged(lzma.compress(b)),
    "xz, with something after it": lambda b: lzma.compress(b) + b"more",
}


@pytest.mark.parametrize("form", BROKEN)
def test_a_broken_file_is_told_and_can_be_repeated(cinema, file, form):
    content = lines(films(0, 1500))
    ended = cinema("import", file("broken", BROKEN[form](content)), "--json")
    assert ended.code == 5, ended
    assert "is damaged near byte" in ended.err
    found = ended.json
    assert found["complete"] is False
    assert found["created"] == cinema.movie_count()
    again = counts(cinema("import", file("whole", content), "--json"), refused=0)
    assert again["created"] + found["created"] == 1500
    assert cinema.movie_count() == 1500


@pytest.mark.parametrize("magic, name", ((b"\x28\xb5\x2f\xfd", "zstd"), (b"BZh9", "bzip2"), (b"PK\x03\x04", "zip")))
def test_other_formats_are_named_with_the_way_out(cinema, file, magic, name):
    ended = cinema("import", file("packed", magic + bytes(100)))
    assert ended.code == 5
    assert f"is packed with {name}" in ended.err and "| cinema import -" in ended.err


def test_xz_that_wants_too_much_memory(cinema, file):
    big = lzma.compress(lines(films(0, 2)), filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 256 << 20}])
    ended = cinema("import", file("big.xz", big))
    assert ended.code == 5 and "xz -dc" in ended.err


def test_a_file_that_is_not_there(cinema):
    ended = cinema("import", "nowhere.jsonl")
    assert ended.code == 4
    assert ended.err == "cinema: nowhere.jsonl could not be opened: No such file or directory\n"
    ended = cinema("import", cinema.data)
    assert ended.code == 5 and "Is a directory" in ended.err


def test_import_without_a_schema_says_what_to_do(fresh, sample):
    ended = fresh("import", sample)
    assert ended.code == 1, ended
    assert "cinema migrate" in ended.err


# ---- stopping -------------------------------------------------------------------------------------


@pytest.mark.parametrize("number, code, word", ((signal.SIGINT, 130, "Ctrl-C"), (signal.SIGTERM, 143, "SIGTERM")))
def test_a_signal_stops_it_and_it_can_be_repeated(cinema, file, number, code, word):
    report = cinema.data.parent / "faults.jsonl"
    content = BAD[0] + lines(films(0, 300))
    p = cinema.start("import", "-", "--batch", "20", "--json", "--report", report,
                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    half = content.index(b"\n", len(content) // 2) + 1
    p.stdin.write(content[:half])
    p.stdin.flush()
    until = time.monotonic() + 30
    while cinema.movie_count() < 100 and time.monotonic() < until:
        time.sleep(0.05)
    p.send_signal(number)  # while it waits for more
    try:
        p.wait(30)
    finally:
        p.kill()
    out, err = p.stdout.read(), p.stderr.read().decode()
    assert p.returncode == code, err
    assert f"stopped by {word}" in err and "repeating the import" in err
    found = json.loads(out)
    assert found["complete"] is False
    assert found["created"] == cinema.movie_count() >= 100
    assert json.loads(report.read_text().splitlines()[0])["line"] == 1, "the report is kept"

    again = cinema("import", file("whole", content), "--json")
    assert again.code == 3
    assert again.json["created"] + found["created"] == 300
    assert cinema.movie_count() == 300


def test_a_signal_in_the_middle_of_a_file(cinema, file):
    path = file("many.gz", gzip.compress(lines(films(0, 60000)), 1))
    p = cinema.start("import", path, "--batch", "50", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until = time.monotonic() + 30
    while cinema.movie_count() < 50 and time.monotonic() < until:
        time.sleep(0.02)
    p.send_signal(signal.SIGTERM)
    out, err = p.communicate(timeout=60)
    assert p.returncode == 143, err
    assert json.loads(out)["created"] == cinema.movie_count() < 60000


def test_an_ignored_signal_stays_ignored(cinema):
    """nohup, and jobs in the background of a script."""
    p = cinema.start("import", "-", stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                     preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    p.stdin.write(lines(films(0, 1)))
    p.stdin.flush()
    time.sleep(0.5)
    p.send_signal(signal.SIGINT)
    time.sleep(0.2)
    p.communicate(lines(films(1, 2)), timeout=60)
    assert p.returncode == 0
    assert cinema.movie_count() == 2


# ---- progress -------------------------------------------------------------------------------------


def test_a_bar_is_drawn_on_a_terminal_and_wiped(cinema, file):
    path = file("films.gz", gzip.compress(lines(films(0, 3000)), 1))
    ended = cinema.on_terminal("import", path, "--batch", "100")
    assert ended.code == 0
    assert "% [" in ended.out and " lines, " in ended.out and "/s" in ended.out
    shown = ended.out.split("\x1b[K")[-1]
    assert "3,000 created" in shown and "% [" not in shown


def test_no_bar_where_it_is_not_wanted(cinema, sample):
    assert "% [" not in cinema.on_terminal("import", sample, "--quiet").out
    assert "\r\x1b[K" not in cinema.on_terminal("import", sample, env={"TERM": "dumb"}).out
