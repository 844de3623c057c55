# SPDX-License-Identifier: Apache-2.0
# SHUKEI_CONFIG wins over shukei.yaml, --config over both.
echo 'thread: 3' >shukei.yaml
echo 'mod: auto' >variable.yaml
echo 'label: koku' >flag.yaml
status=0
SHUKEI_CONFIG=variable.yaml shukei aggregate x --to - || status=$?
test $status = 2
SHUKEI_CONFIG=variable.yaml shukei aggregate x --to - --config flag.yaml
