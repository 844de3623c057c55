# SPDX-License-Identifier: Apache-2.0
# The first lines of a page.
shukei help --man cat | head -n 12
