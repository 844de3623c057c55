# SPDX-License-Identifier: Apache-2.0
# A mistyped command names the nearest.
shukei agregate x --to y
