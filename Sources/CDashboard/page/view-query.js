// The query box: PromQL over the whole fleet, as table, plot and plan. What is shown is in the
// address, so the browser's history is the history of queries.

import {isAbort} from './api.js';
import {clusterTones} from './cluster-tones.js';
import {fill, h} from './dom.js';
import {counted, milliseconds} from './format.js';
import {keepingPlace} from './keeping-place.js';
import {d3, styleSheet} from './libraries.js';
import {addCompletion} from './query-completion.js';
import {explanation} from './query-explanation.js';
import {ResultPlot, resultTable} from './query-results.js';

const tabs = [['table', 'Table'], ['plot', 'Plot'], ['explain', 'Explain']];
// What the numbers are counted in: a query does not say, and is not guessed at.
const units = [['', 'plain numbers'], ['ratio', 'ratio as %'], ['requests/s', 'per second'],
    ['ms', 'milliseconds'], ['s', 'seconds'], ['bytes', 'bytes'], ['bytes/s', 'bytes per second']];
const examples = [
    'sum by (cluster) (rate(istio_requests_total[5m]))',
    'histogram_quantile(0.95, sum by (le, destination_service_name) '
        + '(rate(istio_request_duration_milliseconds_bucket[5m])))',
    'count by (cluster) (up)',
];

export default {
    title: 'Query',
    async mount(root, parameters, context) {
        await Promise.all([styleSheet('page/views.css'), d3()]);
        const view = new QueryView(root, context);
        await view.update(parameters);
        if (!parameters.expr) view.field.focus();
        return view;
    },
};

class QueryView {
    constructor(root, context) {
        this.context = context;
        this.plot = null;
        this.field = h('textarea.query-field', {
            rows: 1, spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off',
            'aria-label': 'PromQL', placeholder: 'PromQL, for example up',
            onkeydown: (event) => this.key(event), oninput: () => this.fit(),
        });
        this.tabs = h('div.segments', {role: 'group', 'aria-label': 'Shown as'});
        this.unit = h('select', {
            'aria-label': 'Unit', onchange: (event) => context.set({unit: event.target.value}),
        }, units.map(([value, label]) => h('option', {value}, label)));
        this.says = h('div.query-says', {role: 'status'});
        this.notes = h('div');
        this.results = h('div.query-results');
        this.memory = {};
        fill(root, h('h1.visually-hidden', null, 'Query'),
            h('section.panel', null, h('form.query-form', {
                onsubmit: (event) => {
                    event.preventDefault();
                    this.run();
                },
            },
            h('div.query-editor', null, this.field, addCompletion(this.field, context)),
            h('button.primary', {type: 'submit', title: 'Run (Enter; Shift+Enter for a new line)'},
                'Run'))),
            h('div.row.spread', null, h('div.row', null, this.tabs, this.unit), this.says),
            this.notes, this.results);
    }

    /** Shows what the address asks for. */
    async update(parameters, reason) {
        const expression = parameters.expr ?? '';
        const tab = parameters.tab ?? 'table';
        if (reason !== 'refresh') {
            // Another query has other lines to hide and other columns to sort.
            if (expression !== this.expression) {
                this.leavePlot();
                this.memory = {};
            }
            this.expression = expression;
            this.field.value = expression;
            this.fit();
            this.drawTabs(tab);
            this.unit.value = parameters.unit ?? '';
            this.unit.hidden = tab !== 'plot';
        }
        if (expression.trim() === '') return this.showExamples();
        if (reason !== 'refresh') this.results.setAttribute('aria-busy', 'true');
        try {
            await this[tab === 'plot' ? 'askRange' : tab === 'explain' ? 'askPlan' : 'askInstant'](
                expression);
        } catch (error) {
            if (isAbort(error)) return undefined;
            // The query's own mistakes are told where the query is; others concern the page.
            if (error.kind !== 'bad_data' && error.kind !== 'execution') throw error;
            this.showMistake(expression, error.message);
        } finally {
            this.results.removeAttribute('aria-busy');
        }
        return undefined;
    }

    unmount() {
        this.leavePlot();
    }

    leavePlot() {
        this.plot?.remove();
        this.plot = null;
    }

    // MARK: Asking

    /** Puts the text into the address; the same text again is asked anew. */
    run() {
        const expression = this.field.value.trim();
        const before = location.hash;
        this.context.set({expr: expression});
        if (location.hash === before) this.update({expr: expression, tab: this.tab}, 'refresh');
    }

