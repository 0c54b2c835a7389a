"""Every file in `broken/` is a test: files that replace or join the good house, and exactly what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from .rooms import GOOD, load

CASES = sorted((Path(__file__).parent / "broken").glob("*.txt"))


def read_case(path: Path) -> tuple[dict[str, str | None], str]:
    """(file -> text, the faults) of a case."""
    parts = [part.partition("\n") for part in path.read_text().split("=== ")[1:]]
    files = {name: text for name, _, text in parts}
    return {name: text for name, text in files.items() if name != "faults"}, files["faults"]


def test_there_are_cases():
    assert len(CASES) >= 50


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_broken(path):
    files, expected = read_case(path)
    loaded = load(files)
    told = "\n".join(("warning: " if fault.warning else "") + str(fault) for fault in loaded.faults)
    assert told == expected.strip("\n")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_one_broken_profile_does_not_stop_the_others(path):
    files, _ = read_case(path)
    loaded = load(files)
    if "company.yaml" in files:
        return
    assert loaded.snapshot is not None
    assert "acme" in loaded.snapshot.partners
    assert ("bolt" in loaded.snapshot.partners) is loaded.sound


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_last_good_version_goes_on(path):
    files, _ = read_case(path)
    good = load({**GOOD, **{name: text for name, text in BEFORE.items() if name in files}})
    again = load(files, previous=good.snapshot)
    assert again.snapshot is not None
    if not again.sound:
        for name in ("acme", "bolt"):
            assert again.snapshot.partners.get(name) == good.snapshot.partners.get(name)
        assert again.snapshot.company == good.snapshot.company


BOLT = """\
partner: bolt
identities: {x12: ZZ/BOLT}
channels:
  mailbox:
    our_sftp: {user: bolt, keys: keys/bolt.pub}
"""
BEFORE = {
    "profiles/bolt.yaml": BOLT,
    "templates/us-retailer.yaml": "validate: strict\n",
    "templates/a.yaml": "validate: strict\n",
    "templates/b.yaml": "validate: strict\n",
}


def test_a_secret_never_shows_in_a_fault():
    files, _ = read_case(Path(__file__).parent / "broken" / "literal_password.txt")
    told = str(load(files).faults)
    assert "hunter2" in files["profiles/bolt.yaml"]
    assert "hunter2" not in told


def test_faults_of_several_files_come_at_once():
    texts = {
        "profiles/bolt.yaml": BOLT.replace("identities", "identites"),
        "profiles/cog.yaml": "partner: cog\nstage: lvie\n",
        "company.yaml": GOOD["company.yaml"].replace('"*": erp', '"*": epr'),
    }
    marks = [fault.mark.file for fault in load(texts).faults]
    assert marks == ["company.yaml", "profiles/bolt.yaml", "profiles/cog.yaml"]


def test_rules_across_files_see_what_is_left_of_a_broken_profile():
    broken = BOLT.replace("ZZ/BOLT", "01/012345678") + "stage: lvie\n"
    told = [fault.what for fault in load({"profiles/bolt.yaml": broken}).faults]
    assert told == [
        "identities.x12: 01/012345678 is also bolt's (profiles/bolt.yaml)",
        "identities.x12: 01/012345678 is also acme's (profiles/acme.yaml)",
        "stage: 'lvie' is not one of them",
    ]
