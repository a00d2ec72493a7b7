"""A verifier of passports in another language, written from DESIGN and tests/vectors/README.md alone.

Input: the document of test vectors, as JSON. Output: name -> claims of those that it accepts, or
null. Shows that the vectors are enough to prove a second verifier, and that ours reads the same.
"""

import re

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from strict_jws import answer, check_times, from_base64url, is_scope, is_text, key_for, need, parse, split

MAX_LIFE_SECONDS = 60
WORKLOAD = r"spiffe://{}(?:/(?!\.{{1,2}}(?:/|$))[A-Za-z0-9._-]+)+"


def key_of(jwk):
    x, y = (int.from_bytes(from_base64url(jwk[member]), "big") for member in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def verify_signature(jwk, signed, signature):
    need(len(signature) == 64)
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    der = utils.encode_dss_signature(r, s)
    key_of(jwk).verify(der, signed.encode("ascii"), ec.ECDSA(SHA256()))


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
    need(is_scope(claims["scope"]))
    roles = claims.get("roles", [])
    need(isinstance(roles, list) and all(is_text(role) for role in roles))
    need(isinstance(claims["rctx"], dict) and is_text(claims["tctx"]["method"]))
    check_times(claims, document["nowSeconds"])
    need(claims["exp"] - claims["iat"] <= MAX_LIFE_SECONDS)
    check_subject(claims, trust_domain)


def verify(token, document):
    parts = split(token)
    jwk = key_for(parts, document, typ="txntoken+jwt", alg="ES256")
    verify_signature(jwk, f"{parts[0]}.{parts[1]}", from_base64url(parts[2]))
    claims = parse(from_base64url(parts[1]))
    need(claims["iss"] == jwk["iss"])
    check_claims(claims, document)
    return claims


answer(verify)
