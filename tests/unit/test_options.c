/* SPDX-License-Identifier: Apache-2.0 */
/* The parser of the command line, and the texts that are made from the same table: help, manual
 * and completions must name exactly the options that the parser takes. */
#include "testing.h"

#include "cli/arguments.h"
#include "cli/help.h"
#include "base/nearest.h"

static int split(char *line, char *argv[32])
{
  int argc = 0;
  argv[argc++] = (char *)(uintptr_t) "shukei";
  for (char *at = line; *at && argc < 31;) {
    argv[argc++] = at;
    at += strcspn(at, " ");
    if (*at)
      *at++ = 0;
  }
  argv[argc] = NULL;
  return argc;
}

/* "aggregate|to=x threads=3|a b": command, options in order, operands. */
static void describe(const struct sk_arguments *arguments, char *text, size_t capacity)
{
  size_t n =
      (size_t)snprintf(text, capacity, "%s|", arguments->command ? arguments->command->name : "-");
  for (size_t i = 0; i < arguments->given_count; i++)
    n += (size_t)snprintf(text + n, capacity - n, "%s%s=%s", i ? " " : "",
                          arguments->given[i].option->name, arguments->given[i].value);
  n += (size_t)snprintf(text + n, capacity - n, "|");
  for (size_t i = 0; i < arguments->operand_count; i++)
    n += (size_t)snprintf(text + n, capacity - n, "%s%s", i ? " " : "", arguments->operands[i]);
}

static const struct {
  const char *line, *want; /* what was understood; NULL: an error with text and advice */
  const char *text, *advice;
} lines[] = {
    {"", "-||", NULL, NULL},
    {"aggregate", "aggregate||", NULL, NULL},
    {"aggregate a b", "aggregate||a b", NULL, NULL},
    {"aggregate a --to x b", "aggregate|to=x|a b", NULL, NULL},
    {"aggregate --to=x a", "aggregate|to=x|a", NULL, NULL},
    {"aggregate --to= a", "aggregate|to=|a", NULL, NULL},
    {"aggregate --to=a=b", "aggregate|to=a=b|", NULL, NULL},
    {"aggregate --to - a", "aggregate|to=-|a", NULL, NULL},
    {"aggregate - a", "aggregate||- a", NULL, NULL},
    {"aggregate --to x --to y", "aggregate|to=x to=y|", NULL, NULL},
    {"aggregate --report-period-id -5", "aggregate|report-period-id=-5|", NULL, NULL},
    {"aggregate -qv a", "aggregate|quiet= verbose=|a", NULL, NULL},
    {"aggregate -- --to -q", "aggregate||--to -q", NULL, NULL},
    {"-- aggregate --to", "aggregate||--to", NULL, NULL},
    {"aggregate --to=--start a", "aggregate|to=--start|a", NULL, NULL},
    {"aggregate --to --unknown a", "aggregate|to=--unknown|a", NULL, NULL},
    {"--quiet aggregate -h", "aggregate|quiet= help=|", NULL, NULL},
    {"--color never cat x", "cat|color=never|x", NULL, NULL},
    {"--version", "-|version=|", NULL, NULL},
    {"-V", "-|version=|", NULL, NULL},
    {"convert --to out --codec snappy a", "convert|to=out codec=snappy|a", NULL, NULL},
    {"cat --columns a,b --limit 3 f", "cat|columns=a,b limit=3|f", NULL, NULL},
    {"help --man cat", "help|man=|cat", NULL, NULL},
    {"agregate", NULL, "unknown command \"agregate\"", "did you mean aggregate? see shukei --help"},
    {"Aggregate", NULL, "unknown command \"Aggregate\"",
     "did you mean aggregate? see shukei --help"},
    {"deploy", NULL, "unknown command \"deploy\"", "see shukei --help for the commands"},
    {"x", NULL, "unknown command \"x\"", "see shukei --help for the commands"},
    {"aggregate --thread 3", NULL, "aggregate has no option --thread",
     "did you mean --threads? see shukei aggregate --help"},
    {"aggregate --bad_rows=skip", NULL, "aggregate has no option --bad_rows",
     "did you mean --bad-rows? see shukei aggregate --help"},
    {"aggregate --zzzzzz", NULL, "aggregate has no option --zzzzzz", "see shukei aggregate --help"},
    {"aggregate --codec zstd", NULL, "aggregate has no option --codec, convert has it",
     "see shukei aggregate --help"},
    {"cat --man f", NULL, "cat has no option --man", "see shukei cat --help"},
    {"--to x aggregate", NULL, "option --to stands before a command",
     "options of a command follow its name: shukei aggregate --to"},
    {"--qiet", NULL, "unknown option --qiet", "did you mean --quiet? see shukei --help"},
    {"--cost-categories", NULL, "unknown option --cost-categories", "see shukei --help"},
    {"aggregate --=x", NULL, "aggregate has no option --", "see shukei aggregate --help"},
    {"aggregate a --to", NULL, "option --to needs a value", "write --to SINK"},
    {"aggregate a --to --start", NULL, "option --to needs a value",
     "write --to=--start where that is the value"},
    {"aggregate a --to --", NULL, "option --to needs a value",
     "write --to=-- where that is the value"},
    {"aggregate --quiet=1", NULL, "option --quiet takes no value, \"1\" was given",
     "see shukei aggregate --help"},
    {"aggregate -x", NULL, "aggregate has no option -x", "see shukei aggregate --help"},
    {"aggregate -qx", NULL, "aggregate has no option -x", "see shukei aggregate --help"},
    {"aggregate -threads=3", NULL, "aggregate has no option -t",
     "did you mean --threads? see shukei aggregate --help"},
    {"-j", NULL, "unknown option -j", "see shukei --help"},
};

