# SPDX-License-Identifier: Apache-2.0
# A wrong variable is named.
SHUKEI_THREADS=none shukei aggregate x --to -
