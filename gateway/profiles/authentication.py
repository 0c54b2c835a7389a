"""How we prove who we are to an HTTP server: one of four ways, and every secret of it by reference."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from gateway.profiles.words import Model, Name, Secret, Text, Url


class Oauth2(Model):
    """Client credentials: a token is fetched from `token_url`, and used until shortly before it ends."""

    token_url: Url
    client: Text
    secret: Secret
    scope: Text | None = None
    send: Literal["header", "body"] = Field(
        "header", description="where the token's server wants client and secret"
    )


class Basic(Model):
    user: Text
    password: Secret


class Authentication(Model):
    """How we prove who we are to an HTTP server; an API key is a `header`."""

    bearer: Secret | None = None
    basic: Basic | None = None
    oauth2: Oauth2 | None = None
    header: dict[Name, Secret] = Field(
        default_factory=dict, description="header: secret, as in {X-Api-Key: secret:erp/key}"
    )

    @model_validator(mode="after")
    def one_way(self) -> Authentication:
        given = [name for name in type(self).model_fields if getattr(self, name)]
        if len(given) > 1:
            raise ValueError(f"proves who we are in several ways ({', '.join(given)}); keep one of them")
        return self
