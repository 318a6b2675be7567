# Copyright (c) 2026 taskwatch maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The query language of the `.../query` calls: filter, order, page, projection and aggregates.

Source: Prisma SD-WAN API, "Get Image Status of Element (v2.1)" for the fields of request and answer. Grammar of
`query_params`, sizes of pages and the form of aggregates are documented nowhere and are assumptions here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import regex

from .prisma_fields import RequestFault
from .prisma_format import Item

REQUEST_FIELDS = frozenset(
    {
        "_etag",
        "aggregate",
        "dest_page",
        "getDeleted",
        "group_by",
        "id",
        "isReadPreferenceSecondary",
        "last_query_ts",
        "limit",
        "next_query",
        "query_params",
        "retrieved_fields",
        "retrieved_fields_mask",
        "sort_case_insensitive",
        "sort_params",
        "total_count",
    }
)
AGGREGATES: dict[str, Callable[[Sequence[float]], float]] = {
    "max": max,
    "min": min,
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
    "count": len,
}
BAD_QUERY = "BAD_QUERY_OR_SORT_PARAMETERS"
# Seconds that the expressions of a query may take with all values; some would take years with one
LONGEST_SEARCH = 0.5


@dataclass(frozen=True)
class Source:
    """What a query runs over.

    `keys` are the fields that `key` returns without making the whole record, which `full` does; `known` are all fields.
    """

    count: int
    keys: frozenset[str]
    key: Callable[[int], Item]
    full: Callable[[int], Item]
    known: frozenset[str]


@dataclass(frozen=True)
class Result:
    """What a query found: the page's items, how many there are on all pages, and an aggregate if one was asked for."""

    items: list[Item]
    total: int
    aggregate: Item | None = None


def run(query: Mapping[str, Any], source: Source, default_limit: int, max_limit: int) -> Result:
    """Run a query.

    Raises:
        RequestFault: when it has a fault.
    """
    try:
        return _run(query, source, default_limit, max_limit)
    except RecursionError:
        raise RequestFault(BAD_QUERY, "The query is nested too deeply") from None


def _run(query: Mapping[str, Any], source: Source, default_limit: int, max_limit: int) -> Result:
    unknown = sorted(set(query) - REQUEST_FIELDS)
    if unknown:
        raise RequestFault("INVALID_JSON_EXTRA_ATTRIBUTE", f"Unknown attribute {unknown[0]}")
    wanted = _mapping(query, "query_params")
    order = _mapping(query, "sort_params")
    limit = min(_whole(query, "limit", default_limit, least=1), max_limit)
    # 0, 1 and no number at all are the first page in public clients
    page = max(_whole(query, "dest_page", 1, least=0), 1)
    aggregate = _mapping(query, "aggregate")
    fields = _fields_of(wanted) | set(order)
    unheard = sorted(fields - source.known)
    if unheard:
        raise RequestFault(BAD_QUERY, f"Unknown field {unheard[0]}")
    # Thousands of records are made only where the question needs them
    poll = source.key if fields <= source.keys else source.full
    matches = _compile(wanted)
    rows = [index for index in range(source.count) if matches(poll(index))]
    rows = _sorted(rows, order, poll, ignore_case=bool(query.get("sort_case_insensitive")))
    chosen = rows[(page - 1) * limit : page * limit]
    items = [_project(source.full(index), query) for index in chosen]
    summary = _aggregate(aggregate, query, rows, source) if aggregate else None
    return Result(items, len(rows), summary)


