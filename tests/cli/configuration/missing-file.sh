# SPDX-License-Identifier: Apache-2.0
# A configuration that was named must be there.
shukei aggregate x --to - --config no-such.yaml
