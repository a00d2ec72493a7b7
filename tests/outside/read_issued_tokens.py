"""A verifier of access tokens and service tokens in another language: PyJWT for the signature and the
registered claims, and, on top, what tests/vectors/README.md and DESIGN ask for beyond it.

Input: a document of test vectors, as JSON. Output: name -> claims of those that it accepts, or null.
"""

import re

import jwt

from strict_jws import answer, check_times, from_base64url, is_scope, is_text, key_for, need, parse, split

PERSON = r"usr_[A-Za-z0-9_-]{1,124}"


def check_person(claims):
    need(re.fullmatch(PERSON, claims["sub"]))
    need(is_text(claims["sid"]) and type(claims["sv"]) is int and claims["sv"] >= 0)
    need(isinstance(claims["roles"], list) and all(is_text(role) for role in claims["roles"]))


def check_workload(claims):
    need(claims["sub"] == claims["client_id"])
    need(not claims["sub"].startswith(("usr_", "anonymous:")))


def verify(token, document):
    parts = split(token)
    jwk = key_for(parts, document, typ="at+jwt", alg="RS256")
    need(jwk["kty"] == "RSA")
    # The form first: PyJWT reads spellings that we refuse.
    from_base64url(parts[2])
    claims = parse(from_base64url(parts[1]))
    # The vectors have their own time, which PyJWT cannot be told: times are checked below.
    options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "require": ["exp", "iat"]}
    key = jwt.PyJWK(jwk).key
    expected = {"issuer": document["issuer"], "audience": document["audience"]}
    try:
        jwt.decode(token, key, algorithms=["RS256"], options=options, **expected)
    except jwt.InvalidTokenError as error:
        raise ValueError from error
    need(claims["iss"] == document["issuer"] and claims["aud"] == document["audience"])
    need("cnf" not in claims and is_scope(claims["scope"]))
    need(all(is_text(claims[name]) for name in ("sub", "client_id", "jti")))
    check_times(claims, document["nowSeconds"])
    # One verifier stands at the edge, the other inside: the audience says where.
    (check_person if document["audience"].startswith("https://") else check_workload)(claims)
    return claims


answer(verify)
