# SPDX-License-Identifier: Apache-2.0
# Links that lead nowhere, or in a circle, end no run, but are told: what they were to give may be lost.
mkdir -p in/below
cp "$DATA/tiny_pods.csv" in/
ln -s /nowhere/pods.csv in/below/volume.csv
ln -s ping in/pong
ln -s pong in/ping
shukei aggregate in --to a.csv 2>messages
sed '/ rows of /d' messages >&2
ln -s "$DATA/tiny_pods.csv" link.csv
shukei aggregate -q link.csv --to b.csv
cmp a.csv b.csv
