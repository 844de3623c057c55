/* SPDX-License-Identifier: Apache-2.0 */
/* Local files: listing, ranged reads, outputs that appear whole or not at all. */
#include "input_testing.h"

#include "store/process_mark.h"
#include "store/store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static struct sk_budget budget;

static int set_up(void **state)
{
  sk_budget_init(&budget, UINT64_MAX);
  return enter_scratch(state);
}

static int tear_down(void **state)
{
  assert_int_equal(budget.used_bytes, 0);
  return leave_scratch(state);
}

/* The relative paths of a listing in one text. */
static const char *listed(const char *place, char text[1024])
{
  struct sk_listing listing;
  shukei_error err;
  text[0] = '\0';
  sk_listing_init(&listing, &budget);
  const shukei_status st = sk_store_list(place, &listing, &err);
  if (st)
    snprintf(text, 1024, "%s", shukei_status_name(st));
  for (size_t i = 0; !st && i < listing.count; i++) {
    const size_t length = strlen(text);
    snprintf(text + length, 1024 - length, "%s%s:%" PRIu64, i ? " " : "", listing.items[i].relative,
             listing.items[i].size_bytes);
  }
  sk_listing_reset(&listing);
  return text;
}

static void lists_files_and_folders(void **state)
{
  (void)state;
  char text[1024];
  put_text("in/b.csv", "12");
  put_text("in/a/z.csv", "1");
  put_text("in/a/.hidden", "1");
  put_text("in/_temporary/x.csv", "1");
  put_text("in/.git/x.csv", "1");
  put_text("in/a/deep/er/y.csv", "123");
  assert_string_equal(listed("in", text), "a/deep/er/y.csv:3 a/z.csv:1 b.csv:2");
  assert_string_equal(listed("in/", text), "a/deep/er/y.csv:3 a/z.csv:1 b.csv:2");
  assert_string_equal(listed("in/b.csv", text), "b.csv:2");
  assert_string_equal(listed("in/a/.hidden", text), ".hidden:1"); /* named, so taken */
  assert_string_equal(listed("none", text), "ENOTFOUND");
  assert_string_equal(listed("in/b.csv/c", text), "ENOTFOUND");
  assert_string_equal(listed("/dev/null", text), "EUNSUPPORTED");
  mkdir("empty", 0777);
  assert_string_equal(listed("empty", text), "");
}

static void follows_links_once(void **state)
{
  (void)state;
  char text[1024];
  put_text("in/a/x.csv", "1");
  assert_int_equal(symlink("..", "in/a/loop"), 0);
  assert_int_equal(symlink("a", "in/same"), 0);
  assert_int_equal(symlink("a/x.csv", "in/link.csv"), 0);
  assert_int_equal(symlink("nowhere", "in/dangling"), 0);
  assert_int_equal(symlink("ping", "in/pong"), 0);
  assert_int_equal(symlink("pong", "in/ping"), 0);
  assert_string_equal(listed("in", text), "a/x.csv:1 link.csv:1");
  struct sk_listing listing;
  sk_listing_init(&listing, &budget);
  assert_int_equal(sk_store_list("in", &listing, NULL), SHUKEI_OK);
  assert_string_equal(listing.items[0].identity, listing.items[1].identity);
  assert_int_equal(listing.dead_links, 3);
  assert_string_equal(listing.dead_link, "in/dangling");
  sk_listing_reset(&listing);
}

static void reads_ranges(void **state)
{
  (void)state;
  struct sk_object *object;
  shukei_error err;
  char bytes[16] = "";
  put_text("x", "0123456789");
  assert_int_equal(sk_store_open("x", &budget, &object, &err), SHUKEI_OK);
  assert_int_equal(sk_object_size(object), 10);
  assert_string_equal(sk_object_name(object), "x");
  assert_int_equal(sk_object_read(object, 3, bytes, 4, &err), SHUKEI_OK);
  assert_memory_equal(bytes, "3456", 4);
  assert_int_equal(sk_object_read(object, 10, bytes, 0, &err), SHUKEI_OK);
  assert_int_equal(sk_object_read(object, 8, bytes, 3, &err), SHUKEI_ETRUNC);
  assert_int_equal(truncate("x", 5), 0); /* under our feet */
  assert_int_equal(sk_object_read(object, 3, bytes, 4, &err), SHUKEI_ETRUNC);
  assert_non_null(strstr(err.text, "had 10 bytes"));
  sk_object_close(object);
  assert_int_equal(sk_store_open("none", &budget, &object, &err), SHUKEI_ENOTFOUND);
  assert_non_null(strstr(err.text, "none: could not open"));
  assert_null(object);
  assert_int_equal(sk_store_open(".", &budget, &object, &err), SHUKEI_EIO);
}

