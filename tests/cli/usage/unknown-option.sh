# SPDX-License-Identifier: Apache-2.0
# A mistyped option names the nearest.
shukei aggregate x --too y
