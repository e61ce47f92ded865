"""A back end that asks r3session who is calling, as a WSGI application with the standard library alone."""

import json
import os
import sys
from urllib.error import URLError
from urllib.request import Request, urlopen
from wsgiref.simple_server import make_server

R3SESSION_URL = os.environ.get("R3SESSION_URL", "http://localhost:3000")
R3SESSION_KEY = os.environ.get("R3SESSION_KEY", "")


class Refused(Exception):
    """Nobody gets past: status, code and action of the answer."""


def caller_of(environ):
    """Who is calling, as {"sub": openid, "client_id": appid, ...}. Raises Refused."""
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Refused("401 Unauthorized", "unauthorized", "relogin")
    question = Request(
        f"{R3SESSION_URL}/v1/introspect",
        data=json.dumps({"token": token}).encode(),
        headers={"Authorization": f"Bearer {R3SESSION_KEY}", "Content-Type": "application/json"},
    )
    try:
        with urlopen(question, timeout=2) as response:
            caller = json.load(response)
        if caller["active"] is True and caller["sub"]:
            return caller
        if caller["active"] is not False:
            raise ValueError("the answer makes no sense")
    except (URLError, OSError, ValueError, KeyError, TypeError) as error:
        print(f"can't ask r3session: {error}", file=sys.stderr)
        raise Refused("503 Service Unavailable", "overloaded", "retry") from error
    raise Refused("401 Unauthorized", "invalid_session", "relogin")


def application(environ, start_response):
    try:
        status, kind, extra = "200 OK", "application/json", []
        body = {"ordersOf": caller_of(environ)["sub"]}
    except Refused as refused:
        # As r3session answers, so that its client in the mini program knows what to do.
        status, code, action = refused.args
        kind, extra = "application/problem+json", [("Retry-After", "1")] if action == "retry" else []
        body = {
            "type": f"urn:r3session:error:{code}",
            "title": status[4:],
            "status": int(status[:3]),
            "code": code,
            "action": action,
        }
    start_response(status, [("Content-Type", kind), *extra])
    return [json.dumps(body).encode()]


if __name__ == "__main__":
    # In production any WSGI server: gunicorn server:application
    make_server("localhost", int(os.environ.get("PORT", "8080")), application).serve_forever()