static struct sk_output *create(const char *path)
{
  struct sk_output *output;
  shukei_error err = {0};
  if (sk_store_create(path, &budget, &output, &err))
    fail_msg("%s", err.text);
  return output;
}

static void writes_whole_or_not_at_all(void **state)
{
  (void)state;
  size_t length;
  put_text("out/old", "before");
  struct sk_output *output = create("out/old");
  assert_int_equal(sk_output_write(output, "after", 5, NULL), SHUKEI_OK);
  char *text = get_file("out/old", &length);
  assert_string_equal(text, "before");
  free(text);
  assert_int_equal(count_entries("out"), 2); /* the hidden one */
  sk_output_close(output);
  assert_int_equal(count_entries("out"), 1);
  output = create("out/old");
  for (int i = 0; i < 100000; i++)
    assert_int_equal(sk_output_write(output, "0123456789", 10, NULL), SHUKEI_OK);
  assert_int_equal(output->written_bytes, 1000000);
  assert_int_equal(sk_output_commit(output, NULL), SHUKEI_OK);
  sk_output_close(output);
  text = get_file("out/old", &length);
  assert_int_equal(length, 1000000);
  assert_memory_equal(text + 999990, "0123456789", 10);
  free(text);
  assert_int_equal(count_entries("out"), 1);
}

static void keeps_the_rights_of_what_it_replaces(void **state)
{
  (void)state;
  static const mode_t modes[] = {0600, 0640, 0664};
  struct stat info;
  for (size_t i = 0; i < SK_COUNT(modes); i++) {
    put_text("out/old", "before");
    assert_int_equal(chmod("out/old", modes[i]), 0);
    struct sk_output *output = create("out/old");
    assert_int_equal(sk_output_commit(output, NULL), SHUKEI_OK);
    sk_output_close(output);
    assert_int_equal(stat("out/old", &info), 0);
    assert_int_equal(info.st_size, 0);
    assert_int_equal(info.st_mode & 0777, modes[i]);
  }
  const mode_t mask = umask(027); /* a new file has those that the mask lets it */
  struct sk_output *output = create("out/new");
  umask(mask);
  assert_int_equal(sk_output_commit(output, NULL), SHUKEI_OK);
  sk_output_close(output);
  assert_int_equal(stat("out/new", &info), 0);
  assert_int_equal(info.st_mode & 0777, 0640);
}

static void makes_and_removes_folders(void **state)
{
  (void)state;
  mkdir("there", 0777);
  struct sk_output *output = create("there/a/b/c.csv");
  struct sk_output *other = create("there/a/d.csv");
  sk_output_close(output);
  assert_int_equal(access("there/a/b", F_OK), -1); /* was made for it, and is empty */
  assert_int_equal(access("there/a", F_OK), 0);    /* is in use */
  assert_int_equal(sk_output_commit(other, NULL), SHUKEI_OK);
  sk_output_close(other);
  assert_int_equal(access("there/a/d.csv", F_OK), 0);
  char path[512];
  snprintf(path, sizeof path, "%s/abs/x", scratch);
  output = create(path);
  assert_int_equal(sk_output_commit(output, NULL), SHUKEI_OK);
  sk_output_close(output);
  assert_int_equal(access("abs/x", F_OK), 0);
}

