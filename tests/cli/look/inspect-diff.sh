# SPDX-License-Identifier: Apache-2.0
# The same rows in another codec; other rows; one file too few or too many.
shukei convert -q "$DATA" --to a
shukei convert -q "$DATA" --to b --codec snappy
one=$(ls a | grep pod | head -n 1)
two=$(ls a | grep storage | head -n 1)
shukei inspect --diff "a/$one" "a/$one"
shukei inspect --diff "a/$one" "b/$one" | grep -v bytes
shukei inspect --diff "a/$one" "a/$two" >told || echo "exit status $?"
tail -n 1 told
shukei inspect --json --diff "a/$one" "b/$one" | grep -o '"equal":.*'
shukei inspect "a/$one" "b/$one" || echo "exit status $?"
shukei inspect --diff "a/$one" || echo "exit status $?"
shukei inspect --diff --check "a/$one" "b/$one" || echo "exit status $?"
