// The states of a component over time, as the gateway has recorded them: a strip of their colours.

import {rankOf, shapeOf} from './control-plane-facts.js';
import {h} from './dom.js';
import {ratio, time as clock} from './format.js';

/** The selector of a component's series; copies that a Prometheus has scraped have a job. */
export const selectorOf = (cluster, {mesh, component}) => (
    Object.entries({cluster, mesh, component, job: ''})
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(','));

/**
 * Asks for the states that a component was in.
 *
 * @param {Object} context
 * @param {string} key of the component
 * @param {string} selector see `selectorOf`
 * @returns {Promise<{state: string|null, start: number, end: number}[]>} runs of one state, seconds
 *     since the epoch; null where nothing is recorded
 */
export async function askHistory(context, key, selector) {
    const {start, end, step} = context.time();
    const {data} = await context.ask('api/v1/query_range', {
        query: `mesh_control_plane_state{${selector}} == 1`, start, end, step,
    }, {key: `history of ${key}`, counts: false});
    return runs(data.result, {start, end, step});
}

/** Joins the points of all states' series. Where two are told for one time, the worse one counts. */
function runs(series, {start, end, step}) {
    const states = new Map();
    for (const {metric, values} of series) {
        for (const [time] of values) {
            const known = states.get(time);
            if (!known || rankOf(metric.state) < rankOf(known)) states.set(time, metric.state);
        }
    }
    const found = [];
    for (let time = start; time <= end; time += step) {
        const state = states.get(time) ?? null;
        const last = found.at(-1);
        if (last && last.state === state) last.end = time + step;
        else found.push({state, start: time, end: time + step});
    }
    return found;
}

/** The strip of what `askHistory` has told; null while that is not known. */
export function historyStrip(history) {
    if (!history || history.length === 0) return null;
    const [from, to] = [history[0].start, history.at(-1).end];
    const wordOf = (run) => run.state ?? 'not recorded';
    const shares = new Map();
    for (const run of history) {
        shares.set(wordOf(run), (shares.get(wordOf(run)) ?? 0) + (run.end - run.start));
    }
    const summary = [...shares].sort(([, one], [, other]) => other - one)
        .map(([word, seconds]) => `${word} ${ratio(seconds / (to - from))}`).join(', ');
    return h('div', {data: {history: summary}},
        h('div.history', {role: 'img', 'aria-label': `Its states over time: ${summary}`},
            history.map((run) => h('span', {
                class: run.state ? shapeOf(run.state) : 'gap', data: {state: wordOf(run)},
                title: `${wordOf(run)}, ${clock(run.start)} to ${clock(run.end)}`,
                style: {'flex-grow': String(run.end - run.start)},
            }))),
        h('div.history-ends.small.muted', null, h('span', null, clock(from)),
            h('span', null, summary), h('span', null, clock(to))));
}
