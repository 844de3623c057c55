# SPDX-License-Identifier: Apache-2.0
# What is misspelt and does no harm is told: a variable, a key, the ending of the metrics.
sample=$(dirname "$DATA")/../../examples/cluster
SHUKEI_ENABLED_KEY=app SHUKEI_HELLO_WORLD_OF_VARIABLES=1 SHUKEI_FOO=1 SHUKEI_THREADS=1 \
  shukei aggregate "$sample" --to a.csv --enabled-keys app,nosuch,app,tierr --metrics-file nightly.txt 2>&1 | grep warning | LC_ALL=C sort
echo "all as it should be:"
SHUKEI_ENABLED_KEYS=app SHUKEI_PROGRESS_MS=5 SHUKEI_SERVICE_HOST=10.0.0.1 SHUKEI_PORT=tcp://10.0.0.1:80 SHUKEI_PORT_80_TCP=1 \
  shukei aggregate "$sample" --to a.csv --metrics-file nightly.prom 2>&1 | grep warning || true
ls
