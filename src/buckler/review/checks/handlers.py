"""The handlers of a program and the checks each of them makes, in whatever form.

A check is a decorator, a dependency of a parameter, a base class, a class attribute, a call or an attribute in the
body. It is kept as a word (`login_required`, `has_perm`) so that siblings can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import CALL, COPY, LOAD, METHOD, NAME, RAISE, Op
from buckler.analysis.program.modules import Class, Routine
from buckler.base.source import in_tests
from buckler.review.checks.before import first_asked
from buckler.review.checks.view import Code, ProgramView, argument, last_name

WHO = re.compile(
    r"login|logged_?in|signed_?in|authenticat|(?<!o)auth(?:$|_|ed|z?_?required|orization)|jwt|token|"
    r"api_?key|current_?(?:active_?)?user|user_required|require_?user|get_user|credential|identity|"
    r"principal|requires?_?auth|session_required|protected|verify_key",
    re.I,
)
MAY = re.compile(
    r"permi(?:ssion|tted|t)?|perms?\b|_perm_?|admin|(?<!_)roles?(?:_|$)|staff|superuser|scope|privilege|"
    r"access_|_access|allowed|authori[sz]e|acl|moderat|maintainer|forbid|denied|(?:^|_)can_|policy|"
    r"unauthori[sz]ed",
    re.I,
)
NOT_A_CHECK = re.compile(
    r"csrf|xsrf|anonymous|exempt|oauth_?callback|author(?:s|_id|_name)?$|tokeni[sz]e|next_token|allow_?any|"
    r"not_required|allowed_methods|allowed_hosts|allowed_file|allowed_ext|access_log|access_control_allow|"
    r"http_method|permissive|permanent|admin_site|escape|locale|allowed_types|allow_methods|logout",
    re.I,
)
ROUTING = frozenset({
    "route", "get", "post", "put", "delete", "patch", "head", "options", "websocket", "api_route", "expose",
    "add_url_rule", "view_config", "action", "api_view", "doc", "response", "marshal_with", "expect",
})  # fmt: skip
ADDRESS = re.compile(
    r"(?:^|\.)(?:route|get|post|put|delete|patch|api_route|websocket)\(\s*(?:rule\s*=\s*|"
    r"""path\s*=\s*)?[rbuf]?['\"]/"""
)
PAGES = frozenset({
    "django.http", "django.shortcuts", "django.template.response", "pyramid.view", "rest_framework.response",
})  # fmt: skip
PLAIN = re.compile(
    rb"\)\s*->\s*(?:(?:None|str|bool|int|float|bytes|(?:dict|list|tuple|set|Optional)(?:\[[^\n]*\])?)(?:\s*\|\s*)?)+"
    rb"\s*:\s*(?:#[^\n]*)?\n",
    re.I,
)
"""Results that are no pages."""
NO_HANDLER = re.compile(
    r"errorhandler|before_|after_|middleware|teardown|exception_handler|on_event|context_processor|"
    r"\bwraps\(|template_|receiver|register\.|user_loader|cli\.|command|task|login_manager|listens_for|fixture|"
    r"validator",
    re.I,
)
CLASS_MARKS = re.compile(r"permission|auth|login|decorators|required_|policy|raise_exception", re.I)
CLASS_METHODS = frozenset({
    "dispatch", "prepare", "setup", "check_permissions", "test_func", "has_permission", "user_has_permission",
    "initial", "get_permissions", "before", "authorize", "get_queryset",
    "permission_classes",
})  # fmt: skip
REFUSALS = frozenset({
    "PermissionDenied", "Forbidden", "Unauthorized", "HTTPForbidden", "HTTPUnauthorized", "NotAuthorized",
    "AccessDenied", "AuthenticationFailed", "NotAuthenticated", "PermissionError", "AuthenticationRequired",
})  # fmt: skip
OPEN = re.compile(
    r"AllowAny|permission_classes\s*=\s*[(\[]\s*[)\]]|public|anonymous|login_not_required|no_auth",
    re.I,
)
PUBLIC = re.compile(
    r"log_?in|log_?out|sign_?(?:in|up|out)|register|(?:^|[_/])auth|oauth|openid|saml|sso|oidc|token|health|"
    r"ping|status|version|(?:^|[_./])index|home|(?:^|_)root|static|assets?|favicon|robots|docs?(?:$|[_/])|"
    r"swagger|openapi|schema|public|webhook|callback|hook|reset|forgot|password|passwd|verif|confirm|"
    r"activat|error|about|manifest|captcha|lang|locale|sitemap|feed|metrics|ready|alive|live|options|terms|"
    r"privacy|invit|unsubscribe|not_found|404|500|help|contact|subscribe|landing|welcome|"
    r"install|setup|connect|head$|redirect|anon|guest|serve_|media|css|js$|image|icon|probe",
    re.I,
)
CHANGING = re.compile(
    r"(?:^|_)(?:save|delete|remove|update|create|insert|add|set|commit|write|send|execute|run|start|stop|"
    r"kill|destroy|drop|rename|move|upload|import|restore|reset|put|publish|approve|block|ban|clear|purge|"
    r"edit|change|modify|grant|revoke|enable|disable|install|restart|shutdown|archive|pay|cancel|unlink|"
    r"rmtree|bulk|append|assign)(?:_|$)"
)
HARMLESS = frozenset({"update", "append", "add", "insert", "set", "remove", "run", "put"})
"""Words that containers have too: they count only as a call on something that is no local list, map or set."""
VERBS = frozenset({"post", "put", "patch", "delete"})


