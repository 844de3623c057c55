# SPDX-License-Identifier: Apache-2.0
# Two days from two places, both named.
echo 'end: 2025-10-01' >shukei.yaml
SHUKEI_START=2025-10-02 shukei aggregate x --to -