static void parses_command_lines(void **state)
{
  (void)state;
  for (size_t i = 0; i < SK_COUNT(lines); i++) {
    char line[256], *argv[32], got[512];
    struct sk_arguments arguments;
    shukei_error err = {.offset = 0};
    snprintf(line, sizeof line, "%s", lines[i].line);
    const int argc = split(line, argv);
    const shukei_status st = sk_arguments_parse(argc, argv, &arguments, &err);
    describe(&arguments, got, sizeof got);
    if (lines[i].want && (st || strcmp(got, lines[i].want) != 0))
      fail_msg("\"%s\": %s \"%s\"", lines[i].line, shukei_status_name(st), got);
    if (!lines[i].want && (st != SHUKEI_EINVAL || strcmp(err.text, lines[i].text) != 0 ||
                           strcmp(err.advice, lines[i].advice) != 0))
      fail_msg("\"%s\": %s \"%s\" \"%s\"", lines[i].line, shukei_status_name(st), err.text,
               err.advice);
    sk_arguments_reset(&arguments);
  }
}

static void counts_operands(void **state)
{
  (void)state;
  static const struct {
    const char *line, *text;
  } cases[] = {
      {"aggregate", "aggregate needs SRC..."},
      {"aggregate a b c", NULL},
      {"cat", "cat needs FILE"},
      {"cat a", NULL},
      {"cat a b", "cat takes one FILE, \"b\" is another"},
      {"help", NULL},
      {"help a b", "help takes one [COMMAND], \"b\" is another"},
      {"completion", "completion needs SHELL"},
      {"status", NULL},
      {"status a", "status takes no operand, \"a\" was given"},
  };
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    char line[64], *argv[32];
    struct sk_arguments arguments;
    shukei_error err;
    snprintf(line, sizeof line, "%s", cases[i].line);
    assert_int_equal(sk_arguments_parse(split(line, argv), argv, &arguments, &err), SHUKEI_OK);
    const shukei_status st = sk_arguments_count(&arguments, &err);
    assert_int_equal(st, cases[i].text ? SHUKEI_EINVAL : SHUKEI_OK);
    if (st)
      assert_string_equal(err.text, cases[i].text);
    sk_arguments_reset(&arguments);
  }
}

static void survives_every_failed_allocation(void **state)
{
  (void)state;
  shukei_status st = SHUKEI_ENOMEM;
  for (int n = 0; st == SHUKEI_ENOMEM; n++) {
    char line[] = "aggregate a --to x", *argv[32];
    struct sk_arguments arguments;
    const int argc = split(line, argv);
    sk_test_fail_alloc(n);
    st = sk_arguments_parse(argc, argv, &arguments, NULL);
    sk_arguments_reset(&arguments);
  }
  sk_test_fail_alloc(-1);
  assert_int_equal(st, SHUKEI_OK);
}

