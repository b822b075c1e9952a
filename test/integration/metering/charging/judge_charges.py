"""A second calculation of charges, written without a look at the first. Goes through windows in the order in which they
were delivered, remembers which it has seen, and adds up what each is worth. Reads one JSON document, writes one."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../../unit/metering/rating"))
from judge import money, period  # noqa: E402


def counted(plan, totals):
    return {
        "bytes": totals["bytes"],
        "epochs": totals["epochs"],
        "onlineSeconds": totals["activeSeconds"],
        "wallTime": totals["durationMs"] // 1000,
    }[plan["counts"]]


def price_of(plan, row):
    """The tariff that holds, and what it is for."""
    ranked = []
    for price in plan.get("prices") or []:
        spec, mountpoint = price.get("serviceSpecId"), price.get("mountpoint")
        if spec in (None, row["serviceSpecId"]) and mountpoint in (None, row["mountpoint"]):
            ranked.append(((mountpoint is not None, spec is not None), price))
    if not ranked:
        return ("plan",), plan
    price = max(ranked, key=lambda one: one[0])[1]
    flat = {"priceMicros": price["priceMicros"], "per": plan["per"], "included": 0, "tiers": []}
    return (price.get("serviceSpecId"), price.get("mountpoint")), flat


def period_key(plan, at):
    if plan.get("period") is None:
        return "always"
    return period({**plan, "atMs": at})[2]


def judged(document):
    plans, reached, totals, charges, balances = document["plans"], {}, {}, [], {}
    for row in document["rows"]:
        session, window = row["sessionId"], row["window"]
        before = reached.get(session, (-1, dict.fromkeys(row["total"], 0)))
        if window <= before[0]:
            continue
        reached[session] = (window, row["total"])
        plan = plans[row["billingPlanId"]]
        units = counted(plan, row["total"]) - counted(plan, before[1])
        if units == 0:
            continue
        name, tariff = price_of(plan, row)
        key = period_key(plan, row["windowStartedAtMs"])
        account = (row["customerId"], row["billingPlanId"], key, name)
        had = totals.get(account, 0)
        totals[account] = had + units
        amount = money(tariff, had + units) - money(tariff, had)
        purse = row["customerId"] + " " + plan["currency"]
        balances[purse] = balances.get(purse, 0) - amount
        charges.append([f"{session}/{window}/{row['billingPlanId']}", str(amount), units, had, had + units, key])
    return {"charges": charges, "balances": {purse: str(micros) for purse, micros in balances.items()}}


json.dump(judged(json.load(sys.stdin)), sys.stdout)
