# SPDX-License-Identifier: Apache-2.0
# --dry-run makes no folder.
shukei convert -q "$DATA" --to lake --dry-run --stats s.json
grep '"command"' s.json
ls -A
