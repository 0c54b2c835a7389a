"""`gateway certify`: a table per sample, the differences under what failed, JSON for programs, and the exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import app

from .conftest import canonical, sample


@pytest.fixture
def run(tmp_path: Path, rooms, monkeypatch):
    """Certifies one sample of these files by the command, with these arguments."""
    rooms()
    monkeypatch.setenv("GATEWAY_PARTNERS_DIR", str(tmp_path / "partners"))
    monkeypatch.setenv("GATEWAY_SECRETS_DIR", str(tmp_path / "secrets"))
    monkeypatch.setenv("GATEWAY_SAMPLES_DIR", str(tmp_path / "samples"))

    def certify(files: dict[str, bytes], *arguments: str):
        folder = tmp_path / "samples" / "shop" / "case"
        folder.mkdir(parents=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
        return CliRunner().invoke(app, ["certify", *arguments])

    return certify


def test_a_good_sample(run):
    result = run(sample(), "shop", "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["partner"], told["case"], told["held"]) == ("shop", "case", True)


def test_a_sample_that_reads_otherwise(run):
    result = run(sample(canonical=canonical(number="4500018")), "--json")
    assert result.exit_code == 1
    failed = [check for check in json.loads(result.stdout)["checks"] if check["held"] is False]
    assert [check["diff"] for check in failed] == [
        [{"path": "$[0].number", "expected": "4500018", "got": "4500017"}]
    ]


def test_no_samples(run):
    assert run({}).exit_code == 1


def test_a_partner_there_is_not(run):
    result = run(sample(), "nobody")
    assert result.exit_code == 2
    assert "nobody" in result.output


def test_a_sample_with_nothing_to_compare_with_is_not_held(run):
    result = run({"in.edi": sample()["in.edi"]}, "shop")
    assert result.exit_code == 1
    assert "nothing to compare with" in result.stdout
    assert "0 of 1 samples held" in result.stdout


@pytest.mark.parametrize("expected", ["canonical.json", "acknowledgment.edi"])
def test_one_expectation_is_enough(run, expected: str):
    files = sample()
    result = run({name: files[name] for name in ("in.edi", expected)}, "shop")
    assert "nothing to compare with" not in result.stdout
    assert "1 of 1 samples held" in result.stdout


def test_a_folder_without_a_document_is_named(run):
    result = run({"document.edi": sample()["in.edi"]}, "shop")
    assert result.exit_code == 1
    assert "shop/case: no sample: there is no document in it, in.* or out.*" in result.output.replace(
        "\n", ""
    )
