"""Whether what is agreed can travel, where more than one file has a say in it; `broken/` has the other cases."""

from __future__ import annotations

import pytest

from .rooms import COMPANY, load

BOLT = "partner: bolt\nidentities: {x12: ZZ/BOLT}\nchannels: {box: {folder: {in: bolt/in}, pull: {}}}\n"

SILENT = {
    "what is never acknowledged": "receive: {997: x12/004010/850}\n",
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
