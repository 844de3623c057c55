# SPDX-License-Identifier: Apache-2.0
# An option of another command says whose it is.
shukei inspect x --limit 3
