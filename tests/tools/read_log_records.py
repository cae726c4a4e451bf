#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Read a document of kata-log-parser back, with a reader that is none of ours, and print its records as JSON lines.

usage: read_log_records.py csv|json|toml|xml|yaml FILE

Every record comes out the same whatever the format, as far as the format can say it: times as UTC with nanoseconds, numbers
as numbers, Data as an object. CSV has Data as one text, and its times in Go's form.
"""

import csv
import datetime
import json
import re
import sys
import tomllib
import xml.etree.ElementTree

import yaml

FIELDS = ["Data", "Time", "Filename", "Level", "Msg", "Source", "Name", "Container", "Sandbox", "Line", "Count", "TimeDelta", "Pid"]
NUMBERS = {"Line", "Count", "TimeDelta", "Pid"}


def normal_time(text):
    match = re.fullmatch(
        r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:(Z)| ?([+-]\d\d):?(\d\d)(?: \S+)?)", text
    )
    date, clock, fraction, _, hours, minutes = match.groups()
    moment = datetime.datetime.fromisoformat(f"{date}T{clock}{hours or '+00'}:{minutes or '00'}")
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + (fraction or "").ljust(9, "0")


def checked(record):
    assert list(record) == FIELDS, list(record)
    return record


def read_json(path):
    document = json.load(open(path, encoding="utf-8"))
    assert list(document) == ["FormatVersion", "Entries"]
    assert document["FormatVersion"] == "0.0.2"
    return [checked(record) for record in document["Entries"] or []]


def read_toml(path):
    # tomllib has microseconds only; the text keeps the rest.
    times = re.findall(r"^    Time = (\S+)$", open(path, encoding="utf-8").read(), re.M)
    document = tomllib.load(open(path, "rb"))
    assert document["FormatVersion"] == "0.0.2"
    records = document.get("Entries", [])
    assert len(times) == len(records)
    for record, time in zip(records, times):
        assert isinstance(record["Time"], datetime.datetime)
        record["Time"] = time
    return [checked({field: record[field] for field in FIELDS}) for record in records]


def read_yaml(path):
    class Loader(yaml.SafeLoader):
        """Times as text, which keeps the nanoseconds."""

    Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: ("time", node.value))
    document = yaml.load(open(path, encoding="utf-8"), Loader)
    assert list(document) == ["formatversion", "entries"]
    records = []
    for record in document["entries"]:
        assert list(record) == [field.lower() for field in FIELDS]
        record = dict(zip(FIELDS, record.values()))
        assert record["Time"][0] == "time"
        record["Time"] = record["Time"][1]
        for pairs in record["Data"], record:
            for key, value in pairs.items():
                assert isinstance(key, str) and isinstance(value, (str, bytes) if pairs is not record else object), (key, value)
                if isinstance(value, bytes):
                    pairs[key] = value.decode("utf-8", "replace")
        record["Data"] = dict(sorted(record["Data"].items()))
        records.append(record)
    return records


def plain_name(name):
    if name == "_x_":
        return ""
    return re.sub(r"_x([0-9A-F]{8}|[0-9A-F]{4})_", lambda match: chr(int(match.group(1), 16)), name)


def read_xml(path):
    root = xml.etree.ElementTree.parse(path).getroot()
    assert root.tag == "LogEntries" and root[0].tag == "FormatVersion" and root[0].text == "0.0.2"
    records = []
    for entry in root[1:]:
        assert entry.tag == "Entries"
        record = {child.tag: child.text or "" for child in entry}
        record["Data"] = {plain_name(child.tag): child.text or "" for child in entry[0]}
        for field in NUMBERS:
            record[field] = int(record[field])
        records.append(checked(record))
    return records


def read_csv(path):
    rows = list(csv.reader(open(path, encoding="utf-8", errors="replace", newline="")))
    assert rows[0] == FIELDS
    records = []
    for row in rows[1:]:
        record = checked(dict(zip(FIELDS, row, strict=True)))
        for field in NUMBERS:
            record[field] = int(record[field])
        records.append(record)
    return records


def main():
    form, path = sys.argv[1:]
    for record in {"csv": read_csv, "json": read_json, "toml": read_toml, "xml": read_xml, "yaml": read_yaml}[form](path):
        record["Time"] = normal_time(record["Time"])
        if form != "csv":
            record["Data"] = dict(sorted(record["Data"].items(), key=lambda pair: pair[0].encode("utf-8", "surrogatepass")))
        print(json.dumps(record))


if __name__ == "__main__":
    main()