    async askInstant(expression) {
        const {end, isLive} = this.context.time();
        // A live table is about this moment, and not about the last point of a plot's grid.
        const answer = await this.context.ask('api/v1/query',
            {query: expression, time: isLive ? null : end}, {key: 'query'});
        const {resultType, result} = answer.data;
        const size = ['vector', 'matrix'].includes(resultType)
            ? counted(result.length, 'series', 'series') : resultType;
        this.show(answer, resultTable(answer.data, this.memory), size);
    }

    async askRange(expression) {
        const {start, end, step} = this.context.time(240);
        const [answer, fleet] = await Promise.all([
            this.context.ask('api/v1/query_range', {query: expression, start, end, step},
                {key: 'query'}),
            this.context.fleet().catch(() => []),
        ]);
        const plot = this.plot ?? new ResultPlot((from, to) => this.zoom(from, to));
        plot.show({
            data: answer.data, time: {start, end, step}, missing: answer.missing,
            unit: this.unit.value, toneOf: clusterTones(fleet),
        });
        this.show(answer, plot.element, counted(answer.data.result.length, 'series', 'series'));
        this.plot = plot;
    }

    async askPlan(expression) {
        const {start, end, step} = this.context.time(240);
        const answer = await this.context.ask('mesh/v1/explain',
            {query: expression, start, end, step, format: 'json', analyze: true}, {key: 'query'});
        const {warnings = [], infos = []} = answer.data.analysis ?? {};
        this.show({...answer, warnings, infos}, explanation(answer.data), 'as the plot asks it');
    }

    /** Shows the stretch of time that was chosen in the plot. */
    zoom(from, to) {
        this.context.set({
            range: `${Math.max(60, Math.round(to - from))}s`, end: Math.round(to),
        });
    }

    // MARK: Showing

    show(answer, element, size) {
        if (this.plot && this.plot.element !== element) this.leavePlot();
        fill(this.says, h('span', {data: {cell: 'size'}}, size),
            h('span.muted', null, `${milliseconds(answer.milliseconds)}`),
            answer.cache ? h('span.muted', {title: 'how much was remembered'},
                `cache: ${answer.cache}`) : null);
        fill(this.notes, notes(answer));
        // A plot that is there already stays as it is, with its cursor and the keyboard's focus.
        if (element.isConnected) return;
        keepingPlace(this.results, () => fill(this.results,
            h('section.panel', null, h('div.body', null, element))));
    }

    showExamples() {
        this.clear();
        fill(this.results, h('section.panel', null, h('h2', null, 'Try'),
            h('ul.examples', null, examples.map((text) => h('li', null, h('a', {
                href: this.context.link('query', {expr: text, tab: 'plot'}),
            }, h('code', null, text)))))));
    }

    /** Takes away what was said of an answer before. */
    clear() {
        this.leavePlot();
        fill(this.says);
        fill(this.notes);
    }

    showMistake(expression, message) {
        this.clear();
        const found = /(?:^|\s)(\d+):(\d+): (?:parse error: )?([\s\S]*)$/.exec(message);
        if (!found) {
            fill(this.results, h('div.notice.failing', {role: 'alert'}, message));
            return;
        }
        const line = Number(found[1]);
        const column = Number(found[2]);
        const text = expression.split('\n')[line - 1] ?? '';
        fill(this.results, h('div.notice.failing.mistake', {
            role: 'alert', data: {line, column},
        }, h('p', null, h('strong', null, found[3]), ` (line ${line}, column ${column})`),
        h('pre', null, text.slice(0, column - 1), h('mark', null, text.slice(column - 1,
            column) || ' '), text.slice(column))));
    }

    drawTabs(tab) {
        this.tab = tab;
        fill(this.tabs, tabs.map(([name, label]) => h('button', {
            type: 'button', 'aria-pressed': String(name === tab), data: {tab: name},
            onclick: () => this.context.set({
                tab: name === 'table' ? null : name, expr: this.field.value.trim(),
            }),
        }, label)));
    }

    // MARK: The field

    key(event) {
        if (event.key !== 'Enter' || event.shiftKey) return;
        event.preventDefault();
        this.run();
    }

    /** As high as its text. */
    fit() {
        this.field.style.setProperty('height', 'auto');
        this.field.style.setProperty('height', `${this.field.scrollHeight + 2}px`);
    }
}

/** Warnings and remarks of an answer. */
function notes({warnings, infos}) {
    const all = [...warnings.map((text) => ['degraded', text]),
        ...infos.map((text) => ['info', text])];
    return all.length === 0 ? null : h('ul.notes', {'aria-label': 'Warnings'},
        all.map(([kind, text]) => h('li.notice', {class: kind, data: {note: kind}}, text)));
}
