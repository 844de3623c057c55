# SPDX-License-Identifier: Apache-2.0
# The script of fish completes.
command -v fish >/dev/null || exit 77
shukei completion fish >script.fish
fish -n script.fish
for line in 'shukei agg' 'shukei aggregate --labels ' 'shukei cat --li' 'shukei completion z'; do
  fish -c "source script.fish; complete -C '$line'" | cut -f 1 | sort
done
