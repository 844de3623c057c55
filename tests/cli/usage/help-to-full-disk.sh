# SPDX-License-Identifier: Apache-2.0
# A full disk under standard output is an error.
test -w /dev/full || exit 77
shukei --help >/dev/full
