# SPDX-License-Identifier: Apache-2.0
"""Rows of datasets as readers find them, for comparing."""
import datetime

SOURCES = ("9b1c6d52-0f5e-4a3b-8a55-1d7f0c2e4a11", "e2d3f4a5-1111-4222-8333-444455556666")


def text_of(value):
    if value is None:
        return ""
    if isinstance(value, datetime.date):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)


def as_rows(records, what):
    """Rows of text without the partition columns, which must be the day's."""
    rows = []
    for record in records:
        parts = tuple(int(record.pop(name)) for name in ("year", "month", "day"))
        day = record["usage_start"]
        assert parts == (day.year, day.month, day.day), f"{what}: a row of {day} in {parts}"
        rows.append({name: text_of(value) for name, value in record.items()})
    return rows
