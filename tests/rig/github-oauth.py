"""github-oauth.py PORT - an OAuth 2.0 server that behaves as GitHub's, of the standard library.

Who signs in says `login` in the query of /authorize (octo; `deny` refuses, `nomail` shows and has
no address, `unverified` has not verified any). Errors of the token endpoint have status 200, answers are
forms unless JSON is asked for, /user and /user/emails want a User-Agent. PKCE is checked if it is used.
Client `cinema` with the secret cinema-client-secret.
"""
import base64
import hashlib
import json
import secrets
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

codes, tokens = {}, {}


def challenge_of(verifier):
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class GitHub(BaseHTTPRequestHandler):
    def say(self, status, body=b"", kind="application/json; charset=utf-8", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def say_json(self, status, value):
        self.say(status, json.dumps(value).encode())

    def log_message(self, *_):
        pass

    def authorize(self, ask):
        login = ask.get("login", "octo")
        back = {"state": ask.get("state", "")}
        if login == "deny":
            back.update(error="access_denied", error_description="The user has denied your access.")
        else:
            back["code"] = secrets.token_hex(10)
            codes[back["code"]] = {"login": login, "redirect": ask["redirect_uri"],
                                   "challenge": ask.get("code_challenge"),
                                   "scope": ask.get("scope", "")}
        self.say(302, Location=f"{ask['redirect_uri']}?{urlencode(back)}")

    def exchange(self, form):
        code = codes.pop(form.get("code"), None)
        if (form.get("client_id"), form.get("client_secret")) != ("cinema", "cinema-client-secret"):
            answer = {"error": "incorrect_client_credentials"}
        elif not code or (code["challenge"] and
                          challenge_of(form.get("code_verifier", "")) != code["challenge"]):
            answer = {"error": "bad_verification_code"}
        elif form.get("redirect_uri") != code["redirect"]:
            answer = {"error": "redirect_uri_mismatch"}
        else:
            token = "gho_" + secrets.token_urlsafe(24)
            tokens[token] = code
            answer = {"access_token": token, "token_type": "bearer", "scope": code["scope"]}
        if "json" in self.headers.get("Accept", ""):
            self.say_json(200, answer)
        else:
            self.say(200, urlencode(answer).encode(), "application/x-www-form-urlencoded")

    def person(self, path):
        code = tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
        if not self.headers.get("User-Agent"):
            return self.say_json(403, {"message": "Request forbidden: no User-Agent header"})
        if not code:
            return self.say_json(401, {"message": "Bad credentials"})
        login = code["login"]
        if path == "/user":
            number = int(hashlib.md5(login.encode()).hexdigest()[:7], 16)
            return self.say_json(200, {"id": number, "login": login, "name": login.title(),
                                       "email": None})
        if "user:email" not in code["scope"]:
            return self.say_json(404, {"message": "Not Found"})
        mails = [{"email": f"old@{login}.test", "primary": False, "verified": True},
                 {"email": f"{login}@example.test", "primary": True,
                  "verified": login != "unverified"}]
        return self.say_json(200, [] if login == "nomail" else mails)

    def do_GET(self):
        url = urlsplit(self.path)
        ask = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/login/oauth/authorize":
            self.authorize(ask)
        elif url.path in ("/user", "/user/emails"):
            self.person(url.path)
        else:
            self.say_json(404, {"message": "Not Found"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if self.path == "/login/oauth/access_token":
            self.exchange(form)
        else:
            self.say_json(404, {"message": "Not Found"})


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), GitHub)
print(f"URL=http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
