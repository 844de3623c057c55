/* SPDX-License-Identifier: Apache-2.0 */
/* The XML of answers, as a run of leaves: elements that hold text alone. */
#ifndef SK_STORE_S3_XML_H
#define SK_STORE_S3_XML_H

#include "base/buffer.h"

struct sk_xml_calls {
  /* A leaf: its parent's name ("" for the root), its own, its text (zero-terminated as well).
   * False ends the parsing with ENOMEM. */
  bool (*leaf)(void *context, const char *parent, const char *name, const char *text,
               size_t length);
  /* The end of an element that had others inside; may be NULL. False: as above. */
  bool (*end)(void *context, const char *name);
};

/* EFORMAT: no well-formed XML, or one that declares entities or is nested deeply; ENOMEM. */
shukei_status sk_xml_parse(const void *bytes, size_t length, const struct sk_xml_calls *calls,
                           void *context, struct sk_budget *budget, shukei_error *err);

/* What an answer of an error says; texts are cut to fit, "" where they lack. */
struct sk_s3_complaint {
  char code[64], message[200], region[64];
};
void sk_s3_complaint_read(const void *bytes, size_t length, struct sk_s3_complaint *complaint);

#endif