static void survives_random_words(void **state)
{
  (void)state;
  static const char alphabet[] = "-=qvh abto,to";
  uint64_t seed = 7;
  for (int round = 0; round < 20000; round++) {
    char line[64], *argv[32];
    struct sk_arguments arguments;
    const size_t n = random_below(&seed, sizeof line - 11);
    memcpy(line, "aggregate ", 10);
    for (size_t i = 0; i < n; i++)
      line[10 + i] = alphabet[random_below(&seed, sizeof alphabet - 1)];
    line[10 + n] = 0;
    const shukei_status st = sk_arguments_parse(split(line, argv), argv, &arguments, NULL);
    assert_true(st == SHUKEI_OK || st == SHUKEI_EINVAL);
    sk_arguments_reset(&arguments);
  }
}

static void finds_the_nearest(void **state)
{
  (void)state;
  static const struct {
    const char *a, *b;
    size_t want;
  } cases[] = {{"", "", 0},
               {"abc", "abc", 0},
               {"abc", "abd", 1},
               {"abc", "acb", 1},
               {"abc", "ab", 1},
               {"ab", "abc", 1},
               {"abc", "", 3},
               {"kitten", "sitting", 3},
               {"bad_rows", "bad-rows", 0},
               {"THREADS", "threads", 0}};
  for (size_t i = 0; i < SK_COUNT(cases); i++) {
    const char *const a = cases[i].a, *const b = cases[i].b;
    assert_int_equal(sk_edit_distance(a, strlen(a), b, strlen(b)), cases[i].want);
    assert_int_equal(sk_edit_distance(b, strlen(b), a, strlen(a)), cases[i].want);
  }
  char longest[65];
  memset(longest, 'a', sizeof longest);
  assert_int_equal(sk_edit_distance(longest, 63, "a", 1), 62);
  assert_true(sk_edit_distance(longest, 64, "a", 1) == SIZE_MAX);
}

/* ---- what is made from the table ---- */

static bool is_word(char c)
{
  return (c >= 'a' && c <= 'z') || c == '-';
}

/* Every "--name" of the text must be an option of the command, and each option must be there.
 * dashes is how the text spells them. */
static void compare(const char *what, const struct sk_command *command,
                    const struct sk_buffer *text, const char *dashes)
{
  bool seen[SK_OPTION_COUNT] = {false};
  const char *const name = command ? command->name : "shukei";
  assert_false(text->failed);
  for (const char *at = (const char *)text->bytes; (at = strstr(at, dashes)) != NULL;) {
    char word[64];
    size_t n = 0;
    at += strlen(dashes);
    for (; n < sizeof word - 1 && (is_word(*at) || (*at == '\\' && at[1] == '-')); at++)
      if (*at != '\\')
        word[n++] = *at;
    word[n] = 0;
    const struct sk_option *option = sk_option_find(command, word, n);
    if (!option && !command) /* shukei(1) speaks of options of its commands */
      option = sk_option_find(sk_command_at(SK_COMMAND_AGGREGATE), word, n);
    if (!option && n > 0)
      fail_msg("%s of %s names --%s, which the parser does not take", what, name, word);
    if (option)
      seen[option->id] = true;
  }
  for (int i = 0; i < SK_OPTION_COUNT; i++) {
    const struct sk_option *const option = sk_option_at((enum sk_option_id)i);
    if (sk_option_shown(option) && sk_option_of(option, command) && !seen[i])
      fail_msg("%s of %s lacks --%s", what, name, option->name);
  }
}

