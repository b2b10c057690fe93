"""key: what access tokens are signed with, and signing for tests and drills."""
import base64
import json

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


def part(token, n):
    text = token.split(".")[n]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def signed(cinema, claims):
    ended = cinema("key", "sign", "--claims", "-", input=json.dumps(claims))
    assert ended.code == 0, ended
    assert ended.out.count("\n") == 1
    return ended.out.strip()


def test_a_server_believes_what_is_signed_as_far_as_it_is_true(people, site):
    claims = part(site.sign_in("eve@films.example"), 1)
    assert site.me(signed(people, claims)) == 200
    for wrong in ({"exp": 1}, {"iss": "https://evil.example"}, {"aud": "https://evil.example"},
                  {"sid": "01890a5d-ac96-774b-bcce-b302099a8057"}, {"nbf": 1}, {"jti": None}):
        other = {k: v for k, v in {**claims, **wrong}.items() if v is not None}
        assert site.me(signed(people, other)) == 401, wrong
    assert site.me(signed(people, {**claims, "exp": claims["exp"] + 3600})) == 200


def test_a_token_is_all_there_is_on_stdout(cinema, tmp_path):
    path = tmp_path / "claims.json"
    path.write_text('\n{"sub": "nobody",  "exp": 1}\n')
    ended = cinema("key", "sign", "--claims", path)
    assert ended.code == 0, ended
    token = ended.out.strip()
    assert part(token, 0) == {"alg": "EdDSA", "typ": "at+jwt", "kid": ids(cinema)[0]}
    assert part(token, 1) == {"sub": "nobody", "exp": 1}
    assert "keep it like a password" in ended.err and token not in ended.err
    ended = cinema("key", "sign", "--claims", path, "--json", "-q")
    assert ended.err == "" and ended.json == {"token": token, "key_id": ids(cinema)[0]}


def test_a_token_for_ever_is_warned_of(cinema):
    ended = cinema("key", "sign", "--claims", "-", "-q", input="{}")
    assert ended.code == 0 and "there is no exp" in ended.err, ended


def test_what_was_signed_stands_in_the_audit_log(people):
    id_ = people("user", "show", "eve@films.example", "--json").json["id"]
    signed(people, {"sub": id_, "exp": 1})
    [entry] = people.call("audit.list", action="key.sign")["items"]
    assert (entry["actor"], entry["account_id"], entry["target"]) == ("system", id_, ids(people)[0])


@pytest.mark.parametrize("claims, words", (
    ("", "claims: is not JSON"),
    ("[]", "claims: must be a JSON object"),
    ('{"sub": "a", "sub": "b"}', "sub: stands twice"),
    ('{"sub": 7}', "sub: must be a string"),
    ('{"exp": "soon"}', "exp: must be a number: seconds since 1970"),
    ('{"aud": [1]}', "aud: must be a string or a list of strings"),
    ('{"x": "' + 66000 * "x" + '"}', "claims: must have 65536 bytes at most"),
))
def test_bad_claims_are_refused_with_field_and_rule(cinema, claims, words):
    ended = cinema("key", "sign", "--claims", "-", input=claims)
    assert ended.code == 5 and words in ended.err and ended.out == "", ended
    assert cinema.call("audit.list", action="key.sign")["items"] == []


def test_claims_come_from_a_file_or_stdin_alone(cinema):
    ended = cinema("key", "sign")
    assert ended.code == 2 and "--claims FILE" in ended.err, ended
    ended = cinema("key", "sign", "--claims", "none.json")
    assert ended.code == 4 and "none.json could not be read" in ended.err, ended
    ended = cinema("call", "key.sign", "--json", '{"claims": "{}"}')
    assert ended.code == 2 and ended.out == "", ended


@pytest.mark.parametrize("args, words", (
    (["forge"], "none of list, rotate, sign"),
    (["list", "more"], "takes no more than that"),
    (["rotate", "k1"], "takes no more than that"),
    ([], "something is missing"),
))
def test_what_is_too_much_or_not_there_is_said(fresh, args, words):
    ended = fresh("key", *args)
    assert ended.code == 2 and words in ended.err and ended.out == "", ended
    assert not fresh.data.exists()
