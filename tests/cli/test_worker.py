"""worker: what waits, and what was given up."""
import sqlite3

import pytest

ADA = "ada@films.example"


def ask_for_mail(people):
    """Two mails wait: links for two people who forgot their passwords."""
    for email in (ADA, "eve@films.example"):
        people.call("auth.forgot_password", email=email)


@pytest.fixture
def given_up(people):
    """Nobody who took them came back, twelve times."""
    ask_for_mail(people)
    with sqlite3.connect(people.data / "cinema.db") as db:
        db.execute("UPDATE outbox SET attempts = 12")
    assert people("worker", "--once", "--json").json == {"done": 0, "failed": 0, "dead": 2}
    return people


def mails(people):
    return len(list((people.data / "mail").glob("*.eml")))


def test_once_does_what_waits(people):
    ask_for_mail(people)
    ended = people("worker", "--once", "--json")
    assert ended.code == 0 and ended.json == {"done": 2, "failed": 0, "dead": 0}, ended
    assert mails(people) == 2


def test_what_was_given_up_is_shown_with_its_reason(given_up):
    ended = given_up("worker", "dead")
    assert ended.code == 0 and ended.err == "", ended
    lines = ended.out.splitlines()
    assert len(lines) == 2 and all("mail" in s and "nobody who took it came back" in s for s in lines)
    items = given_up("worker", "dead", "--json").json["items"]
    assert [line.split()[0] for line in lines] == [i["id"] for i in items]
    assert {i["kind"] for i in items} == {"mail"}
    assert ADA not in ended.out + given_up("worker", "dead", "--json").out
    ended = given_up("worker", "dead", "--limit", "1")
    assert len(ended.out.splitlines()) == 1 and "There are more" in ended.err


def test_one_is_tried_again_and_the_other_stays(given_up):
    [last, first] = given_up("worker", "dead", "--json").json["items"]
    ended = given_up("worker", "retry", first["id"])
    assert ended.code == 0 and ended.out == "" and ended.err == "1 waiting again.\n", ended
    assert given_up("worker", "retry", first["id"]).code == 4
    assert [i["id"] for i in given_up("worker", "dead", "--json").json["items"]] == [last["id"]]
    assert mails(given_up) == 0
    assert given_up("worker", "--once", "--json").json == {"done": 1, "failed": 0, "dead": 0}
    assert mails(given_up) == 1


def test_all_are_tried_again(given_up):
    ended = given_up("worker", "retry", "--all", "--json")
    assert ended.code == 0 and ended.json == {"retried": 2}, ended
    ended = given_up("worker", "retry", "--all")
    assert ended.code == 0 and ended.out == "" and ended.err == "0 waiting again.\n", ended
    assert "Nothing was given up" in given_up("worker", "dead").err
    assert given_up("worker", "--once", "--json").json == {"done": 2, "failed": 0, "dead": 0}
    assert mails(given_up) == 2


def test_doctor_tells_of_them_and_what_to_do(given_up):
    found = [f for f in given_up("doctor", "--json").json["findings"] if f["subject"] == "outbox"]
    assert [f["mend"] for f in found] == [
        "`cinema worker dead` tells why, `cinema worker retry` tries again"]


@pytest.mark.parametrize("args, code, words", (
    (["retry", "9999"], 4, "no such dead letter"),
    (["retry", "1; DROP"], 4, "no such dead letter"),
    (["retry"], 2, "needs an id, as 'worker dead' shows it, or --all"),
    (["retry", "1", "--all"], 2, "needs an id"),
    (["retry", "1", "2"], 2, "takes no more than that"),
    (["dead", "1"], 2, "takes no more than that"),
    (["dead", "--limit", "101"], 5, "limit"),
    (["once"], 2, "none of dead, retry"),
))
def test_what_cannot_be_is_refused(cinema, args, code, words):
    ended = cinema("worker", *args)
    assert ended.code == code and words in ended.err and ended.out == "", ended
