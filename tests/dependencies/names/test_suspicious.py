"""What a project asks for itself under a name that may not be what somebody meant."""

from __future__ import annotations

from buckler.dependencies.inventory import files_of, inventory_of
from buckler.dependencies.names.suspicious import Confusable, confusable, lookalikes
from dependencies.trees import Tree, bytes_of


def found(tree: Tree) -> list[tuple[str, str]]:
    inventory = inventory_of(files_of(tree, lambda path: bytes_of(tree, path)))
    return [(component.package.name, meant) for component, meant in lookalikes(inventory)]


def confused(tree: Tree) -> list[Confusable]:
    files = list(files_of(tree, lambda path: bytes_of(tree, path)))
    return list(confusable(files, inventory_of(files)))


def test_a_slip_in_what_the_project_asks_for() -> None:
    assert found({"requirements.txt": "reqeusts==2.0\nflask\n"}) == [("reqeusts", "requests")]


def test_what_another_package_needs_was_chosen_by_others() -> None:
    lock = (
        '[[package]]\nname = "shop"\nversion = "1"\n[package.dependencies]\nreqeusts = "*"\n\n'
        '[[package]]\nname = "reqeusts"\nversion = "2.0"\n'
    )
    assert found({"poetry.lock": lock}) == []


def test_the_project_may_have_any_name_itself() -> None:
    tree: Tree = {"pyproject.toml": '[project]\nname = "reqeusts"\nversion = "1"\ndependencies = ["reqeusts[extra]"]\n'}
    assert found(tree) == []


def test_an_index_beside_the_public_one() -> None:
    text = "--extra-index-url https://me:secret@pypi.example.org/simple\nshop-internal==1.0\nflask==3.0\n"
    (one,) = confused({"requirements.txt": text})
    assert one.names == ("shop-internal",)
    assert one.address == "https://pypi.example.org/simple"
    assert "secret" not in one.code
    assert (one.location.path, one.location.line) == ("requirements.txt", 1)


def test_hashes_bind_a_name_to_its_archives() -> None:
    pinned = f"--extra-index-url https://pypi.example.org/simple\nshop-internal==1.0 --hash=sha256:{'a' * 64}\n"
    assert confused({"requirements.txt": pinned}) == []
    assert confused({"requirements.txt": "--index-url https://pypi.example.org/simple\nshop-internal==1.0\n"}) == []
