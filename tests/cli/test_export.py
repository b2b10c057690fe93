"""export: what is written, where, and what stays when it cannot be written."""
import gzip
import json
import signal
import subprocess

import pytest

from conftest import Cinema


@pytest.fixture
def filled(cinema, sample):
    """With the sample in the database."""
    assert cinema("import", sample).code == 0
    return cinema


def test_an_export_makes_the_same_catalogue_again(filled, tmp_path):
    first = filled("export")
    assert first.code == 0, first
    other = Cinema(tmp_path / "other")
    other("migrate")
    ended = other("import", "-", "--json", input=first.out)
    assert ended.code == 0 and ended.json["created"] == len(first.out.splitlines()), ended
    assert other("export").out == first.out
    ended = other("import", "-", "--json", input=first.out)
    assert ended.json["unchanged"] == ended.json["lines"], ended


def test_drafts_are_in_it(cinema):
    cinema.call("movie.create", title="Ran", year=1985)
    line = json.loads(cinema("export").out)
    assert (line["kind"], line["slug"], line["status"]) == ("movie", "ran-1985", "draft")


def test_lines_go_to_stdout_and_what_is_said_to_stderr(filled):
    ended = filled("export", "--kind", "series", "--kind=genre")
    kinds = [json.loads(line)["kind"] for line in ended.out.splitlines()]
    assert set(kinds) == {"genre", "series"} and kinds == sorted(kinds)
    assert f"{kinds.count('genre')} genres, {kinds.count('series')} series exported" in ended.err
    assert filled("export", "--quiet").err == ""
    assert "Nothing exported" in filled("export", "--kind", "movie", "--database",
                                        f"sqlite:{empty(filled)}").err


def empty(cinema):
    path = cinema.data.parent / "empty.db"
    assert cinema("migrate", "--database", f"sqlite:{path}").code == 0
    return path


def test_a_file_takes_the_place_of_the_old_one(filled, tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("an older export")
    ended = filled("export", "-o", path)
    assert (ended.code, ended.out) == (0, ""), ended
    assert path.read_text() == filled("export").out
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith("out")] == ["out.jsonl"]


def test_packed_it_is_the_same(filled, tmp_path):
    plain = filled("export").out
    for args in (["--gzip", "-o", "packed"], ["-o", "films.gz"]):
        assert filled("export", *args).code == 0
        content = (tmp_path / args[-1]).read_bytes()
        assert gzip.decompress(content).decode() == plain
        assert content[4:8] == bytes(4), "no time in it: packing again gives the same bytes"
    assert filled("import", "packed", "--json").json["unchanged"] == len(plain.splitlines())


def test_packed_bytes_are_not_for_a_terminal(filled):
    ended = filled.on_terminal("export", "--gzip")
    assert ended.code == 2 and "add -o FILE" in ended.out


@pytest.mark.parametrize("args", ([], ["--gzip"]))
def test_a_full_disk_is_a_failure(filled, args):
    ended = filled("export", *args, "-o", "/dev/full")
    assert ended.code == 1 and "/dev/full could not be written: No space left" in ended.err, ended
    with open("/dev/full", "w") as full:
        p = filled.start("export", *args, stdout=full, stderr=subprocess.PIPE)
        err = p.communicate(timeout=60)[1].decode()
    assert p.returncode == 1 and "could not be written" in err, err


def test_a_folder_that_is_not_there(filled, tmp_path):
    ended = filled("export", "-o", tmp_path / "no/such/file")
    assert ended.code == 1 and "the export " in ended.err and "No such file" in ended.err


def many(cinema, number):
    lines = (json.dumps({"kind": "movie", "title": f"Film {n}", "overview": "x" * 900}) + "\n"
             for n in range(number))
    assert cinema("import", "-", input="".join(lines)).code == 0


def test_a_reader_that_leaves_is_no_failure(cinema):
    many(cinema, 500)
    p = cinema.start("export", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert p.stdout.readline().startswith(b'{"kind":"movie"')
    p.stdout.close()
    assert (p.stderr.read(), p.wait(60)) == (b"", 0)


@pytest.mark.parametrize("number, code", ((signal.SIGINT, 130), (signal.SIGTERM, 143)))
def test_a_signal_stops_it(cinema, number, code):
    many(cinema, 500)
    p = cinema.start("export", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert p.stdout.readline()  # then it waits for somebody to read on
    p.send_signal(number)
    err = p.communicate(timeout=60)[1]
    assert p.returncode == code and b"stopped by" in err, err


def test_a_bar_is_drawn_on_a_terminal_and_wiped(cinema, tmp_path):
    many(cinema, 900)
    ended = cinema.on_terminal("export", "-o", tmp_path / "out")
    assert ended.code == 0
    assert "% [" in ended.out and " lines, " in ended.out
    assert "900 films exported" in ended.out.split("\x1b[K")[-1]
    assert "% [" not in cinema.on_terminal("export", "-o", tmp_path / "out", "--quiet").out


def test_an_unknown_kind_is_a_mistake(fresh):
    ended = fresh("export", "--kind", "film")
    assert ended.code == 2 and "--kind is one of genre person movie" in ended.err


def test_without_a_schema_it_says_what_to_do_and_leaves_the_file(fresh, tmp_path):
    (tmp_path / "out").write_text("old")
    ended = fresh("export", "-o", tmp_path / "out")
    assert ended.code == 1 and "cinema migrate" in ended.err, ended
    assert (tmp_path / "out").read_text() == "old"