static void refuses_targets(void **state)
{
  (void)state;
  static const char *const targets[] = {"folder", "file/below", "fifo"};
  struct sk_output *output;
  shukei_error err;
  mkdir("folder", 0777);
  put_text("file", "x");
  assert_int_equal(mkfifo("fifo", 0666), 0);
  for (size_t i = 0; i < SK_COUNT(targets); i++) {
    assert_int_equal(sk_store_create(targets[i], &budget, &output, &err), SHUKEI_EWRITE);
    assert_non_null(strstr(err.text, targets[i]));
    assert_null(output);
  }
  assert_int_equal(count_entries("."), 3);
}

static void follows_a_link_to_the_target(void **state)
{
  (void)state;
  put_text("real/x.csv", "1");
  assert_int_equal(symlink("real/x.csv", "link"), 0);
  struct sk_output *output = create("link");
  assert_int_equal(sk_output_write(output, "22", 2, NULL), SHUKEI_OK);
  assert_int_equal(sk_output_commit(output, NULL), SHUKEI_OK);
  sk_output_close(output);
  struct stat info;
  assert_int_equal(lstat("link", &info), 0);
  assert_true(S_ISLNK(info.st_mode));
  size_t length;
  char *text = get_file("real/x.csv", &length);
  assert_string_equal(text, "22");
  free(text);
}

/* Who may have left a hidden file. */
enum { GONE, OURS, FORMER, ELSEWHERE, NOBODY };
static char marks[NOBODY + 1][SK_PROCESS_MARK_TEXT];

/* A process that has ended and been waited for is gone for sure; one of our number that was started
 * at another time is, too. */
static void make_marks(void)
{
  int tell[2];
  assert_int_equal(pipe(tell), 0);
  const pid_t child = fork();
  if (child == 0) {
    char mark[SK_PROCESS_MARK_TEXT];
    sk_process_mark(mark);
    _exit(write(tell[1], mark, sizeof mark) == sizeof mark ? 0 : 1);
  }
  assert_int_equal(read(tell[0], marks[GONE], sizeof marks[GONE]), sizeof marks[GONE]);
  assert_int_equal(waitpid(child, NULL, 0), child);
  close(tell[0]);
  close(tell[1]);
  sk_process_mark(marks[OURS]);
  snprintf(marks[FORMER], sizeof marks[FORMER], "%.*s-1",
           (int)(strrchr(marks[OURS], '-') - marks[OURS]), marks[OURS]);
  snprintf(marks[ELSEWHERE], sizeof marks[ELSEWHERE], "0123456789abcdef-1-77");
  snprintf(marks[NOBODY], sizeof marks[NOBODY], "12345");
}

static void put_left(const char *form, int mark, int64_t age_s, char path[256])
{
  const struct timespec then[2] = {{.tv_sec = time(NULL) - age_s}, {.tv_sec = time(NULL) - age_s}};
  snprintf(path, 256, form, marks[mark]);
  put_text(path, "1");
  assert_int_equal(utimensat(AT_FDCWD, path, then, 0), 0);
}

static void clears_what_killed_processes_left(void **state)
{
  (void)state;
  static const struct {
    const char *form;
    int mark;
    int64_t age_s;
    bool stays;
  } files[] = {
      {"d/.a.csv.tmp-%s-0", GONE, 0, false},
      {"d/x/y/.b.tmp-%s-4294967295", GONE, 0, false},
      {"d/.c.tmp-1-1.tmp-%s-7", GONE, 0, false},
      {"d/.own.tmp-%s-999", OURS, 1000000, true},
      {"d/.own.tmp-%s-3", FORMER, 0, false},
      {"d/.far.tmp-%s-0", ELSEWHERE, 6 * 3600 - 100, true},
      {"d/.old.tmp-%s-0", ELSEWHERE, 6 * 3600 + 100, false},
      {"d/a.csv.tmp-%s-0", GONE, 1000000, true},
      {"d/.a.tmp-%s-", GONE, 1000000, true},
      {"d/.a.tmp-%s", GONE, 1000000, true},
      {"d/.a.tmp-%s-1x", GONE, 1000000, true},
      {"d/.a.tmp-0%s-1", GONE, 1000000, true},
      {"d/.tmp-%s-1", GONE, 1000000, true},
      {"d/.a.tmp--%s-1", GONE, 1000000, true},
      {"d/.a.tmp-%s-1", NOBODY, 1000000, true},
      {"d/.git-%s", GONE, 1000000, true},
  };
  char path[256];
  make_marks();
  struct sk_output *output = create("d/mine");
  for (size_t i = 0; i < SK_COUNT(files); i++)
    put_left(files[i].form, files[i].mark, files[i].age_s, path);
  assert_int_equal(sk_store_clear("d", &budget, NULL), SHUKEI_OK);
  for (size_t i = 0; i < SK_COUNT(files); i++) {
    snprintf(path, sizeof path, files[i].form, marks[files[i].mark]);
    if ((access(path, F_OK) == 0) != files[i].stays)
      fail_msg("%s", path);
  }
  assert_int_equal(sk_output_commit(output, NULL), SHUKEI_OK); /* its own file was left alone */
  sk_output_close(output);
  assert_int_equal(sk_store_clear("none", &budget, NULL), SHUKEI_OK);
}

