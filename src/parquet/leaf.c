/* SPDX-License-Identifier: Apache-2.0 */
#include "parquet/leaf.h"

shukei_status sk_leaf_peek(struct sk_leaf *leaf, bool *there, shukei_error *err)
{
  struct sk_column *const reader = leaf->reader;
  struct sk_block block;
  *there = leaf->at < leaf->count || reader->row < reader->row_count;
  if (leaf->at < leaf->count || !*there)
    return SHUKEI_OK;
  const shukei_status st =
      sk_column_entries(reader, SK_LEAF_ENTRIES, leaf->repetition, leaf->definition, &block, err);
  if (st) {
    *there = false;
    return sk_column_context(reader, st, err);
  }
  leaf->at = leaf->used = leaf->got = 0;
  leaf->count = block.rows;
  leaf->left = block.present;
  return SHUKEI_OK;
}

shukei_status sk_leaf_value(struct sk_leaf *leaf, struct sk_slice *value, shukei_error *err)
{
  if (leaf->used == leaf->got) {
    const shukei_status st =
        sk_column_slices(leaf->reader, leaf->left, leaf->slices, &leaf->got, err);
    if (st)
      return sk_column_context(leaf->reader, st, err);
    leaf->left -= leaf->got;
    leaf->used = 0;
  }
  *value = leaf->slices[leaf->used++];
  return SHUKEI_OK;
}
