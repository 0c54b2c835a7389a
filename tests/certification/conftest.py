"""A house on a temporary folder with one retailer, and one of its orders, for samples to be made of."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.certification import Certificate, Check, certify
from gateway.pipeline.translation.house import House
from gateway.pipeline.translation.translate import Translation, translate
from gateway.settings import Settings
from gateway.setup import check

COMPANY = """\
company:
  main: {name: Northwind, identities: {x12: 12/8475551234, edifact: 14/4099999000008}}
systems:
  erp: {files: {to: ../var/erp}}
routes: {"*": erp}
"""
RETAILER = """\
partner: shop
stage: live
identities: {x12: 08/9254110060}
channels: {mailbox: {our_sftp: {user: shop, password: secret:demo/shop}}}
receive:
  850: {map: x12/004010/850, acknowledge: [997, TA1]}
"""
ORDER = (
    b"ISA*00*          *00*          *08*9254110060     *12*8475551234     *260302*0930*U*00401*000000118*0*P*>~\n"
    b"GS*PO*9254110060*8475551234*20260302*0930*77*X*004010~\n"
    b"ST*850*0001~\nBEG*00*SA*4500017**20260301~\nREF*DP*0042~\n"
    b"PO1*1*10*EA*2.50**UP*012345678905~\nCTT*1~\nSE*6*0001~\nGE*1*77~\nIEA*1*000000118~\n"
)
ACKNOWLEDGMENT = (
    b"ISA*00*          *00*          *12*8475551234     *08*9254110060     *990101*0000*U*00401*000000999*0*P*>~"
    b"GS*FA*8475551234*9254110060*19990101*0000*999*X*004010~"
    b"ST*997*0001~AK1*PO*77~AK2*850*0001~AK5*A~AK9*A*1*1*1~SE*6*0001~GE*1*999~IEA*1*000000999~"
)
TA1 = (
    b"ISA|00|          |00|          |12|8475551234     |08|9254110060     |990101|0000|U|00401|000000001|0|P|:\n"
    b"TA1|000000118|260302|0930|A|000\nIEA|0|000000001\n"
)


def canonical(**changes: object) -> bytes:
    """What the order reads as, by the reader's own account, with some fields said differently."""
    (order,) = [event.object for event in translate(ORDER) if isinstance(event, Translation)]
    return json.dumps([{**json.loads(order.to_json()), **changes}]).encode()


def sample(**changes: bytes | None) -> dict[str, bytes]:
    """A sample's files, all as they should be; `canonical=None` leaves one out."""
    files = {"in": ORDER, "canonical": canonical(), "acknowledgment": ACKNOWLEDGMENT, "ta1": TA1, **changes}
    names = {"canonical": "canonical.json", "about": "about.txt"}
    return {names.get(name, f"{name}.edi"): data for name, data in files.items() if data is not None}


@pytest.fixture
def rooms(tmp_path: Path) -> Callable[..., House]:
    """Writes a house and gives it as the command line would."""

    def build(profile: str = RETAILER, **maps: str) -> House:
        files = {"company.yaml": COMPANY, "profiles/shop.yaml": profile}
        files |= {f"maps/shop/{name}.yaml": text for name, text in maps.items()}
        for name, text in files.items():
            path = tmp_path / "partners" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (tmp_path / "secrets" / "demo").mkdir(parents=True, exist_ok=True)
        (tmp_path / "secrets" / "demo" / "shop").write_text("x" * 20)
        settings = Settings(partners_dir=tmp_path / "partners", secrets_dir=tmp_path / "secrets")
        loaded = check(settings)
        assert loaded.snapshot is not None, "\n".join(map(str, loaded.faults))
        return House(loaded.snapshot)

    return build


@pytest.fixture
def certified(tmp_path: Path, rooms: Callable[..., House]) -> Callable[..., Certificate]:
    """Certifies one sample folder of these files."""

    def run(files: dict[str, bytes], house: House | None = None) -> Certificate:
        folder = tmp_path / "samples" / "shop" / "case"
        folder.mkdir(parents=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
        (made,) = certify(house or rooms(), tmp_path / "samples", "shop")
        return made

    return run


def found(made: Certificate, name: str) -> Check:
    return next(check for check in made.checks if check.name == name)
