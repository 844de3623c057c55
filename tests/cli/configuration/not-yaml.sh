# SPDX-License-Identifier: Apache-2.0
# What is not YAML says where.
printf 'enabled_keys: [a, b\nlabels: koku\n' >conf.yaml
shukei aggregate x --to - --config conf.yaml
