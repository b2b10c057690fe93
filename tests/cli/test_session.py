"""session: who is signed in where, and ending that."""
import pytest

EVE, ADA = "eve@films.example", "ada@films.example"


def test_the_sessions_of_a_user_are_listed_newest_first(people, site):
    first, second = site.sign_in(EVE), site.sign_in(EVE)
    site.sign_in(ADA)
    ended = people("session", "list", EVE)
    assert ended.code == 0 and ended.err == "", ended
    lines = ended.out.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert "password" in line and "127.0.0.1" in line and line.endswith("Zither/1.0")
    items = people("session", "list", EVE, "--json").json["items"]
    assert [line.split()[0] for line in lines] == [s["id"] for s in items]
    assert items[0]["created_at"] >= items[1]["created_at"]
    assert site.me(first) == site.me(second) == 200


def test_a_user_is_named_by_id_too(people, site):
    site.sign_in(EVE)
    id_ = people("user", "show", EVE, "--json").json["id"]
    assert people("session", "list", id_).out == people("session", "list", EVE).out


def test_those_of_everybody_say_whose_they_are(people, site):
    site.sign_in(EVE)
    site.sign_in(ADA)
    lines = people("session", "list", "--all").out.splitlines()
    assert [line.split()[1] for line in lines] == [ADA, EVE]
    items = people("session", "list", "--all", "--json").json["items"]
    assert [s["email"] for s in items] == [ADA, EVE]
    assert items[1]["user_id"] == people("user", "show", EVE, "--json").json["id"]
    ended = people("session", "list", "--all", "--limit", "1")
    assert len(ended.out.splitlines()) == 1 and "There are more" in ended.err


def test_a_session_is_revoked_and_the_others_go_on(people, site):
    old, new = site.sign_in(EVE), site.sign_in(EVE)
    [newest, _] = people("session", "list", EVE, "--json").json["items"]
    ended = people("session", "revoke", newest["id"])
    assert ended.code == 0 and ended.out == "" and ended.err == "The session is over.\n", ended
    assert (site.me(old), site.me(new)) == (200, 401)
    assert people("session", "revoke", newest["id"]).code == 4


def test_all_sessions_of_a_user_are_revoked(people, site):
    tokens = [site.sign_in(EVE), site.sign_in(EVE)]
    other = site.sign_in(ADA)
    ended = people("session", "revoke", "--user", EVE)
    assert ended.code == 0 and ended.err == "Signed out everywhere.\n", ended
    assert [site.me(t) for t in (*tokens, other)] == [401, 401, 200]
    ended = people("session", "list", EVE)
    assert ended.code == 0 and ended.out == "" and ended.err == "Nobody is signed in.\n", ended


def test_what_was_revoked_stands_in_the_audit_log(people, site):
    site.sign_in(EVE)
    [session] = people("session", "list", EVE, "--json").json["items"]
    people("session", "revoke", session["id"])
    people("session", "revoke", "--user", EVE)
    id_ = people("user", "show", EVE, "--json").json["id"]
    entries = people.call("audit.list", account_id=id_)["items"]
    acts = [(e["action"], e["actor"]) for e in entries if ".end_session" in e["action"]]
    assert acts == [("user.end_sessions", "system"), ("user.end_session", "system")]
    [one] = [e for e in entries if e["action"] == "user.end_session"]
    assert session["id"] in one["detail"]


@pytest.mark.parametrize("args, code, words", (
    (["list", "nobody@films.example"], 4, "no such user"),
    (["list", "01890a5d-ac96-774b-bcce-b302099a8057"], 4, "no such user"),
    (["revoke", "01890a5d-ac96-774b-bcce-b302099a8057"], 4, "no such session"),
    (["revoke", EVE], 4, "no such session"),
    (["revoke", "--user", "nobody"], 4, "no such user"),
    (["list", "--all", "--limit", "101"], 5, "limit"),
    (["list"], 2, "needs a user, or --all"),
    (["list", EVE, "--all"], 2, "needs a user, or --all"),
    (["list", EVE, ADA], 2, "takes no more than that"),
    (["revoke"], 2, "needs a session, or --user USER"),
    (["revoke", "01890a5d-ac96-774b-bcce-b302099a8057", "--user", EVE], 2, "needs a session, or"),
    (["end"], 2, "none of list, revoke"),
    ([], 2, "something is missing"),
))
def test_what_cannot_be_is_refused(people, args, code, words):
    ended = people("session", *args)
    assert ended.code == code and words in ended.err and ended.out == "", ended
