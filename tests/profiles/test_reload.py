"""Files change while we run: what is good is adopted, what is not leaves the last good version in force."""

from __future__ import annotations

import asyncio

import pytest

from gateway.errors import Mark, SetupFault
from gateway.profiles import Secrets, watch
from gateway.profiles import load as load_root
from gateway.profiles.snapshot import Loaded

from .rooms import ACME, AROUND, COMPANY, GOOD, load, snapshot

BOLT = "partner: bolt\nidentities: {x12: ZZ/BOLT}\nchannels: {m: {our_sftp: {user: bolt, keys: keys/bolt.pub}}}\n"


def written(root, texts):
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_files_are_read_as_they_lie(tmp_path):
    loaded = load_root(written(tmp_path, GOOD), AROUND)
    assert loaded.faults == ()
    assert loaded.snapshot == snapshot()


def test_what_does_not_belong_is_not_read(tmp_path):
    root = written(
        tmp_path / "partners", {**GOOD, ".git/x.yaml": "a: b", "profiles/.acme.yaml": "[", "README.md": "x"}
    )
    assert set(load_root(root, AROUND).snapshot.texts) == set(GOOD)


def test_a_new_profile_is_adopted():
    again = load({"profiles/bolt.yaml": BOLT}, previous=snapshot())
    assert list(again.snapshot.partners) == ["acme", "bolt"]
    assert again.kept == ()


def test_a_profile_that_is_gone_is_gone():
    again = load({"profiles/acme.yaml": None}, previous=snapshot())
    assert list(again.snapshot.partners) == []


def test_a_broken_change_keeps_the_old_and_the_others_go_on():
    before = snapshot({"profiles/bolt.yaml": BOLT})
    texts = {"profiles/bolt.yaml": BOLT + "stage: lvie\n", "profiles/acme.yaml": ACME + "name: New\n"}
    again = load(texts, previous=before)
    assert again.snapshot.partners["acme"].name == "New"
    assert again.snapshot.partners["bolt"] == before.partners["bolt"]
    assert again.snapshot.texts["profiles/bolt.yaml"] == BOLT
    assert again.kept == ("bolt",)
    assert not again.sound


def test_of_two_with_one_identity_the_newcomer_waits():
    """Also when its name comes first."""
    before = snapshot({"profiles/bolt.yaml": BOLT})
    again = load(
        {
            "profiles/bolt.yaml": BOLT,
            "profiles/abel.yaml": BOLT.replace("bolt", "abel", 1).replace("user: bolt", "user: abel"),
        },
        previous=before,
    )
    assert list(again.snapshot.partners) == ["acme", "bolt"]
    assert [fault.mark.file for fault in again.faults] == ["profiles/abel.yaml", "profiles/bolt.yaml"]


def test_a_broken_template_falls_back_and_is_the_only_fault():
    texts = {"templates/t.yaml": "validate: lenient\n", "profiles/bolt.yaml": "extends: templates/t\n" + BOLT}
    before = snapshot(texts)
    again = load({**texts, "templates/t.yaml": "validate: lennient\n"}, previous=before)
    assert [fault.what for fault in again.faults] == ["validate: 'lennient' is not one of them"]
    assert again.snapshot.partners == before.partners


@pytest.mark.parametrize("gone", ["templates/t.yaml", "maps/bolt/855.yaml", "keys/bolt.pub"])
def test_what_others_rest_on_is_not_lost(gone):
    bolt = BOLT + "extends: templates/t\nreceive: {855: bolt/855}\n"
    texts = {
        "templates/t.yaml": "validate: lenient\n",
        "maps/bolt/855.yaml": "map: bolt/855\n",
        "profiles/bolt.yaml": bolt,
    }
    before = snapshot(texts)
    again = load({**texts, gone: None}, previous=before)
    assert not again.sound
    assert again.snapshot.partners == before.partners
    assert gone in again.snapshot.texts


def test_a_broken_company_stays_as_it_was_and_partners_change():
    texts = {"company.yaml": COMPANY.replace('"*": erp', '"*": pre'), "profiles/bolt.yaml": BOLT}
    again = load(texts, previous=snapshot())
    assert again.snapshot.company == snapshot().company
    assert "bolt" in again.snapshot.partners


def test_a_secret_that_vanishes_is_told_and_stops_nobody():
    before = snapshot()
    again = load({}, previous=before, secrets=Secrets(environment={}))
    assert [fault.what for fault in again.faults] == ["channels.drop.sftp.key: there is no secret:acme/sftp"]
    assert again.snapshot.partners == before.partners


def judge(name, text_of):
    broken = "broken" in (text_of(name) or "")
    return [SetupFault(Mark("x12/004010/850", 3, 1), "there is no segment BEX")] if broken else []


def test_a_broken_map_stays_as_it_was():
    texts = {
        "maps/acme/850.yaml": "map: acme/850\n",
        "profiles/acme.yaml": ACME.replace("850: x12/004010/850", "850: acme/850"),
    }
    before = snapshot(texts, judge_map=judge)
    again = load({**texts, "maps/acme/850.yaml": "broken"}, previous=before, judge_map=judge)
    assert [str(fault.mark) for fault in again.faults] == ["x12/004010/850:3:1"]
    assert again.snapshot.map_text("acme/850") == "map: acme/850\n"
    assert again.snapshot.digest == before.digest


