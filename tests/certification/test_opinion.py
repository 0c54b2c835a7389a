"""pyx12 has nothing against what is right, and finds what is wrong with an envelope."""

from __future__ import annotations

import pytest

from gateway.certification.opinion import objections

from .conftest import ACKNOWLEDGMENT, ORDER, TA1

WRONG = [
    (b"SE*6*0001", b"SE*7*0001"),
    (b"SE*6*0001", b"SE*6*0002"),
    (b"GE*1*77", b"GE*2*77"),
    (b"GE*1*77", b"GE*1*78"),
    (b"IEA*1*", b"IEA*2*"),
    (b"IEA*1*000000118", b"IEA*1*000000119"),
    (b"IEA*1*000000118~\n", b""),
    (b"CTT*1~", b"CTT*1*~"),
    (b"ISA*00*  ", b"ISA*00*"),
]


@pytest.mark.parametrize("right", [ORDER, ACKNOWLEDGMENT, TA1])
def test_nothing_against_what_is_right(right):
    assert objections(right) == []


@pytest.mark.parametrize(("right", "wrong"), WRONG)
def test_a_wrong_envelope_is_found(right, wrong):
    assert ORDER.count(right) == 1
    assert objections(ORDER.replace(right, wrong)) != []


def test_a_version_it_does_not_know():
    assert objections(ORDER.replace(b"*00401*", b"*00403*")) is None
