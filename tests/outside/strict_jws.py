"""What a strict verifier of Gatehouse's tokens in Python needs, whatever the kind of token."""

import base64
import json
import re
import sys

from cryptography.exceptions import InvalidSignature

MAX_TOKEN = 8192
MAX_DEPTH = 8
LEEWAY_SECONDS = 5
SCOPE = r"(?:[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*)?"


class Refused(Exception):
    pass


def need(is_good):
    if not is_good:
        raise Refused


def from_base64url(part):
    need(re.fullmatch(r"[A-Za-z0-9_-]+", part) and len(part) % 4 != 1)
    data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    need(base64.urlsafe_b64encode(data).rstrip(b"=").decode() == part)
    return data


def without_repeats(pairs):
    need(len({name for name, _ in pairs}) == len(pairs))
    return dict(pairs)


def not_json(_constant):
    raise Refused


def depth_of(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max((depth_of(item) for item in inner), default=0)


def parse(data):
    value = json.loads(
        data.decode("utf-8"), object_pairs_hook=without_repeats, parse_constant=not_json
    )
    need(isinstance(value, dict) and depth_of(value) <= MAX_DEPTH)
    return value


def is_seconds(value):
    return type(value) is int and 0 < value <= 253402300799


def is_text(value):
    return isinstance(value, str) and re.fullmatch(r"[\x21-\x7e]{1,512}", value) is not None


def is_scope(value):
    return isinstance(value, str) and re.fullmatch(SCOPE, value) is not None


def check_times(claims, now):
    need(is_seconds(claims["iat"]) and is_seconds(claims["exp"]))
    need(claims["iat"] < claims["exp"] and claims["exp"] > now)
    need(claims["iat"] <= now + LEEWAY_SECONDS)
    if "nbf" in claims:
        need(is_seconds(claims["nbf"]) and claims["nbf"] <= now + LEEWAY_SECONDS)


def split(token):
    need(len(token) <= MAX_TOKEN)
    parts = token.split(".")
    need(len(parts) == 3)
    return parts


def key_for(parts, document, *, typ, alg):
    """The published key that a token of this kind names."""
    header = parse(from_base64url(parts[0]))
    need(header.keys() == {"alg", "kid", "typ"})
    need(header["typ"] == typ and header["alg"] == alg)
    return {key["kid"]: key for key in document["keySet"]["keys"]}[header["kid"]]


def claims_or_none(verify, token, document):
    try:
        return verify(token, document)
    except (Refused, InvalidSignature, KeyError, TypeError, ValueError):
        return None


def answer(verify):
    """Reads a document of vectors, and writes name -> claims of those accepted, or null."""
    document = json.load(sys.stdin)
    vectors = document["vectors"]
    json.dump({v["name"]: claims_or_none(verify, v["token"], document) for v in vectors}, sys.stdout)
