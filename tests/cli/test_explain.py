"""explain: what an operation asks the database."""


def test_statements_come_with_their_plans(cinema):
    ended = cinema("explain", "movie.list", '{"year_from": 1990, "sort": "title"}')
    assert ended.code == 0, ended
    assert ended.out.startswith("movie.list (read, for anyone): ok, ")
    assert "FROM title" in ended.out and "rows answered" in ended.out


def test_nothing_is_changed(cinema):
    ended = cinema("explain", "movie.create", '{"title": "Ran"}', "--json")
    assert ended.code == 0, ended
    assert ended.json["nature"] == "write" and ended.json["outcome"] == "ok"
    assert any(s["sql"].startswith("INSERT INTO title ") for s in ended.json["statements"])
    assert cinema("call", "movie.get", "--json", '{"title_id": "ran"}').code == 4


def test_what_cannot_be_explained(cinema):
    assert cinema("explain").code == 2
    assert cinema("explain", "nonsense").code in (2, 5)
    assert cinema("explain", "ops").code == 5
