#!/usr/bin/env python3
"""Looks for every fact of a fact base in the data set: facts.py FACTS DATA.

Each id must be a slug or another slug, each cited source must stand behind the record or one of
its claims, each number of seats and each side of a contradiction must be a claim.
"""

import pathlib
import sys
import tomllib

facts_folder, data_folder = map(pathlib.Path, sys.argv[1:])


def load(folder):
    tables = {}
    for path in sorted(folder.glob("*.toml")):
        for table, rows in tomllib.loads(path.read_text("utf-8")).items():
            tables.setdefault(table, []).extend(rows)
    return tables


facts, data = load(facts_folder), load(data_folder)
known = {}
for table, rows in data.items():
    for row in rows:
        for slug in [row.get("slug"), *row.get("aliases", [])]:
            if slug:
                known[slug] = row["slug"]


def plain(sources):
    return {known.get(source.split("#")[0]) for source in sources}


def behind(row):
    """All documents that a row names anywhere."""
    found = set()
    for key, value in row.items():
        if key == "sources" or key.endswith("_sources"):
            found |= plain(value)
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    found |= behind(item)
    return found


by_slug, claims, cited = {}, {}, set()
for table, rows in data.items():
    for row in rows:
        cited |= behind(row)
        if table == "claim":
            claims.setdefault(known[row["record"]], []).append(row)
        elif "slug" in row:
            by_slug[row["slug"]] = row

missing = []
sought = 0


def seek(holds, what):
    global sought
    sought += 1
    if not holds:
        missing.append(what)


for table, rows in facts.items():
    for row in rows:
        if "id" in row and table != "sidebar":
            slug = known.get(row["id"])
            seek(slug, f"{table} {row['id']}: no record goes by it")
            if slug and table not in ("source", "contradiction"):
                own = behind(by_slug[slug])
                for claim in claims.get(slug, []):
                    own |= behind(claim)
                for source in row.get("sources", []):
                    # A fact of the row may have become a record of its own.
                    seek(known.get(source) in own | cited, f"{row['id']}: {source} is not cited")
        for key in ("sources", "seat_sources", "other_name_sources"):
            for source in row.get(key, []):
                seek(known.get(source) in cited, f"{table}: {source} is cited nowhere")

for seats in facts["seats"]:
    held = [
        claim
        for allocation in data["seat_allocation"]
        if allocation["delegation"] == known[seats["delegation"]]
        and allocation["chamber"] == known[seats["chamber"]]
        for claim in claims[allocation["slug"]]
        if claim["property"] == "seats" and claim["value"] == seats["seats"]
    ]
    for source in seats["sources"]:
        said = any(known[source] in plain(claim["sources"]) for claim in held)
        seek(said, f"{seats['delegation']}: {source} says {seats['seats']}")

for side in facts["claim"]:
    sides = by_slug[known[side["contradiction"]]]["claims"]
    for source in side["sources"]:
        seek(
            any(known[source] in plain(own["sources"]) for own in sides),
            f"{side['contradiction']}: {source} is no side",
        )

counts = {table: len(rows) for table, rows in sorted(data.items())}
print("in the data set:", ", ".join(f"{count} {table}" for table, count in counts.items()))
print(f"{sought - len(missing)} of {sought} found")
for line in missing:
    print("missing:", line)
sys.exit(1 if missing or sought < 1000 else 0)
