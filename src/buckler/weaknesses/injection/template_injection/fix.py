"""Templates put together from what somebody sends: it becomes a variable of the template."""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.finding.evidence import Edit
from buckler.fix.patch import FixRecipe
from buckler.fix.site import Declined, Draft, Site, arguments, callee, free_name
from buckler.fix.texts import parts_of
from buckler.fix.untrusted import mixes


def variables(site: Site) -> Iterator[Draft]:
    """`render_template_string("Hello " + name)` → `render_template_string("Hello {{ name }}", name=name)`."""
    file, call = site.call()
    if callee(call, file).rpartition(".")[2] not in ("render_template_string", "from_string", "Template"):
        raise Declined("what renders the template is not known")
    found = [m for m in mixes(site) if m.file is file and call.start_byte <= m.node.start_byte < call.end_byte]
    if not found or callee(call, file).rpartition(".")[2] != "render_template_string":
        raise Declined("the template is put together somewhere else than it is rendered")
    mix = found[0]
    text = ""
    given: list[str] = []
    for part in parts_of(mix.node, file):
        if isinstance(part, str):
            text += part
            continue
        code = file.text(part)
        name = code if re.fullmatch(r"[A-Za-z_]\w*", code) else free_name(file, call, f"value{len(given) or ''}")
        text += "{{ " + name + " }}"
        given.append(f"{name}={code}")
    quote = '"' if '"' not in text else "'''" if "\n" not in text and "'" in text else "'"
    end = arguments(call)[-1].end_byte
    yield Draft(
        "Give the value to the template as a variable",
        "The template is fixed text; what is sent is shown by it, escaped, and can no longer be a part of it.",
        (file.replace(mix.node, f"{quote}{text}{quote}"), Edit(file.path, end, end, ", " + ", ".join(given))),
    )


FIX = FixRecipe({"python": (variables,)})