def test_a_new_broken_map_takes_only_its_users_with_it():
    texts = {"maps/bolt/855.yaml": "broken", "profiles/bolt.yaml": BOLT + "receive: {855: bolt/855}\n"}
    loaded = load(texts, judge_map=judge)
    assert list(loaded.snapshot.partners) == ["acme"]
    assert [fault.what for fault in loaded.faults] == ["there is no segment BEX"]


def test_a_partner_that_takes_up_a_new_broken_map_goes_on_as_it_was():
    before = snapshot(judge_map=judge)
    texts = {
        "maps/acme/997.yaml": "broken",
        "profiles/acme.yaml": ACME + "acknowledge: acme/997\nname: Acme\n",
    }
    loaded = load(texts, previous=before, judge_map=judge)
    assert loaded.snapshot.partners == before.partners
    assert [fault.what for fault in loaded.faults] == ["there is no segment BEX"]


UNREADABLE = {
    "a private key": (b"-----BEGIN OPENSSH PRIVATE KEY-----\n", "a private key lies here"),
    "not text": (b"\xff\xfe\x00", "byte 0 is not UTF-8"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_files_that_cannot_be_taken(tmp_path, name):
    data, what = UNREADABLE[name]
    root = written(tmp_path, GOOD)
    (root / "keys/bad.pem").write_bytes(data)
    loaded = load_root(root, AROUND)
    assert [(fault.mark.file, fault.what) for fault in loaded.faults] == [("keys/bad.pem", what)]
    assert "keys/bad.pem" not in loaded.snapshot.texts


def test_a_link_cannot_lead_out(tmp_path):
    root = written(tmp_path / "partners", GOOD)
    (tmp_path / "outside.yaml").write_text(BOLT)
    (root / "profiles/bolt.yaml").symlink_to(tmp_path / "outside.yaml")
    loaded = load_root(root, AROUND)
    assert [fault.what for fault in loaded.faults] == ["leads out of partners/"]
    assert list(loaded.snapshot.partners) == ["acme"]


def test_there_is_nothing(tmp_path):
    for folder, what in (
        (tmp_path / "nowhere", "there is no such folder"),
        (tmp_path, "there is no company.yaml"),
    ):
        loaded = load_root(folder, AROUND)
        assert loaded.snapshot is None
        assert [fault.what for fault in loaded.faults] == [what]


def test_a_folder_that_vanishes_leaves_the_last_good_house_in_force(tmp_path):
    before = snapshot()
    assert load_root(tmp_path / "nowhere", AROUND, before).snapshot is before


async def test_watch(tmp_path):
    root = written(tmp_path, GOOD)
    current = load_root(root, AROUND).snapshot
    changes = watch(root, AROUND, current, every=0.01)

    async def after(change) -> Loaded:
        following = asyncio.ensure_future(anext(changes))
        await asyncio.sleep(0.05)
        assert not following.done()
        change()
        return await asyncio.wait_for(following, 5)

    adopted = await after(lambda: (root / "profiles/bolt.yaml").write_text(BOLT))
    assert "bolt" in adopted.snapshot.partners
    broken = await after(lambda: (root / "profiles/bolt.yaml").write_text(BOLT + "stage: lvie\n"))
    assert (broken.kept, broken.sound) == (("bolt",), False)
    assert broken.snapshot.digest == adopted.snapshot.digest
    gone = await after((root / "profiles/bolt.yaml").unlink)
    assert list(gone.snapshot.partners) == ["acme"]
    await changes.aclose()


async def test_watch_tells_what_changed_before_it_began(tmp_path):
    current = load_root(written(tmp_path, GOOD), AROUND).snapshot
    (tmp_path / "profiles/bolt.yaml").write_text(BOLT)
    changes = watch(tmp_path, AROUND, current, every=0.01)
    first = await asyncio.wait_for(anext(changes), 5)
    assert "bolt" in first.snapshot.partners
    await changes.aclose()


async def test_watch_tells_what_broke_before_it_began(tmp_path):
    current = load_root(written(tmp_path, GOOD), AROUND).snapshot
    (tmp_path / "profiles/acme.yaml").write_text("partner: [acme\n")
    changes = watch(tmp_path, AROUND, current, every=0.01)
    first = await asyncio.wait_for(anext(changes), 5)
    assert first.snapshot.digest == current.digest
    assert [fault.mark.file for fault in first.faults if not fault.warning] == ["profiles/acme.yaml"]
    await changes.aclose()


def test_a_file_with_another_suffix_is_told_not_read(tmp_path):
    """Also in a folder of maps; what an editor or a version control keeps beside it is nobody's."""
    root = written(
        tmp_path, {**GOOD, "profiles/bolt.yml": "partner: bolt\n", "maps/bolt/850.YAML": "map: x\n"}
    )
    written(tmp_path, {".git/bolt.yml": "", "profiles/readme.txt": ""})
    loaded = load_root(root, AROUND)
    assert [(str(fault.mark), fault.what, fault.fix, fault.warning) for fault in loaded.faults] == [
        ("maps/bolt/850.YAML", "this file is not read", "rename it to 850.yaml", True),
        ("profiles/bolt.yml", "this file is not read", "rename it to bolt.yaml", True),
    ]
    assert set(loaded.snapshot.texts) == set(GOOD)
