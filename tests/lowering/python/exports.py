__all__ = ["public"]

from .private import thing as public

CONSTANT = 1
