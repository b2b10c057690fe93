"""smtp.py FOLDER - the mail server of smtp.sh."""
import asyncio
import json
import os
import ssl
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult

FOLDER = Path(sys.argv[1])
SLOW = float(os.environ["SLOW"])


class Box:
    count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        who = address.split("@")[0]
        if who == "bounce":
            return "550 5.1.1 no such mailbox"
        if who == "later":
            return "451 4.7.1 come back later"
        if who == "slow":
            await asyncio.sleep(SLOW)
        if who == "drop":
            server.transport.abort()
            return "421 bye"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        Box.count += 1
        head = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": server.transport.get_extra_info("ssl_object") is not None,
                "login": session.auth_data or ""}
        draft = FOLDER / "box" / f".{Box.count}"
        draft.write_bytes(json.dumps(head).encode() + b"\n" + envelope.content)
        draft.rename(FOLDER / "box" / f"{Box.count:06}")
        if envelope.rcpt_tos[0].startswith("late@"):
            await asyncio.sleep(SLOW)
        return "250 OK"


def sign_in(server, session, envelope, mechanism, data):
    right = data.login == b"cinema" and data.password == b"cinema/pw"
    return AuthResult(success=right, handled=False, auth_data=data.login.decode("utf-8", "replace"))


def protocol(tls, **more):
    return lambda: SMTP(Box(), hostname="rig", enable_SMTPUTF8=True, auth_required=True,
                        authenticator=sign_in, tls_context=tls, **more)


async def main():
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(FOLDER / "cert.pem", FOLDER / "key.pem")
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(protocol(tls, require_starttls=True), "127.0.0.1", 0),
        await loop.create_server(protocol(None, auth_require_tls=False), "127.0.0.1", 0, ssl=tls),
        await loop.create_server(protocol(None, auth_require_tls=False), "127.0.0.1", 0),
    ]
    ports = " ".join(str(s.sockets[0].getsockname()[1]) for s in servers)
    draft = FOLDER / ".ports"
    draft.write_text(ports + "\n")
    draft.rename(FOLDER / "ports")
    await asyncio.Event().wait()


asyncio.run(main())
