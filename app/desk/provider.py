"""Single sign-on by OpenID Connect, where Authlib is installed (the extra `sso`).

The provider says who somebody is; which account that is, and what it may, stands here. An account
is found by the name that the provider tells at the first time, and by the provider's own subject
from then on. Whoever needs a second factor shows it here, too.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from cryptography.fernet import Fernet, InvalidToken

from app.response.refusals import SignInFailed

_TIMEOUT_S: Final = 10
#: How long somebody may take at the provider, and at the second factor after it.
_ATTEMPT_S: Final = 600
_SCOPES: Final = "openid profile"
_ALGORITHMS: Final = ("RS256", "ES256", "PS256", "EdDSA")
_WELL_KNOWN: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class SsoProvider:
    """The settings of a provider."""

    issuer: str
    client_id: str
    client_secret: str


class Attempt(msgspec.Struct, frozen=True):
    """A sign-in that is under way at the provider; stands sealed in a cookie."""

    state: str
    nonce: str
    verifier: str
    then: str


class Proven(msgspec.Struct, frozen=True):
    """Who the provider says somebody is, until the second factor is shown; sealed likewise."""

    subject: str
    name: str
    then: str


def begin(provider: SsoProvider, back: str, then: str) -> tuple[str, Attempt]:
    """Where to send a browser, which comes back to `back`; and what to remember.

    Raises SignInFailed where the provider does not answer.
    """
    state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
    attempt = Attempt(state, nonce, verifier, then)
    address, _ = _client(provider, back).create_authorization_url(
        _described(provider)["authorization_endpoint"],
        state=attempt.state,
        nonce=attempt.nonce,
        code_verifier=attempt.verifier,
    )
    return address, attempt


def finish(provider: SsoProvider, back: str, attempt: Attempt, code: str, state: str) -> Proven:
    """Who it is that came back with a code. Raises SignInFailed."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet
    from requests import RequestException

    if not secrets.compare_digest(state.encode(), attempt.state.encode()):
        raise SignInFailed
    described, client = _described(provider), _client(provider, back)
    try:
        told = client.fetch_token(
            described["token_endpoint"],
            code=code,
            code_verifier=attempt.verifier,
            timeout=_TIMEOUT_S,
        )
        held = client.get(described["jwks_uri"], withhold_token=True, timeout=_TIMEOUT_S)
        keys = KeySet.import_key_set(held.json())
        claims = jwt.decode(told["id_token"], keys, algorithms=list(_ALGORITHMS)).claims
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": provider.client_id},
            nonce={"essential": True, "value": attempt.nonce},
            sub={"essential": True},
            exp={"essential": True},
        ).validate(claims)
    except (AuthlibBaseError, JoseError, RequestException, KeyError, ValueError) as fault:
        raise SignInFailed from fault
    name = str(claims.get("preferred_username", ""))
    return Proven(_subject(provider, str(claims["sub"])), name, attempt.then)


def seal(fernet: Fernet, value: Attempt | Proven) -> str:
    """As a cookie or a field of a form holds it."""
    return fernet.encrypt(msgspec.msgpack.encode(value)).decode()


def unseal(fernet: Fernet, sealed: str, into: Any) -> Any:
    """The value again, while its time is not over. Raises SignInFailed."""
    try:
        return msgspec.msgpack.decode(fernet.decrypt(sealed.encode(), _ATTEMPT_S), type=into)
    except (InvalidToken, msgspec.DecodeError) as fault:
        raise SignInFailed from fault


def _described(provider: SsoProvider) -> dict[str, Any]:
    """What the provider says of itself, and no other of it. Raises SignInFailed."""
    import requests

    try:
        told = requests.get(provider.issuer.rstrip("/") + _WELL_KNOWN, timeout=_TIMEOUT_S)
        told.raise_for_status()
        described: dict[str, Any] = told.json()
    except (requests.RequestException, ValueError) as fault:
        raise SignInFailed from fault
    if described.get("issuer") != provider.issuer:
        raise SignInFailed
    return described


def _client(provider: SsoProvider, back: str) -> Any:
    from authlib.integrations.requests_client import OAuth2Session

    return OAuth2Session(
        provider.client_id,
        provider.client_secret,
        scope=_SCOPES,
        redirect_uri=back,
        code_challenge_method="S256",
    )


def _subject(provider: SsoProvider, subject: str) -> str:
    return hashlib.sha256(f"{provider.issuer}\n{subject}".encode()).hexdigest()
