"""Cells: the variables that outlive a function and the fields of classes, through which data travels unseen by calls.

A cell is a text, because tapes keep texts; how it is written is known to this module alone, and a type keeps cells and
other texts apart.

    >>> shown(field("shop.cart.Cart", "items"))
    'Cart.items'
    >>> own(field("shop.cart.Cart", "items")), own(captured("shop.cart.total", "tax"))
    (True, False)
"""

from __future__ import annotations

from typing import NewType

Cell = NewType("Cell", str)

_VARIABLE, _FIELD, _KEPT, _CAPTURED, _DEFAULT = "g:", "f:", "k:", "l:", "d:"


def variable(module: str, name: str) -> Cell:
    """A variable of a module."""
    return Cell(f"{_VARIABLE}{module}.{name}")


def field(owner: str, name: str) -> Cell:
    """An attribute of all instances of a class of the program."""
    return Cell(f"{_FIELD}{owner}.{name}")


def kept(kind: str, name: str) -> Cell:
    """An attribute of a library's type whose instances share what is set on one of them."""
    return Cell(f"{_KEPT}{kind}.{name}")


def captured(routine: str, name: str) -> Cell:
    """A local variable that inner functions use."""
    return Cell(f"{_CAPTURED}{routine}.{name}")


def default(routine: str, position: int) -> Cell:
    """What a parameter is where callers give nothing."""
    return Cell(f"{_DEFAULT}{routine}.{position}")


def own(cell: Cell) -> bool:
    """It holds what the program itself put there, whoever called."""
    return cell.startswith((_VARIABLE, _FIELD))


def last(cell: Cell) -> str:
    """The name of the variable or attribute."""
    return cell.rsplit(".", 1)[-1]


def shown(cell: Cell) -> str:
    """The last two names, for people."""
    return ".".join(cell.split(":", 1)[-1].split(".")[-2:])