@dataclass(slots=True, eq=False)
class Handler:
    """One entry point with the checks found around it."""

    code: Code
    who: set[str] = field(default_factory=set)
    """Checks of who is calling."""
    may: set[str] = field(default_factory=set)
    """Checks of what they may do."""
    before: set[str] = field(default_factory=set)
    """Looks at who is calling before every request; whether it refuses anybody is not known."""
    open: bool = False
    """Said to be public."""
    changes: bool = False
    """Changes data."""

    @property
    def checks(self) -> set[str]:
        return self.who | self.may

    @property
    def short(self) -> str:
        return self.code.routine.function.name.rsplit(".", 1)[-1]


def handlers(view: ProgramView) -> list[Handler]:
    """All entry points of web applications, in program order."""
    known: list[Handler] | None = view.kept.get("handlers")
    if known is None:
        known = view.kept["handlers"] = [described(view, routine) for routine in routines(view)]
        asked_before(view, known)
    return known


def asked_before(view: ProgramView, found: list[Handler]) -> None:
    """What a function that runs before every request looks at holds for all handlers it runs before."""
    for routine, covers in first_asked(view):
        first = Handler(view.code(routine))
        of_body(first.code, first)
        for handler in found if first.who else ():
            if covers(handler.code.routine):
                handler.before |= first.who


def routines(view: ProgramView) -> Iterator[Routine]:
    entries = view.engine.entries
    for name, routine in view.program.routines.items():
        function = routine.function
        if name in entries:
            route = entries[name]
            wanted = bool(route.parameters or route.response != "none" or route.types)
        else:
            wanted = by_convention(routine) and not called_beside(view, routine) and not plain(view, routine)
        if wanted and not in_tests(routine.module.path) and not any(NO_HANDLER.search(d) for d in function.decorators):
            yield routine


def by_convention(routine: Routine) -> bool:
    """Decorated with an address, or a function of a web project whose first parameter is the request."""
    function = routine.function
    if function.kind not in ("function", "method"):
        return False
    if any(ADDRESS.search(d) for d in function.decorators):
        return True
    return (
        function.kind == "function"
        and "." not in function.name
        and not function.name.startswith("_")
        and bool(function.params)
        and function.params[0].name == "request"
        and any(m in PAGES for m in routine.module.imported)
    )


def called_beside(view: ProgramView, routine: Routine) -> bool:
    """Another function of the file calls it: a helper that is handed the request."""
    known: dict[str, set[str]] = view.kept.setdefault("called", {})
    module = routine.module.name
    if module not in known:
        codes = [view.code(r) for r in view.by_module()[module]]
        known[module] = {code.callee(op) for code in codes for op in code.ops if op[0] == CALL}
    return routine.function.name in known[module] and not routine.function.decorators


def plain(view: ProgramView, routine: Routine) -> bool:
    """Its annotation says that no page is answered."""
    head = view.source(routine)[:2000].partition(b":\n")
    return PLAIN.search(head[0] + head[1]) is not None


def described(view: ProgramView, routine: Routine) -> Handler:
    code = view.code(routine)
    found = Handler(code)
    for text in (*routine.function.decorators, *parameters(view, code)):
        decorate(found, text)
    if routine.owner is not None:
        of_class(view, routine.owner, found)
    of_body(code, found)
    found.changes = found.short in VERBS or verbs(routine) or changes(code)
    return found


def decorate(found: Handler, text: str) -> None:
    """A decorator or dependency as a check; routing decorators count for the dependencies they name."""
    head = text.split("(", 1)[0].rsplit(".", 1)[-1]
    if OPEN.search(text):
        found.open = True
    if head in ROUTING:
        rest = text.partition("dependencies")[2]
        if rest:
            sort(found, re.sub(r"\W+", "_", rest)[:80])
        return
    sort(found, text.split("(", 1)[1][:80] if head == "method_decorator" and "(" in text else text.split("(", 1)[0])


def sort(found: Handler, name: str) -> None:
    kind = judge(name)
    if kind == "may":
        found.may.add(name.rsplit(".", 1)[-1])
    elif kind == "who":
        found.who.add(name.rsplit(".", 1)[-1])


