# SPDX-License-Identifier: Apache-2.0
# Every page is troff that man can show, and names every option of --help.
for command in '' aggregate convert inspect cat completion help; do
  shukei help --man $command >page.1
  grep -q '^\.TH SHUKEI' page.1
  # shellcheck disable=SC2086
  shukei $command --help | sed -n 's/^ .* --\([a-z-]*\).*/\1/p; s/^  *--\([a-z-]*\).*/\1/p' |
    sort -u >help.options
  sed -n 's/.*\\fB\\-\\-\([a-z\\-]*\)\\fR.*/\1/p' page.1 | tr -d '\\' | sort -u >man.options
  test -s help.options
  comm -23 help.options man.options
  if command -v groff >/dev/null; then
    groff -man -Tutf8 -ww -z page.1
  fi
done
