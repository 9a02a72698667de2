// Traces of all clusters: a search, and what the traces of a service wait for.

import {seconds} from './address.js';
import {fill, h} from './dom.js';
import {counted, time as timeText} from './format.js';
import {keepingPlace} from './keeping-place.js';
import {styleSheet} from './libraries.js';
import {clusterTones} from './cluster-tones.js';
import {TraceForm, standardLimit, tagsJSON} from './trace-search.js';
import {missingNote, orders, summary, traceDots, traceList} from './trace-list.js';
import {aggregatedWaits} from './trace-waits.js';

export default {
    title: 'Traces',
    async mount(root, parameters, context) {
        await styleSheet('page/views.css');
        const view = new TracesView(root, context);
        await view.update(parameters, 'address');
        return view;
    },
};

class TracesView {
    constructor(root, context) {
        this.context = context;
        this.waitsMemory = {};
        this.form = new TraceForm(context);
        this.tabs = h('div.segments', {role: 'group', 'aria-label': 'Shown as'});
        this.says = h('div.row', {role: 'status'});
        this.results = h('div.query-results');
        this.order = h('select', {
            'aria-label': 'Order', onchange: (event) => context.set({
                order: event.target.value === 'newest' ? null : event.target.value,
            }),
        }, orders.map(([name, label]) => h('option', {value: name}, label)));
        fill(root, h('div.view-head', null, h('h1', null, 'Traces'), this.idForm()),
            h('section.panel', null, this.form.element),
            h('div.row.spread', null, this.tabs, this.says), this.results);
    }

    idForm() {
        return h('form.links', {
            role: 'search', 'aria-label': 'Trace by its id',
            onsubmit: (event) => {
                event.preventDefault();
                const id = event.target.elements.namedItem('id').value.trim();
                if (id !== '') this.context.go('trace', {id});
            },
        }, h('input', {name: 'id', type: 'search', placeholder: 'Trace id', spellcheck: 'false',
            autocomplete: 'off', 'aria-label': 'Trace id'}),
        h('button', {type: 'submit'}, 'Open'));
    }

    async update(parameters, reason) {
        this.parameters = parameters;
        if (reason !== 'refresh') {
            this.form.show(parameters);
            this.drawTabs();
            this.order.value = parameters.order ?? 'newest';
        }
        const [services, fleet] = await Promise.all([
            this.form.askServices(), this.context.fleet().catch(() => [])]);
        this.toneOf = clusterTones(fleet);
        if (!parameters.service) return this.showServices(services);
        this.results.setAttribute('aria-busy', 'true');
        try {
            await (this.isWaiting ? this.askWaits() : this.askTraces(services));
        } finally {
            this.results.removeAttribute('aria-busy');
        }
        return undefined;
    }

    get isWaiting() {
        return this.parameters.tab === 'critical-path';
    }

    drawTabs() {
        const tab = (name, label) => h('button', {
            type: 'button', data: {tab: name || 'found'},
            'aria-pressed': String((this.parameters.tab ?? '') === name),
            onclick: () => this.context.set({tab: name}),
        }, label);
        fill(this.tabs, tab('', 'Found traces'), tab('critical-path', 'What they wait for'));
    }

    // MARK: Asking

    get limit() {
        return this.parameters.limit || standardLimit;
    }

    async askTraces(services) {
        const {service, operation, tags = '', min, max} = this.parameters;
        const {start, end} = this.context.time();
        const {isLive} = this.context.time();
        const answer = await this.context.ask('jaeger/api/traces', {
            service, operation, tags: tagsJSON(tags), minDuration: min, maxDuration: max,
            limit: this.limit, clusters: this.context.clusterParameter(),
            // The newest spans are younger than the grid's last point.
            start: start * 1e6, end: Math.round((isLive ? Date.now() / 1000 : end) * 1e6),
        }, {key: 'traces'});
        const {with: other} = this.parameters;
        const traces = answer.data.map(summary)
            .filter((trace) => !other || trace.services.includes(other));
        const isCut = answer.data.length >= Number(this.limit);
        fill(this.says, h('span', {data: {cell: 'count'}}, counted(traces.length, 'trace'),
            other ? ` that also have ${other}, of ${answer.data.length}` : '',
            isCut ? ' (there may be more)' : ''), this.order);
        this.showTraces(traces, answer.missing, services);
    }

    async askWaits() {
        const {service, operation} = this.parameters;
        const {start, end} = this.context.time();
        const answer = await this.context.ask('mesh/v1/critical-path', {
            service, operation, start, end, limit: Math.max(100, Number(this.limit)),
            clusters: this.context.clusterParameter(),
        }, {key: 'traces'});
        fill(this.says, h('span', {data: {cell: 'count'}}, counted(answer.data.traces, 'trace')));
        keepingPlace(this.results, () => fill(this.results, missingNote(answer.missing),
            h('section.panel', null, h('div.body', null,
                aggregatedWaits(answer.data, this.toneOf, this.waitsMemory)))));
    }

    // MARK: Showing

    showServices(services) {
        fill(this.says);
        fill(this.results, h('section.panel', null, h('h2', null, 'Traces of which service?'),
            services.length === 0 ? h('p.nothing', null, 'No cluster’s store has traces.')
                : h('ul.service-links', null, services.slice(0, 400).map((name) => h('li', null,
                    h('a', {href: this.context.link('traces', {service: name})}, name))))));
    }

    showTraces(traces, missing, services) {
        if (traces.length === 0) {
            fill(this.results, missingNote(missing), this.nothing(services));
            return;
        }
        const go = (id) => this.context.go('trace', {id});
        const {start, end} = this.context.time();
        const order = orders.find(([name]) => name === this.order.value) ?? orders[0];
        const width = Math.max(280, this.results.clientWidth - 30);
        keepingPlace(this.results, () => fill(this.results, missingNote(missing),
            h('section.panel', null, h('div.body.trace-dots', null,
                traceDots(traces, {width, start, end, go}))),
            h('section.panel', null, traceList(traces.sort(order[2]), this.toneOf,
                (id) => this.context.link('trace', {id}), missing))));
    }

    /** What was looked for, where nothing was found, and how one would look further. */
    nothing(services) {
        const {service, operation, tags, min, max, with: other, range = '1h'} = this.parameters;
        const {start, end, isLive} = this.context.time();
        const conditions = [
            operation ? `the operation ${operation}` : null, tags ? `the tags ${tags}` : null,
            min ? `at least ${min}` : null, max ? `at most ${max}` : null,
            other ? `spans of ${other}` : null].filter(Boolean);
        const narrow = {operation: null, tags: null, min: null, max: null, with: null};
        const isKnown = services.includes(service);
        const further = (words, changes) => h('button', {
            type: 'button', onclick: () => this.context.set(changes)}, words);
        return h('section.panel', null, h('div.nothing', {data: {found: 'nothing'}},
            h('p', null, isKnown ? `No trace of ${service}` : `No store knows a service ${service}`,
                isKnown && conditions.length > 0 ? ` with ${conditions.join(', ')}` : '',
                isKnown ? ` from ${timeText(start)} to ${isLive ? 'now' : timeText(end)} was found.`
                    : '.'),
            h('p.row', null,
                isKnown ? null : further('Which services there are', {service: null, ...narrow}),
                isKnown && conditions.length > 0 ? further('Without conditions', narrow) : null,
                isKnown && seconds(range) < 86400 ? further('In the last day',
                    {range: '1d', end: null}) : null)));
    }
}