/* As a run does that comes after one that was killed: nothing but the target is known to be
 * nobody's. */
static void clears_what_was_to_be_the_target(void **state)
{
  (void)state;
  static const char *const targets[] = {"t/a.csv", "t.csv", "./t.csv"};
  make_marks();
  for (size_t i = 0; i < SK_COUNT(targets); i++) {
    char form[128], former[256], other[256], alive[256];
    const char *const slash = strrchr(targets[i], '/'), *const name =
                                                            slash ? slash + 1 : targets[i];
    const int length = slash ? (int)(slash - targets[i]) + 1 : 0;
    snprintf(form, sizeof form, "%.*s.%s.tmp-%%s-0", length, targets[i], name);
    put_left(form, GONE, 0, former);
    put_left(form, OURS, 0, alive);
    snprintf(form, sizeof form, "%.*s.other.tmp-%%s-0", length, targets[i]);
    put_left(form, GONE, 0, other);
    sk_output_close(create("elsewhere/x")); /* a folder is not looked through again at once */
    struct sk_output *output = create(targets[i]);
    assert_true(access(former, F_OK) == 0); /* somebody of another machine may be at it */
    sk_output_close(output);
    assert_int_equal(sk_store_create_alone(targets[i], &budget, &output, NULL), SHUKEI_OK);
    assert_true(access(former, F_OK) != 0);
    assert_true(access(other, F_OK) == 0 && access(alive, F_OK) == 0);
    assert_int_equal(sk_output_commit(output, NULL), SHUKEI_OK);
    sk_output_close(output);
    assert_int_equal(unlink(other), 0);
    assert_int_equal(unlink(alive), 0);
  }
}

static void survives_failed_allocations(void **state)
{
  (void)state;
  put_text("in/a/x.csv", "1");
  put_text("in/b.csv", "1");
  shukei_status st = SHUKEI_ENOMEM;
  for (int n = 0; st == SHUKEI_ENOMEM; n++) {
    struct sk_listing listing;
    struct sk_object *object = NULL;
    struct sk_output *output = NULL;
    sk_listing_init(&listing, &budget);
    sk_test_fail_alloc(n);
    st = sk_store_list("in", &listing, NULL);
    if (!st)
      st = sk_store_open("in/b.csv", &budget, &object, NULL);
    if (!st)
      st = sk_store_create("out/x/y", &budget, &output, NULL);
    sk_test_fail_alloc(-1);
    sk_output_close(output);
    sk_object_close(object);
    sk_listing_reset(&listing);
    assert_int_equal(budget.used_bytes, 0);
    assert_int_equal(access("out", F_OK), -1);
  }
  assert_int_equal(st, SHUKEI_OK);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      CASE(lists_files_and_folders),
      CASE(follows_links_once),
      CASE(reads_ranges),
      CASE(writes_whole_or_not_at_all),
      CASE(keeps_the_rights_of_what_it_replaces),
      CASE(makes_and_removes_folders),
      CASE(refuses_targets),
      CASE(follows_a_link_to_the_target),
      CASE(survives_failed_allocations),
      CASE(clears_what_killed_processes_left),
      CASE(clears_what_was_to_be_the_target),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
