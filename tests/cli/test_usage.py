"""Every command on good and on bad input: its exit status, what it says, and never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import BAD_FILES, Gateway

COMMANDS = [
    "run",
    "check",
    "inspect",
    "translate",
    "certify",
    "status",
    "trace",
    "dead",
    "replay",
    "schema",
    "words",
    "init",
]
LEDGERLESS = "there is none at"

CASES = [
    # command, exit status, what it says
    ("", 2, "Usage: gateway"),
    ("--help", 0, "Commands"),
    ("sing", 2, "No such command 'sing'"),
    ("inspect good.edi", 0, "08/9254110060 > 12/8475551234"),
    ("inspect noted.edi", 0, "note"),
    ("inspect faulty.edi", 1, "BEG03 (Purchase Order Number): the value is too long"),
    ("inspect empty.edi", 1, "the file is empty"),
    ("inspect a.pdf", 1, "it looks like a PDF"),
    ("inspect junk.bin", 1, "it looks like binary data"),
    ("inspect cut.edi", 1, "the interchange header is cut short"),
    ("inspect rows.csv", 1, "it looks like rows of 3 cells parted by ; (PO #, Item, Qty)"),
    ("inspect --guide rows.yaml rows.csv", 1, "rows.csv:3:5 line.qty"),
    ("inspect --guide nobody/rows rows.csv", 2, "there is no guide partners/guides/nobody/rows.yaml"),
    ("inspect --guide wrong.yaml rows.csv", 1, "format: no such format rows"),
    ("inspect european.edi", 0, "14/A > /B interchange 7, UNOC version 3, production"),
    ("inspect european.edi", 0, "ORDERS 1 7 segments ok"),
    ("inspect good.edi empty.edi", 1, "the file is empty"),
    ("inspect", 2, "Missing argument"),
    ("inspect missing.edi", 2, "does not exist"),
    ("inspect partners", 2, "is a directory"),
    ("inspect --loud good.edi", 2, "No such option"),
    ("translate good.edi", 0, '"number":"4500017"'),
    ("translate good.edi --to x12", 0, "BEG*00*SA*4500017**20260302~"),
    ("translate european.edi", 0, '"number":"4500017"'),
    ("translate european.edi --to edifact", 0, "UNH+1+ORDERS:D:96A:UN' BGM+220+4500017'"),
    ("translate european.edi --to x12", 1, "this interchange is edifact: state --to edifact"),
    ("translate good.edi --map x12/004010/850", 0, '"number":"4500017"'),
    ("translate good.edi --partner harbor", 0, '"number":"4500017"'),
    ("translate noted.edi", 0, "note"),
    ("translate faulty.edi", 1, "the value is too long"),
    ("translate empty.edi", 1, "the file is empty"),
    ("translate junk.bin", 1, "binary"),
    ("translate broken.json --map x12/004010/850", 1, "JSON"),
    ("translate wrong.json --map x12/004010/850", 1, "$.ordered_on"),
    ("translate wrong.json", 2, "state --map x12/004010/850, or --partner NAME"),
    ("translate nothing.json --map x12/004010/850", 1, "nothing.json:1: the file is empty"),
    ("translate latin.json --map x12/004010/850", 1, "expected UTF-8"),
    ("translate deep.json --map x12/004010/850", 1, "nested too deep"),
    ("translate long.json --map x12/004010/850", 1, "number out of range"),
    (
        "translate separators.json --to x12 --map x12/004010/850",
        1,
        "separators.json:2 BEG03: the value cannot be written without changing it; came '4*5~6'; expected data"
        " without '*' (separates elements), '~' (ends segments) replace the sign in the value, or state other"
        " `separators:` in the partner's `envelope:`",
    ),
    ("inspect -", 1, "<stdin>:1:1: the file is empty"),
    ("translate - --map x12/004010/850", 1, "<stdin>:1:1: the file is empty"),
    (
        "translate sample_documents/harbor/version-003040/in.edi --map x12/004010/850",
        1,
        "ST01 (Transaction Set Identifier Code): the map is for another version than the document;"
        " came '003040'; expected x12/003060/850, not x12/004010/850 add to the partner's profile,"
        " under receive:, 850/003060: {map: x12/003060/850,"
        ' when: {version: "003*"}}',
    ),
    ("translate missing.edi", 2, "does not exist"),
    ("translate good.edi --to tradacoms", 2, "canonical, x12, edifact"),
    ("translate good.edi --to edifact", 1, "this interchange is x12: state --to x12"),
    ("translate good.edi --map x12/04010/850", 2, "did you mean x12/004010/850?"),
    ("translate good.edi --partner harbour", 2, "did you mean harbor?"),
    ("translate good.edi --partner harbor --map x12/004010/850", 2, "not both"),
    ("translate good.edi --out nowhere/out.json", 1, "nowhere/out.json"),
    ("check", 0, "Harbor & Main"),
    ("check harbor", 0, "`gateway run --demo` makes it"),
    ("check harbour", 2, "did you mean harbor?"),
    ("certify harbour", 2, "did you mean harbor?"),
    ("schema profile", 0, '"$schema"'),
    ("schema company", 0, '"$schema"'),
    ("schema PurchaseOrder", 0, '"$schema"'),
    ("schema Order", 2, "PurchaseOrder"),
    ("schema", 2, "Missing argument"),
    ("words", 0, "units 163 unit"),
    ("words units", 0, "each EA EA"),
    ("words unit", 2, "did you mean units?"),
    ("words shapes --map x12/004010/856", 0, "order pack line 0001"),
    ("words --map x12/004010/857", 1, "there is no map x12/004010/857"),
    ("words units --json", 0, '{"table":"units","word":"each","codes":{"x12":["EA"],"edifact":["EA"]}}'),
    ("init new", 0, "gateway check"),
    ("init partners", 2, "is not empty"),
    ("init good.edi", 2, "is a file"),
    ("status", 1, LEDGERLESS),
    ("trace 4500017", 1, LEDGERLESS),
    ("dead", 1, LEDGERLESS),
    ("replay 1abc", 1, LEDGERLESS),
]


@pytest.mark.parametrize(
    ("words", "status", "said"), CASES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_in_a_house_that_never_ran(house: Path, gateway: Gateway, words: str, status: int, said: str) -> None:
    done = gateway(*words.split())
    told = " ".join(done.output.replace("│", " ").split())
    assert (done.exit_code, said in told) == (status, True), done.output
    assert "Traceback" not in done.output


def test_a_profile_that_is_not_read_for_its_suffix_is_told(house: Path, gateway: Gateway) -> None:
    (house / "partners" / "profiles" / "bolt.yml").write_text("partner: bolt\n")
    done = gateway("check", "bolt")
    told = " ".join(done.output.replace("│", " ").split())
    assert (done.exit_code, "bolt.yml is not read; rename it to bolt.yaml" in told) == (2, True), told


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(gateway: Gateway, command: str) -> None:
    done = gateway(command, "--help")
    assert done.exit_code == 0
    assert f"Example: gateway {command}" in " ".join(done.output.split())


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files_as_json(house: Path, gateway: Gateway, name: str) -> None:
    done = gateway("inspect", "--json", name)
    (told,) = map(json.loads, done.stdout.splitlines())
    assert (done.exit_code, told["file"]) == (1, name)
    assert all({"code", "place", "message"} <= set(fault) for fault in told["faults"])
    assert told["faults"]


def test_a_dash_is_standard_input(house: Path, gateway: Gateway) -> None:
    order = gateway("translate", "good.edi")
    assert gateway("translate", "-", given=(house / "good.edi").read_bytes()) == order
    back = gateway("translate", "-", "--map", "x12/004010/850", given=order.stdout.encode())
    assert back == order
    (told,) = map(json.loads, gateway("inspect", "--json", "-", given=b"ISA*00").stdout.splitlines())
    assert (told["file"], told["faults"][0]["file"]) == ("<stdin>", "<stdin>")
    closed = gateway("inspect", "-", given=None)
    assert (closed.exit_code, closed.stderr) == (1, "gateway: <stdin>: it is closed\n")


@pytest.mark.parametrize("words", [["good.edi"], ["-"], ["order.json", "--map", "x12/004010/850"]])
def test_files_and_standard_input_are_bounded(
    house: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    (house / "order.json").write_text(gateway("translate", "good.edi").stdout)
    monkeypatch.setenv("GATEWAY_MAX_FILE_BYTES", "300")
    done = gateway("translate", *words, given=(house / "good.edi").read_bytes())
    assert (done.exit_code, done.stdout) == (1, "")
    assert "the file is larger than the limit; expected at most 300 bytes" in done.stderr


def test_what_the_map_of_another_version_reads_is_told_nothing(house: Path, gateway: Gateway) -> None:
    (house / "newer.edi").write_text((house / "good.edi").read_text().replace("*004010~", "*005010~"))
    done = gateway("translate", "newer.edi", "--map", "x12/004010/850")
    assert (done.exit_code, done.stderr) == (0, "")


def test_where_no_house_is_the_folder_is_named(house: Path, gateway: Gateway, tmp_path: Path) -> None:
    (house / "partners").rename(house / "elsewhere")
    for words in (
        ["check"],
        ["certify"],
        ["run", "--until-idle"],
        ["translate", "good.edi", "--partner", "a"],
    ):
        done = gateway(*words)
        assert (done.exit_code, done.stdout) == (1, "")
        assert "fault   partners there is no such folder" in done.stderr
        assert "GATEWAY_PARTNERS_DIR" in done.stderr
        assert "there is no company.yaml" not in done.stderr


def test_set_up_faults_are_json_where_json_is_asked_for(house: Path, gateway: Gateway) -> None:
    (house / "partners" / "profiles" / "harbor.yaml").write_text("partner: [")
    for words in (["translate", "good.edi", "--partner", "harbor"], ["certify", "harbor"]):
        done = gateway(*words, "--json")
        (fault,) = map(json.loads, done.stderr.splitlines())
        assert (done.exit_code, done.stdout, fault["fix"]) == (1, "", "close it with ] or }")


def test_a_partner_whose_map_is_broken_is_known_and_told_of_the_map_alone(
    house: Path, gateway: Gateway
) -> None:
    profile = house / "partners" / "profiles" / "bolt.yaml"
    profile.write_text("partner: bolt\nidentities: {x12: ZZ/BOLT}\nreceive: {850: shared/order}\n")
    own = house / "partners" / "maps" / "shared" / "order.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("map: shared/order\nextends: x12/004010/850\nfields: {nummber: BEG03}\n")
    for words in (["check", "bolt"], ["certify", "bolt"], ["translate", "good.edi", "--partner", "bolt"]):
        done = gateway(*words)
        assert (done.exit_code, done.stderr.count("fault  ")) == (1, 1), done.output
        assert "did you mean number?" in done.stderr
        assert "there is no map" not in done.stderr
        assert "there is no partner" not in done.stderr


def test_a_file_where_a_folder_is_wanted(house: Path, gateway: Gateway) -> None:
    (house / "var").write_text("")
    done = gateway("run", "--until-idle")
    assert (done.exit_code, "var: a file stands where a folder is wanted" in done.output) == (1, True)


def test_a_setting_that_does_not_fit(house: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_HTTP_PORT", "99999")
    done = gateway("status")
    expected = (
        "gateway: GATEWAY_HTTP_PORT: came '99999'; expected less than or equal to 65535; see docs/settings.md"
    )
    assert (done.exit_code, done.stderr) == (2, f"{expected}\n")


def test_objects_of_json_are_told_apart_by_line_and_path(house: Path, gateway: Gateway) -> None:
    for given, paths in ((b'{}\n\n{"a": 1}', "$"), (b'[{},\n\n{"a": 1}]', "$[1]")):
        done = gateway("translate", "--json", "-", "--map", "x12/004010/850", given=given)
        last = [json.loads(line) for line in done.stderr.splitlines()][-1]
        assert (last["line"], last["place"]) == (3, f"{paths}.a")


def test_inspect_as_json_is_one_object_for_each_file(house: Path, gateway: Gateway) -> None:
    done = gateway("inspect", "--json", "good.edi", "faulty.edi")
    good, faulty = map(json.loads, done.stdout.splitlines())
    assert list(good) == ["file", "format", "delimiters", "interchanges", "faults"]
    (interchange,) = good["interchanges"]
    assert list(interchange) == ["sender", "receiver", "control", "version", "test", "groups"]
    (group,) = interchange["groups"]
    assert list(group) == ["code", "control", "version", "sets"]
    (one,) = group["sets"]
    assert {"code", "control", "segments", "faults"} <= set(one)
    assert (good["faults"], len(faulty["faults"]) > 5, done.exit_code) == ([], True, 1)


def test_inspect_fits_eighty_columns(house: Path, gateway: Gateway) -> None:
    lines = gateway("inspect", "good.edi").output.splitlines()
    assert [line for line in lines if len(line) > 80] == []
    assert "    850 0001  13 segments  ok" in lines


def test_translate_writes_to_a_file_and_back(house: Path, gateway: Gateway) -> None:
    assert gateway("translate", "good.edi", "--out", "order.json").exit_code == 0
    assert (
        gateway(
            "translate", "order.json", "--to", "x12", "--map", "x12/004010/850", "--out", "again.edi"
        ).exit_code
        == 0
    )
    assert gateway("translate", "again.edi").stdout == (house / "order.json").read_text("utf-8")


def test_names_may_be_as_long_as_they_can_be(house: Path, gateway: Gateway) -> None:
    long = "x" * 250
    (house / f"{long}.edi").write_bytes((house / "good.edi").read_bytes())
    assert gateway("inspect", f"{long}.edi").exit_code == 0
    assert gateway("translate", f"{long}.edi", "--out", f"{long}.json").exit_code == 0
    assert json.loads((house / f"{long}.json").read_text("utf-8"))["number"] == "4500017"


def test_translate_leaves_a_file_alone_when_it_has_nothing_to_put_there(
    house: Path, gateway: Gateway
) -> None:
    (house / "kept.json").write_text("precious")
    (house / "junk.edi").write_text("no document at all")
    assert gateway("translate", "junk.edi", "--out", "kept.json").exit_code == 1
    assert (house / "kept.json").read_text() == "precious"
    assert gateway("translate", "junk.edi", "--out", "new.json").exit_code == 1
    assert not (house / "new.json").exists()
    assert not list(house.glob(".*.part"))


def test_translate_tells_faults_on_standard_error_only(house: Path, gateway: Gateway) -> None:
    done = gateway("translate", "--json", "faulty.edi")
    assert [json.loads(line)["number"] for line in done.stdout.splitlines()] == ["4500042"]
    assert all(json.loads(line)["code"] for line in done.stderr.splitlines())


def test_a_new_house_is_good(house: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway("init", "new")
    monkeypatch.chdir("new")
    done = gateway("check")
    assert (done.exit_code, "Example Retail" in done.output) == (0, True), done.output


BROKEN = [
    # the text that is changed in harbor's profile, into what, what is said
    ("stage: live", "stage: alive", "partners/profiles/harbor.yaml:5:8 "),
    ("contacts:", "contracts:", "did you mean contacts?"),
    ("identities: {", "identities: [", "partners/profiles/harbor.yaml:"),
    ("extends: templates/us-retailer", "extends: templates/us-retailers", "partners/profiles/harbor.yaml:3:"),
    ("harbor, password", "harbor, passwort", "did you mean password?"),
]


@pytest.mark.parametrize(("old", "new", "said"), BROKEN)
def test_a_broken_profile_is_told_with_its_line(
    house: Path, gateway: Gateway, old: str, new: str, said: str
) -> None:
    path = house / "partners" / "profiles" / "harbor.yaml"
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    for words in (["check"], ["check", "harbor"], ["translate", "good.edi", "--partner", "harbor"]):
        done = gateway(*words)
        assert (done.exit_code, said in done.output) == (1, True), done.output
    as_json = [json.loads(line) for line in gateway("check", "--json").stdout.splitlines()]
    assert {"file", "line", "column", "what", "why", "fix", "severity"} == set(as_json[0])


def test_certify_without_samples_says_where_they_belong(house: Path, gateway: Gateway) -> None:
    done = gateway("certify", "summit") if not (house / "sample_documents" / "summit").exists() else None
    (house / "partners" / "profiles" / "bolt.yaml").write_text("partner: bolt\nidentities: {x12: ZZ/BOLT}\n")
    done = gateway("certify", "bolt")
    assert (done.exit_code, "sample_documents" in done.output) == (1, True)


def test_a_partner_with_only_faults_has_no_table(house: Path, gateway: Gateway) -> None:
    profile = house / "partners" / "profiles" / "harbor.yaml"
    profile.write_text(profile.read_text().replace("stage:", "stagee:"))
    done = gateway("check", "harbor")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "stagee" in done.stderr


@pytest.mark.parametrize("newcomer", ["abel", "zoe"])
def test_whose_identity_another_has_is_told_by_either_name(
    house: Path, gateway: Gateway, newcomer: str
) -> None:
    """Whichever of the two is left out, and whichever was just written."""
    profile = house / "partners/profiles" / f"{newcomer}.yaml"
    profile.write_text(f"partner: {newcomer}\nidentities: {{x12: 08/9254110060}}\n")
    for name, other in (("harbor", newcomer), (newcomer, "harbor")):
        done = gateway("check", name)
        assert done.exit_code == 1
        assert f"profiles/{name}.yaml:" in done.stderr
        assert f"08/9254110060 is also {other}'s" in done.stderr


def test_a_setting_that_nobody_knows_is_said_and_refuses_nothing(
    house: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_SFTP_PROT", "0")
    done = gateway("check")
    assert done.exit_code == 0
    assert "warning environment GATEWAY_SFTP_PROT: unknown setting" in done.stderr
    assert "did you mean GATEWAY_SFTP_PORT?" in done.stderr
    (told,) = [line for line in gateway("check", "--json").stdout.splitlines() if "GATEWAY_SFTP_PROT" in line]
    assert json.loads(told)["severity"] == "warning"
    monkeypatch.setenv("GATEWAY_SFTP_PORT", "0")
    monkeypatch.setenv("GATEWAY_HTTP_PORT", "0")
    monkeypatch.setenv("GATEWAY_INTERNAL_PORT", "0")
    done = gateway("run", "--until-idle")
    assert done.exit_code == 0
    assert done.stderr.count("GATEWAY_SFTP_PROT: unknown setting") == 1


ANSWERING = """
map: harbor/855
document: OrderAcknowledgment
guide: x12/004010/855
fields:
  purpose: BAK01
  verdict: BAK02
  order: {number: BAK03, ordered_on: BAK04}
  lines: {each: PO1, number: PO101, quantity: PO102, unit: PO103, responses: {each: ACK, action: ACK01}}
