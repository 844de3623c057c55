# SPDX-License-Identifier: Apache-2.0
# --help of a command wins over operands that are missing.
shukei aggregate --help
shukei help aggregate >again
shukei --help aggregate | cmp - again
