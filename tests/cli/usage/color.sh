# SPDX-License-Identifier: Apache-2.0
# Colour only where it is asked for or a terminal.
shukei cat --color always --limit x file
