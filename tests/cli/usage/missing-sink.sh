# SPDX-License-Identifier: Apache-2.0
# aggregate without --to.
shukei aggregate x
