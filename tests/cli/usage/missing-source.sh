# SPDX-License-Identifier: Apache-2.0
# aggregate without SRC.
shukei aggregate --to -
