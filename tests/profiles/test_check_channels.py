"""Whether what is agreed can travel, where more than one file has a say in it; `broken/` has the other cases."""

from __future__ import annotations

import pytest

from .rooms import COMPANY, load

BOLT = "partner: bolt\nidentities: {x12: ZZ/BOLT}\nchannels: {box: {folder: {in: bolt/in}, pull: {}}}\n"

SILENT = {
    "what is never acknowledged": "receive: {997: x12/004010/997}\n",
    "what nobody wants acknowledged": "acknowledge: none\nreceive: {850: x12/004010/850}\n",
    "what nobody sends": "",
}


@pytest.mark.parametrize("case", SILENT)
def test_needs_no_way_out(case: str):
    assert load({"profiles/bolt.yaml": BOLT + SILENT[case]}).faults == ()


def test_a_mailbox_of_the_company_that_cannot_send():
    van = "  van:\n    folder: {in: van/in, out: van/out}\n    pull: {}\n"
    company = COMPANY[: COMPANY.index("  van:")] + van
    profile = "partner: bolt\nidentities: {x12: ZZ/BOLT}\nchannels: {box: company.van}\n"
    texts = {"company.yaml": company, "profiles/bolt.yaml": f"{profile}receive: {{850: x12/004010/850}}\n"}
    told = [(str(fault.mark), fault.what) for fault in load(texts).faults]
    assert told == [
        ("company.yaml:17:26", "channels.van.folder.out: there is no push: beside folder"),
        (
            "profiles/bolt.yaml:3:1",
            "channels: none of them can send the acknowledgments that are agreed (997)",
        ),
    ]
    texts["company.yaml"] = company + "    push: {}\n"
    assert load(texts).faults == ()


SENDS = "send:\n  856: x12/004010/856\n"
FETCHED = "channels:\n  drop:\n    folder: {in: bolt/in}\n    pull: {}\n"
BOTH = "channels:\n" + "".join(
    f"  {box}:\n    folder: {{out: bolt/{box}}}\n    push: {{}}\n" for box in ("one", "two")
)
WHO = "partner: bolt\nextends: templates/all\nidentities: {x12: ZZ/BOLT}\n"
NOTHING, WHICH = "send: nothing here can send", "send.856: over which channel?"

BLAMED = [
    # template, profile -> where the fault is told
    (SENDS, WHO + FETCHED, "profiles/bolt.yaml:4:1", NOTHING),
    (SENDS, WHO + BOTH, "profiles/bolt.yaml:4:1", WHICH),
    (SENDS, WHO, "profiles/bolt.yaml:1:1", NOTHING),
    (FETCHED, WHO + SENDS, "profiles/bolt.yaml:4:1", NOTHING),
    (BOTH, WHO + SENDS, "profiles/bolt.yaml:5:3", WHICH),
    (SENDS + FETCHED, WHO, "templates/all.yaml:1:1", NOTHING),
    (SENDS + BOTH, WHO, "templates/all.yaml:2:3", WHICH),
]


@pytest.mark.parametrize(("template", "profile", "mark", "what"), BLAMED)
def test_without_a_way_out_the_file_that_causes_it_is_told(template: str, profile: str, mark: str, what: str):
    found = load({"templates/all.yaml": template, "profiles/bolt.yaml": profile}).faults
    assert [(str(one.mark), one.what) for one in found] == [(mark, what)]
