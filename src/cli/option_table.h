/* SPDX-License-Identifier: Apache-2.0 */
/* The one list of commands and options: the parser, --help, the manual pages, the completions and
 * the configuration's keys are all made from it, so that they cannot differ.
 *
 * SK_COMMAND_MAP: id, name, operands as usage shows them, least and most operands, what follows
 *   the operands in the usage line, one line of summary, paragraphs of description (a line feed
 *   ends one), examples (command line, line feed, and so on).
 * SK_OPTION_MAP: id, name ("" for a key that has no flag), letter, argument, kind, commands, key
 *   of configuration and environment, whether a file may hold the key, choices ("a|b"), text (""
 *   hides the option). */
#ifndef SK_CLI_OPTION_TABLE_H
#define SK_CLI_OPTION_TABLE_H

#define SK_COMMAND_MAP(X)                                                                          \
  X(AGGREGATE, "aggregate", "SRC...", 1, SIZE_MAX, "--to SINK",                                    \
    "make the daily summary of usage reports",                                                     \
    "Reads usage reports (Parquet, or CSV, also .gz and .zst) and writes their daily summary to "  \
    "every SINK. SRC is a file, or a folder that is read with all folders below it; all of them "  \
    "together are one input; s3://BUCKET/KEY is an object or what lies below it. A report's type " \
    "is known by its columns.\n"                                                                   \
    "SRC may be payloads (.tar.gz) of the operator: what several of them repeat counts once, and " \
    "each cluster is summarised by itself.\n"                                                      \
    "On failure no SINK is changed.",                                                              \
    "shukei aggregate reports/ --to summary.db\n"                                                  \
    "shukei aggregate pods.parquet nodes.csv --to - --start 2025-10-01 --end 2025-10-31\n"         \
    "shukei aggregate uploads/ --to summary.db --bad-payloads skip")                               \
  X(CONVERT, "convert", "SRC...", 1, SIZE_MAX, "--to DEST",                                        \
    "turn reports into one Parquet file a day",                                                    \
    "Writes reports as Parquet, one file a report type and day, below the folder DEST, which may " \
    "be s3://BUCKET/KEY. SRC is CSV (plain, .gz, .zst, or in payloads), or Parquet: many small "   \
    "files of hours, say, become one a day, whose rows come in the order of the files' times. "    \
    "DEST must then lie outside of SRC. A file appears under its name only when it is whole, and " \
    "all of them only when the whole input was read. Payloads of several clusters need the "       \
    "layout koku or poc, where each has a source of its own.",                                     \
    "shukei convert reports/ --to lake/\n"                                                         \
    "shukei convert hourly/ --to daily/\n"                                                         \
    "shukei convert reports/ --to lake/ --layout koku --org 1234567 --source my-source")           \
  X(VALIDATE, "validate", "SRC...", 1, SIZE_MAX, "--against SINK",                                 \
    "recompute a summary from its reports and compare",                                            \
    "Makes the daily summary of usage reports once more, by a plain path of its own, compares it " \
    "with what SINK holds of that source and these days, and tells every difference with its "     \
    "likely cause. SRC and the options are those that aggregate was given; SINK is what it wrote " \
    "to.\n"                                                                                        \
    "The exit status is 4 where something differs, 0 where nothing does.",                         \
    "shukei validate reports/ --against summary.db\n"                                              \
    "shukei validate reports/ --against summary.parquet --json --differences 100")                 \
  X(GENERATE, "generate", "PRESET|FILE.yml", 1, 1, "--to DEST", "make usage reports of a cluster", \
    "Writes the usage reports of a made-up cluster below the folder DEST: pods, volumes, node "    \
    "and "                                                                                         \
    "namespace labels, and shukei-dataset.json, which says what is there and what it comes to. "   \
    "The "                                                                                         \
    "same options give the same bytes.\n"                                                          \
    "PRESET is one of small, medium, large, xlarge, production-medium and production-large (days " \
    "or "                                                                                          \
    "weeks of a cluster), or 20k, 50k, 100k, 250k, 500k, 1m, 1.5m and 2m (so many rows of pods "   \
    "in "                                                                                          \
    "one day, every pod a group of its own); the options change its numbers. FILE.yml is a "       \
    "static "                                                                                      \
    "report file of nise.\n"                                                                       \
    "DEST may be s3://BUCKET/KEY. Without --force one that holds something else is left alone.",   \
    "shukei generate small --to reports/\n"                                                        \
    "shukei generate 1m --to lake/ --format parquet --layout koku\n"                               \
    "shukei generate 20k --to uploads/ --payload --seed 7 --churn 0.05")                           \
  X(REPORT, "report", "RESULTS...", 1, SIZE_MAX, "--to FILE|FOLDER/",                              \
    "make reports, charts and slides of what bench measured",                                      \
    "Reads results.jsonl of shukei bench, or the folder that it is in, and writes what they come " \
    "to: summary, scales, throughput and memory with fits, speed-ups, projections, expected "      \
    "against actual, health, environment, commands. Of several RESULTS the later count where "     \
    "they measured the same.\n"                                                                    \
    "FILE.html is the whole report in one file, FILE.md the same in Markdown, FILE.csv one "       \
    "table, "                                                                                      \
    "FILE.svg one chart, FILE.pdf the slides printed by Chromium; FOLDER/ gets all of it.\n"       \
    "With --against OLD: what has become faster or slower beyond noise.",                          \
    "shukei report shukei-bench/ --to report/\n"                                                   \
    "shukei report shukei-bench/ --to throughput.svg --chart throughput\n"                         \
    "shukei report new/ --against old/ --enforce --to -")                                          \
  X(INSPECT, "inspect", "FILE", 1, 2, "", "show what a Parquet file holds",                        \
    "Shows the schema, row groups, column chunks, encodings, sizes and statistics of a Parquet "   \
    "file or object (s3://BUCKET/KEY), from its footer alone; with --pages and --check also what " \
    "only its pages tell.\n"                                                                       \
    "With --diff and a second FILE: what differs between the two. The exit status then is 4 "      \
    "where "                                                                                       \
    "their schemas or rows do, 0 where only the layout does, or nothing.",                         \
    "shukei inspect pods.parquet\n"                                                                \
    "shukei inspect --json pods.parquet\n"                                                         \
    "shukei inspect --check pods.parquet\n"                                                        \
    "shukei inspect --diff old.parquet s3://lake/new.parquet")                                     \
  X(CAT, "cat", "FILE", 1, 1, "", "print the rows of a Parquet file as CSV",                       \
    "Prints the rows of a Parquet file or object (s3://BUCKET/KEY) as CSV on standard output, "    \
    "nested columns left out unless --nested or --columns asks for them, or there are no others: " \
    "lists, maps and structs are JSON. A null is an empty cell, an empty text is \"\".",           \
    "shukei cat pods.parquet --limit 10\n"                                                         \
    "shukei cat events.parquet --columns id,items\n"                                               \
    "shukei cat pods.parquet --namespace shop --namespace billing --node worker-1\n"               \
    "shukei cat pods.parquet --columns namespace,pod")                                             \
  X(BENCH, "bench", "", 0, 0, "", "measure all phases at every scale",                             \
    "Makes reports up, converts, aggregates and validates them at each scale, every phase in a "   \
    "process of its own, and appends what it took to results.jsonl in the folder of --dir: time, " \
    "memory, rows, bytes. A phase that fails, runs out of memory or into its time-out is a "       \
    "result, and the others go on.\n"                                                              \
    "Stopped at any moment and started again with the same options, it goes on where it was. "     \
    "SHUKEI_ variables and shukei.yaml do not count for the phases.",                              \
    "shukei bench --scales small,20k\n"                                                            \
    "shukei bench --scales all --repeat 5 --mode both --threads 1,2\n"                             \
    "shukei bench --to postgresql://me@host/db --schema bench --lake s3://bucket/bench")           \
  X(STATUS, "status", "", 0, 0, "", "show how a benchmark stands",                                 \
    "Shows how the benchmark of a folder stands, by what it wrote there: every scale and phase, "  \
    "rows, rows a second, memory, the time left, health, the last error. It may be running, "      \
    "finished or killed; nothing is changed.\n"                                                    \
    "With --serve the same is a page that follows the benchmark, with /status.json for programs "  \
    "and /metrics for Prometheus.",                                                                \
    "shukei status\n"                                                                              \
    "shukei status --watch\n"                                                                      \
    "shukei status --serve 127.0.0.1:8080")                                                        \
  X(COMPLETION, "completion", "SHELL", 1, 1, "", "print a completion script for a shell",          \
    "Prints a script that completes commands, options and their values. SHELL is bash, zsh or "    \
    "fish.",                                                                                       \
    "shukei completion bash > ~/.local/share/bash-completion/completions/shukei\n"                 \
    "shukei completion fish > ~/.config/fish/completions/shukei.fish")                             \
  X(HELP, "help", "[COMMAND]", 0, 1, "", "show help for a command",                                \
    "Shows what --help of COMMAND shows, or the list of commands.", "shukei help aggregate")

