/* SPDX-License-Identifier: Apache-2.0 */
/* From options to a dataset: check -> model -> plan of files -> claim the folder -> write
 * -> describe. */
#include "generate/generate.h"

#include "base/intern.h"
#include "base/text.h"
#include "base/yaml_tree.h"
#include "generate/dataset.h"
#include "generate/manifest.h"
#include "generate/noise.h"
#include "generate/preset.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

/* More than this is not asked for by intention: 2e9 rows are about a terabyte of CSV. */
#define SENSIBLE_ROWS UINT64_C(2000000000)
#define IDENTITY_ROOM 4096

/* Bytes a row of pods takes with all that belongs to it, measured with the preset 1m. */
static const uint32_t bytes_per_row[] = {560, 80, 36};

static uint64_t times(uint64_t a, uint64_t b)
{
  return a && b > UINT64_MAX / a ? UINT64_MAX : a * b;
}

static shukei_status check_options(const shukei_generate_options *o, shukei_error *err)
{
  if (!o->source || !*o->source)
    return sk_fail(err, SHUKEI_EINVAL, "no preset and no manifest is given");
  if (!o->dump_manifest && (!o->destination || !*o->destination))
    return sk_fail(err, SHUKEI_EINVAL, "no destination is given");
  if (!o->dump_manifest && strcmp(o->destination, "-") == 0) {
    sk_fail(err, SHUKEI_EINVAL, "generate writes a folder of files, not to standard output");
    sk_advise(err, "name a folder; ./- is one, too");
    return SHUKEI_EINVAL;
  }
  if (!o->dump_manifest && strstr(o->destination, "://") && !sk_store_distant(o->destination))
    return sk_fail(err, SHUKEI_EINVAL, "\"%s\": this version writes local folders and to S3 only",
                   o->destination);
  if (!(o->churn >= 0 && o->churn <= 1))
    return sk_fail(err, SHUKEI_EINVAL, "churn is a share from 0 to 1");
  if (o->scale_factor == 0)
    return sk_fail(err, SHUKEI_EINVAL, "the scale factor is at least 1");
  if ((unsigned)o->format > SHUKEI_GENERATE_PARQUET)
    return sk_fail(err, SHUKEI_EINVAL, "unknown format %d", (int)o->format);
  if (o->payload && o->format != SHUKEI_GENERATE_CSV)
    return sk_fail(err, SHUKEI_EINVAL, "payloads hold plain CSV; no other format can be asked for");
  return SHUKEI_OK;
}

static shukei_status take_number(uint64_t *to, int64_t given, const char *what, shukei_error *err)
{
  if (given == SHUKEI_PRESET)
    return SHUKEI_OK;
  if (given < 0)
    return sk_fail(err, SHUKEI_EINVAL, "%" PRId64 " %s: the number is negative", given, what);
  *to = (uint64_t)given;
  return SHUKEI_OK;
}

/* Refuses what only a slip of the finger asks for. */
static shukei_status check_size(uint64_t pods, uint64_t hours, const shukei_generate_options *o,
                                shukei_error *err)
{
  const uint64_t rows = times(pods, hours);
  if (rows <= SENSIBLE_ROWS || o->force)
    return SHUKEI_OK;
  const double tebibytes = (double)pods * (double)hours * bytes_per_row[o->format] * 0x1p-40;
  const shukei_status st = sk_fail(err, SHUKEI_EINVAL, "%.4g pod rows would take about %.4g TiB",
                                   (double)pods * (double)hours, tebibytes);
  sk_advise(err, "--force writes them all the same");
  return st;
}