@lru_cache(maxsize=16384)
def judge(name: str) -> str:
    """`may`, `who` or nothing, by what a name says."""
    if NOT_A_CHECK.search(name):
        return ""
    return "may" if MAY.search(name) else "who" if WHO.search(name) else ""


def parameters(view: ProgramView, code: Code) -> Iterator[str]:
    """Texts of dependencies: the annotation and default of parameters that the framework fills in."""
    function = code.routine.function
    parent = view.program.of_function.get((code.routine.module.name, function.parent))
    outer = view.code(parent) if parent is not None else None
    for param in function.params:
        if param.annotation and (WHO.search(param.annotation) or MAY.search(param.annotation)):
            yield param.annotation
        if (
            re.fullmatch(r"_*(?:current_?)?(?:user|identity|principal|auth\w*|api_key)", param.name)
            and param.annotation
        ):
            yield "current_user"
        op = outer.defs.get(param.default) if outer is not None and param.default is not None else None
        if (
            op is not None
            and outer is not None
            and op[0] in (CALL, METHOD)
            and outer.callee(op) in ("Depends", "Security")
        ):
            inner = argument(op, 0, "dependency")
            yield outer.words(inner).replace("()", "") if inner is not None else ""


def of_class(view: ProgramView, owner: Class, found: Handler) -> None:
    """Base classes, class attributes and the methods that run before every handler."""
    for base in view.program.line(owner.name):
        name = base.info.name if isinstance(base, Class) else base
        sort(found, name.rsplit(".", 1)[-1] if isinstance(base, str) or base is not owner else "")
        if not isinstance(base, Class):
            continue
        for text in base.info.decorators:
            decorate(found, text)
        body = view.program.of_function[base.module.name, base.info.body]
        for op in view.code(body).ops:
            if op[0] == COPY and op[1] >= 0 and CLASS_MARKS.search(body.function.locals[op[1]]):
                mark(view.code(body), body.function.locals[op[1]], found)
        for name, method in base.methods.items():
            if name in CLASS_METHODS:
                of_body(view.code(method), found)


def mark(body: Code, name: str, found: Handler) -> None:
    place = body.routine.function.locals.index(name)
    words = {last_name(o) for o in body.inside(place) if o[0] in (NAME, LOAD)}
    if any(OPEN.search(w) for w in words):
        found.open = True
    found.may.add(name)


def of_body(code: Code, found: Handler) -> None:
    """Calls, attributes and refusals in a body that say a check is made."""
    for op in code.ops:
        if op[0] in (CALL, METHOD):
            name = code.callee(op)
            if (
                (
                    name
                    in (
                        "abort",
                        "HttpResponse",
                        "HTTPException",
                        "Response",
                        "send_error",
                        "set_status",
                        "JsonResponse",
                    )
                    and refused(code, op)
                )
                or name in REFUSALS
                or name.startswith("HttpResponseForbidden")
            ):
                found.may.add("refusal")
            elif name:
                sort(found, name)
        elif op[0] == LOAD:
            name = ops.attribute(op)
            if name == "user" or name.startswith(("is_auth", "is_anon")):
                found.who.add("user")
            elif name.startswith(("is_", "has_", "can_", "role")):
                sort(found, name)
        elif op[0] == NAME:
            name = ops.read_name(op)
            if name in REFUSALS:
                found.may.add("refusal")
            elif name in ("current_user", "g"):
                found.who.add(name)
    if any(
        block.end[0] == RAISE
        and block.end[1] is not None
        and code.words(block.end[1]).rstrip("()").rsplit(".", 1)[-1] in REFUSALS
        for block in code.routine.function.blocks
    ):
        found.may.add("refusal")


def refused(code: Code, op: Op) -> bool:
    place = argument(op, 0, "status_code", "status", "code")
    values = {code.constant(place)} | {code.constant(argument(op, 9, "status_code", "status", "code"))}
    return bool(values & {401, 403, "401", "403"})


def verbs(routine: Routine) -> bool:
    """The route is for changing requests."""
    for text in routine.function.decorators:
        head = text.split("(", 1)[0].rsplit(".", 1)[-1]
        if head in VERBS or re.search(r"methods\s*=\s*[\[({][^\])}]*['\"](?:POST|PUT|DELETE|PATCH)", text):
            return True
    return False


def changes(code: Code) -> bool:
    """Calls something whose name says that it changes data."""
    return any(op[0] in (CALL, METHOD) and changing(code, op) for op in code.ops)


def changing(code: Code, op: Op) -> bool:
    name = code.callee(op)
    if CHANGING.search(name) is None:
        return False
    if name not in HARMLESS:
        return True
    if op[0] != METHOD:
        return False
    base = code.define(ops.callee(op))
    return (
        base is not None
        and base[0] in (NAME, LOAD, METHOD)
        and not code.words(ops.callee(op)).endswith(("headers", "context", "session", "data"))
    )
