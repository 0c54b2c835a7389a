"""Settings of the protocols profiles may already name, before the gateway has the module that serves them.

They are checked like any other; `gateway check` says that nothing travels over them yet. A module that exports its
own settings under the same name takes the place of the row here, and the row is then deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from gateway.profiles.authentication import Authentication
from gateway.profiles.channel import Way
from gateway.profiles.words import Day, FileRef, Model, Name, Secret, Text, Truth, Url, listed


class Certificate(Model):
    file: FileRef
    from_: Day | None = Field(default=None, alias="from")


def certificate(value: Any) -> Any:
    return {"file": value} if isinstance(value, str) else value


OneCertificate = Annotated[
    Certificate, BeforeValidator(certificate, json_schema_input_type=FileRef | Certificate)
]
Certificates = Annotated[
    tuple[OneCertificate, ...],
    BeforeValidator(listed, json_schema_input_type=OneCertificate | list[OneCertificate]),
]


class As2(Model):
    name: Text = Field(description="their AS2 name, exactly as they spell it")
    url: Url | None = None
    certificates: Certificates = Field(default=(), description="theirs; any valid one verifies")
    sign: Literal["sha256", "sha384", "sha512", "sha1", "none"] = "sha256"
    encrypt: Literal["aes256-gcm", "aes128-gcm", "aes256-cbc", "aes128-cbc", "3des", "none"] = "aes256-cbc"
    compress: Literal["before-signing", "after-signing", "none"] = "none"
    mdn: Literal["sync", "async", "none"] = "sync"
    quirks: tuple[Literal["no-chunking", "base64", "unfold-headers", "no-algorithm-protection"], ...] = ()
    weak: Text | None = Field(default=None, description="why sha1 or 3des is allowed here")

    @property
    def sends(self) -> bool:
        return self.url is not None


class Webhook(Model):
    verify: Literal["standard", "shopify", "woocommerce", "hmac", "api-key", "basic", "mtls"]
    secret: Annotated[
        tuple[Secret, ...], BeforeValidator(listed, json_schema_input_type=Secret | list[Secret])
    ] = ()
    url: Url | None = None
    topics: dict[Text, Name] = Field(default_factory=dict, description="their topic: our receive entry")

    @property
    def sends(self) -> bool:
        return self.url is not None


class Http(Model):
    url: Url
    auth: Authentication = Authentication()
    rate: Text | None = None


class Soap(Model):
    wsdl: FileRef
    url: Url
    user: Text | None = None
    password: Secret | None = None
    digest: Truth = False
    certificates: Certificates = ()


class OurSoap(Model):
    wsdl: FileRef
    user: Text | None = None
    password: Secret | None = None
    certificates: Certificates = ()

    @property
    def sends(self) -> bool:
        return False


class OurRest(Model):
    token: Secret

    @property
    def sends(self) -> bool:
        return False


PROTOCOLS: Mapping[str, Way] = {
    "as2": Way(As2),
    "webhook": Way(Webhook),
    "http": Way(Http),
    "soap": Way(Soap),
    "our_soap": Way(OurSoap),
    "rest": Way(OurRest),
}