static shukei_status take_shape(const shukei_generate_options *o, struct sk_shape *shape,
                                shukei_error *err)
{
  shape->nodes = times(shape->nodes, o->scale_factor);
  shape->pods = times(shape->pods, o->scale_factor);
  shape->namespaces = times(shape->namespaces, o->scale_factor);
  const struct {
    uint64_t *to;
    int64_t given;
    const char *what;
  } numbers[] = {
      {&shape->nodes, o->nodes, "nodes"},
      {&shape->namespaces, o->namespaces, "namespaces"},
      {&shape->pods, o->pods, "pods"},
      {&shape->hours, o->hours, "hours"},
      {&shape->volumes_per_node, o->volumes_per_node, "volumes of a node"},
      {&shape->label_keys, o->label_keys, "label keys"},
      {&shape->label_values, o->label_values, "label values"},
  };
  for (size_t i = 0; i < SK_COUNT(numbers); i++) {
    const shukei_status st = take_number(numbers[i].to, numbers[i].given, numbers[i].what, err);
    if (st)
      return st;
  }
  if (o->start && !sk_day_parse(o->start, strlen(o->start), &shape->first_day))
    return sk_fail(err, SHUKEI_EINVAL, "start \"%s\" is no day, YYYY-MM-DD expected", o->start);
  shape->seed = o->seed;
  shape->constant = o->constant_values || o->dump_manifest;
  shape->churn_ppm = (uint32_t)(o->churn * 1000000 + 0.5);
  const shukei_status st =
      o->dump_manifest ? SHUKEI_OK : check_size(shape->pods, shape->hours, o, err);
  return st ? st : sk_shape_check(shape, err);
}

static shukei_status unknown_source(const shukei_generate_options *o, shukei_error *err)
{
  const char *const nearest = sk_preset_nearest(o->source);
  const shukei_status st = sk_fail(err, SHUKEI_EINVAL, "unknown preset \"%s\"", o->source);
  if (nearest)
    sk_advise(err, "did you mean \"%s\"? the presets are:%s", nearest, sk_scale_names);
  else
    sk_advise(err, "the presets are:%s", sk_scale_names);
  return st;
}

/* Everything of one call. */
struct job {
  const shukei_generate_options *options;
  struct sk_model model;
  struct sk_plan_files files;
  struct sk_writing writing;
  struct sk_identity identity;
  struct sk_buffer settings;
  char cluster_id[37], source_id[37];
  bool reused;
};

/* The settings as JSON: everything that the bytes depend on, beside the program's version. */
static void put_shape(const struct sk_shape *shape, struct sk_buffer *out)
{
  char day[16];
  sk_buffer_printf(out,
                   "{\"nodes\": %" PRIu64 ", \"pods\": %" PRIu64 ", \"namespaces\": %" PRIu64
                   ", \"hours\": %" PRIu64 ", \"volumes_per_node\": %" PRIu64
                   ", \"label_keys\": %" PRIu64 ", \"label_values\": %" PRIu64
                   ", \"start\": \"%s\", \"values\": \"%s\", \"churn_ppm\": %" PRIu32,
                   shape->nodes, shape->pods, shape->namespaces, shape->hours,
                   shape->volumes_per_node, shape->label_keys, shape->label_values,
                   sk_day_text(shape->first_day, day), shape->constant ? "constant" : "varied",
                   shape->churn_ppm);
}

static void put_member(struct sk_buffer *out, const char *key, const char *text)
{
  sk_buffer_printf(out, ", \"%s\": ", key);
  sk_json_quote(out, text, strlen(text));
}

static shukei_status make_identity(struct job *job, const struct sk_plan_settings *plan,
                                   struct sk_budget *budget, shukei_error *err)
{
  static const char *const forms[] = {"csv", "csv.gz", "parquet"};
  static const char *const layouts[] = {"flat", "koku", "poc", "flat"};
  struct sk_buffer *const out = &job->settings;
  put_member(out, "format", forms[plan->form]);
  put_member(out, "files", plan->daily || plan->form == SK_FORM_PARQUET ? "daily" : "monthly");
  put_member(out, "payload", plan->payload ? "yes" : "no");
  put_member(out, "layout", layouts[plan->layout]);
  put_member(out, "org", plan->org);
  put_member(out, "source", plan->source);
  sk_buffer_text(out, "}");
  sk_buffer_byte(out, 0);
  if (out->failed)
    return sk_fail_memory(err, budget, out->capacity, "the settings");
  job->identity.settings = (const char *)out->bytes;
  job->identity.seed = job->options->seed;
  job->identity.hash =
      sk_mix(sk_hash_bytes(out->bytes, out->length) ^ sk_mix(job->options->seed) ^
             sk_hash_bytes(job->writing.cluster_id, strlen(job->writing.cluster_id)) ^
             sk_mix(sk_hash_bytes(job->identity.name, strlen(job->identity.name))));
  return SHUKEI_OK;
}

