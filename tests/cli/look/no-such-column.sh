# SPDX-License-Identifier: Apache-2.0
# A column that the file lacks.
shukei aggregate -q "$DATA" --to a.parquet
shukei cat a.parquet --columns name_space
