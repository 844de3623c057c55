# SPDX-License-Identifier: Apache-2.0
# A source that is not there.
shukei aggregate no/such/file.csv --to a.csv
