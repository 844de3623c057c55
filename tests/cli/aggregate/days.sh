# SPDX-License-Identifier: Apache-2.0
# Only the days asked for; flags win over the file.
printf 'start: 2025-10-01\nend: 2025-10-01\n' >shukei.yaml
shukei aggregate -q "$DATA" --to - | cut -d, -f1-4
SHUKEI_END=2025-10-02 shukei aggregate -q "$DATA" --to - --start 2025-10-02 | cut -d, -f1-4
