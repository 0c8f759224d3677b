"""A download from a server that works, and from every kind that does not."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from advisory_server import Served, md5_of, serving
from buckler.base.errors import ConfigError, InputError
from buckler.dependencies.advisories.download import Download, Known, Patience, check_address, download, partial

BODY = bytes(range(256)) * 4000
HASTY = Patience(seconds=0.3, window=0.2, least=1000, most=2_000_000)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is on this machine, whatever the environment says of others."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def get(served: Served, target: Path, known: Known | None = None, patience: Patience = HASTY) -> Download:
    return download(f"{served.base}/npm/all.zip", target, known or Known(), patience=patience)


def test_a_file_arrives_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    with serving(Served(BODY, digest=md5_of(BODY))) as served:
        got = get(served, tmp_path / "npm.zip")
    assert got == Download(changed=True, known=Known('"one"', served.changed))
    assert (tmp_path / "npm.zip").read_bytes() == BODY
    assert [file.name for file in tmp_path.iterdir()] == ["npm.zip"]
    assert served.paths == ["/npm/all.zip"]


def test_a_server_that_says_no_length_is_read_to_the_end(tmp_path: Path) -> None:
    with serving(Served(BODY, length=None)) as served:
        get(served, tmp_path / "npm.zip")
    assert (tmp_path / "npm.zip").read_bytes() == BODY


def test_what_is_known_already_is_not_sent_again(tmp_path: Path) -> None:
    with serving(Served(BODY)) as served:
        known = Known('"one"', served.changed)
        assert get(served, tmp_path / "npm.zip", known) == Download(changed=False, known=known)
    assert served.asked[0]["if-modified-since"] == served.changed
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_was_cut_off_goes_on_where_it_was(tmp_path: Path) -> None:
    with serving(Served(BODY, cut=300_000)) as served:
        with pytest.raises(InputError, match="cut off after 300,000 of 1,024,000 bytes; run it again"):
            get(served, tmp_path / "npm.zip")
        assert not (tmp_path / "npm.zip").exists()
        served.cut = -1
        get(served, tmp_path / "npm.zip", Known('"older"'))
    assert (tmp_path / "npm.zip").read_bytes() == BODY
    assert served.asked[1]["range"] == "bytes=300000-" and served.asked[1]["if-range"] == '"one"'


def test_the_rest_of_another_file_is_not_appended(tmp_path: Path) -> None:
    with serving(Served(BODY, cut=300_000)) as served:
        with pytest.raises(InputError):
            get(served, tmp_path / "npm.zip")
        served.cut, served.etag, served.body = -1, '"two"', BODY[::-1]
        got = get(served, tmp_path / "npm.zip")
    assert got.known.etag == '"two"' and (tmp_path / "npm.zip").read_bytes() == BODY[::-1]


def test_a_server_that_knows_no_ranges_sends_all_of_it_again(tmp_path: Path) -> None:
    with serving(Served(BODY, cut=300_000)) as served:
        with pytest.raises(InputError):
            get(served, tmp_path / "npm.zip")
        served.cut, served.ranges = -1, False
        get(served, tmp_path / "npm.zip")
    assert (tmp_path / "npm.zip").read_bytes() == BODY


def test_a_beginning_that_is_longer_than_the_file_is_thrown_away(tmp_path: Path) -> None:
    with serving(Served(BODY, cut=300_000)) as served:
        with pytest.raises(InputError):
            get(served, tmp_path / "npm.zip")
        served.cut, served.body = -1, BODY[:1000]
        get(served, tmp_path / "npm.zip")
    assert (tmp_path / "npm.zip").read_bytes() == BODY[:1000]


def test_a_rest_that_begins_elsewhere_is_refused(tmp_path: Path) -> None:
    with serving(Served(BODY, cut=300_000)) as served:
        with pytest.raises(InputError):
            get(served, tmp_path / "npm.zip")
        served.cut, served.wrong_range = -1, True
        with pytest.raises(InputError, match="was not asked for"):
            get(served, tmp_path / "npm.zip")


@pytest.mark.parametrize(
    ("served", "sentence"),
    [
        (Served(status=404), "is not there"),
        (Served(status=403), "may not be read"),
        (Served(status=500), r"answers with an error \(500\)"),
        (Served(status=301, location="http://elsewhere.example.org/"), "redirects to 'http://elsewhere.example.org/'; set that"),
        (Served(silent=True), "does not answer in time"),
        (Served(nonsense=True), "does not answer as a web server does"),
        (Served(BODY, length="3000000"), "is larger than 2,000,000 bytes; nothing was changed"),
        (Served(BODY * 3, length=None), "is larger than 2,000,000 bytes; nothing was changed"),
        (Served(BODY, length="1500000"), "cut off after 1,024,000 of 1,500,000 bytes"),
        (Served(BODY, digest=md5_of(b"other")), "its digest is not the one"),
        (Served(BODY, pause=0.002), "sends too slowly"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_bad_server_ends_in_one_sentence(tmp_path: Path, served: Served, sentence: str) -> None:
    with serving(served), pytest.raises(InputError, match=sentence) as caught:
        get(served, tmp_path / "npm.zip")
    assert "\n" not in str(caught.value) and served.base in str(caught.value)
    assert not (tmp_path / "npm.zip").exists()


def test_a_server_that_is_not_there_is_said_to_be_out_of_reach(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/all.zip"
        with pytest.raises(InputError, match="cannot be reached: Connection refused.*buckler data import"):
            download(address, tmp_path / "npm.zip", Known(), patience=HASTY)


@pytest.mark.parametrize("note", [b"", b"[]", b"\xff", b'{"etag": 5}', b'{"etag": "W/1", "changed": "", "total": 5}'])
def test_notes_of_an_earlier_attempt_that_make_no_sense_are_ignored(tmp_path: Path, note: bytes) -> None:
    target = tmp_path / "npm.zip"
    partial(target).write_bytes(b"something else")
    (tmp_path / "npm.zip.json").write_bytes(note)
    with serving(Served(BODY)) as served:
        get(served, target)
    assert target.read_bytes() == BODY and "range" not in served.asked[0]


@pytest.mark.parametrize(
    "address",
    ["", "ftp://example.org", "file:///etc/passwd", "https://", "https://a b/", "https://[x", "http://a/?q=1"],
)
def test_only_addresses_of_web_servers_are_asked(address: str) -> None:
    with pytest.raises(ConfigError, match="is no address of a server"):
        check_address(address)


def test_an_address_may_have_a_path() -> None:
    assert check_address("https://mirror.example.org/osv/") == "https://mirror.example.org/osv"
