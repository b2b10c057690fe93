"""Help, and what is said about a command line that is wrong."""
import pytest

from conftest import COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("form", ("{} --help", "{} -h", "--help {}", "help {}"))
def test_every_command_has_help_with_examples(fresh, command, form):
    ended = fresh(*form.format(command).split())
    assert ended.code == 0, ended
    assert ended.err == ""
    assert f"cinema {command}" in ended.out
    assert "\nExamples\n  " in ended.out
    assert "--data-dir DIR" in ended.out
    assert not fresh.data.exists(), "asking for help made a data folder"


@pytest.mark.parametrize("args", (["help"], ["--help"], ["-h"]))
def test_help_lists_all_commands(fresh, args):
    ended = fresh(*args)
    assert ended.code == 0, ended
    for command in COMMANDS:
        assert f"\n  {command} " in ended.out


def test_help_fits_into_hundred_columns(fresh):
    for command in COMMANDS:
        for line in fresh("help", command).out.splitlines():
            assert len(line) <= 100, line


def test_no_command_is_a_mistake_that_shows_the_commands(fresh):
    ended = fresh()
    assert ended.code == 2
    assert ended.out == ""
    assert "\n  import " in ended.err


def test_exit_codes_are_listed(fresh):
    ended = fresh("help", "exit-codes")
    assert ended.code == 0
    listed = [line.split()[0] for line in ended.out.splitlines() if line.startswith("  ")]
    assert listed == ["0", "1", "2", "3", "4", "5", "6", "7", "130", "143"]


WRONG = [
    (["improt"], "unknown command 'improt' (did you mean 'import'?)"),
    (["frobnicate"], "unknown command 'frobnicate'\n"),
    (["help", "serv"], "no help on 'serv' (did you mean 'serve'?)"),
    (["import", "x", "--reprot", "y"], "unknown option '--reprot' (did you mean '--report'?)"),
    (["doctor", "--data-dri", "y"], "unknown option '--data-dri' (did you mean '--data-dir'?)"),
    (["doctor", "--zzz"], "unknown option '--zzz'\n"),
    (["doctor", "-x"], "unknown option '-x'"),
    (["doctor", "-qx"], "unknown option '-x'"),
    (["--json", "doctor"], "--json stands after the command"),
    (["doctor", "--json=1"], "--json takes no value"),
    (["doctor", "--data-dir"], "--data-dir needs a value: --data-dir DIR"),
    (["import", "x", "--report", "--json"], "--report needs a value"),
    (["import", "x", "--batch", "many"], "--batch needs a whole number from 1, not 'many'"),
    (["import", "x", "--batch", "0"], "--batch needs a whole number from 1"),
    (["import", "x", "--batch", "-5"], "--batch needs a whole number from 1"),
    (["import", "x", "--batch", "99999999999999999999"], "--batch needs a whole number"),
    (["import"], "something is missing: cinema import FILE|-"),
    (["import", "a", "b"], "'b' is too much"),
    (["migrate", "staus"], "after migrate only 'status' may stand"),
    (["search"], "something is missing: cinema search QUERY"),
    (["call"], "which operation? 'cinema ops' lists them"),
    (["call", "ops", "--as", "nobdy"], "--as is one of nobody system"),
    (["call", "ops", "--as", ""], "--as is one of nobody system"),
    (["doctor", "--set", "CINEMA_LOG"], "--set needs NAME=VALUE"),
    (["doctor", "--set", "=debug"], "--set needs NAME=VALUE"),
]


@pytest.mark.parametrize("args, message", WRONG, ids=[" ".join(a) for a, _ in WRONG])
def test_a_wrong_command_line_is_exit_2_and_says_what_is_meant(fresh, args, message):
    ended = fresh(*args)
    assert ended.code == 2, ended
    assert ended.out == ""
    assert message in ended.err
    assert len(ended.err.splitlines()) == 2
    assert "see 'cinema " in ended.err
    assert not fresh.data.exists()


def test_what_is_shown_back_has_no_control_characters(fresh):
    ended = fresh("\x1b[31mimport\x07")
    assert ended.code == 2
    assert "\x1b" not in ended.err and "\x07" not in ended.err


def test_options_are_known_in_every_usual_form(fresh):
    other = fresh.data.parent / "other"
    for args in (["--data-dir", other, "doctor", "--json"], [f"--data-dir={other}", "doctor", "--json"],
                 ["doctor", "--json", "--data-dir", other], ["doctor", "-qv", f"--data-dir={other}", "--json"],
                 ["doctor", "--json", "--set", f"CINEMA_DATA_DIR={other}"],
                 ["doctor", "--json", "--set", "CINEMA_DATA_DIR=/nowhere", "--set", f"CINEMA_DATA_DIR={other}"]):
        ended = fresh(*args)
        assert ended.code in (0, 1), ended
        assert str(other) in ended.out, ended


def test_after_two_dashes_nothing_is_an_option(fresh):
    ended = fresh("import", "--", "--report")
    assert ended.code == 4
    assert "--report could not be opened" in ended.err
