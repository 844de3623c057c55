/* SPDX-License-Identifier: Apache-2.0 */
/* What a benchmark ran on. */
#ifndef SK_BENCH_MACHINE_H
#define SK_BENCH_MACHINE_H

#include "bench/results.h"

/* As far as the system tells; texts live in the arena. */
void sk_machine_look(struct sk_arena *arena, struct sk_bench_machine *machine);
/* Bytes that may still be written below the folder; -1: not known. */
int64_t sk_disk_free_bytes(const char *folder);

#endif