answers: {PurchaseOrder: order.number, lines: number}
write: {lines: {"PO1[UP]": answered.ids.upc}}
"""
ANSWER = {
    "purpose": "original",
    "verdict": "accepted",
    "order": {"number": "4500017", "ordered_on": "2026-03-02"},
    "lines": [{"number": "2", "quantity": "6", "unit": "case", "responses": [{"action": "accepted"}]}],
}


@pytest.fixture
def answering(house: Path) -> Path:
    """The house, in which our retailer is sent orders and answers; the answer to one is `answer.json`."""
    profile = house / "partners" / "profiles" / "harbor.yaml"
    (house / "partners" / "maps" / "harbor").mkdir(parents=True, exist_ok=True)
    (house / "partners" / "maps" / "harbor" / "855.yaml").write_text(ANSWERING)
    sends = "\nsend:\n  850: x12/004010/850\n"
    profile.write_text(profile.read_text().replace("\nsend:\n", sends, 1))
    (house / "answer.json").write_text(json.dumps(ANSWER))
    return house


@pytest.mark.parametrize("order", ["good.edi", "order.json"])
def test_what_is_answered_is_given_as_a_file(answering: Path, gateway: Gateway, order: str) -> None:
    """The map is the one that the partner is sent such an object by; the order is X12 or canonical JSON."""
    (answering / "order.json").write_text(gateway("translate", "good.edi").stdout)
    words = ["translate", "answer.json", "--partner", "harbor", "--to", "x12"]
    done = gateway(*words, "--answered", order)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "PO1*2*6*CA***UP*" in done.stdout
    without = gateway(*words)
    assert (without.exit_code, without.stdout) == (1, "")
    assert "the document that is answered is not known" in " ".join(without.stderr.split())


@pytest.mark.parametrize(
    ("order", "status", "said"),
    [
        ("faulty.edi", 1, "faulty.edi"),
        ("broken.json", 1, "broken.json"),
        ("wrong.json", 1, "$.ordered_on"),
        ("empty.edi", 1, "the file is empty"),
        ("nowhere.edi", 2, "does not exist"),
    ],
)
def test_an_order_that_cannot_be_read_is_told(
    answering: Path, gateway: Gateway, order: str, status: int, said: str
) -> None:
    done = gateway("translate", "answer.json", "--partner", "harbor", "--to", "x12", "--answered", order)
    assert done.exit_code == status
    assert said in done.stderr
