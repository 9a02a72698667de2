// All that a span says of itself.

import {clusterChip} from './cluster-tones.js';
import {h} from './dom.js';
import {fullTime, milliseconds} from './format.js';
import {tagValue} from './trace-model.js';

/**
 * @param {import('./trace-model.js').Span} span
 * @param {Object} options
 * @param {{startTime: number, id: string}} options.trace
 * @param {function(string): number|string} options.toneOf a cluster's colour
 * @param {function(): void} options.onClose
 * @param {function(): void} options.onZoom shows the span over the whole width
 * @param {function(string, string): string} options.linkOf the address of a span in a trace
 * @param {function(string): string} options.serviceLink the address of a service's signals
 * @returns {HTMLElement}
 */
export function spanDetails(span, {trace, toneOf, onClose, onZoom, linkOf, serviceLink}) {
    const waited = span.critical.reduce((sum, [start, end]) => sum + end - start, 0);
    return h('aside.panel.span-details', {
        'aria-label': `Details of ${span.operation}`, data: {details: span.id},
    },
    h('header', null,
        h('div', null, h('h2', null, h('a', {href: serviceLink(nameOf(span))}, span.service)),
            h('div', null, span.operation)),
        h('button.quiet', {type: 'button', onclick: onZoom, title: 'Show over the whole width'},
            'Zoom'),
        h('button.icon', {type: 'button', onclick: onClose, 'aria-label': 'Close (Escape)'}, '×')),
    h('div.body', null,
        span.warnings.length > 0 ? h('ul.notes', null, span.warnings.map((text) => (
            h('li.notice.degraded', {data: {note: 'warning'}}, text)))) : null,
        fields([
            ['cluster', clusterChip(span.cluster, toneOf)],
            ['begins', `${milliseconds(span.start / 1000)} after the trace`],
            ['at', fullTime((trace.startTime + span.start) / 1e6)],
            ['duration', milliseconds(span.duration / 1000)],
            ['waited for', waited > 0 ? `${milliseconds(waited / 1000)} of it` : 'not'],
            ['span', span.id],
            ['spans below', String(span.descendants)],
        ]),
        part('Tags', span.tags.map((tag) => [tag.key, String(tag.value)])),
        part('Process', span.processTags.map((tag) => [tag.key, String(tag.value)])),
        span.logs.length === 0 ? null : h('section', null, h('h3', null, 'Logs'),
            span.logs.map((log) => h('div.log', null,
                h('div.section-note', null, `after ${milliseconds(log.time / 1000)}`),
                fields(log.fields.map((field) => [field.key, String(field.value)]))))),
        span.references.length === 0 ? null : h('section', null, h('h3', null, 'References'),
            h('ul.principals', null, span.references.map((reference) => h('li', null,
                `${reference.kind} `, h('a', {href: linkOf(reference.trace, reference.span)},
                    reference.trace === span.ownTrace ? reference.span
                        : `${reference.span} of ${reference.trace}`)))))));
}

/** The service as metrics know it: with its namespace where the process tells one. */
function nameOf(span) {
    const namespace = tagValue(span.processTags, 'k8s.namespace.name')
        ?? tagValue(span.processTags, 'service.namespace');
    return namespace ? `${namespace}/${span.service}` : span.service;
}

function part(title, pairs) {
    return pairs.length === 0 ? null : h('section', null, h('h3', null, title), fields(pairs));
}

function fields(pairs) {
    return h('dl.fields', null, pairs.map(([name, value]) => [
        h('dt', null, name), h('dd', {data: {cell: name}}, value)]));
}
