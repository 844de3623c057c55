# SPDX-License-Identifier: Apache-2.0
# A closed standard output is an error, too.
shukei --help >&-
