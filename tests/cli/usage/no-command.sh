# SPDX-License-Identifier: Apache-2.0
# Without a command: what to do, on standard error.
shukei
