/* SPDX-License-Identifier: Apache-2.0 */
/* The sections of a report, each from what was measured. They add nothing where there is nothing to
 * tell of. */
#ifndef SK_REPORT_SECTIONS_H
#define SK_REPORT_SECTIONS_H

#include "report/regression.h"

/* Five items; comparison NULL: with nothing. */
void sk_section_summary(struct sk_doc *doc, const struct sk_measured *measured,
                        const struct sk_comparison *comparison);
void sk_section_scales(struct sk_doc *doc, const struct sk_measured *measured);
void sk_section_growth(struct sk_doc *doc, const struct sk_measured *measured);
void sk_section_speedups(struct sk_doc *doc, const struct sk_measured *measured);
void sk_section_prototype(struct sk_doc *doc, const struct sk_measured *measured);
void sk_section_projections(struct sk_doc *doc, const struct sk_measured *measured);
void sk_section_expected(struct sk_doc *doc, const struct sk_measured *measured);
void sk_section_health(struct sk_doc *doc, const struct sk_measured *measured);
void sk_section_phases(struct sk_doc *doc, const struct sk_measured *measured);
void sk_section_environment(struct sk_doc *doc, const struct sk_measured *measured);
void sk_section_commands(struct sk_doc *doc, const struct sk_measured *measured);

/* How a size stands: "yes", "no: 12 differences", "not validated" ...; count of its validations,
 * those without a difference. */
const char *sk_validity(struct sk_doc *doc, const struct sk_measured *measured, size_t size,
                        size_t *validations, size_t *valid);
/* The prototype's figure that a setting of ours can be held against, or NULL. */
const struct sk_prototype *sk_prototype_of(const struct sk_measured *measured,
                                           const struct sk_setting *setting);
/* "0.412 s", with the range behind it where there are several repeats. */
const char *sk_spread_seconds(struct sk_doc *doc, const struct sk_spread *spread);

#endif
