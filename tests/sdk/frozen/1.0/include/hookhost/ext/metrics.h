/* SPDX-License-Identifier: Apache-2.0
 *
 * hookhost.metrics/1, host side: define once, add by number. Shown at /metrics as
 * hookhost_plugin_<id>_<name>, with '-' in the plugin's id written as '_'. The values of a name are
 * shared by all generations of a plugin. */
#ifndef HOOKHOST_EXT_METRICS_H
#define HOOKHOST_EXT_METRICS_H

#include "../plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HOOKHOST_EXT_METRICS "hookhost.metrics/1"

#define HOOKHOST_METRIC_COUNTER 1 /* only goes up */
#define HOOKHOST_METRIC_GAUGE 2   /* goes up and down */

#define HOOKHOST_METRICS_MAX 64u      /* of one plugin */
#define HOOKHOST_METRIC_LABELS_MAX 4u /* names of one metric */
#define HOOKHOST_METRIC_SERIES_MAX \
  256u /* combinations of label values of one metric: never put an id or a path into a label */

typedef struct hookhost_ext_metrics {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* Defines a metric and sets *id. kind: HOOKHOST_METRIC_...; name and label names:
   * [a-z][a-z0-9_]*, at most 64 bytes; help: one sentence; label_names: of hookhost_str, may be
   * empty. Defining the same name again with the same kind and labels gives the same id; with
   * others E_STATE. E_INVALID: a bad kind or name. E_LIMIT: HOOKHOST_METRICS_MAX or _LABELS_MAX.
   * [any-thread] */
  hookhost_status(HOOKHOST_CALL* define)(const hookhost_host* host, int32_t kind, hookhost_str name,
                                         hookhost_str help, hookhost_array label_names,
                                         uint32_t* id);

  /* Adds value to the series with these label values (of hookhost_str, as many as there are names).
   * A counter takes no negative value and neither takes what is not finite (E_INVALID).
   * E_NOT_FOUND: no such id. E_LIMIT: HOOKHOST_METRIC_SERIES_MAX, the value is not counted. Without
   * labels it takes no lock. [any-thread] */
  hookhost_status(HOOKHOST_CALL* add)(const hookhost_host* host, uint32_t id, double value,
                                      hookhost_array label_values);
} hookhost_ext_metrics;

#ifdef __cplusplus
}
#endif

#endif /* HOOKHOST_EXT_METRICS_H */
