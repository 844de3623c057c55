# SPDX-License-Identifier: Apache-2.0
# Usage of pods in as many namespaces, one row each: a summary that fills more than a pipe.
# Set head to a file whose first line is the header of a pod report.
BEGIN {
  FS = ","
  getline header < head
  print header
  getline row < head
  n = split(row, cells)
  for (i = 0; i < 3000; i++) {
    cells[5] = "pod-" i
    cells[6] = "namespace-" i
    line = cells[1]
    for (k = 2; k <= n; k++)
      line = line "," cells[k]
    print line
  }
}
