"""A service of Python's standard library behind the gateway: whoever calls it shows a passport."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt

KEYS = jwt.PyJWKClient("http://127.0.0.1:8080/.well-known/txn-jwks.json")
STOCK = {"tea": 42}


def passport_of(headers):
    token = headers.get("Txn-Token", "")
    passport = jwt.decode_complete(
        token,
        KEYS.get_signing_key_from_jwt(token),
        algorithms=["ES256"],
        issuer="https://gateway.shop.example",
        audience="shop.internal",
        options={"require": ["exp", "iat", "sub"]},
    )
    if passport["header"].get("typ") != "txntoken+jwt":
        raise jwt.InvalidTokenError("a token of another kind")
    return passport["payload"]


class Stock(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.with_passport(lambda item, sub: {"item": item, "left": STOCK.get(item, 0), "for": sub})

    def do_PUT(self):
        left = int(self.rfile.read(int(self.headers["Content-Length"])))

        def count(item, sub):
            STOCK[item] = left
            return {"item": item, "left": left, "by": sub}

        self.with_passport(count)

    def with_passport(self, work):
        try:
            passport = passport_of(self.headers)
        except jwt.PyJWTError:
            return self.answer(403, {"error": "this needs a passport of the gateway"})
        return self.answer(200, work(self.path.rsplit("/", 1)[-1], passport["sub"]))

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", 3001), Stock).serve_forever()
