// A trace as the waterfall needs it, out of Jaeger's JSON. Times are microseconds, as there.

/**
 * @typedef {Object} Span
 * @property {string} id
 * @property {number} index its row when nothing is collapsed: parents before children, by start
 * @property {Span|null} parent
 * @property {Span[]} children
 * @property {boolean} isOrphan whether it names a parent that is not here
 * @property {number} depth
 * @property {number} start microseconds since the trace's start
 * @property {number} duration microseconds
 * @property {string} operation
 * @property {string} service
 * @property {string} cluster '' where it is not known
 * @property {boolean} isError
 * @property {{key: string, value: any}[]} tags
 * @property {{key: string, value: any}[]} processTags
 * @property {{time: number, fields: {key: string, value: any}[]}[]} logs
 * @property {string[]} warnings
 * @property {{kind: string, trace: string, span: string}[]} references
 * @property {number} descendants how many spans are below it
 * @property {[number, number][]} critical stretches of it that the trace waited for
 */

/**
 * @param {Object} trace an element of `data` in Jaeger's v1 answer
 * @returns {{id: string, startTime: number, duration: number, spans: Span[], roots: Span[],
 *     services: string[], clusters: string[], warnings: string[], errors: number}} `startTime` in
 *     microseconds since the epoch; `spans` in the order of rows
 */
export function readTrace(trace) {
    // Not `Math.min(...)`: many thousands of arguments overflow the stack.
    const startTime = trace.spans.reduce(
        (first, span) => Math.min(first, span.startTime), Infinity);
    const found = trace.spans.map((span) => readSpan(span, trace, startTime));
    const spans = arranged(found);
    const end = found.reduce((latest, span) => Math.max(latest, span.start + span.duration), 0);
    return {
        id: trace.traceID, startTime, duration: end, spans,
        roots: spans.filter((span) => span.parent === null),
        services: distinct(spans.map((span) => span.service)),
        clusters: distinct(spans.map((span) => span.cluster).filter(Boolean)),
        warnings: trace.warnings ?? [],
        errors: spans.filter((span) => span.isError).length,
    };
}

function readSpan(span, trace, startTime) {
    const process = trace.processes[span.processID] ?? {serviceName: 'unknown', tags: []};
    const processTags = process.tags ?? [];
    const tags = span.tags ?? [];
    return {
        id: span.spanID, index: 0, parent: null, children: [], isOrphan: false, depth: 0,
        descendants: 0,
        start: span.startTime - startTime, duration: span.duration,
        operation: span.operationName, service: process.serviceName,
        cluster: String(tagValue(processTags, 'cluster') ?? ''),
        isError: isError(tags), tags, processTags,
        logs: (span.logs ?? []).map((log) => ({
            time: log.timestamp - startTime, fields: log.fields,
        })),
        warnings: span.warnings ?? [],
        references: (span.references ?? []).map((reference) => ({
            kind: reference.refType, trace: reference.traceID, span: reference.spanID,
        })),
        ownTrace: span.traceID, critical: [],
    };
}

/** The value of the first tag of this name; undefined without one. */
export const tagValue = (tags, key) => tags.find((tag) => tag.key === key)?.value;

function isError(tags) {
    const flag = tagValue(tags, 'error');
    return flag === true || flag === 'true' || tagValue(tags, 'otel.status_code') === 'ERROR';
}

/**
 * Puts spans below their parents and in the order of rows. Without recursion: traces are thousands
 * of spans deep at times.
 */
function arranged(found) {
    const byID = new Map(found.map((span) => [span.id, span]));
    const roots = [];
    for (const span of found) {
        const parent = parentOf(span, byID);
        span.parent = parent;
        span.isOrphan = parent === null && ownReferences(span).length > 0;
        (parent ? parent.children : roots).push(span);
    }
    const byStart = (a, b) => a.start - b.start;
    const rows = [];
    const pending = roots.sort(byStart).reverse();
    while (pending.length > 0) {
        const span = pending.pop();
        span.index = rows.length;
        span.depth = span.parent ? span.parent.depth + 1 : 0;
        rows.push(span);
        for (const child of span.children.sort(byStart).reverse()) pending.push(child);
    }
    for (let index = rows.length - 1; index >= 0; index -= 1) {
        const {parent, descendants} = rows[index];
        if (parent) parent.descendants += descendants + 1;
    }
    return rows;
}

const ownReferences = (span) => span.references.filter((one) => one.trace === span.ownTrace);

/** The parent in the same trace; a reference that would close a circle is none. */
function parentOf(span, byID) {
    const within = ownReferences(span);
    const reference = within.find((one) => one.kind === 'CHILD_OF') ?? within[0];
    const parent = reference ? byID.get(reference.span) : undefined;
    for (let above = parent; above; above = above.parent) if (above === span) return null;
    return parent ?? null;
}

/**
 * Marks what the trace waited for.
 *
 * @param {ReturnType<typeof readTrace>} trace
 * @param {Object[]} paths of `/mesh/v1/critical-path?trace=`
 */
export function markCriticalPath(trace, paths) {
    const byID = new Map(trace.spans.map((span) => [span.id, span]));
    for (const path of paths) {
        for (const section of path.sections) {
            const span = byID.get(section.spanID);
            if (!span) continue;
            span.critical.push([
                microseconds(section.startTimeUnixNano, trace.startTime),
                microseconds(section.endTimeUnixNano, trace.startTime),
            ]);
        }
    }
}

// Nanoseconds since the epoch are too long for a number: whole microseconds are taken off first.
function microseconds(nanoseconds, startTime) {
    return Number(BigInt(nanoseconds) - BigInt(startTime) * 1000n) / 1000;
}

/** The spans that are not below a collapsed one, in order. */
export function visibleSpans(spans, collapsed) {
    const visible = [];
    for (let index = 0; index < spans.length; index += 1) {
        const span = spans[index];
        visible.push(span);
        if (collapsed.has(span.id)) index += span.descendants;
    }
    return visible;
}

function distinct(values) {
    return [...new Set(values)].sort();
}

/**
 * Own time on the critical path by service and cluster, largest first.
 *
 * @returns {{service: string, cluster: string, microseconds: number, share: number}[]}
 */
export function waits(trace) {
    const totals = new Map();
    let all = 0;
    for (const span of trace.spans) {
        const time = span.critical.reduce((sum, [start, end]) => sum + end - start, 0);
        if (time === 0) continue;
        const key = `${span.service} ${span.cluster}`;
        const total = totals.get(key)
            ?? {service: span.service, cluster: span.cluster, microseconds: 0};
        total.microseconds += time;
        all += time;
        totals.set(key, total);
    }
    return [...totals.values()].sort((a, b) => b.microseconds - a.microseconds)
        .map((total) => ({...total, share: total.microseconds / all}));
}
