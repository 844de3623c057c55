# SPDX-License-Identifier: Apache-2.0
# A sink of no known kind.
shukei aggregate "$DATA" --to summary.xlsx
