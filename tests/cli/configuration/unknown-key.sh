# SPDX-License-Identifier: Apache-2.0
# An unknown key names the nearest and its place.
printf 'labels: koku\ncluster-id: a\n' >conf.yaml
shukei aggregate x --to - --config conf.yaml