def _mapping(query: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = query.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise RequestFault("INVALID_JSON_INPUT", f"{name} must be an object")
    return value


def _whole(query: Mapping[str, Any], name: str, default: int, least: int) -> int:
    value = query.get(name)
    if value is None:
        return default
    # A vendor's sample sends the limit as text
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value < 2**31:
        raise RequestFault("INVALID_JSON_INPUT", f"{name} must be a whole number from {least} on")
    return value


def _fields_of(wanted: Mapping[str, Any]) -> set[str]:
    fields: set[str] = set()
    for name, condition in wanted.items():
        if name == "or" and isinstance(condition, Mapping):
            fields |= _fields_of(condition)
        else:
            fields.add(name)
    return fields


def _compile(wanted: Mapping[str, Any]) -> Callable[[Item], bool]:
    tests = []
    for name, condition in wanted.items():
        if name == "or" and isinstance(condition, Mapping):
            tests.append(_any_of([_compile({key: value}) for key, value in condition.items()]))
            continue
        if not isinstance(condition, Mapping) or not condition:
            raise RequestFault(BAD_QUERY, f"{name} needs an operator, such as in")
        tests.extend(_test(name, operator, value) for operator, value in condition.items())
    return lambda item: all(test(item) for test in tests)


def _any_of(tests: list[Callable[[Item], bool]]) -> Callable[[Item], bool]:
    return lambda item: any(test(item) for test in tests)


def _test(name: str, operator: str, value: Any) -> Callable[[Item], bool]:
    if operator == "in":
        if not isinstance(value, list):
            raise RequestFault(BAD_QUERY, f"{name}: in needs a list")
        among = {each for each in value if isinstance(each, str | int | float | None)}
        return lambda item: item.get(name) in among
    if operator in {"eq", "neq"}:
        return lambda item: (item.get(name) == value) == (operator == "eq")
    if operator == "re":
        try:
            pattern = regex.compile(str(value))
        except (regex.error, OverflowError, RecursionError):
            raise RequestFault(BAD_QUERY, f"{name}: re is not a regular expression") from None
        deadline = time.monotonic() + LONGEST_SEARCH
        return lambda item: item.get(name) is not None and _found(pattern, str(item[name]), deadline)
    if operator in {"gt", "gte", "lt", "lte"}:
        return lambda item: _compare(item.get(name), operator, value)
    raise RequestFault(BAD_QUERY, f"Unknown operator {operator}")


def _found(pattern: regex.Pattern[str], text: str, deadline: float) -> bool:
    try:
        return pattern.search(text, timeout=max(deadline - time.monotonic(), 1e-6)) is not None
    except TimeoutError:
        raise RequestFault(BAD_QUERY, "The regular expression takes too long") from None


def _compare(left: Any, operator: str, right: Any) -> bool:
    numbers = all(isinstance(each, int | float) for each in (left, right))
    if not numbers and not all(isinstance(each, str) for each in (left, right)):
        return False
    if left == right:
        return operator in {"gte", "lte"}
    return bool(left > right) == operator.startswith("g")


def _sorted(rows: list[int], order: Mapping[str, Any], poll: Callable[[int], Item], *, ignore_case: bool) -> list[int]:
    for name, direction in reversed(list(order.items())):
        if direction not in {"asc", "desc"}:
            raise RequestFault(BAD_QUERY, f"{name}: the order is asc or desc")

        def key(index: int, name: str = name) -> tuple[bool, float, str]:
            value = poll(index).get(name)
            number = float(value) if isinstance(value, int | float) else 0.0
            text = str(value)
            return value is not None, number, text.lower() if ignore_case else text

        rows = sorted(rows, key=key, reverse=direction == "desc")
    return rows


def _project(item: Item, query: Mapping[str, Any]) -> Item:
    wanted = query.get("retrieved_fields")
    if not wanted or query.get("retrieved_fields_mask") is False:
        return item
    if not isinstance(wanted, list):
        raise RequestFault("INVALID_JSON_INPUT", "retrieved_fields must be a list")
    return {name: item[name] for name in ("id", *wanted) if isinstance(name, str) and name in item}


def _aggregate(aggregate: Mapping[str, Any], query: Mapping[str, Any], rows: Iterable[int], source: Source) -> Item:
    field, operator = aggregate.get("field"), aggregate.get("operator")
    if field not in source.known or operator not in AGGREGATES:
        raise RequestFault(BAD_QUERY, "aggregate needs a known field and one of max, count, min, avg, sum")
    groups = query.get("group_by") or []
    if not isinstance(groups, list) or not all(isinstance(name, str) and name in source.known for name in groups):
        raise RequestFault(BAD_QUERY, "group_by must be a list of known fields")
    gathered: dict[tuple[Any, ...], list[Any]] = {}
    for index in rows:
        item = source.full(index)
        gathered.setdefault(tuple(item.get(name) for name in groups), []).append(item.get(field))
    data = []
    for group, values in gathered.items():
        present = [value for value in values if value is not None]
        usable = present if operator == "count" else [value for value in present if isinstance(value, int | float)]
        result = AGGREGATES[operator](usable) if usable or operator == "count" else None
        data.append({**dict(zip(groups, group, strict=True)), "value": result})
    return {**aggregate, "data": data}
