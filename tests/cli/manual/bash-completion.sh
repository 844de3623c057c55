# SPDX-License-Identifier: Apache-2.0
# The script of bash completes commands, options, values.
command -v bash >/dev/null || exit 77
shukei completion bash >script
cat >try.bash <<'END'
source ./script
complete_line() {
  COMP_WORDS=("$@")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  _shukei
  echo "$* -> ${COMPREPLY[*]}"
}
touch reports.csv
complete_line shukei ag
complete_line shukei ''
complete_line shukei aggregate --la
complete_line shukei aggregate --labels ''
complete_line shukei aggregate rep
complete_line shukei --quiet cat --li
complete_line shukei cat --cod
complete_line shukei convert --codec s
complete_line shukei completion ''
complete_line shukei help in
END
bash try.bash
