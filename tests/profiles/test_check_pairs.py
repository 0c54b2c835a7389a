"""Folders that many claim: all are told, and how much is told grows only with their number."""

from __future__ import annotations

from .rooms import load

PROFILE = (
    "partner: {0}\nidentities: {{x12: ZZ/{0}}}\nchannels: {{box: {{folder: {{in: ../{1}}}, pull: {{}}}}}}\n"
)


def test_of_many_in_one_folder_each_is_told_beside_the_first():
    names = [f"p{number}" for number in range(6)]
    loaded = load({f"profiles/{name}.yaml": PROFILE.format(name, "mail") for name in names})
    assert len(loaded.faults) == 2 * 5
    assert {fault.mark.file for fault in loaded.faults} == {f"profiles/{name}.yaml" for name in names}
    assert set(loaded.snapshot.partners) == {"acme", "p0"}


def test_folders_beside_each_other_are_nobody_s_trouble():
    names = ["p1", "p10", "p1.old"]
    assert load({f"profiles/{name}.yaml": PROFILE.format(name, name) for name in names}).faults == ()
