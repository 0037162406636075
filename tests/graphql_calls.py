"""Calls of every mutation of Dagster's GraphQL schema, with the plainest arguments that the schema admits."""

from __future__ import annotations

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull, GraphQLType, is_leaf_type

PLAIN = {"Int": "0", "Float": "0", "Boolean": "false", "BigInt": "0"}
DEEPEST = 3


def mutation_calls() -> dict[str, str]:
    """A document per mutation, by its name."""
    from dagster_graphql.schema import create_schema

    mutations = create_schema().graphql_schema.mutation_type
    assert mutations is not None
    calls = {}
    for name, field in mutations.fields.items():
        given = ", ".join(f"{argument}: {literal(each.type)}" for argument, each in field.args.items())
        answer = "" if is_leaf_type(field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type) else " { __typename }"
        calls[name] = f"mutation {{ {name}{f'({given})' if given else ''}{answer} }}"
    return calls


def literal(kind: GraphQLType, depth: int = 0) -> str:
    """The plainest literal of an input type."""
    if isinstance(kind, GraphQLNonNull):
        return literal(kind.of_type, depth)
    if isinstance(kind, GraphQLList):
        return f"[{literal(kind.of_type, depth + 1)}]" if depth < DEEPEST else "[]"
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        needed = {name: field for name, field in kind.fields.items() if isinstance(field.type, GraphQLNonNull)}
        return "{" + ", ".join(f"{name}: {literal(field.type, depth + 1)}" for name, field in needed.items()) + "}"
    return PLAIN.get(str(kind), '"x"')