static void help_and_manual_name_what_the_parser_takes(void **state)
{
  (void)state;
  for (int i = -1; i < SK_COMMAND_COUNT; i++) {
    const struct sk_command *const command = i < 0 ? NULL : sk_command_at((enum sk_command_id)i);
    struct sk_buffer text;
    sk_buffer_init(&text, NULL, 1u << 20);
    sk_help(&text, command);
    sk_buffer_byte(&text, 0);
    if (command) /* the program's own help ends with "shukei COMMAND --help" */
      compare("help", command, &text, "--");
    sk_buffer_clear(&text);
    sk_manual(&text, command);
    sk_buffer_byte(&text, 0);
    compare("manual", command, &text, "\\fB\\-\\-");
    for (int k = 0; !command && k < SK_OPTION_COUNT; k++) {
      const struct sk_option *const option = sk_option_at((enum sk_option_id)k);
      char variable[SK_VARIABLE_TEXT];
      if (option->in_file &&
          !strstr((const char *)text.bytes, sk_option_variable(option, variable)))
        fail_msg("shukei(1) lacks %s", variable);
    }
    sk_buffer_reset(&text);
  }
}

static void help_is_narrow(void **state)
{
  (void)state;
  for (int i = -1; i < SK_COMMAND_COUNT; i++) {
    struct sk_buffer text;
    sk_buffer_init(&text, NULL, 1u << 20);
    sk_help(&text, i < 0 ? NULL : sk_command_at((enum sk_command_id)i));
    sk_buffer_byte(&text, 0);
    for (char *line = (char *)text.bytes; *line;) {
      const size_t n = strcspn(line, "\n");
      if (n > 90 || (n > 0 && line[n - 1] == ' '))
        fail_msg("%zu columns: %.*s", n, (int)n, line);
      line += n + (line[n] == '\n');
    }
    sk_buffer_reset(&text);
  }
}

static void completions_name_every_option(void **state)
{
  (void)state;
  static const char *const shells[][2] = {{"bash", "--%s"}, {"zsh", "--%s"}, {"fish", "-l %s"}};
  for (size_t s = 0; s < SK_COUNT(shells); s++) {
    struct sk_buffer text;
    sk_buffer_init(&text, NULL, 1u << 20);
    assert_true(sk_completion(&text, shells[s][0]));
    sk_buffer_byte(&text, 0);
    assert_false(text.failed);
    for (int i = 0; i < SK_OPTION_COUNT; i++) {
      const struct sk_option *const option = sk_option_at((enum sk_option_id)i);
      char word[64];
      snprintf(word, sizeof word,
               shells[s][1][0] == '-' && shells[s][1][1] == 'l' ? "-l %s" : "--%s", option->name);
      const bool found = strstr((const char *)text.bytes, word) != NULL;
      if (option->name[0] && strcmp(option->name, "man") != 0 && !found)
        fail_msg("%s lacks %s", shells[s][0], word);
    }
    assert_null(strstr((const char *)text.bytes, "--man["));
    sk_buffer_reset(&text);
  }
  struct sk_buffer none;
  sk_buffer_init(&none, NULL, 64);
  assert_false(sk_completion(&none, "tcsh"));
  assert_false(sk_completion(&none, ""));
}

static void the_table_is_sound(void **state)
{
  (void)state;
  for (int i = 0; i < SK_OPTION_COUNT; i++) {
    const struct sk_option *const option = sk_option_at((enum sk_option_id)i);
    assert_int_equal(option->id, i);
    assert_true(option->commands != 0);
    assert_true(option->name[0] || option->in_file);
    assert_true((option->kind == SK_KIND_FLAG || !option->name[0]) == !option->argument[0]);
    assert_true((option->kind == SK_KIND_CHOICE || option->kind == SK_KIND_BAD_ROWS) ==
                (option->choices != NULL));
    if (option->text[0])
      assert_true(option->text[strlen(option->text) - 1] != '.');
    if (option->in_file)
      assert_ptr_equal(sk_option_key(option->key, strlen(option->key)), option);
    if (option->key)
      assert_true(strlen(option->key) + 8 < SK_VARIABLE_TEXT);
    for (int k = 0; k < SK_COMMAND_COUNT && option->name[0]; k++) {
      const struct sk_command *const command = sk_command_at((enum sk_command_id)k);
      if (sk_option_of(option, command)) /* no other option of the command has the name */
        assert_ptr_equal(sk_option_find(command, option->name, strlen(option->name)), option);
      if (sk_option_of(option, command) && option->letter)
        assert_ptr_equal(sk_option_letter(command, option->letter), option);
    }
  }
  for (int i = 0; i < SK_COMMAND_COUNT; i++) {
    const struct sk_command *const command = sk_command_at((enum sk_command_id)i);
    assert_int_equal(command->id, i);
    assert_ptr_equal(sk_command_find(command->name, strlen(command->name)), command);
  }
}

