"""Counts the requests of a run: count.py FOLDER LEAST."""

import json
import pathlib
import sys

folder, least = pathlib.Path(sys.argv[1]), int(sys.argv[2])
requests = 0
statuses = {}


def responses(value):
    if isinstance(value, dict):
        if "status_code" in value:
            yield value["status_code"]
        for member in value.values():
            yield from responses(member)
    elif isinstance(value, list):
        for item in value:
            yield from responses(item)


for report in folder.glob("*.ndjson"):
    for line in report.read_text().splitlines():
        for status in responses(json.loads(line)):
            requests += 1
            statuses[status] = statuses.get(status, 0) + 1
print(f"{requests} requests: " + ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items())))
if requests < least:
    sys.exit(f"fewer than {least} requests were made")