#define SK_OPTION_MAP(X)                                                                           \
  X(SINK, "to", 0, "SINK", NAMES, AGGREGATE, NULL, false, NULL,                                    \
    "where the summary goes: - (CSV on standard output), NAME.csv, NAME.parquet (both also in "    \
    "S3, s3://BUCKET/NAME.csv), NAME.db, NAME.sqlite, sqlite:PATH, "                               \
    "postgresql://USER@HOST/DATABASE or postgresql:KEY=VALUE, or FOLDER/ (also "                   \
    "s3://BUCKET/FOLDER/) for a dataset of "                                                       \
    "Parquet files by day; may be given more than once. A database and a dataset keep what they "  \
    "have, but the rows of the same source and days. Passwords come from "                         \
    "PGPASSWORD, ~/.pgpass or a service file")                                                     \
  X(FOLDER, "to", 0, "DEST", FOLDER, CONVERT, NULL, false, NULL,                                   \
    "the folder below which the Parquet files go")                                                 \
  X(MADE_FOLDER, "to", 0, "DEST", FOLDER, GENERATE, NULL, false, NULL,                             \
    "the folder below which the reports go")                                                       \
  X(AGAINST, "against", 0, "SINK", FILE, VALIDATE, NULL, false, NULL,                              \
    "the summary to compare with: NAME.csv, NAME.parquet (both also s3://BUCKET/NAME), NAME.db, "  \
    "NAME.sqlite, sqlite:PATH, postgresql:..., or FOLDER/, a dataset")                             \
  X(TOLERANCE, "tolerance", 0, "SHARE", SHARE, VALIDATE, NULL, false, NULL,                        \
    "how much two values may differ, as a share of the greater one; default: 1e-9")                \
  X(DIFFERENCES, "differences", 0, "N", ROWS, VALIDATE, NULL, false, NULL,                         \
    "write at most N differences; default: 20")                                                    \
  X(VERDICT_JSON, "json", 0, "", FLAG, VALIDATE, NULL, false, NULL, "write one JSON object")       \
  X(SEED, "seed", 0, "N", ROWS, GENERATE, NULL, false, NULL,                                       \
    "another cluster of the same size; default: 1")                                                \
  X(SCALE_FACTOR, "scale-factor", 0, "N", ROWS, GENERATE, NULL, false, NULL,                       \
    "N times the preset's pods, nodes and namespaces")                                             \
  X(MADE_NODES, "nodes", 0, "N", INTEGER, GENERATE, NULL, false, NULL, "number of nodes")          \
  X(MADE_NAMESPACES, "namespaces", 0, "N", INTEGER, GENERATE, NULL, false, NULL,                   \
    "number of namespaces")                                                                        \
  X(MADE_PODS, "pods", 0, "N", INTEGER, GENERATE, NULL, false, NULL, "number of pods")             \
  X(MADE_HOURS, "hours", 0, "N", INTEGER, GENERATE, NULL, false, NULL, "number of hours")          \
  X(MADE_START, "start", 0, "DAY", DAY, GENERATE, NULL, false, NULL,                               \
    "first day, YYYY-MM-DD in UTC; default: 2025-10-01")                                           \
  X(MADE_END, "end", 0, "DAY", TEXT, GENERATE, NULL, false, NULL,                                  \
    "of a FILE.yml: end of generators without one, YYYY-MM-DD or YYYY-MM-DDTHH; default: now")     \
  X(TODAY, "today", 0, "DAY", TEXT, GENERATE, NULL, false, NULL,                                   \
    "of a FILE.yml: what last_month, today and -3d are counted from; default: the clock's")        \
  X(DUMP_MANIFEST, "dump-manifest", 0, "FILE", FILE, GENERATE, NULL, false, NULL,                  \
    "write the preset as a FILE.yml for nise, constant, and no reports")                           \
  X(MADE_VOLUMES, "volumes-per-node", 0, "N", INTEGER, GENERATE, NULL, false, NULL,                \
    "number of volumes for each node")                                                             \
  X(MADE_LABEL_KEYS, "label-keys", 0, "N", INTEGER, GENERATE, NULL, false, NULL,                   \
    "number of labels of a pod, 0 to 16: app, tier, env, node, pod, then others; default: 8")      \
  X(MADE_LABEL_VALUES, "label-values", 0, "N", INTEGER, GENERATE, NULL, false, NULL,               \
    "number of values of the label app; default: 24")                                              \
  X(VALUES, "values", 0, "HOW", CHOICE, GENERATE, NULL, false, "varied|constant",                  \
    "usage that varies from hour to hour (the default), or the same in every hour")                \
  X(CHURN, "churn", 0, "SHARE", SHARE, GENERATE, NULL, false, NULL,                                \
    "share, 0 to 1, of pods, nodes and labels that come, go or change within a day; default: 0")   \
  X(FORMAT, "format", 0, "FORMAT", CHOICE, GENERATE, NULL, false, "csv|csv.gz|parquet",            \
    "what the files are; default: csv")                                                            \
  X(FILES, "files", 0, "PERIOD", CHOICE, GENERATE, NULL, false, "monthly|daily",                   \
    "CSV files of a month (the default) or of a day; Parquet is daily")                            \
  X(PAYLOAD, "payload", 0, "", FLAG, GENERATE, NULL, false, NULL,                                  \
    "pack the CSV into the tar.gz payloads that the operator uploads, with their manifest.json")   \
  X(FORCE, "force", 0, "", FLAG, GENERATE, NULL, false, NULL,                                      \
    "write over another dataset; write more rows than are sensible")                               \
  X(REUSE, "reuse", 0, "", FLAG, GENERATE, NULL, false, NULL,                                      \
    "leave DEST as it is where it holds this very dataset, whole, of this version")                \
  X(BENCH_SCALES, "scales", 0, "NAME,...", TEXT, BENCH, NULL, false, NULL,                         \
    "presets of generate, or all; default: small,medium,large,xlarge,production-medium")           \
  X(REPEAT, "repeat", 0, "N", COUNT, BENCH, NULL, false, NULL,                                     \
    "how often each summary is made, 1 to 1024; default: 1")                                       \
  X(BENCH_THREADS, "threads", 0, "N,...", TEXT, BENCH, NULL, false, NULL,                          \
    "numbers of threads to make the summary with; default: one for each processor")                \
  X(BENCH_MEMORY, "memory", 0, "SIZE,...", TEXT, BENCH, NULL, false, NULL,                         \
    "values of --memory to make the summary with, for example 128MiB,1G; a process that takes a "  \
    "quarter and 64 MiB more is ended; default: that of aggregate")                                \
  X(BENCH_MODE, "mode", 0, "MODE", CHOICE, BENCH, NULL, false, "streaming|in-memory|auto|both",    \
    "mode of the summary; auto: what aggregate chooses, which the results tell with its reason; "  \
    "default: streaming")                                                                          \
  X(BENCH_SINK, "to", 0, "SINK", TEXT, BENCH, NULL, false, NULL,                                   \
    "where the summaries go, any of aggregate's but -; default: bench.db in the folder")           \
  X(BENCH_SCHEMA, "schema", 0, "NAME", TEXT, BENCH, NULL, false, NULL,                             \
    "schema of the tables in PostgreSQL, which is made where it is missing")                       \
  X(LAKE, "lake", 0, "DEST", TEXT, BENCH, NULL, false, NULL,                                       \
    "s3://BUCKET/KEY below which the Parquet files go: phase upload, straight from CSV, in place " \
    "of phase convert")                                                                            \
  X(BENCH_FOLDER, "dir", 0, "FOLDER", FOLDER, BENCH | STATUS, NULL, false, NULL,                   \
    "where results, data and logs are; default: shukei-bench")                                     \
  X(TIMEOUT, "timeout", 0, "SECONDS", TEXT, BENCH, NULL, false, NULL,                              \
    "end a phase that takes longer; default: none")                                                \
  X(KEEP, "keep", 0, "WHAT", CHOICE, BENCH, NULL, false, "all|results",                            \
    "all (the default): data stay for the next run; results: data of a scale are removed when it " \
    "is done")                                                                                     \
  X(AGAIN, "again", 0, "", FLAG, BENCH, NULL, false, NULL,                                         \
    "begin a new run, also where the last one is the same")                                        \
  X(BENCH_DRY_RUN, "dry-run", 0, "", FLAG, BENCH, NULL, false, NULL,                               \
    "show the phases, and run none")                                                               \
  X(REPORT_TO, "to", 0, "FILE", FILE, REPORT, NULL, false, NULL,                                   \
    "where it goes: FILE.html, .md, .csv, .svg, .pdf, - (standard output), or FOLDER/ for all "    \
    "of them")                                                                                     \
  X(REPORT_FORMAT, "format", 0, "FORMAT", CHOICE, REPORT, NULL, false,                             \
    "html|slides|pdf|markdown|csv|svg",                                                            \
    "form of the FILE, where its ending does not tell it; slides: HTML with key navigation")       \
  X(CHART, "chart", 0, "NAME", TEXT, REPORT, NULL, false, NULL,                                    \
    "which chart an SVG is of; default: throughput")                                               \
  X(TABLE, "table", 0, "NAME", TEXT, REPORT, NULL, false, NULL,                                    \
    "which table a CSV is of; default: scales")                                                    \
  X(REPORT_AGAINST, "against", 0, "OLD", FILE, REPORT, NULL, false, NULL,                          \
    "compare with these results")                                                                  \
  X(LEAST_CHANGE, "least-change", 0, "SHARE", SHARE, REPORT, NULL, false, NULL,                    \
    "smaller changes count as none, however sure; default: 0.05")                                  \
  X(REPORT_ENFORCE, "enforce", 0, "", FLAG, REPORT, NULL, false, NULL,                             \
    "with --against: exit status 1 where something is worse, or nothing was compared")             \
  X(EXPECT, "expect", 0, "FILE", FILE, BENCH, NULL, false, NULL,                                   \
    "expectations in YAML, shown beside what was measured; default with --enforce: our own")       \
  X(ENFORCE, "enforce", 0, "", FLAG, BENCH, NULL, false, NULL,                                     \
    "exit 1 where an expectation is missed, or none could be compared")                            \
  X(CONFIG, "config", 0, "FILE", FILE, AGGREGATE | CONVERT | VALIDATE, "config", false, NULL,      \
    "configuration in YAML or JSON; without it the file that SHUKEI_CONFIG names, else "           \
    "shukei.yaml in the current folder if there is one")                                           \
  X(START, "start", 0, "DAY", DAY, AGGREGATE | CONVERT | VALIDATE, "start", true, NULL,            \
    "first day to read, YYYY-MM-DD in UTC; default: the first one found")                          \
  X(END, "end", 0, "DAY", DAY, AGGREGATE | CONVERT | VALIDATE, "end", true, NULL,                  \
    "last day to read, itself included; default: the last one found")                              \
  X(ENABLED_KEYS, "enabled-keys", 0, "KEY,...", LIST, AGGREGATE | VALIDATE, "enabled_keys", true,  \
    NULL, "label keys to keep, beside vm_kubevirt_io_name, which is always kept")                  \
  X(COST_CATEGORIES, "", 0, "", CATEGORIES, AGGREGATE | VALIDATE, "cost_categories", true, NULL,   \
    "list of {id, pattern}: a namespace that matches the pattern (SQL LIKE) belongs to the "       \
    "category; the highest id wins")                                                               \
  X(NODES, "", 0, "", NODES, AGGREGATE | VALIDATE, "nodes", true, NULL,                            \
    "list of {node, resource_id, role}: the roles of nodes (master, infra, worker)")               \
  X(CLUSTERS, "", 0, "", CLUSTERS, AGGREGATE | CONVERT | VALIDATE, "clusters", true, NULL,         \
    "list of {cluster_id, source, cluster_alias, report_period_id}: what payloads do not say of "  \
    "their clusters; alias and period may be left out")                                            \
  X(LABELS, "labels", 0, "MODE", CHOICE, AGGREGATE | VALIDATE, "labels", true, "koku|hourly",      \
    "whether a day counts once for each label set of a node or namespace (koku, the default) or "  \
    "each row has the labels of its own hour (hourly)")                                            \
  X(LAYOUT, "layout", 0, "NAME", CHOICE, AGGREGATE | CONVERT | GENERATE | VALIDATE, "layout",      \
    true, "auto|koku|poc|flat",                                                                    \
    "how folders are laid out; auto (the default) looks at the names that "                        \
    "it reads and writes flat")                                                                    \
  X(ORG, "org", 0, "ID", TEXT, AGGREGATE | CONVERT | GENERATE | VALIDATE, "org", true, NULL,       \
    "organisation, a part of the paths of koku and poc")                                           \
  X(SOURCE, "source", 0, "UUID", TEXT, AGGREGATE | CONVERT | GENERATE | VALIDATE, "source", true,  \
    NULL, "source (cluster), a part of the paths of koku and poc, and source_uuid of the summary") \
  X(CLUSTER_ID, "cluster-id", 0, "ID", TEXT, AGGREGATE | CONVERT | GENERATE | VALIDATE,            \
    "cluster_id", true, NULL,                                                                      \
    "cluster_id of the summary's rows; of payloads, only this cluster's are read")                 \
  X(CLUSTER_ALIAS, "cluster-alias", 0, "NAME", TEXT, AGGREGATE, "cluster_alias", true, NULL,       \
    "cluster_alias of the summary's rows")                                                         \
  X(REPORT_PERIOD_ID, "report-period-id", 0, "N", INTEGER, AGGREGATE, "report_period_id", true,    \
    NULL, "report_period_id of the summary's rows")                                                \
  X(SCHEMA, "schema", 0, "NAME", TEXT, AGGREGATE | VALIDATE, "schema", true, NULL,                 \
    "schema of the tables in PostgreSQL; default: the connection's own (search_path)")             \
  X(CREATE, "create", 0, "", FLAG, AGGREGATE, NULL, false, NULL,                                   \
    "PostgreSQL: make schema and tables that are missing, as koku has them")                       \
  X(STAGING, "staging", 0, "", FLAG, AGGREGATE, NULL, false, NULL,                                 \
    "PostgreSQL: also fill reporting_ocpusagelineitem_daily_summary_staging, in the same "         \
    "transaction")                                                                                 \
  X(MODE, "mode", 0, "MODE", CHOICE, AGGREGATE, "mode", true, "auto|in-memory|streaming",          \
    "whether files are read whole before they are summed up or piece by piece; auto (the "         \
    "default) decides by size and memory; the rows are the same")                                  \
  X(CODEC, "codec", 0, "NAME", CHOICE, CONVERT, NULL, false, "zstd|snappy|gzip|lz4_raw",           \
    "compression of the Parquet pages; default: zstd")                                             \
  X(BLOOM_FILTER, "bloom-filter", 0, "COLUMN,...", LIST, CONVERT, NULL, false, NULL,               \
    "columns of texts that get a Bloom filter in every row group, by which readers skip row "      \
    "groups without the value that they look for; costs 10 to 20 bits a distinct text")            \
  X(COLUMNS, "columns", 0, "NAME,...", LIST, CAT, NULL, false, NULL,                               \
    "columns to print, in this order; default: all that are not nested. A.B is the field B of "    \
    "the "                                                                                         \
    "struct A; a name with a comma stands in quotes")                                              \
  X(NESTED, "nested", 0, "", FLAG, CAT, NULL, false, NULL,                                         \
    "print all columns, also lists, maps and structs")                                             \
  X(NAMESPACE, "namespace", 0, "NAME", EACH, AGGREGATE, NULL, false, NULL,                         \
    "only the summary's rows of this namespace; may be given more than once. The summary is made " \
    "from all reports as ever")                                                                    \
  X(NODE, "node", 0, "NAME", EACH, AGGREGATE, NULL, false, NULL,                                   \
    "only the summary's rows of this node; may be given more than once, and together with "        \
    "--namespace")                                                                                 \
  X(CAT_NAMESPACE, "namespace", 0, "NAME", EACH, CAT, NULL, false, NULL,                           \
    "only rows of this namespace; may be given more than once")                                    \
  X(CAT_NODE, "node", 0, "NAME", EACH, CAT, NULL, false, NULL,                                     \
    "only rows of this node; may be given more than once, and together with --namespace")          \
  X(WHERE, "where", 0, "COLUMN=VALUE", EACH, CAT, NULL, false, NULL,                               \
    "only rows with this value, written as cat prints it, in the column; of several for one "      \
    "column any, of several columns all")                                                          \
  X(LIMIT, "limit", 0, "N", ROWS, CAT, NULL, false, NULL, "print at most N rows")                  \
  X(WATCH, "watch", 0, "", FLAG, STATUS, NULL, false, NULL,                                        \
    "show it anew every second, until interrupted")                                                \
  X(SERVE, "serve", 0, "ADDRESS:PORT", TEXT, STATUS, NULL, false, NULL,                            \
    "serve it as a page, until interrupted: 127.0.0.1:8080, or [::1]:8080; port 0 takes one that " \
    "is free. Who can reach the address can read the page")                                        \
  X(SERVE_NAME, "serve-name", 0, "NAME", NAMES, STATUS, NULL, false, NULL,                         \
    "with --serve: a name of this machine by which the page may be asked for, beside its "         \
    "addresses and localhost; may be given more than once")                                        \
  X(JSON, "json", 0, "", FLAG, INSPECT | STATUS, NULL, false, NULL, "print one JSON object")       \
  X(PAGES, "pages", 0, "", FLAG, INSPECT, NULL, false, NULL, "list every page by its header")      \
  X(CHECK, "check", 0, "", FLAG, INSPECT, NULL, false, NULL,                                       \
    "read all of the file: checksums, encodings, numbers of values and nulls, bounds of the "      \
    "statistics, page indexes, Bloom filters, dictionaries, parts that overlap; exit status 3 if " \
    "something is wrong")                                                                          \
  X(DIFF, "diff", 0, "", FLAG, INSPECT, NULL, false, NULL,                                         \
    "compare FILE with a second one: metadata, schema, row groups, encodings, sizes and "          \
    "statistics of the columns, and all rows, however they are laid out")                          \
  X(THREADS, "threads", 0, "N", COUNT, AGGREGATE | CONVERT | GENERATE, "threads", true, NULL,      \
    "number of worker threads, 1 to 1024; default: one for each processor")                        \
  X(MEMORY, "memory", 0, "SIZE", SIZE, AGGREGATE | CONVERT | VALIDATE | GENERATE | INSPECT | CAT,  \
    "memory", true, NULL,                                                                          \
    "most memory to use, for example 256MiB or 2G; default: half of what the machine or the "      \
    "control group has")                                                                           \
  X(BAD_ROWS, "bad-rows", 0, "WHAT", BAD_ROWS, AGGREGATE | CONVERT, NULL, false, "fail|skip",      \
    "what to do with a row that cannot be read: fail (the default), skip, or the name of a FILE "  \
    "(with a '/' or a '.' in it) to keep such rows in, with their file, row number and cause")     \
  X(BAD_ROWS_OF_VALIDATE, "bad-rows", 0, "WHAT", CHOICE, VALIDATE, NULL, false, "fail|skip",       \
    "what to do with a row that cannot be read: fail (the default) or skip")                       \
  X(BAD_PAYLOADS, "bad-payloads", 0, "WHAT", CHOICE, AGGREGATE | CONVERT | VALIDATE, NULL, false,  \
    "fail|skip", "what to do with a payload that is refused: fail (the default) or skip")          \
  X(UNKNOWN_CLUSTERS, "unknown-clusters", 0, "WHAT", CHOICE, AGGREGATE | CONVERT, NULL, false,     \
    "fail|skip",                                                                                   \
    "what to do with payloads of a cluster that the configuration's clusters lack: fail (the "     \
    "default) or skip")                                                                            \
  X(STATS, "stats", 0, "FILE", FILE, AGGREGATE | CONVERT | GENERATE | CAT, NULL, false, NULL,      \
    "write figures of the run to FILE, as one JSON object; - is standard output")                  \
  X(METRICS_FILE, "metrics-file", 0, "FILE", FILE, AGGREGATE, NULL, false, NULL,                   \
    "write figures of the run for Prometheus' textfile collector to FILE (NAME.prom), about once " \
    "a second and at the end")                                                                     \
  X(DRY_RUN, "dry-run", 0, "", FLAG, AGGREGATE | CONVERT | GENERATE, NULL, false, NULL,            \
    "do everything but the writing")                                                               \
  X(CHANGED, "changed", 0, "", FLAG, AGGREGATE, NULL, false, NULL,                                 \
    "make only the days whose reports or settings are others than those that a ledger beside the " \
    "SINK has of the last run; the rows are the same. Every SINK must be a database or a dataset") \
  X(EXPLAIN, "explain", 0, "", FLAG, AGGREGATE, NULL, false, NULL,                                 \
    "with --changed: say which days are made, and why; with --dry-run, too")                       \
  X(MAN, "man", 0, "", FLAG, HELP, NULL, false, NULL, "")                                          \
  X(PROGRESS, "progress", 0, "WHEN", CHOICE, ANY, NULL, false, "auto|always|never",                \
    "show how far the run is, on standard error; auto (the default): on a terminal")               \
  X(QUIET, "quiet", 'q', "", FLAG, ANY, NULL, false, NULL, "say nothing but errors")               \
  X(VERBOSE, "verbose", 'v', "", FLAG, ANY, NULL, false, NULL, "say more of what is being done")   \
  X(LOG_FORMAT, "log-format", 0, "FORMAT", CHOICE, ANY, NULL, false, "text|json",                  \
    "form of the messages on standard error: text (the default) or one JSON object a line")        \
  X(COLOR, "color", 0, "WHEN", CHOICE, ANY, NULL, false, "auto|always|never",                      \
    "colour messages; auto (the default): on a terminal, unless NO_COLOR is set")                  \
  X(HELP, "help", 'h', "", FLAG, ANY, NULL, false, NULL, "show this help and exit")                \
  X(VERSION, "version", 'V', "", FLAG, ANY, NULL, false, NULL, "show the version and exit")

#endif
