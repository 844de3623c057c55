# SPDX-License-Identifier: Apache-2.0
# Usage of pods that are all of one namespace on one node, two of each app: 60,000 groups, of
# which the labels of the namespace make 30,000. Set head to a file whose first line is the header of
# a pod report.
BEGIN {
  FS = ","
  getline header < head
  print header
  getline row < head
  n = split(row, cells)
  for (i = 0; i < 60000; i++) {
    app = i * 7919 % 30000
    cells[5] = "pod-" i
    cells[n] = "label_app:web-" app (i < 30000 ? "" : "|label_team:blue")
    line = cells[1]
    for (k = 2; k <= n; k++)
      line = line "," cells[k]
    print line
  }
}
