# SPDX-License-Identifier: Apache-2.0
# What a run did, in one line on standard error.
shukei aggregate "$DATA" --to out.csv