/* A manifest is known by its name: a preset has neither a folder nor an ending. */
static bool is_manifest(const char *source)
{
  const char *const ending = strrchr(source, '.');
  return strchr(source, '/') ||
         (ending && (strcmp(ending, ".yml") == 0 || strcmp(ending, ".yaml") == 0 ||
                     strcmp(ending, ".json") == 0));
}

/* What only presets have. */
static shukei_status check_manifest_options(const shukei_generate_options *o, shukei_error *err)
{
  const struct {
    const char *name;
    bool given;
  } options[] = {
      {"scale factor", o->scale_factor != 1},
      {"number of nodes", o->nodes != SHUKEI_PRESET},
      {"number of namespaces", o->namespaces != SHUKEI_PRESET},
      {"number of pods", o->pods != SHUKEI_PRESET},
      {"number of hours", o->hours != SHUKEI_PRESET},
      {"number of volumes", o->volumes_per_node != SHUKEI_PRESET},
      {"number of label keys", o->label_keys != SHUKEI_PRESET},
      {"number of label values", o->label_values != SHUKEI_PRESET},
      {"churn", o->churn > 0},
      {"dump as a manifest", o->dump_manifest != NULL},
  };
  for (size_t i = 0; i < SK_COUNT(options); i++)
    if (options[i].given)
      return sk_fail(err, SHUKEI_EINVAL, "a %s is for presets, and \"%s\" is a manifest",
                     options[i].name, o->source);
  return SHUKEI_OK;
}

static shukei_status make_manifest(struct job *job, struct sk_budget *budget, shukei_error *err)
{
  const shukei_generate_options *const o = job->options;
  const struct sk_manifest_settings settings = {.name = o->source,
                                                .today = o->today,
                                                .start = o->start,
                                                .end = o->end,
                                                .seed = o->seed,
                                                .callbacks = &o->callbacks};
  const char *const slash = strrchr(o->source, '/');
  struct sk_buffer text;
  char day[16];
  sk_buffer_init(&text, budget, SK_YAML_BYTES + 1);
  shukei_status st = check_manifest_options(o, err);
  if (!st)
    st = sk_manifest_read(o->source, &text, err);
  if (!st)
    st = sk_manifest_model(text.bytes, text.length, &settings, budget, &job->model, err);
  if (!st)
    st = check_size(job->model.pod_slots, job->model.hour_count, o, err);
  job->identity.kind = "manifest";
  job->identity.name = slash ? slash + 1 : o->source;
  if (!st) /* the days say what relative dates came to */
    sk_buffer_printf(&job->settings,
                     "{\"manifest_bytes\": %zu, \"manifest_hash\": \"%016" PRIx64
                     "\", \"start\": \"%s\", \"hours\": %" PRIu32,
                     text.length, sk_hash_bytes(text.bytes, text.length),
                     sk_day_text(job->model.first_day, day), job->model.hour_count);
  sk_buffer_reset(&text);
  return st;
}

/* Settings of manifests alone, given for a preset. */
static shukei_status check_preset_options(const shukei_generate_options *o, shukei_error *err)
{
  if (o->end || o->today)
    return sk_fail(err, SHUKEI_EINVAL, "%s is for manifests, and \"%s\" is a preset",
                   o->end ? "an end" : "a today", o->source);
  if (o->dump_manifest && o->churn > 0)
    return sk_fail(err, SHUKEI_EINVAL, "a manifest cannot tell of churn");
  return SHUKEI_OK;
}

static shukei_status make_model(struct job *job, struct sk_budget *budget, shukei_error *err)
{
  struct sk_shape shape;
  if (is_manifest(job->options->source))
    return make_manifest(job, budget, err);
  if (!sk_preset_shape(job->options->source, &shape))
    return unknown_source(job->options, err);
  shukei_status st = check_preset_options(job->options, err);
  if (st)
    return st;
  st = take_shape(job->options, &shape, err);
  if (!st)
    st = sk_preset_model(&shape, budget, &job->model, err);
  if (st)
    return st;
  job->identity.kind = "preset";
  job->identity.name = shape.preset;
  put_shape(&shape, &job->settings);
  return SHUKEI_OK;
}

