# SPDX-License-Identifier: Apache-2.0
# The version is the same everywhere.
shukei --version >first
shukei -V >second
shukei cat --version >third
cmp first second
cmp first third
cat first
