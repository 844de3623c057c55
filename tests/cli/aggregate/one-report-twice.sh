# SPDX-License-Identifier: Apache-2.0
# A report beside its compressed form would count twice.
cp "$DATA/tiny_pods.csv" pods.csv
gzip -k pods.csv
shukei aggregate . --to -