static void exit_statuses_are_those_of_the_contract(void **state)
{
  (void)state;
  static const int want[] = {
      [SHUKEI_OK] = 0,           [SHUKEI_ENOMEM] = 1, [SHUKEI_EIO] = 3,
      [SHUKEI_ENOTFOUND] = 3,    [SHUKEI_ETRUNC] = 3, [SHUKEI_EFORMAT] = 3,
      [SHUKEI_EUNSUPPORTED] = 3, [SHUKEI_EINVAL] = 2, [SHUKEI_EWRITE] = 1,
      [SHUKEI_ECANCELED] = 1,    [SHUKEI_ERANGE] = 3,
  };
#define CHECK(name, value, text) assert_int_equal(sk_exit_status(SHUKEI_##name), want[value]);
  SHUKEI_STATUS_MAP(CHECK)
#undef CHECK
}

/* docs/errors.md has one row for each status, in the order of the list. */
static void the_page_of_errors_is_the_list(void **state)
{
  (void)state;
  char path[512], line[512];
  const char *const root = getenv("SHUKEI_ROOT");
  snprintf(path, sizeof path, "%s/docs/errors.md", root ? root : ".");
  FILE *const page = fopen(path, "r");
  assert_non_null(page);
  size_t n = 0;
  char want[16][256];
#define ROW(name, value, text)                                                                     \
  if (SHUKEI_##name == SHUKEI_ECANCELED) /* a signal stopped it, then the program ends by it */    \
    snprintf(want[value], sizeof want[value], "| `" #name "` | %s | 128 + number of the signal |", \
             text);                                                                                \
  else                                                                                             \
    snprintf(want[value], sizeof want[value], "| `" #name "` | %s | %d |", text,                   \
             sk_exit_status(SHUKEI_##name));
  SHUKEI_STATUS_MAP(ROW)
#undef ROW
  while (fgets(line, sizeof line, page)) {
    line[strcspn(line, "\n")] = 0;
    if (strncmp(line, "| `", 3) != 0)
      continue;
    if (n > SHUKEI_ERANGE || strcmp(line, want[n]) != 0)
      fail_msg("row %zu is\n%s\nexpected\n%s", n, line, n > SHUKEI_ERANGE ? "none" : want[n]);
    n++;
  }
  fclose(page);
  assert_int_equal(n, SHUKEI_ERANGE + 1);
}

/* A command that is added to the table must get a page from the build, too. */
static void the_build_makes_a_page_for_every_command(void **state)
{
  (void)state;
  char path[512], text[8192], word[64];
  const char *const root = getenv("SHUKEI_ROOT");
  snprintf(path, sizeof path, "%s/src/cli/meson.build", root ? root : ".");
  FILE *const file = fopen(path, "r");
  assert_non_null(file);
  text[fread(text, 1, sizeof text - 1, file)] = 0;
  fclose(file);
  char *const pages = strstr(text, "foreach page : [");
  assert_non_null(pages);
  pages[strcspn(pages, "\n")] = 0;
  for (int i = 0; i < SK_COMMAND_COUNT; i++) {
    snprintf(word, sizeof word, "'%s'", sk_command_at((enum sk_command_id)i)->name);
    if (!strstr(pages, word))
      fail_msg("no page for %s", word);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parses_command_lines),
      cmocka_unit_test(counts_operands),
      cmocka_unit_test(survives_every_failed_allocation),
      cmocka_unit_test(survives_random_words),
      cmocka_unit_test(finds_the_nearest),
      cmocka_unit_test(help_and_manual_name_what_the_parser_takes),
      cmocka_unit_test(help_is_narrow),
      cmocka_unit_test(completions_name_every_option),
      cmocka_unit_test(the_table_is_sound),
      cmocka_unit_test(exit_statuses_are_those_of_the_contract),
      cmocka_unit_test(the_page_of_errors_is_the_list),
      cmocka_unit_test(the_build_makes_a_page_for_every_command),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
