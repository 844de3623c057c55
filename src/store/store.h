/* SPDX-License-Identifier: Apache-2.0 */
/* The face of the store room: where objects live. The name decides which store answers: S3 for
 * s3://BUCKET/KEY, local files and folders for everything else. */
#ifndef SK_STORE_STORE_H
#define SK_STORE_STORE_H

#include "base/arena.h"
#include "base/object.h"

struct sk_listed {
  const char *path;     /* as it can be opened */
  const char *relative; /* below the place that was listed, '/' between parts; the file's own name
                           for a file */
  uint64_t size_bytes;
  const char *identity; /* equal for two paths to one file */
  const char
      *etag;  /* another one whenever the bytes are others: size, time and inode, or an ETag */
  bool young; /* changed so lately that a further change might leave the etag as it is */
};
struct sk_listing {
  struct sk_arena arena;
  struct sk_listed *items; /* sorted by path */
  size_t count, capacity;
  const char *dead_link; /* the first link that leads nowhere, NULL: none */
  size_t dead_links;     /* how many there are */
};

void sk_listing_init(struct sk_listing *listing, struct sk_budget *budget);
void sk_listing_reset(struct sk_listing *listing);
/* Adds the file, or all files below the folder; names that begin with '.' or '_' are passed over
 * below a folder. Symbolic links to files are followed, loops of folders are not entered twice, and
 * links that lead nowhere, or to themselves, are counted below a folder. ENOTFOUND: no such place;
 * EIO; ENOMEM. Of S3, with all calls below: EINVAL for a bad name, wrong settings or no keys,
 * EUNSUPPORTED without libcurl. */
shukei_status sk_store_list(const char *place, struct sk_listing *listing, shukei_error *err);

/* True where both paths lead to one object that is there, or would if it were. */
bool sk_store_same(const char *a, const char *b);
/* True where the path is a folder that is there. */
bool sk_store_is_folder(const char *path);

/* Whether requests cross a network: then several at once pay even on one processor. */
bool sk_store_distant(const char *path);

/* Whether a path, which need not be there yet, is the folder or lies below it; false where that
 * cannot be told. */
bool sk_store_inside(const char *folder, const char *path);
/* Whether the file lies in the folder itself, and not below. before: a file of which that is known
 * to be false; of one in the same folder it is not looked at again. NULL: none. */
bool sk_store_among(const char *folder, const char *path, const char *before);

/* Opens for reading by ranges. ENOTFOUND, EIO. An object of S3 that is replaced after it was listed
 * or opened is EIO. */
shukei_status sk_store_open(const char *path, struct sk_budget *budget, struct sk_object **out,
                            shukei_error *err);
#define SK_METADATA_TEXT 64
/* What an object's metadata says under a name, "" where it says nothing or too much; files have
 * none. ENOTFOUND, EIO. */
shukei_status sk_store_metadata(const char *path, const char *name, struct sk_budget *budget,
                                char text[SK_METADATA_TEXT], shukei_error *err);
/* Says that an object is going to be opened and read before long: a hint, by which a small one that
 * was listed is fetched meanwhile. */
void sk_store_soon(const char *path, struct sk_budget *budget);
/* Opens for writing: a temporary name beside the target, synced and renamed by commit; makes the
 * folders above it. In S3 an upload that the commit ends. EWRITE names the path and the reason. */
shukei_status sk_store_create(const char *path, struct sk_budget *budget, struct sk_output **out,
                              shukei_error *err);
/* The same of a target that nobody else writes meanwhile: what killed processes left of it is
 * removed. */
shukei_status sk_store_create_alone(const char *path, struct sk_budget *budget,
                                    struct sk_output **out, shukei_error *err);
/* An empty file under such a temporary name, for what has to be a file while it is made and gets
 * its name by other means than a commit; *name is freed by sk_free(). EWRITE, ENOMEM. */
shukei_status sk_store_hidden(const char *path, struct sk_budget *budget, char **name,
                              shukei_error *err);
/* Removes, in the folder and below, the temporary files of processes that were killed while they
 * wrote; what is no such file, or whose process lives, stays. In S3 there is none: an upload of a
 * key that was never finished is cleared when the next output of that key is made. ENOMEM; all else
 * is passed over. */
shukei_status sk_store_clear(const char *folder, struct sk_budget *budget, shukei_error *err);
/* The same of those alone that were to become an object of that name, in the folder or, with
 * `below`, in any below it: for a place where others write, perhaps of another machine, whose
 * processes cannot be asked for. */
shukei_status sk_store_clear_named(const char *folder, const char *name, bool below,
                                   struct sk_budget *budget, shukei_error *err);
/* Removes an object for good; OK where it is not there. Its folders stay. EWRITE. */
shukei_status sk_store_remove(const char *path, struct sk_budget *budget, shukei_error *err);

/* What a wait for other processes looks at and tells. */
struct sk_store_wait {
  bool (*canceled)(void *context); /* NULL: never */
  void *canceled_context;
  void (*warn)(void *context, const char *text); /* once, where it takes long; NULL: dropped */
  void *warn_context;
};
struct sk_store_lock;
/* Waits until no other process has the lock of that path, and takes it; without `wait` for as long
 * as it takes. The path is a hidden file of the lock's own, in a folder that is made where it
 * lacks; it is gone when the lock is given back. Where locks cannot be had (a file system without)
 * *out is NULL, and the caller goes on. In S3 a lock has to be renewed. EWRITE, ENOMEM,
 * ECANCELED. */
shukei_status sk_store_lock(const char *path, const struct sk_store_wait *wait,
                            struct sk_budget *budget, struct sk_store_lock **out,
                            shukei_error *err);
/* Before each step of what may take minutes; NULL is fine. EWRITE: another process has it by
 * now. */
shukei_status sk_store_lock_renew(struct sk_store_lock *lock, shukei_error *err);
void sk_store_unlock(struct sk_store_lock *lock); /* NULL is fine */

/* A run is known by its budget (a part's is that of its whole): its names in S3 share settings,
 * keys and connections, which last until sk_store_end(), when all that it opened is closed. */
uint64_t sk_store_requests(const struct sk_budget *budget); /* sent by the run so far */
void sk_store_end(struct sk_budget *budget);                /* no session there: nothing to do */
/* Whom a run asks whether it is to end; before its first name. What waits for S3 then ends within a
 * second or so with ECANCELED, but for what makes an object appear. Any thread may ask. */
void sk_store_heed(struct sk_budget *budget, bool (*canceled)(void *context), void *context);

#endif
