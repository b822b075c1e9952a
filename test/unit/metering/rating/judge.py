"""A second calculation of prices and periods, written without a look at the first: unit prices as sums of fractions,
calendars by the standard library. Reads one JSON document, writes one."""

import calendar
import json
import math
import sys
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from zoneinfo import ZoneInfo

CAP = 10**18


def money(plan, units):
    """What every single unit costs, by the step that it lies on; neighbors of one price are taken together."""
    edges = [0, plan["included"]] + [tier["from"] for tier in plan["tiers"]] + [math.inf]
    prices = [0, plan["priceMicros"]] + [tier["priceMicros"] for tier in plan["tiers"]]
    total = Fraction(0)
    for low, high, price in zip(edges, edges[1:], prices):
        inside = max(0, min(units, high) - low)
        total += Fraction(int(inside) * price, plan["per"])
    return min(CAP, math.floor(total + Fraction(1, 2)))


def affordable(plan, before, micros):
    """By bisection, from one side only: the last count whose price fits."""
    top = 2**53 - 1 - max(0, before)
    if micros < 0:
        return 0
    base = money(plan, before)
    low, high = 0, top
    while low < high:
        middle = (low + high + 1) // 2
        if money(plan, before + middle) - base <= micros:
            low = middle
        else:
            high = middle - 1
    return low


def wall(ms, zone):
    return datetime.fromtimestamp(ms // 1000, timezone.utc).astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def instant(naive, zone):
    return int(naive.replace(tzinfo=ZoneInfo(zone)).timestamp())


def shifted(naive, kind, count):
    if kind in ("day", "week"):
        return naive + timedelta(days=count * (7 if kind == "week" else 1))
    months = naive.year * 12 + naive.month - 1 + count * (12 if kind == "year" else 1)
    year, month = divmod(months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return naive.replace(year=year, month=month + 1, day=min(naive.day, last))


def period(case):
    kind, zone, at = case["period"], case["timeZone"], case["atMs"]
    if case["counts"] == "period":
        anchor = wall(case["activatedAtMs"], zone)
    else:
        anchor = datetime(1970, 1, 5) if kind == "week" else datetime(1970, 1, 1)
    # Far enough before, then one at a time: nothing to be clever about.
    length = {"day": 86400, "week": 604800, "month": 2629746, "year": 31556952}[kind]
    count = (at // 1000 - instant(anchor, zone)) // length - 3
    while instant(shifted(anchor, kind, count + 1), zone) * 1000 <= at:
        count += 1
    start, end = shifted(anchor, kind, count), shifted(anchor, kind, count + 1)
    return [instant(start, zone) * 1000, instant(end, zone) * 1000, f"{kind}/{start:%Y-%m-%d}"]


if __name__ == "__main__":
    cases = json.load(sys.stdin)
    json.dump(
        {
            "rates": [str(money(case["tariff"], case["units"])) for case in cases["rates"]],
            "lefts": [affordable(case["tariff"], case["before"], int(case["micros"])) for case in cases["lefts"]],
            "periods": [period(case) for case in cases["periods"]],
        },
        sys.stdout,
    )
