/* SPDX-License-Identifier: Apache-2.0 */
/* All readers of a row group wait for its dictionaries: the labels' of a large cluster is a page of
 * many megabytes, which one thread alone would decompress while the others do nothing.
 *
 * The sizes that frames tell are not trusted: they are used only where they fill the page to the
 * byte, and each frame has to fill its own part. */
#include "parquet/frames.h"

#include <zstd.h>

#define MOST_FRAMES 4096
#define MOST_THREADS 8

struct frame {
  const uint8_t *in;
  uint8_t *out;
  size_t in_length, out_length;
};

struct work {
  struct sk_budget *budget;
  struct sk_codec_state *state; /* of the thread that asked */
  struct frame *frames;
  uint32_t count;
  _Atomic uint32_t next;
  pthread_mutex_t lock; /* of the two below */
  shukei_status status;
  shukei_error error;
};

/* The frames of the body; 0 where it is one, or none that can be taken apart. frames may be
 * NULL. */
static uint32_t find_frames(const uint8_t *in, size_t in_length, uint8_t *out, size_t out_length,
                            struct frame *frames)
{
  uint32_t count = 0;
  while (in_length > 0 && count < MOST_FRAMES) {
    const size_t stored = ZSTD_findFrameCompressedSize(in, in_length);
    if (ZSTD_isError(stored) || stored > in_length)
      return 0;
    const unsigned long long size = ZSTD_getFrameContentSize(in, stored);
    if (size > out_length) /* the two numbers that mean "not told" are the greatest */
      return 0;
    if (frames)
      frames[count] = (struct frame){in, out, stored, (size_t)size};
    in += stored;
    in_length -= stored;
    out += size;
    out_length -= (size_t)size;
    count++;
  }
  return in_length == 0 && out_length == 0 && count > 1 ? count : 0;
}

static void fail(struct work *work, shukei_status status, const shukei_error *error)
{
  pthread_mutex_lock(&work->lock);
  if (!work->status) {
    work->status = status;
    work->error = *error;
  }
  pthread_mutex_unlock(&work->lock);
  atomic_store(&work->next, work->count); /* the others need not go on */
}

static void take_frames(void *context, unsigned helper)
{
  struct work *work = context;
  struct sk_codec_state *state = work->state;
  shukei_error error = {.status = SHUKEI_OK};
  shukei_status st = SHUKEI_OK;
  if (helper && sk_codec_new(work->budget, &state, NULL))
    return; /* the one who asked does without */
  while (!st) {
    const uint32_t n = atomic_fetch_add(&work->next, 1);
    if (n >= work->count)
      break;
    const struct frame *frame = &work->frames[n];
    st = sk_decompress(state, SK_CODEC_ZSTD, frame->in, frame->in_length, frame->out,
                       frame->out_length, &error);
  }
  if (st)
    fail(work, st, &error);
  if (helper)
    sk_codec_free(state);
}

shukei_status sk_frames_decompress(struct sk_helpers *helpers, struct sk_budget *budget,
                                   struct sk_codec_state *state, enum sk_codec codec,
                                   const uint8_t *in, size_t in_length, uint8_t *out,
                                   size_t out_length, shukei_error *err)
{
  struct work work = {.budget = budget, .state = state};
  if (codec == SK_CODEC_ZSTD)
    work.count = find_frames(in, in_length, out, out_length, NULL);
  if (work.count == 0)
    return sk_decompress(state, codec, in, in_length, out, out_length, err);
  work.frames = sk_alloc(budget, work.count * sizeof *work.frames);
  if (!work.frames)
    return sk_fail_memory(err, budget, work.count * sizeof *work.frames, "frames of a page");
  find_frames(in, in_length, out, out_length, work.frames);
  pthread_mutex_init(&work.lock, NULL);
  sk_helpers_run(helpers, work.count < MOST_THREADS ? work.count : MOST_THREADS, take_frames,
                 &work);
  pthread_mutex_destroy(&work.lock);
  sk_free(work.frames);
  if (work.status && err)
    *err = work.error;
  return work.status;
}
