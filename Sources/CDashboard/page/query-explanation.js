// How a query is split over the clusters, and how that went: `/mesh/v1/explain`.

import {h} from './dom.js';
import {bytes, count, counted, duration, fullTime, unknownText} from './format.js';
import {badge} from './status.js';
import {makeTable} from './table.js';

// The planner's classes of nodes.
const classes = {
    K: ['constant', 'the same whatever the data'],
    L: ['side by side', 'the clusters’ answers side by side'],
    PC: ['combined', 'put together from the clusters’ partial answers'],
    G: ['gateway', 'computed in the gateway'],
};

const outcomes = {
    ok: ['healthy', 'answered'], missing: ['missing', 'missing'], refused: ['failing', 'refused'],
    not_asked: ['idle', 'not asked'],
};

/**
 * @param {Object} data what `/mesh/v1/explain?format=json&analyze=true` answers
 * @returns {HTMLElement}
 */
export function explanation(data) {
    const {plan, analysis} = data;
    return h('div.explanation', null,
        analysis ? phases(analysis) : null,
        failureOf(analysis),
        h('section', null, h('h3', null, 'Plan'), h('ul.plan', null, node(plan.root))),
        plan.askedFirst.length > 0 ? h('section', null, h('h3', null, 'Asked first'),
            h('p.muted.small', null, 'These values decide what the rest asks for.'),
            h('ul', null, plan.askedFirst.map((query) => h('li', null, h('code', null, query)))))
            : null,
        plan.fragments.map((fragment, index) => (
            fragmentPart(fragment, index, reportsOf(analysis, index)))));
}

/**
 * How asking for a fragment went. A cluster that is missing from the whole answer is so for each
 * fragment, even where it was not asked for this one any more.
 */
function reportsOf(analysis, index) {
    const missing = new Map((analysis?.completeness.missing ?? []).map((one) => [one.cluster, one]));
    return (analysis?.fragments[index] ?? []).map((report) => (
        report.status === 'not_asked' && missing.has(report.cluster)
            ? {...report, status: 'missing', message: missing.get(report.cluster).message}
            : report));
}

function phases(analysis) {
    const entries = Object.entries(analysis.phases);
    const total = entries.reduce((sum, [, seconds]) => sum + seconds, 0);
    const {totals, answer} = analysis;
    return h('section', null,
        h('div.phases', {role: 'img', 'aria-label': 'Time by phase'},
            entries.map(([name, seconds], index) => h('span.phase', {
                class: `tone-${index}`, title: `${name}: ${duration(seconds)}`,
                style: {'flex-grow': String(Math.max(seconds / total, 0.004))},
            }))),
        h('p.phase-names', null, entries.map(([name, seconds], index) => h('span', null,
            h('span.swatch', {class: `tone-${index}`}), ` ${name} ${duration(seconds)}`))),
        h('p.muted.small', null,
            `${duration(totals.seconds)} in all, ${counted(totals.answers, 'answer')} of `
            + `${bytes(totals.bytes)} with ${count(totals.samples)} samples in `
            + `${counted(totals.series, 'series', 'series')}; `
            + `${totals.cache.cachedSteps} of ${totals.cache.steps} steps remembered.`,
            answer ? ` The result: ${answer.resultType}, `
                + `${counted(answer.series, 'series', 'series')}.` : ''));
}

function failureOf(analysis) {
    return analysis?.failure
        ? h('p.notice.failing', {role: 'alert'}, analysis.failure.message) : null;
}

// A plan is as deep as the query, which has a limit.
function node(one) {
    const [word, meaning] = classes[one.class] ?? [one.class, ''];
    return h('li', null, h('span.plan-class', {class: `plan-${one.class}`, title: meaning}, word),
        ' ', h('span.plan-title', null, one.title),
        one.inputs.length > 0 ? h('ul', null, one.inputs.map(node)) : null);
}

function fragmentPart(fragment, index, reports) {
    const sent = new Map(fragment.requests.map((request) => [request.cluster, request]));
    const rows = reports.length > 0 ? reports
        : fragment.requests.map((request) => ({cluster: request.cluster, status: null}));
    return h('section.fragment', {data: {fragment: index}},
        h('h3', null, `Fragment ${index}`),
        h('pre.query-text', null, fragment.query),
        h('p.muted.small', null, gridWords(fragment.grid),
            fragment.gatewaysOwnSeries ? ' The gateway’s own series take part.' : ''),
        rows.length > 0 ? requestTable(rows, sent, fragment) : null,
        fragment.notAsked.map((group) => h('p.muted.small', null,
            `Not asked, because of ${group.because}: ${group.clusters.join(', ')}`)));
}

function gridWords(grid) {
    if (grid.points === 1) return `At ${fullTime(grid.start)}.`;
    return `${grid.points} points from ${fullTime(grid.start)} to ${fullTime(grid.end)}, `
        + `every ${duration(grid.step)}.`;
}

function requestTable(rows, sent, fragment) {
    const slowest = Math.max(...rows.map((row) => row.seconds ?? 0), 1e-9);
    const known = (format, value) => (value === undefined ? unknownText : format(value));
    const table = makeTable([
        {name: 'cluster', label: 'cluster', value: (row) => row.cluster, isHeader: true},
        {
            name: 'status', label: 'outcome', value: (row) => row.status,
            cell: (row) => outcome(row),
        },
        {
            name: 'seconds', label: 'time', value: (row) => row.seconds,
            cell: (row) => h('div.time-cell', null, h('span.time-bar', {
                style: {width: `${((row.seconds ?? 0) / slowest) * 60}px`},
            }), known(duration, row.seconds)),
        },
        {
            name: 'bytes', label: 'size', isNumber: true, value: (row) => row.bytes,
            cell: (row) => known(bytes, row.bytes),
        },
        {
            name: 'series', label: 'series', isNumber: true, value: (row) => row.series,
            cell: (row) => known(count, row.series),
        },
        {
            name: 'samples', label: 'samples', isNumber: true, value: (row) => row.samples,
            cell: (row) => known(count, row.samples),
        },
        {
            name: 'cache', label: 'remembered', value: (row) => row.cache?.outcome,
            cell: (row) => (row.cache ? cacheWords(row.cache) : unknownText),
        },
        {
            name: 'query', label: 'asked in other words', cell: (row) => (
                otherWords(sent.get(row.cluster), fragment)),
        },
    ], {sortedBy: 'seconds', descending: true});
    table.show(rows);
    return table.element;
}

function outcome(row) {
    if (row.status === null) return unknownText;
    const [state, word] = outcomes[row.status] ?? ['unknown', row.status];
    return h('span', {data: {cell: 'outcome', missing: String(row.status === 'missing')}},
        badge(state, row.message, word),
        row.message ? h('div.muted.small', null, row.message) : null);
}

function cacheWords(cache) {
    const part = cache.steps > 1 ? ` ${cache.cachedSteps} of ${cache.steps}` : '';
    return `${cache.outcome}${part}${cache.shared ? ', shared' : ''}`;
}

/** What a cluster is asked, where that is not the fragment's own text. */
function otherWords(request, fragment) {
    if (!request) return '';
    const added = Object.keys(request.addedLabels);
    return [
        request.query === fragment.query ? null : h('code', null, request.query),
        added.length > 0 ? h('div.muted.small', null, `labels added: ${added.join(', ')}`) : null,
    ];
}
