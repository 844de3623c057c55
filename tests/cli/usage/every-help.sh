# SPDX-License-Identifier: Apache-2.0
# Each command has help whose first line is its usage.
for command in aggregate convert inspect cat completion help; do
  shukei $command --help | head -n 1
done
