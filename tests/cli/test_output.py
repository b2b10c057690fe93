"""Where output goes: stdout or stderr, terminal or file, nowhere."""
import os
import subprocess


def test_colours_are_for_terminals_only(fresh):
    assert "\x1b[" in fresh.on_terminal("doctor").out
    assert "\x1b[" in fresh.on_terminal("nonsense").out
    assert "\x1b[" not in fresh("doctor").out
    assert "\x1b[" not in fresh("nonsense").err


def test_colours_can_be_refused(fresh):
    for args, env in ((["doctor"], {"NO_COLOR": "1"}), (["doctor", "--no-color"], {}),
                      (["doctor"], {"TERM": "dumb"})):
        assert "\x1b[" not in fresh.on_terminal(*args, env=env).out
    assert "\x1b[" in fresh.on_terminal("doctor", env={"NO_COLOR": ""}).out


COMMANDS_THAT_END = (["help"], ["nonsense"], ["doctor"], ["ops"], ["version"], ["migrate"], ["migrate", "status"],
                     ["import", "nowhere"], ["search", "ran"], ["call", "nothing"], ["export", "--quiet"],
                     ["completion", "bash"], ["openapi"])


def test_no_command_colours_what_must_not_be(fresh, sample):
    """Also where it draws a bar: wiping a line is no colour."""
    for args in (*COMMANDS_THAT_END, ["import", sample], ["import", sample]):
        shown = fresh.on_terminal(*args, "--no-color").out + fresh.on_terminal(*args, env={"NO_COLOR": "1"}).out
        assert "\x1b[" not in shown.replace("\x1b[K", ""), args


def test_json_is_indented_on_a_terminal(fresh):
    assert '{\r\n  "version": ' in fresh.on_terminal("version", "--json").out


def test_a_reader_that_leaves_is_no_failure(fresh):
    p = fresh.start("help", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    p.stdout.close()
    err = p.stderr.read()
    assert (p.wait(60), err) == (0, b"")


def test_a_full_disk_is_a_failure(fresh):
    with open("/dev/full", "w") as full:
        p = fresh.start("version", stdout=full, stderr=subprocess.PIPE)
        err = p.communicate(timeout=60)[1].decode()
    assert p.returncode == 1
    assert "the answer could not be written" in err


def closed(fd):
    return lambda: os.close(fd)


def test_a_closed_stdout_is_a_failure_where_there_is_an_answer(fresh):
    p = fresh.start("version", stderr=subprocess.PIPE, preexec_fn=closed(1))
    assert "could not be written" in p.communicate(timeout=60)[1].decode()
    assert p.returncode == 1


def test_a_closed_stdout_never_lets_an_answer_into_the_database(cinema):
    """The database must not be opened as descriptor 1."""
    p = cinema.start("call", "movie.create", "--json", '{"title": "Ran"}', stderr=subprocess.PIPE,
                     preexec_fn=closed(1))
    p.communicate(timeout=60)
    assert p.returncode == 1
    assert cinema.call("movie.list")["items"][0]["title"] == "Ran"


def test_closed_stdin_and_stderr_do_no_harm(fresh):
    assert fresh.start("migrate", preexec_fn=closed(2)).wait(60) == 0
    p = fresh.start("import", "-", stderr=subprocess.PIPE, preexec_fn=closed(0))
    assert "could not be read" in p.communicate(timeout=60)[1].decode()
    assert p.returncode == 1


def test_control_characters_of_titles_do_not_reach_a_terminal(cinema):
    """The library refuses them in titles; bidirectional text and emoji stay as they are."""
    cinema.call("movie.create", title="שלום 🎬", status="published")
    ended = cinema("search", "שלום")
    assert ended.code == 0 and "שלום 🎬" in ended.out
