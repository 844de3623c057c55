# SPDX-License-Identifier: Apache-2.0
# With --log-format json an error is one object.
shukei cat --log-format json --limit x file
