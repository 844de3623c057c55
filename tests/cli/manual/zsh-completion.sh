# SPDX-License-Identifier: Apache-2.0
# The script of zsh is zsh.
command -v zsh >/dev/null || exit 77
shukei completion zsh >_shukei
zsh -n _shukei
head -n 1 _shukei
