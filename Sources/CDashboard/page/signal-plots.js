// A subject's signals over time.

import {h} from './dom.js';
import {time as timeText} from './format.js';
import {Plot} from './plot.js';
import {stretches} from './plot-readout.js';
import {signalLabel, signalText} from './signal-words.js';

/**
 * Sets of plots: of one signal over all clusters, or of several signals over the chosen part.
 *
 * `always`: drawn even where nothing is known, since whoever looks for it has to see that.
 *
 * @type {Object<string, {title: string, signals: string[], always?: boolean}[]>}
 */
const sets = {
    golden: [
        {title: 'Requests', signals: ['requestRate'], always: true},
        {title: 'Errors', signals: ['errorRatio'], always: true},
        {title: 'Latency', signals: ['latencyP50', 'latencyP90', 'latencyP95', 'latencyP99'],
            always: true},
        {title: 'Errors by kind',
            signals: ['httpErrorRatio', 'grpcErrorRatio', 'noResponseRatio', 'clientErrorRatio']},
    ],
    saturation: [
        {title: 'Proxy CPU', signals: ['proxyCPU'], always: true},
        {title: 'Proxy memory', signals: ['proxyMemory']},
        {title: 'Connection pool use', signals: ['connectionPoolUse']},
        {title: 'Open circuit breakers', signals: ['circuitBreakerOpen']},
    ],
    shaping: [
        {title: 'Retries, timeouts, rejections', signals: ['retryRate', 'timeoutRate',
            'circuitBreakerTripRate', 'retryOverflowRate']},
        {title: 'Pool overflows', signals: ['poolOverflowRate']},
        {title: 'Outlier ejections', signals: ['outlierEjectionRate']},
        {title: 'Ejected endpoints', signals: ['outlierEjections']},
    ],
    security: [{title: 'Share over mutual TLS', signals: ['mutualTLSRatio'], always: true}],
    tcp: [
        {title: 'TCP', signals: ['tcpSentRate', 'tcpReceivedRate']},
        {title: 'TCP connections', signals: ['tcpConnectionRate']},
    ],
};

/** A set of plots of a subject; `element` goes into the page, `show` fills it. */
export class SignalPlots {
    /**
     * @param {'golden'|'saturation'|'shaping'|'security'|'tcp'} set
     * @param {Object} options
     * @param {function(number, number): void} options.onRange
     * @param {PlotCursor} options.cursor shared by all sets
     */
    constructor(set, {onRange, cursor}) {
        this.plots = sets[set];
        this.onRange = onRange;
        this.cursor = cursor;
        this.drawn = new Map();
        this.grid = h('div.plots');
        this.unknown = h('p.section-note');
        this.element = h('div.plot-set', {data: {plots: set}}, this.grid, this.unknown);
    }

    remove() {
        for (const {plot} of this.drawn.values()) plot.remove();
    }

    /**
     * @param {Object} data of `/mesh/v1/signals?range=`
     * @param {Object|null} whole the subject over all clusters; null where there is only one part
     * @param {Object[]} parts the subject in each cluster
     * @param {Object} part which of them the plots of several signals are about
     * @param {function(string): number|string} toneOf a cluster's colour
     */
    show(data, {whole, parts, part, toneOf}) {
        const unknown = [];
        for (const plot of this.plots) {
            const isSingle = plot.signals.length === 1;
            const subjects = isSingle ? [whole, ...parts].filter(Boolean) : [part];
            const isKnown = subjects.some((subject) => plot.signals.some((signal) => (
                (subject.signals[signal]?.values ?? []).some(([, value]) => value !== null))));
            if (!isKnown && !plot.always) unknown.push(plot.title.toLowerCase());
            this.draw(plot, isKnown || plot.always ? {
                title: plot.title, onRange: this.onRange, cursor: this.cursor,
                unit: isSingle ? '' : part.cluster ?? 'all clusters',
                format: (value) => signalText(plot.signals[0], value, data.units),
                isBinary: data.units[plot.signals[0]]?.startsWith('bytes') === true,
                start: data.start, end: data.end, step: data.step, showsNames: true,
                lines: isSingle ? linesOverClusters(subjects, plot.signals[0], toneOf)
                    : linesOverSignals(part, plot.signals),
                gaps: gapsOf(subjects, plot.signals, data),
                formatTime: (at) => timeText(at, {withSeconds: true}),
            } : null);
        }
        this.grid.hidden = this.drawn.size === 0;
        this.unknown.hidden = unknown.length === 0;
        this.unknown.textContent = unknown.length === 0 ? ''
            : `Not known in this time: ${unknown.join(', ')}.`;
        this.unknown.dataset.missing = String(unknown.length > 0);
    }

    /** Draws a plot, or takes it out; those that are there keep their place. */
    draw({title}, options) {
        const drawn = this.drawn.get(title);
        if (!options) {
            drawn?.panel.remove();
            drawn?.plot.remove();
            this.drawn.delete(title);
        } else if (drawn) {
            drawn.plot.update(options);
            this.explain(drawn, options);
        } else {
            const plot = new Plot(options);
            const made = {plot, keys: h('div.chips.small')};
            made.panel = h('section.panel', null, plot.element, made.keys);
            this.explain(made, options);
            this.drawn.set(title, made);
            this.grid.insertBefore(made.panel, this.after(title));
        }
    }

    /** The first drawn plot that comes behind the one of this title; null at the end. */
    after(title) {
        const place = this.plots.findIndex((plot) => plot.title === title);
        const next = this.plots.slice(place + 1).find((plot) => this.drawn.has(plot.title));
        return next ? this.drawn.get(next.title).panel : null;
    }

    /** The lines' names below the plot. */
    explain({keys}, {lines}) {
        keys.replaceChildren(...(lines.length < 2 ? [] : lines.map((line) => (
            h('span.toned.muted', null, h('span.swatch', {class: `tone-${line.tone}`}),
                line.name)))));
    }
}

function linesOverClusters(subjects, signal, toneOf) {
    return subjects.map((subject) => ({
        name: subject.cluster ?? 'all', values: subject.signals[signal]?.values ?? [],
        tone: subject.cluster ? toneOf(subject.cluster) : 'all',
    })).filter((line) => line.values.length > 0);
}

function linesOverSignals(subject, signals) {
    return signals.map((signal, tone) => ({
        name: signalLabel(signal), values: subject.signals[signal]?.values ?? [], tone,
    })).filter((line) => line.values.some(([, value]) => value !== null));
}

/**
 * Where a part is missing: the whole time where an answer lacks a cluster; else where a cluster
 * that has values before and after has none.
 */
function gapsOf(subjects, signals, {start, end, step}) {
    const missing = [...new Set(subjects.flatMap((subject) => subject.missing ?? []))];
    const gaps = missing.map((name) => ({start, end, because: `${name} did not answer`}));
    for (const subject of subjects) {
        const values = signals.map((signal) => subject.signals[signal]?.values ?? [])
            .find((list) => list.some(([, value]) => value !== null)) ?? [];
        const first = values.findIndex(([, value]) => value !== null);
        const last = values.findLastIndex(([, value]) => value !== null);
        const inside = values.slice(Math.max(first, 0), last + 1)
            .filter(([, value]) => value === null).map(([at]) => at);
        gaps.push(...stretches(inside, step, `no data of ${subject.cluster ?? 'any cluster'}`));
    }
    return gaps;
}
