"""Every folder in sample_documents is a test, certified under the profiles on disk: a partner adds no code here."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from gateway.certification import Check
from gateway.certification.certify import certificate
from gateway.certification.sample import is_sample, sample
from gateway.pipeline.translation.house import House
from gateway.settings import Settings
from gateway.setup import check

ROOT = Path(__file__).parents[2]
CASES = sorted(filter(is_sample, (ROOT / "sample_documents").glob("*/*")))
CAME, SENT = ("canonical.json", "about.txt", "acknowledgment.edi"), ("canonical.json", "about.txt")
"""What stands beside a document; files of records are acknowledged only where something is wrong with them."""


@cache
def house() -> House:
    settings = Settings(partners_dir=ROOT / "partners", samples_dir=ROOT / "sample_documents")
    loaded = check(settings)
    assert loaded.snapshot is not None, "\n".join(map(str, loaded.faults))
    return House(loaded.snapshot)


def told(check: Check) -> str:
    rows = [f"    {one.path}: expected {one.expected}; got {one.got}" for one in check.diff]
    return "\n".join([f"{check.name}: {check.detail}", *rows])


def test_there_are_samples():
    assert len(CASES) >= 15


@pytest.mark.parametrize("folder", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_sample(folder: Path):
    made = certificate(house(), sample(folder))
    failed = [check for check in made.checks if check.held is False]
    assert made.held, "\n".join(map(told, failed))


@pytest.mark.parametrize("folder", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_sample_says_what_is_expected_of_it(folder: Path):
    expected = CAME if (folder / "in.edi").is_file() else SENT
    missing = [name for name in expected if not (folder / name).is_file()]
    assert not missing
