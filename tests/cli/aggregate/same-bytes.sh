# SPDX-License-Identifier: Apache-2.0
# Threads, mode and the order of sources change no byte.
set -- "$DATA/tiny_pods.csv" "$DATA/tiny_volumes.csv" "$DATA/tiny_nodes.csv" "$DATA/tiny_namespaces.csv"
shukei aggregate -q "$@" --to one.csv --threads 1 --enabled-keys app
shukei aggregate -q --to two.csv --threads 3 --mode streaming --enabled-keys app "$4" "$2" "$1" "$3"
shukei aggregate -q "$@" --to three.csv --mode=in-memory --enabled-keys=app
cmp one.csv two.csv
cmp one.csv three.csv
shukei aggregate -q "$@" --to - --enabled-keys=app | cmp - one.csv
