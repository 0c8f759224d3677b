"""Handlers that change data for any request, a plain link or image included.

def panel(self, action=None):
    if action == "delete": self._delete_key(…)      # whatever the method

@app.route("/items/<int:number>/delete")            # GET only
@login_required
def delete(number): …
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import CALC, CALL, METHOD, Op
from buckler.review.checks.handlers import Handler, handlers
from buckler.review.checks.model import Check
from buckler.review.checks.view import Code, ProgramView

RULE = "state-change-on-get"
WORDS = frozenset({
    "add", "delete", "remove", "update", "set", "edit", "create", "save", "revoke", "enable", "disable", "reset",
    "rename", "new", "approve", "block", "clear", "change", "unlink", "destroy", "grant", "drop", "insert",
})  # fmt: skip
CARE = re.compile(
    rb"\bmethod\b|is_submitted|validate_on_submit|\bPOST\b|csrf|http_method|require_(?:POST|http)|"
    rb"HTTPMethod|is_post|check_token"
)
ACTIONS = re.compile(r"^(?:action|act|cmd|command|op|operation|do|task|mode|what)$")
PAGES = re.compile(rb"[fF]orm\b|[fF]orm\(|render|template|redirect|flash\(")
PAGE_CLASS = re.compile(r"Controller|Handler|View|Page|Plugin|Panel|Resource|Admin|Dashboard", re.I)
NAMED = re.compile(
    r"(?:^|[_/-])(delete|remove|del|destroy|drop|reset|clear|purge|revoke|disable|enable|activate|"
    r"deactivate|approve|unlink|shutdown|restart|reboot|toggle|mute|unmute|ban|kick|archive|restore|cancel|"
    r"promote|demote)(?=$|[_/-])",
    re.I,
)
EFFECTS = frozenset({
    "commit", "save", "delete", "remove", "unlink", "rmtree", "session_commit", "delete_one", "update_one",
    "destroy", "drop", "execute", "sync_needed", "db_commit", "revoke", "deleteOne", "kill", "shutdown", "clear_all",
})  # fmt: skip
TOKENS = re.compile(r"token|api_?key|jwt|bearer|basic", re.I)
SAFE_ROUTE = re.compile(r"\.(?:post|put|delete|patch)\(|require_|api_view|action\(|methods\(")
METHODS = re.compile(r"methods\s*=\s*(\S[^\])}]*)")
GET = re.compile(r"['\"]GET['\"]", re.I)
RUN_ON = re.compile(r"(?:delete|remove|destroy|revoke|del(?!ay|eg|ib|ic|im|in|iv|t|u[gs]|v))(?=[a-z])", re.I)
"""A verb and its object written as one word: `deluser`, `removeitem`."""


def find(view: ProgramView) -> Iterator[Misuse]:
    for code in view.codes("action", "cmd", "command", "operation"):
        yield from by_word(code)
    for handler in handlers(view):
        yield from by_link(handler)


def by_word(code: Code) -> Iterator[Misuse]:
    """A parameter says what to do, and nobody asks how the request was made."""
    function = code.routine.function
    if (
        function.kind not in ("function", "method")
        or function.name.rsplit(".", 1)[-1].startswith("_")
        or not any(ACTIONS.match(p.name) for p in function.params)
    ):
        return
    text = code.text
    if CARE.search(text) or not PAGES.search(text) or not serves_pages(code):
        return
    for number, op in enumerate(code.ops):
        if op[0] == CALC and ops.operator(op) in ("==", "===") and says_change(code, op) and carried_out(code, number):
            yield Misuse(RULE, code.name, number, "handler")
            return


def serves_pages(code: Code) -> bool:
    owner = code.routine.owner
    if code.name in code.view.engine.entries:
        return True
    return owner is not None and any(PAGE_CLASS.search(b) for b in (owner.info.name, *owner.bases))


def says_change(code: Code, op: Op) -> bool:
    """`action == "delete"`"""
    left, right = ops.terms(op)
    word = code.constant(right)
    return (
        isinstance(word, str)
        and word.lower() in WORDS
        and ACTIONS.match(code.words(left).rsplit(".", 1)[-1]) is not None
    )


def carried_out(code: Code, number: int) -> bool:
    """After the comparison something is called that is named like it."""
    word = str(code.constant(code.ops[number][3][1])).lower()
    return any(
        op[0] in (CALL, METHOD) and (word in code.callee(op).lower() or code.callee(op) in EFFECTS) for op in code.ops
    )


def by_link(handler: Handler) -> Iterator[Misuse]:
    """A page that is asked for by GET deletes or saves, for whoever's browser asks."""
    code = handler.code
    texts = code.routine.function.decorators
    if (
        any(SAFE_ROUTE.search(d) or not gets(d) for d in texts)
        or CARE.search(code.text)
        or code.routine.owner is not None
    ):
        return
    routes = [t for d in texts for t in re.findall(r"['\"](/[^'\"]*)['\"]", d)]
    verbs = named(handler.short, routes)
    checks = handler.checks | handler.before
    if not verbs or not checks or any(TOKENS.search(c) for c in checks):
        return
    for number, op in enumerate(code.ops):
        if op[0] in (CALL, METHOD) and (code.callee(op) in EFFECTS or verbs & named(code.callee(op), [])):
            yield Misuse(RULE, code.name, number, "handler")
            return


def gets(decorator: str) -> bool:
    """The route is open to GET: it names no methods, or names this one among others."""
    listed = METHODS.search(decorator)
    return listed is None or GET.search(listed[1]) is not None


def named(name: str, routes: list[str]) -> set[str]:
    """The verbs of change in a name and in addresses."""
    found = {v.lower() for text in (name, *routes) for v in NAMED.findall(text)}
    run_on = RUN_ON.match(name)
    return found | ({run_on[0].lower()} if run_on else set())


CHECKS = (Check(find, across=True),)
