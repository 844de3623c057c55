# SPDX-License-Identifier: Apache-2.0
# convert without --to.
shukei convert x
