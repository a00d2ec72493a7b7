"""Reads a token as a service in another language would: PyJWT, the published key set, nothing of ours.

Input, as JSON: token, keys (a JWK set), algorithm, typ, issuer, audience. Output: its claims as JSON.
Exits 1 with the reason when the token is not good.
"""

import json
import sys

import jwt

question = json.load(sys.stdin)
try:
    header = jwt.get_unverified_header(question["token"])
    if header["typ"] != question["typ"]:
        raise jwt.InvalidTokenError("another typ")
    keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(question["keys"]).keys}
    claims = jwt.decode(
        question["token"],
        keys[header["kid"]].key,
        algorithms=[question["algorithm"]],
        issuer=question["issuer"],
        audience=question["audience"],
        options={"require": ["exp", "iat", "iss", "aud", "sub", "jti"]},
    )
except (jwt.InvalidTokenError, KeyError) as error:
    print(f"{type(error).__name__}: {error}", file=sys.stderr)
    sys.exit(1)
json.dump(claims, sys.stdout)
