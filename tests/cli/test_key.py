"""key: what access tokens are signed with."""
import pytest


def ids(cinema):
    return [line.split()[0] for line in cinema("key", "list").out.splitlines()]


def test_a_rotation_adds_a_key_that_signs_and_retires_the_one_before(cinema):
    [first] = ids(cinema)
    assert "signs since" in cinema("key", "list").out
    ended = cinema("key", "rotate")
    assert ended.code == 0, ended
    assert ended.err == "The new key signs from now on; sessions go on.\n"
    before, after = ended.out.splitlines()
    assert before.startswith(first) and "signed until" in before
    assert not after.startswith(first) and "signs since" in after
    assert cinema("key", "list").out == ended.out


def test_json_has_public_keys_alone(cinema):
    ended = cinema("key", "rotate", "--json", "-q")
    assert ended.code == 0 and ended.err == "", ended
    old, new = ended.json["items"]
    assert set(old) == set(new) == {"id", "algorithm", "public_key", "created_at", "retired_at",
                                    "expires_at"}
    assert old["retired_at"] and new["retired_at"] is None
    assert cinema("key", "list", "--json").json == ended.json


def test_who_rotated_stands_in_the_audit_log(cinema):
    cinema("key", "rotate")
    [entry] = cinema.call("audit.list", action="key.rotate")["items"]
    assert entry["actor"] == "system" and entry["target"] == ids(cinema)[-1]


@pytest.mark.parametrize("args, words", (
    (["forge"], "none of list, rotate"),
    (["list", "more"], "takes no more than that"),
    (["rotate", "k1"], "takes no more than that"),
    ([], "something is missing"),
))
def test_what_is_too_much_or_not_there_is_said(fresh, args, words):
    ended = fresh("key", *args)
    assert ended.code == 2 and words in ended.err and ended.out == "", ended
    assert not fresh.data.exists()
