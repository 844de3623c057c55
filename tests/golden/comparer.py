#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""compare.py sees every kind of difference and nothing else."""
from compare import differences, harness

ROW = {"namespace": "shop", "node": "", "pod_labels": '{"a": "1", "b": "2"}',
       "pod_usage_cpu_core_hours": "1.5", "pod_limit_cpu_core_hours": ""}
CASES = [  # why, changes of the second summary's only row, agrees
    ("the same", {}, True),
    ("labels in another order", {"pod_labels": '{"b":"2","a":"1"}'}, True),
    ("within the tolerance", {"pod_usage_cpu_core_hours": "1.5000000001"}, True),
    ("a column more", {"uuid": "x"}, True),
    ("another number", {"pod_usage_cpu_core_hours": "1.50001"}, False),
    ("null for a number", {"pod_usage_cpu_core_hours": ""}, False),
    ("zero for null", {"pod_limit_cpu_core_hours": "0.0"}, False),
    ("another name", {"namespace": "Shop"}, False),
    ("another label", {"pod_labels": '{"a": "1", "b": "3"}'}, False),
    ("null for labels", {"pod_labels": ""}, False),
]


def check(changes, agrees):
    found = differences([ROW], [{**ROW, **changes}])
    assert (not found) == agrees, found or "no difference seen"


def rows_and_columns():
    assert differences([ROW, ROW], [ROW]), "a row less"
    assert differences([ROW], [ROW, ROW]), "a row more"
    assert differences([ROW], []), "no row"
    assert not differences([], []), "two empty ones"
    assert differences([ROW], [{k: v for k, v in ROW.items() if k != "node"}]), "a column less"


harness.main([(why, lambda c=changes, a=agrees: check(c, a)) for why, changes, agrees in CASES]
             + [("rows and columns", rows_and_columns)])
