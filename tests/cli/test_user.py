"""user: accounts from the shell of the machine."""
import os
import pty
import sqlite3

import pytest

from conftest import BINARY, PASSWORD


@pytest.fixture
def users(fresh):
    """An installation with one administrator."""
    assert fresh("migrate", "-q").code == 0
    ended = fresh("user", "create", "ada@films.example", "--name", "Ada Byron", "--role", "admin",
                  "--password-stdin", input=PASSWORD + "\n")
    assert ended.code == 0, ended
    return fresh


def test_create_tells_who_it_is_and_never_the_password(users):
    ended = users("user", "create", "eve@films.example", "--role", "editor", "--role", "viewer",
                  "--password-stdin", "--json", input=PASSWORD)
    assert ended.code == 0, ended
    assert ended.json["email"] == "eve@films.example"
    assert ended.json["roles"] == ["editor", "viewer"]
    assert ended.json["has_password"] is True and ended.json["email_verified"] is True
    assert PASSWORD not in ended.out + ended.err and "argon2" not in ended.out + ended.err


def test_show_finds_by_address_and_id(users):
    ended = users("user", "show", "ADA@films.example")
    assert ended.code == 0, ended
    assert "Ada Byron" in ended.out and "admin" in ended.out
    id_ = users("user", "show", "ada@films.example", "--json").json["id"]
    assert users("user", "show", id_).out == ended.out
    assert users("user", "show", "nobody@films.example").code == 4


def test_list_shows_who_there_is(users):
    assert users("user", "create", "eve@films.example", "--no-password").code == 0
    assert "ada@films.example  active" in users("user", "list").out
    assert users("user", "list", "byr").out.startswith("ada@")
    assert len(users("user", "list", "--json").json["items"]) == 2
    assert len(users("user", "list", "--role", "admin", "--json").json["items"]) == 1
    assert "Nobody found" in users("user", "list", "orson").err
    assert "There are more" in users("user", "list", "--limit", "1").err


def test_disable_and_enable(users):
    users("user", "create", "eve@films.example", "--no-password")
    assert "signed out" in users("user", "disable", "eve@films.example").err
    assert users("user", "list", "--status", "disabled").out.startswith("eve@")
    assert users("user", "enable", "eve@films.example").code == 0
    assert users("user", "show", "eve@films.example", "--json").json["status"] == "active"


def test_one_administrator_stays(users):
    for act in ("disable", "delete"):
        ended = users("user", act, "ada@films.example")
        assert ended.code == 6, ended
        assert "administrator" in ended.err


def test_role_replaces_the_roles(users):
    users("user", "create", "eve@films.example", "--no-password")
    assert users("user", "role", "eve@films.example", "editor", "--json").json["roles"] == ["editor"]
    ended = users("user", "role", "eve@films.example", "king")
    assert ended.code == 5 and "king" in ended.err


def test_delete_is_for_good(users):
    users("user", "create", "eve@films.example", "--no-password")
    assert users("user", "delete", "eve@films.example").code == 0
    assert users("user", "show", "eve@films.example").code == 4


def stored(users):
    with sqlite3.connect(users.data / "cinema.db") as db:
        return db.execute("SELECT password FROM account WHERE email_key = 'ada@films.example'"
                          ).fetchone()[0]


def test_passwd_takes_stdin_and_file(users, tmp_path):
    first = stored(users)
    assert users("user", "passwd", "ada@films.example", "--password-stdin",
                 input="four films and a Sunday").code == 0
    second = stored(users)
    (tmp_path / "password").write_text("five films and a Monday\n")
    assert users("user", "passwd", "ada@films.example", "--password-file", tmp_path / "password"
                 ).code == 0
    assert len({first, second, stored(users)}) == 3
    assert stored(users).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_bad_passwords_are_refused(users):
    before = stored(users)
    for password in ("short", "password1234567", "adabyronadabyron"):
        ended = users("user", "passwd", "ada@films.example", "--password-stdin", input=password)
        assert ended.code == 5, ended
        assert password not in ended.err
    assert users("user", "passwd", "ada@films.example", "--password-stdin").code == 5
    assert users("user", "passwd", "ada@films.example", "--password-file", "none").code == 4
    assert stored(users) == before


def test_without_a_terminal_it_says_where_a_password_may_come_from(users):
    ended = users("user", "create", "eve@films.example", start_new_session=True)
    assert ended.code == 2, ended
    assert "--password-stdin" in ended.err


@pytest.mark.parametrize("args", [["user"], ["user", "create"], ["user", "show"], ["user", "dance"],
                                  ["user", "show", "a", "b"], ["user", "role", "a"]])
def test_what_is_missing_or_too_much_is_said(fresh, args):
    ended = fresh(*args)
    assert ended.code == 2, ended


def test_a_second_factor_that_is_not_there_cannot_be_reset(users):
    ended = users("user", "reset-2fa", "ada@films.example")
    assert ended.code in (0, 4), ended
    assert users("user", "reset-2fa", "nobody@films.example").code == 4


def typed(users, *answers):
    """`user passwd` at a terminal of its own, and what is typed at each prompt."""
    child, its = pty.fork()
    if not child:
        os.chdir(users.data.parent)
        os.execve(BINARY, [BINARY, "user", "passwd", "ada@films.example"], users.env)
    shown = b""
    try:
        for answer in answers:
            seen = len(shown)
            while b": " not in shown[seen:]:
                shown += os.read(its, 1000)
            os.write(its, answer)
        while True:
            shown += os.read(its, 1000)
    except OSError:
        pass  # it has ended
    status = os.waitpid(child, 0)[1]
    os.close(its)
    return os.waitstatus_to_exitcode(status), shown.decode()


def test_a_prompt_shows_nothing_and_asks_twice(users):
    before = stored(users)
    code, shown = typed(users, b"four films and a Sundai\x7fy\r", b"four films and a Sunday\r")
    assert code == 0, shown
    assert "films and" not in shown
    assert stored(users) != before


def test_a_prompt_wants_the_same_twice_and_can_be_left(users):
    before = stored(users)
    code, shown = typed(users, b"four films and a Sunday\r", b"four films and a Monday\r")
    assert code == 5 and "not the same" in shown
    code, shown = typed(users, b"four\x03")
    assert code == 130, shown
    assert stored(users) == before
