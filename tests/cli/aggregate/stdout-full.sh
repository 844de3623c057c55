# SPDX-License-Identifier: Apache-2.0
# A full disk under standard output.
test -w /dev/full || exit 77
shukei aggregate -q "$DATA" --to - >/dev/full
