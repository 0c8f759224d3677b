"""Python: every node kind of its grammar, from 2.7's leftovers to 3.13; what to do with each is in `python_*`.

>>> from buckler.analysis.languages.shared import lower
>>> lower(PYTHON, "a.py", "a", False, b"def f(x): return x").functions[1].name
'f'
"""

from __future__ import annotations

from collections.abc import Callable

from buckler.analysis.ir.ops import Place
from buckler.analysis.languages.python.definitions import class_, decorated, definition, import_, import_from
from buckler.analysis.languages.python.literals import concatenated, float_, integer, string
from buckler.analysis.languages.python.match import match_
from buckler.analysis.languages.python.names import (
    assignment,
    assignment_value,
    attribute,
    augmented,
    delete,
    identifier,
    slice_value,
    subscript,
    walrus,
)
from buckler.analysis.languages.python.skim import skim
from buckler.analysis.languages.python.statements import (
    assert_,
    break_,
    continue_,
    expression_statement,
    for_,
    global_,
    if_,
    nonlocal_,
    print_,
    raise_,
    return_,
    try_,
    while_,
    with_,
)
from buckler.analysis.languages.python.values import (
    await_,
    binary,
    boolean,
    call,
    comparison,
    comprehension,
    condition_either,
    condition_inner,
    condition_not,
    conditional,
    dictionary,
    inner,
    lambda_,
    not_,
    sequence,
    splat_expression,
    unary,
    yield_,
)
from buckler.analysis.languages.shared import Language, Lowering, Scope, close_generator, constant, give, span_of
from buckler.analysis.syntax.load import Node


def function_body(low: Lowering, scope: Scope) -> None:
    node, function = scope.node, scope.function
    if function.kind == "lambda":
        body = node.child_by_field_name("body")
        give(low, low.expr(body), span_of(body) if body else 0)
    elif function.kind == "module":
        low.block(node)
    else:
        low.block(node.child_by_field_name("body"))
    close_generator(low)


EXPRESSIONS: dict[str, Callable[[Lowering, Node], Place]] = {
    "identifier": identifier,
    "attribute": attribute,
    "call": call,
    "string": string,
    "concatenated_string": concatenated,
    "integer": integer,
    "float": float_,
    "true": constant(True),
    "false": constant(False),
    "none": constant(None),
    "ellipsis": constant(None),
    "subscript": subscript,
    "slice": slice_value,
    "binary_operator": binary,
    "boolean_operator": boolean,
    "comparison_operator": comparison,
    "not_operator": not_,
    "unary_operator": unary,
    "parenthesized_expression": inner,
    "conditional_expression": conditional,
    "named_expression": walrus,
    "list": sequence("list"),
    "tuple": sequence("tuple"),
    "set": sequence("set"),
    "expression_list": sequence("tuple"),
    "pattern_list": sequence("tuple"),
    "tuple_pattern": sequence("tuple"),
    "list_pattern": sequence("list"),
    "dictionary": dictionary,
    "list_comprehension": comprehension("list*"),
    "generator_expression": comprehension("list*"),
    "set_comprehension": comprehension("set*"),
    "dictionary_comprehension": comprehension("map*"),
    "lambda": lambda_,
    "await": await_,
    "yield": yield_,
    "list_splat": splat_expression,
    "dictionary_splat": splat_expression,
    "list_splat_pattern": splat_expression,
    "parenthesized_list_splat": splat_expression,
    "as_pattern": inner,
    "assignment": assignment_value,
    "type": inner,
    "dotted_name": identifier,
    "case_pattern": inner,
    "chevron": inner,
}

STATEMENTS: dict[str, Callable[[Lowering, Node], None]] = {
    "expression_statement": expression_statement,
    "assignment": assignment,
    "augmented_assignment": augmented,
    "return_statement": return_,
    "if_statement": if_,
    "for_statement": for_,
    "while_statement": while_,
    "break_statement": break_,
    "continue_statement": continue_,
    "try_statement": try_,
    "with_statement": with_,
    "raise_statement": raise_,
    "assert_statement": assert_,
    "delete_statement": delete,
    "global_statement": global_,
    "nonlocal_statement": nonlocal_,
    "import_statement": import_,
    "import_from_statement": import_from,
    "function_definition": definition,
    "class_definition": class_,
    "decorated_definition": decorated,
    "match_statement": match_,
    "print_statement": print_,
    "exec_statement": print_,
    "block": lambda low, node: low.block(node),
}

LANGUAGE = Language(
    name="python",
    expressions=EXPRESSIONS,
    statements=STATEMENTS,
    conditions={
        "boolean_operator": condition_either,
        "not_operator": condition_not,
        "parenthesized_expression": condition_inner,
    },
    ignored=frozenset({
        "comment", "line_continuation", "pass_statement", "future_import_statement", "type_alias_statement",
        "positional_separator", "keyword_separator", "type_parameter", "generic_type", "union_type", "splat_type",
        "constrained_type", "member_type", "escape_sequence", "ERROR_COMMENT",
    }),
    children=frozenset({
        "string_start", "string_content", "string_end", "interpolation", "escape_interpolation", "type_conversion",
        "format_specifier", "format_expression", "module", "import_prefix", "relative_import", "aliased_import",
        "wildcard_import", "elif_clause", "else_clause", "case_clause", "except_clause", "finally_clause",
        "with_clause", "with_item", "parameters", "lambda_parameters", "argument_list", "decorator",
        "union_pattern", "dict_pattern", "keyword_pattern", "splat_pattern", "class_pattern", "complex_pattern",
        "default_parameter", "typed_default_parameter", "typed_parameter", "dictionary_splat_pattern",
        "keyword_argument", "pair", "for_in_clause", "if_clause", "as_pattern_target",
    }),
    function=function_body,
    skim=skim,
)  # fmt: skip

__all__ = ["LANGUAGE"]
