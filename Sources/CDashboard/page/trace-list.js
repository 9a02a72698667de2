// Found traces: as dots over time, and as a list.

import {clusterChip} from './cluster-tones.js';
import {mentions} from './coverage.js';
import {h, svg} from './dom.js';
import {ago, counted, fullTime, milliseconds} from './format.js';
import {readTrace} from './trace-model.js';

/** What the list needs of a found trace. */
export function summary(trace) {
    const read = readTrace(trace);
    const [root] = read.roots;
    return {
        id: read.id, at: read.startTime / 1e6, milliseconds: read.duration / 1000,
        service: root?.service ?? '', operation: root?.operation ?? '', spans: read.spans.length,
        errors: read.errors, services: read.services, clusters: read.clusters,
        pieces: read.roots.length, warnings: read.warnings,
    };
}

export const orders = [
    ['newest', 'newest first', (a, b) => b.at - a.at],
    ['longest', 'longest first', (a, b) => b.milliseconds - a.milliseconds],
    ['shortest', 'shortest first', (a, b) => a.milliseconds - b.milliseconds],
    ['spans', 'most spans first', (a, b) => b.spans - a.spans],
    ['errors', 'most errors first', (a, b) => b.errors - a.errors],
];

/**
 * The list.
 *
 * @param {ReturnType<typeof summary>[]} traces in the order in which they are shown
 * @param {function(string): number|string} toneOf a cluster's colour
 * @param {function(string): string} linkOf the address of a trace
 * @param {string[]} missing clusters that the answer lacks, as is said above the list
 */
export function traceList(traces, toneOf, linkOf, missing) {
    const longest = Math.max(...traces.map((trace) => trace.milliseconds), 0.001);
    return h('ul.trace-list', {'aria-label': 'Traces'}, traces.map((trace) => h('li', {
        data: {trace: trace.id, missing: String(trace.warnings.length > 0)},
    }, h('a.trace-item', {href: linkOf(trace.id)},
        h('div.root', null, trace.service, h('span.operation', null, ` ${trace.operation}`)),
        h('div.duration', {data: {cell: 'duration'}}, milliseconds(trace.milliseconds)),
        h('div.facts-line', null,
            h('span', null, counted(trace.spans, 'span')),
            trace.errors > 0 ? h('span.errors', null, counted(trace.errors, 'error')) : null,
            trace.pieces > 1 ? h('span', {title: 'spans whose parents are in no cluster’s store'},
                `in ${trace.pieces} pieces`) : null,
            trace.clusters.map((name) => clusterChip(name, toneOf)),
            h('span', {title: trace.services.join(', ')},
                counted(trace.services.length, 'service')),
            trace.warnings.map((text) => warning(text, missing))),
        h('div.when', {title: fullTime(trace.at)}, ago(trace.at)),
        h('span.trace-bar', {
            style: {width: `calc((100% - 28px) * ${trace.milliseconds / longest})`},
            'aria-hidden': 'true',
        })))));
}

/** A trace's warning; in few words where it is about a cluster of which all is said already. */
function warning(text, missing) {
    const cluster = missing.find((name) => mentions(text, name));
    return cluster ? h('span.tag.hatched', {title: text, data: {note: 'warning'}},
        `${cluster} missing`) : h('span', {data: {note: 'warning'}}, text);
}

/**
 * Traces over time by duration; each dot leads to its trace. For the eye only: the list below says
 * the same to keyboards and screen readers.
 */
export function traceDots(traces, {width, start, end, go}) {
    const height = 110;
    const longest = Math.max(...traces.map((trace) => trace.milliseconds), 0.001);
    const times = traces.map((trace) => trace.at);
    // Where all are close together, the whole time would show a single column.
    const first = Math.max(start, Math.min(...times) - 1);
    const last = Math.min(Math.max(end, ...times), Math.max(...times) + 1);
    const x = (at) => 8 + ((at - first) / (last - first || 1)) * (width - 16);
    const y = (value) => height - 22 - (value / longest) * (height - 36);
    const label = (at, anchor, text) => svg('text', {
        x: at, y: height - 5, 'text-anchor': anchor,
    }, text);
    const clock = (at) => new Date(at * 1000).toLocaleTimeString([], {hourCycle: 'h23'});
    return svg('svg', {width, height, 'aria-hidden': 'true', class: 'plot-axis'},
        svg('line', {x1: 0, x2: width, y1: height - 20, y2: height - 20}),
        svg('text', {x: 8, y: 12}, milliseconds(longest)),
        label(8, 'start', clock(first)), label(width - 8, 'end', clock(last)),
        traces.map((trace) => svg('circle', {
            class: trace.errors > 0 ? 'trace-dot has-errors' : 'trace-dot',
            cx: x(trace.at), cy: y(trace.milliseconds),
            r: 4 + Math.min(6, Math.sqrt(trace.spans) / 3), onclick: () => go(trace.id),
        }, svg('title', null,
            `${trace.service} ${trace.operation}, ${milliseconds(trace.milliseconds)}`))));
}

/** Says that an answer lacks clusters. */
export function missingNote(missing) {
    return missing.length === 0 ? null : h('p.notice.hatched', {data: {missing: 'true'}},
        `Without ${missing.join(', ')}: traces and spans of ${missing.length === 1
            ? 'this cluster' : 'these clusters'} are not here.`);
}
