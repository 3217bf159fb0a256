"""Reads a run's exports as their readers do, and asserts that types, nulls, lists and odd names are what they were."""

import datetime
import json
import sqlite3
import sys

import duckdb
import pandas

parquet, sqlite, xlsx = sys.argv[1:]
day, at = datetime.date(2026, 2, 28), datetime.datetime(2026, 2, 28, 23, 30, 0, 250000)
shop, biggest, note = 'Übung "1"\n=2 🧾', 2**53 - 1, "zero \u200b width"

# DuckDB: "at" and "order" are words of SQL, so they are quoted.
types = dict(duckdb.sql(f"select column_name, column_type from (describe from '{parquet}')").fetchall())
assert {name: types[name] for name in ("index", "day", "at", "paid", "total", "count", "order", "shop")} == {
    "index": "BIGINT",
    "day": "DATE",
    "at": types["at"],
    "paid": "BOOLEAN",
    "total": "DOUBLE",
    "count": "BIGINT",
    "order": "BIGINT",
    "shop": "VARCHAR",
}, types
assert types["at"].startswith("TIMESTAMP"), types
first, second = duckdb.sql(
    f"""select day, "at"::timestamp, paid, total, "count", "order", shop, note, items->>'$[1].sku', tags->>'$[0]'
    from '{parquet}' order by index"""
).fetchall()
assert first == (day, at, True, 1.5, biggest, 7, shop, note, "B", "ß"), first
assert second == (None, None, False, None, 0, None, "S", "", None, None), second
assert duckdb.sql(f"select sum(\"count\"), avg(total) from '{parquet}'").fetchall() == [(biggest, 1.5)]

# pandas: a column of whole numbers with a gap stays one of numbers, and dates are dates.
frame = pandas.read_parquet(parquet)
assert list(frame["count"]) == [biggest, 0] and str(frame["count"].dtype) == "int64", frame.dtypes
assert frame["order"].isna().tolist() == [False, True] and frame["day"][0] == day
assert pandas.to_datetime(frame["at"], utc=True)[0] == pandas.Timestamp(at, tz="UTC"), frame["at"]
assert json.loads(frame["items"][0])[1] == {"sku": "B", "qty": 2}, frame["items"][0]
assert frame["address.city"].isna().all() and list(frame["shop"]) == [shop, "S"]

sheet = pandas.read_excel(xlsx)
assert list(sheet.columns) == list(frame.columns), sheet.columns
assert sheet["day"][0] == pandas.Timestamp(day) and pandas.isna(sheet["day"][1])
assert sheet["total"][0] == 1.5 and sheet["count"][0] == biggest and bool(sheet["paid"][0]) is True
assert sheet["shop"][0] == shop and json.loads(sheet["tags"][0]) == ["ß", "日本"]

database = sqlite3.connect(sqlite)
kinds = database.execute('select typeof("at"), typeof("order"), typeof(total), typeof(paid), typeof("count") from results')
assert kinds.fetchall() == [("text", "integer", "real", "integer", "integer"), ("null", "null", "null", "integer", "integer")]
assert database.execute("select date(\"at\"), \"count\", items->>'$[1].sku' from results where shop <> 'S'").fetchone() == (
    "2026-02-28",
    biggest,
    "B",
)
with database:
    assert list(pandas.read_sql('select day, "order" from results', database)["day"].isna()) == [False, True]

print("ok")
