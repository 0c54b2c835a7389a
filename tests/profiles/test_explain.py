"""What pydantic finds is said in our words: bounds, what is empty, and nothing that only follows from another fault."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import AfterValidator, BaseModel, Field

from gateway import marked_yaml
from gateway.profiles.explain import judge


def even(value: int) -> int:
    if value % 2:
        raise ValueError("is odd; write an even one")
    return value


class Kept(BaseModel):
    host: str = Field("x", min_length=1, max_length=5)
    port: int = Field(1, ge=1, lt=100)
    every: float = Field(1.0, gt=0.5)
    keys: tuple[Annotated[int, AfterValidator(even)], ...] = Field((2,), min_length=1)
    rooms: dict[str, int] = Field({"a": 1}, min_length=1)


CASES = [
    ('host: ""', "host: is empty", "write it"),
    (
        "host: abcdef",
        "host: abcdef is not at most 5 characters long",
        "write what is at most 5 characters long",
    ),
    ("port: 0", "port: 0 is not at least 1", "write what is at least 1"),
    ("port: 100", "port: 100 is not less than 100", "write what is less than 100"),
    ("every: 0.5", "every: 0.5 is not more than 0.5", "write what is more than 0.5"),
    ("keys: []", "keys: is empty", "say at least one"),
    ("keys: [3]", "keys.0: is odd", "write an even one"),
    ("rooms: {}", "rooms: is empty", "say at least one"),
]


@pytest.mark.parametrize(("text", "what", "fix"), CASES)
def test_each_finding_is_said_once_and_in_our_words(text: str, what: str, fix: str):
    judged = judge(Kept, marked_yaml.load(text, "kept.yaml"), "the file")
    assert [(fault.what, fault.fix) for fault in judged.faults] == [(what, fix)]
