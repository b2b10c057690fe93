"""role: list, show, set, remove."""
import pytest

from conftest import Cinema


@pytest.fixture
def cinema(tmp_path):
    cinema = Cinema(tmp_path / "data")
    assert cinema("migrate").code == 0
    return cinema


def names(cinema):
    return [line.split()[0] for line in cinema("role", "list").out.splitlines()]


def test_roles_are_listed_with_what_they_may_do(cinema):
    ended = cinema("role", "list")
    assert ended.code == 0, ended
    assert names(cinema) == ["admin", "editor", "viewer"]
    assert "content.write" in ended.out
    assert cinema("role", "list", "--json").json["items"][0]["permissions"] == ["*"]


def test_a_role_is_set_shown_and_removed(cinema):
    ended = cinema("role", "set", "auditor", "user.read", "audit.read", "--description", "reads")
    assert ended.code == 0, ended
    assert ended.out == "auditor  audit.read user.read  (reads)\n"
    assert cinema("role", "show", "auditor").out == ended.out
    assert cinema("role", "set", "auditor").out.startswith("auditor  what everybody may")
    assert cinema("role", "show", "auditor", "--json").json["permissions"] == []
    assert cinema("role", "remove", "auditor").code == 0
    assert names(cinema) == ["admin", "editor", "viewer"]
    entries = cinema("call", "audit.list").json["items"]
    assert [e["action"] for e in entries] == ["role.remove", "role.set", "role.set"]
    assert {e["actor"] for e in entries} == {"system"}


@pytest.mark.parametrize("args, code, words", (
    (["show", "nobody"], 4, "no such role"),
    (["remove", "admin"], 6, "always there"),
    (["set", "admin", "content.write"], 6, "fixed"),
    (["set", "auditor", "audit.reed"], 5, "did you mean audit.read?"),
    (["set", "Auditor"], 5, "begin with a letter"),
    (["show"], 2, "needs the name of a role"),
    (["list", "more"], 2, "no more than that"),
    (["give"], 2, "none of list, show, set, remove"),
    ([], 2, ""),
))
def test_what_cannot_be_is_refused(cinema, args, code, words):
    ended = cinema("role", *args)
    assert ended.code == code, ended
    assert words in ended.err
    assert ended.out == ""
