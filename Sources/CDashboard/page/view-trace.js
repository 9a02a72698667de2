// One trace of all clusters: its spans as a waterfall, and what it waited for.

import {GatewayError, isAbort} from './api.js';
import {clusterChip, clusterTones} from './cluster-tones.js';
import {mentions} from './coverage.js';
import {fill, h} from './dom.js';
import {counted, fullTime, milliseconds, ratio, time as timeText} from './format.js';
import {styleSheet} from './libraries.js';
import {spanDetails} from './span-details.js';
import {missingNote} from './trace-list.js';
import {markCriticalPath, readTrace, waits} from './trace-model.js';
import {Waterfall} from './waterfall.js';

export default {
    title: 'Trace',
    async mount(root, parameters, context) {
        await styleSheet('page/views.css');
        const view = new TraceView(root, context);
        await view.update(parameters, 'address');
        return view;
    },
};

class TraceView {
    constructor(root, context) {
        this.context = context;
        this.root = root;
        this.id = null;
        this.isComplete = false;
        this.details = h('div.details-place');
        this.details.hidden = true;
    }

    async update(parameters, reason) {
        this.parameters = parameters;
        const id = parameters.id ?? '';
        if (id === '') {
            fill(this.root, h('h1', null, 'Trace'), h('p.notice', null,
                'No trace is named. ', h('a', {href: this.context.link('traces')}, 'Search')));
            return;
        }
        // A trace that is whole does not change.
        if (id !== this.id || (reason === 'refresh' && !this.isComplete)) await this.ask(id);
        if (parameters.span !== this.waterfall?.selected?.id) {
            if (parameters.span) this.waterfall?.reveal(parameters.span);
            else this.waterfall?.select(null);
        }
    }

    unmount() {
        this.waterfall?.remove();
    }

    async ask(id) {
        const [answer, paths, fleet] = await Promise.all([
            this.context.ask(`jaeger/api/traces/${encodeURIComponent(id)}`, {}, {key: 'trace'}),
            this.context.ask('mesh/v1/critical-path', {trace: id}, {key: 'path', counts: false})
                .catch((error) => {
                    if (isAbort(error)) throw error;
                    return {failure: error.message};
                }),
            this.context.fleet().catch(() => []),
        ]);
        if (answer.data.length === 0) throw new GatewayError(`There is no trace ${id}.`);
        this.id = id;
        this.isComplete = answer.missing.length === 0;
        this.toneOf = clusterTones(fleet);
        this.trace = readTrace(answer.data[0]);
        if (paths.data) markCriticalPath(this.trace, paths.data.paths);
        this.show(answer, paths.failure);
    }

    // MARK: Showing

    show(answer, pathFailure) {
        const before = this.waterfall?.trace.id === this.trace.id ? this.waterfall : null;
        this.waterfall?.remove();
        const {trace} = this;
        const [root] = trace.roots;
        this.waterfall = new Waterfall(trace, {
            toneOf: this.toneOf, onSelect: (span) => this.selected(span),
        });
        const warnings = trace.warnings.filter((text) => text !== '');
        fill(this.root,
            h('div.view-head', null,
                h('h1', null, `${root.service} `, h('span.muted', null, root.operation)),
                h('div.links', null,
                    h('a', {href: this.context.link('traces', {service: root.service})},
                        `Traces of ${root.service}`))),
            this.facts(),
            warnings.length === 0 ? missingNote(answer.missing) : null,
            warnings.length > 0 ? h('ul.notes', {'aria-label': 'Warnings'}, warnings.map((text) => (
                h('li.notice', {
                    class: answer.missing.some((name) => mentions(text, name)) ? 'hatched'
                        : 'degraded', data: {note: 'warning'},
                }, h('span', null, text))))) : null,
            pathFailure ? h('p.notice.degraded', null,
                `What the trace waited for is not known: ${pathFailure}`) : this.waitsPart(),
            h('div.row.spread', null, this.tools(), h('div.chips', {'aria-label': 'Clusters'},
                trace.clusters.map((name) => clusterChip(name, this.toneOf)),
                h('span.toned', null, h('span.critical-key'), 'critical path'))),
            h('div.trace-split', null, h('section.panel', null, this.waterfall.element),
                this.details));
        // An answer that lacked clusters is asked for again; what was collapsed stays so.
        if (before) this.waterfall.collapsed = before.collapsed;
        this.waterfall.arrange();
        document.title = `${root.service} ${root.operation} · Isthmus`;
    }

