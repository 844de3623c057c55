/* SPDX-License-Identifier: Apache-2.0 */
/* By expat, which is fed the whole answer at once. Names of elements are cut at 63 bytes, and lose
 * a prefix; none that anybody looks for is longer. A document type is refused: S3 sends none, and
 * without one there are no entities to expand. */
#include "store/s3_xml.h"

#include <expat.h>

#define DEPTH_MOST 16
#define NAME_TEXT 64
#define TEXT_MOST ((size_t)1 << 20)

struct parsing {
  const struct sk_xml_calls *calls;
  void *context;
  XML_Parser parser;
  struct sk_buffer text;
  char names[DEPTH_MOST][NAME_TEXT];
  int depth;
  bool leaf;    /* nothing but text since the last start */
  bool refused; /* what is well-formed and still not taken */
  bool no_memory;
};

static void stop(struct parsing *self, bool *why)
{
  *why = true;
  XML_StopParser(self->parser, XML_FALSE);
}

static void on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
  struct parsing *const self = context;
  (void)attributes;
  if (self->depth == DEPTH_MOST) {
    stop(self, &self->refused);
    return;
  }
  const char *const colon = strrchr(name, ':');
  const char *const plain = colon ? colon + 1 : name;
  const size_t length = strnlen(plain, NAME_TEXT - 1);
  memcpy(self->names[self->depth], plain, length);
  self->names[self->depth][length] = '\0';
  self->depth++;
  self->leaf = true;
  sk_buffer_clear(&self->text);
}

static void on_text(void *context, const XML_Char *text, int length)
{
  struct parsing *const self = context;
  sk_buffer_add(&self->text, text, (size_t)length);
}

static void on_end(void *context, const XML_Char *name)
{
  struct parsing *const self = context;
  (void)name;
  const int depth = --self->depth;
  const char *const own = self->names[depth];
  bool ok = true;
  if (self->leaf) {
    sk_buffer_byte(&self->text, 0);
    ok = !self->text.failed &&
         self->calls->leaf(self->context, depth ? self->names[depth - 1] : "", own,
                           (const char *)self->text.bytes, self->text.length - 1);
  } else if (self->calls->end) {
    ok = self->calls->end(self->context, own);
  }
  self->leaf = false;
  if (!ok)
    stop(self, &self->no_memory);
}

static void on_document_type(void *context, const XML_Char *name, const XML_Char *system_id,
                             const XML_Char *public_id, int has_internal)
{
  struct parsing *const self = context;
  (void)name, (void)system_id, (void)public_id, (void)has_internal;
  stop(self, &self->refused);
}

shukei_status sk_xml_parse(const void *bytes, size_t length, const struct sk_xml_calls *calls,
                           void *context, struct sk_budget *budget, shukei_error *err)
{
  struct parsing self = {.calls = calls, .context = context};
  shukei_status st = SHUKEI_OK;
  if (length > INT32_MAX)
    return sk_fail(err, SHUKEI_EFORMAT, "the answer is too long");
  self.parser = XML_ParserCreate(NULL);
  if (!self.parser)
    return sk_fail_memory(err, budget, 0, "reading an answer");
  sk_buffer_init(&self.text, budget, TEXT_MOST);
  XML_SetUserData(self.parser, &self);
  XML_SetElementHandler(self.parser, on_start, on_end);
  XML_SetCharacterDataHandler(self.parser, on_text);
  XML_SetStartDoctypeDeclHandler(self.parser, on_document_type);
  if (XML_Parse(self.parser, bytes, (int)length, XML_TRUE) != XML_STATUS_OK) {
    const enum XML_Error code = XML_GetErrorCode(self.parser);
    if (self.no_memory || code == XML_ERROR_NO_MEMORY)
      st = sk_fail_memory(err, budget, 0, "reading an answer");
    else
      st = sk_fail(err, SHUKEI_EFORMAT, "the answer is no XML that S3 sends: %s at line %lu",
                   self.refused ? "it declares or nests too much" : XML_ErrorString(code),
                   (unsigned long)XML_GetCurrentLineNumber(self.parser));
  }
  sk_buffer_reset(&self.text);
  XML_ParserFree(self.parser);
  return st;
}

/* Keeps what can be printed; messages are shown to people. */
static void keep(char *to, size_t size, const char *text)
{
  size_t n = 0;
  for (; text[n] && n + 1 < size; n++)
    to[n] = (char)(text[n] >= ' ' && text[n] <= '~' ? text[n] : ' ');
  to[n] = '\0';
}

static bool on_complaint(void *context, const char *parent, const char *name, const char *text,
                         size_t length)
{
  struct sk_s3_complaint *const complaint = context;
  (void)length;
  if (strcmp(parent, "Error") != 0)
    return true;
  if (strcmp(name, "Code") == 0)
    keep(complaint->code, sizeof complaint->code, text);
  else if (strcmp(name, "Message") == 0)
    keep(complaint->message, sizeof complaint->message, text);
  else if (strcmp(name, "Region") == 0)
    keep(complaint->region, sizeof complaint->region, text);
  return true;
}

void sk_s3_complaint_read(const void *bytes, size_t length, struct sk_s3_complaint *complaint)
{
  static const struct sk_xml_calls calls = {.leaf = on_complaint};
  memset(complaint, 0, sizeof *complaint);
  if (length && sk_xml_parse(bytes, length, &calls, complaint, NULL, NULL))
    memset(complaint, 0, sizeof *complaint); /* a page of a proxy's; the status has to do */
}
