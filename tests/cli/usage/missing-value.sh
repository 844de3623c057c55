# SPDX-License-Identifier: Apache-2.0
# An option at the end without its value.
shukei aggregate x --to