    facts() {
        const {trace} = this;
        const fact = (name, value, cell) => h('div', null, h('dt', null, name),
            h('dd', {data: {cell}}, value));
        return h('dl.trace-facts', null,
            fact('duration', milliseconds(trace.duration / 1000), 'duration'),
            fact('at', h('span', {title: fullTime(trace.startTime / 1e6)},
                timeText(trace.startTime / 1e6, {withSeconds: true})), 'at'),
            fact('spans', String(trace.spans.length), 'spans'),
            fact('services', String(trace.services.length), 'services'),
            fact('clusters', String(trace.clusters.length), 'clusters'),
            trace.errors > 0 ? fact('errors', String(trace.errors), 'errors') : null,
            trace.roots.length > 1 ? fact('pieces', h('span', {
                title: 'spans whose parents are in no cluster’s store'}, trace.roots.length),
            'pieces') : null,
            fact('id', h('code', null, trace.id), 'id'));
    }

    /** What the trace waited for, by service and cluster. */
    waitsPart() {
        const all = waits(this.trace);
        if (all.length === 0) return null;
        const shown = all.slice(0, 6);
        const rest = all.slice(6).reduce((sum, one) => sum + one.share, 0);
        return h('section', {data: {waits: String(all.length)}},
            h('p.section-note', null, 'Waited for, by service and cluster: ',
                shown.map((one, index) => [index > 0 ? ', ' : '',
                    h('strong', null, one.service),
                    ` ${one.cluster ? `in ${one.cluster} ` : ''}${ratio(one.share)}`]),
                rest > 0 ? `, ${counted(all.length - 6, 'other')} ${ratio(rest)}` : ''),
            h('div.share-bar', {'aria-hidden': 'true'}, all.map((one) => h('span', {
                class: `tone-${this.toneOf(one.cluster)}`, style: {width: `${one.share * 100}%`},
                title: `${one.service} ${one.cluster}: ${milliseconds(one.microseconds / 1000)}`,
            }))));
    }

    tools() {
        const critical = h('button', {
            type: 'button', 'aria-pressed': 'false', data: {tool: 'critical'},
            onclick: () => {
                const isOn = critical.getAttribute('aria-pressed') !== 'true';
                critical.setAttribute('aria-pressed', String(isOn));
                this.waterfall.showOnlyCritical(isOn);
            },
        }, 'Only the critical path');
        const tool = (label, name, onclick) => h('button', {type: 'button', data: {tool: name},
            onclick}, label);
        return h('div.row', null, critical,
            tool('Collapse', 'collapse', () => this.waterfall.collapseAll(true)),
            tool('Expand', 'expand', () => this.waterfall.collapseAll(false)),
            tool('Whole time', 'whole', () => this.waterfall.zoom(0, this.trace.duration)),
            h('input', {
                type: 'search', placeholder: 'Find a span', 'aria-label': 'Find a span',
                data: {tool: 'find'}, onkeydown: (event) => {
                    if (event.key === 'Enter') this.find(event.target.value, event.shiftKey);
                },
            }));
    }

    /** Goes to the next span (or the one before) that holds these words somewhere. */
    find(text, isBackwards) {
        const words = text.toLowerCase().split(/\s+/).filter(Boolean);
        if (words.length === 0) return;
        const {spans} = this.trace;
        const begin = this.waterfall.selected?.index ?? (isBackwards ? spans.length : -1);
        for (let step = 1; step <= spans.length; step += 1) {
            const index = (begin + (isBackwards ? -step : step) + spans.length) % spans.length;
            const all = searchText(spans[index]);
            if (words.every((word) => all.includes(word))) {
                this.waterfall.reveal(spans[index].id);
                this.context.announce(`${spans[index].service} ${spans[index].operation}`);
                return;
            }
        }
        this.context.announce('No span holds these words.');
    }

    selected(span) {
        this.details.hidden = span === null;
        fill(this.details, span ? spanDetails(span, {
            trace: this.trace, toneOf: this.toneOf,
            onClose: () => {
                this.waterfall.select(null);
                this.waterfall.scroller.focus();
            },
            onZoom: () => this.waterfall.zoom(span.start, span.start + span.duration),
            linkOf: (id, spanID) => this.context.link('trace', {id, span: spanID}),
            serviceLink: (name) => this.context.link('service', {service: name}),
        }) : null);
        if ((this.parameters.span ?? null) !== (span?.id ?? null)) {
            this.parameters = {...this.parameters, span: span?.id};
            this.context.set({span: span?.id ?? null}, {replace: true});
        }
    }
}

function searchText(span) {
    return [span.service, span.operation, span.cluster, span.id,
        ...span.tags.map((tag) => `${tag.key}=${tag.value}`)].join(' ').toLowerCase();
}
