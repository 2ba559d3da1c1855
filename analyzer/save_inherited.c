// SPDX-License-Identifier: MIT
/*
 * What a file needs in order to tell of what its trace inherited, where the ancestors' are not.
 */
#include <string.h>

#include "snapshot_save.h"
#include "trace_private.h"

void save_inherited_modules(struct chunk_writer *writer, const struct trace *source)
{
	const struct trace_private *inner = source->inner;
	struct payload payload = {0};
	size_t count = 0;

	for (size_t i = inner->n_own_modules; i < source->n_modules && inner->n_ancestors; i++) {
		const struct trace_module *module = &source->modules[i];

		payload_varint(&payload, MODULE_LOADED);
		payload_varint(&payload, inner->module_ids[i]);
		payload_varint(&payload, 0);
		payload_varint(&payload, module->bias);
		payload_string(&payload, module->path, strlen(module->path));
		payload_string(&payload, (const char *)module->build_id, module->build_id_size);
		payload_varint(&payload, 0);
		payload_varint(&payload, 0);
		/* The process itself met none of its addresses. */
		payload_varint(&payload, MODULE_GONE);
		payload_varint(&payload, inner->module_ids[i]);
		payload_varint(&payload, 0);
		count += 2;
	}
	save_payload(writer, CHUNK_MODULES, count, &payload);
}

void save_inherited(struct chunk_writer *writer, const struct trace *source)
{
	const struct trace_inherited *inherited = &source->inherited;
	const struct trace_private *inner = source->inner;
	struct payload threads = {0}, domains = {0};

	save_inherited_modules(writer, source);
	for (size_t i = 0; i < inherited->n_threads; i++)
		save_put_thread(&threads, &inherited->threads[i]);
	save_payload(writer, CHUNK_THREADS, inherited->n_threads, &threads);
	for (size_t i = 0; i < inner->n_inherited_domains; i++) {
		payload_varint(&domains, inner->domains[i].number);
		payload_string(&domains, inner->domains[i].name, strlen(inner->domains[i].name));
	}
	save_payload(writer, CHUNK_DOMAINS, inner->n_inherited_domains, &domains);
}