static void make_ids(struct job *job)
{
  const shukei_generate_options *const o = job->options;
  const uint64_t key = sk_mix(o->seed ^ UINT64_C(0x636c7573746572));
  sk_uuid_text(key, 0, job->cluster_id);
  sk_uuid_text(key, 1, job->source_id);
  job->writing.cluster_id = o->cluster_id ? o->cluster_id : job->cluster_id;
}

static shukei_status plan(struct job *job, struct sk_budget *budget, shukei_error *err)
{
  const shukei_generate_options *const o = job->options;
  const struct sk_plan_settings settings = {
      .form = (enum sk_form)o->format,
      .daily = o->daily_files,
      .payload = o->payload,
      .layout = o->layout,
      .org = o->org ? o->org : "org1234567",
      .source = o->source_id ? o->source_id : job->source_id,
      .seed = o->seed,
  };
  shukei_status st = sk_files_plan(&job->model, &settings, budget, &job->files, err);
  if (!st)
    st = make_identity(job, &settings, budget, err);
  if (!st)
    st = sk_writing_init(&job->writing, err);
  return st;
}

static shukei_status write_all(struct job *job, shukei_error *err)
{
  shukei_status st = SHUKEI_OK;
  if (job->options->reuse)
    st = sk_dataset_kept(&job->writing, &job->identity, &job->reused, err);
  if (!st && !job->reused)
    st = sk_dataset_claim(&job->writing, &job->identity, job->options->force, err);
  if (st || job->reused)
    return st;
  st = job->files.form == SK_FORM_PARQUET ? sk_write_tables(&job->writing, err)
                                          : sk_write_text(&job->writing, err);
  if (!st)
    st = sk_dataset_write(&job->writing, &job->identity, err);
  if (st)
    sk_dataset_abandon(&job->writing);
  return st;
}

static void take_stats(const struct job *job, shukei_generate_stats *stats)
{
  const struct sk_writing *const writing = &job->writing;
  const uint64_t *const rows = writing->report_rows;
  stats->files = job->files.archive_count ? job->files.archive_count : job->files.part_count;
  stats->rows = job->options->dry_run ? sk_writing_rows_known(writing) : writing->rows_done;
  stats->pod_rows = rows[SK_REPORT_POD];
  stats->storage_rows = rows[SK_REPORT_STORAGE];
  stats->node_label_rows = rows[SK_REPORT_NODE_LABELS];
  stats->namespace_label_rows = rows[SK_REPORT_NAMESPACE_LABELS];
  stats->bytes_written = writing->written_bytes;
  stats->reused = job->reused;
  stats->days = ((uint64_t)job->model.hour_count + 23) / 24;
}

shukei_status sk_generate(const shukei_generate_options *options, unsigned threads,
                          struct sk_budget *budget, shukei_generate_stats *stats, shukei_error *err)
{
  struct job job = {.options = options};
  job.writing = (struct sk_writing){.model = &job.model,
                                    .files = &job.files,
                                    .destination = options->destination,
                                    .callbacks = &options->callbacks,
                                    .budget = budget,
                                    .threads = threads};
  sk_buffer_init(&job.settings, budget, IDENTITY_ROOM);
  shukei_status st = check_options(options, err);
  if (st)
    goto done;
  make_ids(&job);
  st = make_model(&job, budget, err);
  if (!st && options->dump_manifest) {
    st = options->dry_run ? SHUKEI_OK
                          : sk_manifest_dump(&job.model, options->dump_manifest, budget, err);
    stats->files = 1;
    goto done;
  }
  if (!st)
    st = plan(&job, budget, err);
  if (!st && !options->dry_run)
    st = write_all(&job, err);
  take_stats(&job, stats);
done:
  sk_buffer_reset(&job.settings);
  sk_files_reset(&job.files);
  sk_model_reset(&job.model);
  return st;
}
