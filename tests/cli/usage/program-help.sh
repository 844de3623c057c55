# SPDX-License-Identifier: Apache-2.0
# Help is data: on standard output, exit 0.
shukei --help
shukei help >again
shukei -h | cmp - again
