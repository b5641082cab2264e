"""The foreign side of the token tests in Python: jwcrypto for everything, PyJWT for signatures.

Reads a list of tasks as JSON from standard input and writes the list of answers, or {"error": text} for a task that failed.
"""

import json
import sys

import jwt
from jwcrypto import jwe, jwk, jws


def sign_jwcrypto(task):
    token = jws.JWS(task["payload"])
    header = json.dumps({"alg": task["alg"], "typ": "JWT"})
    token.add_signature(jwk.JWK(**task["key"]), None, header)
    return token.serialize(compact=True)


def verify_jwcrypto(task):
    token = jws.JWS()
    token.allowed_algs = [task["alg"]]
    token.deserialize(task["text"], jwk.JWK(**task["key"]))
    return token.payload.decode()


def pyjwt_key(task):
    """PyJWT reads PEM for key pairs here, so that our PEM is tried as well."""
    return task["pem"] if task.get("pem") else jwt.PyJWK(task["key"], task["alg"]).key


def sign_pyjwt(task):
    return jwt.encode(json.loads(task["payload"]), pyjwt_key(task), algorithm=task["alg"])


def verify_pyjwt(task):
    claims = jwt.decode(task["text"], pyjwt_key(task), algorithms=[task["alg"]])
    return json.dumps(claims, separators=(",", ":"))


def algorithms(task):
    return [task["alg"], task["enc"]]


def encrypt_jwcrypto(task):
    header = json.dumps({"alg": task["alg"], "enc": task["enc"], "kid": "peer"})
    token = jwe.JWE(task["payload"].encode(), header, algs=algorithms(task))
    token.add_recipient(jwk.JWK(**task["key"]))
    if task["form"] == "compact":
        return token.serialize(compact=True)
    if task["alg"].startswith("ECDH-ES"):
        # jwcrypto writes `epk` into `header` in its JSON form, which is refused; its compact form holds the same parts
        names = ("protected", "encrypted_key", "iv", "ciphertext", "tag")
        return json.dumps(dict(zip(names, token.serialize(compact=True).split("."))))
    return token.serialize(compact=False)


def decrypt_jwcrypto(task):
    token = jwe.JWE(algs=algorithms(task))
    token.deserialize(task["text"], jwk.JWK(**task["key"]))
    return token.payload.decode()


TASKS = {
    ("sign", "jwcrypto"): sign_jwcrypto,
    ("verify", "jwcrypto"): verify_jwcrypto,
    ("sign", "pyjwt"): sign_pyjwt,
    ("verify", "pyjwt"): verify_pyjwt,
    ("encrypt", "jwcrypto"): encrypt_jwcrypto,
    ("decrypt", "jwcrypto"): decrypt_jwcrypto,
    ("thumbprint", "jwcrypto"): lambda task: jwk.JWK(**task["key"]).thumbprint(),
}


def answer(task):
    try:
        return TASKS[task["do"], task["with"]](task)
    except Exception as error:  # the test prints what a peer says
        return {"error": f"{type(error).__name__}: {error}"}


json.dump([answer(task) for task in json.load(sys.stdin)], sys.stdout)
