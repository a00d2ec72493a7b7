"""A verifier of passports in another language, written from DESIGN and tests/vectors/README.md alone.

Input: the document of test vectors, as JSON. Output: name -> claims of those that it accepts, or
null. Shows that the vectors are enough to prove a second verifier, and that ours reads the same.
"""

import base64
import json
import re
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

MAX_TOKEN = 8192
MAX_DEPTH = 8
MAX_LIFE_SECONDS = 60
LEEWAY_SECONDS = 5
WORKLOAD = r"spiffe://{}(?:/(?!\.{{1,2}}(?:/|$))[A-Za-z0-9._-]+)+"
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


def key_of(jwk):
    x, y = (int.from_bytes(from_base64url(jwk[member]), "big") for member in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def verify_signature(jwk, signed, signature):
    need(len(signature) == 64)
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    der = utils.encode_dss_signature(r, s)
    key_of(jwk).verify(der, signed.encode("ascii"), ec.ECDSA(SHA256()))


def is_seconds(value):
    return type(value) is int and 0 < value <= 253402300799


def is_text(value):
    return isinstance(value, str) and re.fullmatch(r"[\x21-\x7e]{1,512}", value) is not None


def check_times(claims, now):
    need(is_seconds(claims["iat"]) and is_seconds(claims["exp"]))
    need(claims["iat"] < claims["exp"] <= claims["iat"] + MAX_LIFE_SECONDS)
    need(claims["exp"] > now and claims["iat"] <= now + LEEWAY_SECONDS)
    if "nbf" in claims:
        need(is_seconds(claims["nbf"]) and claims["nbf"] <= now + LEEWAY_SECONDS)


def check_subject(claims, trust_domain):
    subject = claims["sub"]
    if re.fullmatch(r"usr_[A-Za-z0-9_-]{1,124}", subject):
        return
    if subject == f"anonymous:{claims['txn']}":
        need(claims["scope"] == "" and not claims.get("roles"))
        need("sid" not in claims and "sv" not in claims)
        return
    need(re.fullmatch(WORKLOAD.format(re.escape(trust_domain)), subject))
    need(claims["iss"] == f"spiffe://{trust_domain}/auth")


def check_claims(claims, document):
    trust_domain = document["trustDomain"]
    need(claims["aud"] == trust_domain and "cnf" not in claims)
    need(all(is_text(claims[name]) for name in ("iss", "txn", "jti", "sub", "req_wl")))
    need(isinstance(claims["scope"], str) and re.fullmatch(SCOPE, claims["scope"]))
    roles = claims.get("roles", [])
    need(isinstance(roles, list) and all(is_text(role) for role in roles))
    need(isinstance(claims["rctx"], dict) and is_text(claims["tctx"]["method"]))
    check_times(claims, document["nowSeconds"])
    check_subject(claims, trust_domain)


def verify(token, document):
    need(len(token) <= MAX_TOKEN)
    parts = token.split(".")
    need(len(parts) == 3)
    header = parse(from_base64url(parts[0]))
    need(header.keys() == {"alg", "kid", "typ"})
    need(header["typ"] == "txntoken+jwt" and header["alg"] == "ES256")
    jwk = {key["kid"]: key for key in document["keySet"]["keys"]}[header["kid"]]
    verify_signature(jwk, f"{parts[0]}.{parts[1]}", from_base64url(parts[2]))
    claims = parse(from_base64url(parts[1]))
    need(claims["iss"] == jwk["iss"])
    check_claims(claims, document)
    return claims


def claims_or_none(token, document):
    try:
        return verify(token, document)
    except (Refused, InvalidSignature, KeyError, TypeError, ValueError):
        return None


vectors = json.load(sys.stdin)
answer = {v["name"]: claims_or_none(v["token"], vectors) for v in vectors["vectors"]}
json.dump(answer, sys.stdout)
