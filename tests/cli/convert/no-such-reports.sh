# SPDX-License-Identifier: Apache-2.0
# A source that is not there.
shukei convert nothing --to lake
