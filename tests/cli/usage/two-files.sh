# SPDX-License-Identifier: Apache-2.0
# cat of two files.
shukei cat a b
