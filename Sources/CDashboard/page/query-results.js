// A query's answer as a table and as a plot.

import {toneCount} from './cluster-tones.js';
import {fill, h} from './dom.js';
import {counted, fullTime, inUnit, time as timeText} from './format.js';
import {keepingPlace} from './keeping-place.js';
import {Plot} from './plot.js';
import {labelsApart, seriesName, shortNames} from './series-names.js';
import {makeTable} from './table.js';

// More lines than these are told apart by nobody, and cost the browser.
const mostLines = 60;
const mostColumns = 8;

/**
 * An instant answer as a table.
 *
 * @param {{resultType: string, result: any}} data
 * @param {Object} memory see `makeTable`
 * @returns {HTMLElement}
 */
export function resultTable(data, memory) {
    if (data.resultType === 'scalar' || data.resultType === 'string') {
        return h('p.single-value', {data: {cell: 'value'}}, data.result[1]);
    }
    const rows = data.result.map((series) => ({labels: series.metric, ...cellOf(series)}));
    const {differing, shared} = rows.length > 1
        ? labelsApart(rows.map((row) => row.labels)) : {differing: [], shared: {}};
    const columns = differing.length > 0 && differing.length <= mostColumns
        ? differing.map((name) => ({
            name, label: name === '__name__' ? 'metric' : name,
            value: (row) => row.labels[name] ?? null,
            cell: (row) => h('span', {data: {cell: name}}, row.labels[name] ?? ''),
        }))
        : [{
            name: 'series', label: 'series', value: (row) => seriesName(row.labels),
            cell: (row) => h('code.series-name', {data: {cell: 'series'}}, seriesName(row.labels)),
        }];
    const table = makeTable([...columns, {
        name: 'value', label: 'value', isNumber: true, value: (row) => row.number,
        cell: (row) => h('code', {data: {cell: 'value'}, title: row.title}, row.text),
    }], {memory, empty: 'The answer is empty: no series has a value at this time.'});
    table.show(rows);
    const isApart = columns[0]?.name !== 'series' && Object.keys(shared).length > 0;
    return h('div', null,
        isApart
            ? h('p.shared-labels', null, 'In all: ', h('code', null, seriesName(shared))) : null,
        table.element);
}

/** The number that a row is sorted by, and its text: that of the gateway, no digit less. */
function cellOf({value, values, histogram}) {
    if (value) {
        return {number: Number(value[1]), text: value[1], title: fullTime(Number(value[0]))};
    }
    if (histogram) {
        const {count: observations, sum} = histogram[1];
        return {
            number: Number(observations), text: `histogram: count ${observations}, sum ${sum}`,
            title: bucketText(histogram[1].buckets ?? []),
        };
    }
    const texts = (values ?? []).map(([at, text]) => `${text} @${at}`);
    return {number: null, text: texts.join('\n'), title: counted(texts.length, 'sample')};
}

function bucketText(buckets) {
    return buckets.map(([, low, high, observations]) => `${low} … ${high}: ${observations}`)
        .join('\n');
}

/** A range answer as a plot with its legend; `element` goes into the page, `show` fills it. */
export class ResultPlot {
    /** @param {function(number, number): void} onRange called when a stretch of time was chosen */
    constructor(onRange) {
        this.onRange = onRange;
        this.plot = null;
        // Whole names of lines that somebody hid; they stay hidden in the next answer.
        this.hidden = new Set();
        this.note = h('p.muted.small');
        this.legend = h('ul.legend', {'aria-label': 'Series'});
        this.element = h('div.query-plot', null, this.note, this.legend);
    }

    remove() {
        this.plot?.remove();
    }

    /**
     * @param {Object} answer
     * @param {{resultType: string, result: Object[]}} answer.data
     * @param {{start: number, end: number, step: number}} answer.time
     * @param {string[]} answer.missing clusters that took no part
     * @param {string} answer.unit what the values are counted in, as `inUnit` knows it
     * @param {function(string): number|string} answer.toneOf a cluster's colour, for series that
     *     are told apart by their cluster alone
     */
    show({data, time, missing, unit, toneOf}) {
        const {labels, names} = shortNames(data.result.map((series) => series.metric));
        const all = data.result.map((series, index) => lineOf(series, names[index]));
        this.format = (value) => inUnit(value, unit);
        this.lines = [...all].sort((a, b) => b.highest - a.highest).slice(0, mostLines)
            .map((line, place) => ({...line, tone: labels.join() === 'cluster'
                ? toneOf(line.cluster) : place % toneCount}));
        this.options = {
            title: counted(all.length, 'series', 'series'), format: this.format, height: 300,
            isBinary: unit.startsWith('bytes'),
            unit: labels.length > 0 ? `by ${labels.join(' · ')}` : '', ...time,
            onRange: this.onRange, showsNames: true,
            gaps: missing.length === 0 ? [] : [{
                start: time.start, end: time.end, because: `without ${missing.join(', ')}`,
            }],
            formatTime: (at) => timeText(at, {withSeconds: true}),
        };
        this.note.textContent = all.length > this.lines.length
            ? `The ${this.lines.length} series with the highest values of ${all.length} are drawn.`
            : '';
        this.note.hidden = this.note.textContent === '';
        this.draw();
    }

    draw() {
        const options = {...this.options,
            lines: this.lines.filter((line) => !this.hidden.has(line.full))};
        if (this.plot) this.plot.update(options);
        else {
            this.plot = new Plot(options);
            this.element.prepend(this.plot.element);
        }
        keepingPlace(this.legend, () => fill(this.legend,
            this.lines.map((line) => h('li', null, this.legendLine(line)))));
    }

    /** A line's name: a click hides it, a double click all others. */
    legendLine(line) {
        return h('button.legend-line', {
            type: 'button', 'aria-pressed': String(!this.hidden.has(line.full)), title: line.full,
            onclick: (event) => {
                if (event.detail === 2) this.showOnly(line);
                else if (this.hidden.has(line.full)) this.hidden.delete(line.full);
                else this.hidden.add(line.full);
                this.draw();
            },
        }, h('span.swatch', {class: `tone-${line.tone}`}), h('span.name', null, line.name),
        h('span.value', {data: {cell: 'last', missing: String(line.last === null)}},
            this.format(line.last)),
        line.strange > 0
            ? h('span.muted', {title: 'NaN and infinite values are not drawn'},
                `${line.strange} not drawn`)
            : null);
    }

    showOnly(line) {
        const others = this.lines.filter((other) => other !== line).map((other) => other.full);
        const isAlone = others.every((name) => this.hidden.has(name));
        this.hidden = new Set(isAlone ? [] : others);
    }
}

function lineOf(series, name) {
    const points = series.values ?? (series.histograms ?? [])
        .map(([at, histogram]) => [at, histogram.count]);
    const values = points.map(([at, text]) => {
        const value = Number(text);
        return [Number(at), Number.isFinite(value) ? value : null];
    });
    const known = values.filter((point) => point[1] !== null).map((point) => point[1]);
    return {
        name: series.values ? name : `${name} (observations)`,
        full: seriesName(series.metric), cluster: series.metric.cluster, values,
        highest: known.reduce((high, value) => Math.max(high, value), -Infinity),
        last: known.length > 0 ? known[known.length - 1] : null,
        strange: points.length - known.length,
    };
}
