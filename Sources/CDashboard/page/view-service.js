// One service, or the calls from one service to another: its signals over time, who calls it and
// whom it calls, how its traffic is shaped and secured.

import {clusterTones} from './cluster-tones.js';
import {fill, h} from './dom.js';
import {keepingPlace} from './keeping-place.js';
import {d3, styleSheet} from './libraries.js';
import {edgeTable, edgesOf} from './service-edges.js';
import {clusterTable, figures, mutualTLSPart, shapingTable} from './service-parts.js';
import {PlotCursor} from './plot.js';
import {SignalPlots} from './signal-plots.js';
import {serviceName} from './signal-words.js';
import {isAbort} from './api.js';
import services from './view-services.js';

export default {
    title: 'Service',
    async mount(root, parameters, context) {
        if (!subjectOf(parameters)) return services.mount(root, parameters, context);
        await Promise.all([styleSheet('page/views.css'), d3()]);
        const view = new ServiceView(root, context);
        await view.update(parameters, 'address');
        return view;
    },
};

/**
 * Whom the address is about: `name=shop/cart` (or `service=`), or `source=` and `destination=`.
 *
 * @returns {{title: string, name: string, question: Object}|null}
 */
function subjectOf({name, service, source, destination}) {
    if (source && destination) {
        return {
            title: `${source} → ${destination}`, name: destination,
            question: {by: 'edge', source, destination},
        };
    }
    const one = name ?? service;
    return one ? {title: one, name: one, question: {by: 'service', service: one}} : null;
}

class ServiceView {
    constructor(root, context) {
        this.context = context;
        const options = {
            cursor: new PlotCursor(),
            onRange: (from, to) => context.set({
                range: `${Math.max(60, Math.round(to - from))}s`, end: Math.round(to),
            }),
        };
        this.plots = Object.fromEntries(['golden', 'saturation', 'shaping', 'security', 'tcp']
            .map((set) => [set, new SignalPlots(set, options)]));
        // How each table is sorted.
        this.memories = {clusters: {}, incoming: {}, outgoing: {}};
        this.head = h('div.view-head');
        this.part = h('select', {
            'aria-label': 'Part that latency and errors are of', data: {choice: 'of'},
            onchange: (event) => context.set({of: event.target.value}),
        });
        this.tiles = h('div.plot-set');
        const section = (name, title, plots) => {
            const body = h('div');
            const panel = h('section.panel', {data: {section: name}}, h('h2', null, title),
                h('div.body.plot-set', null, plots?.element, body));
            return {panel, body};
        };
        this.clusters = section('clusters', 'In clusters');
        this.incoming = section('incoming', 'Called by');
        this.outgoing = section('outgoing', 'Calls');
        this.shaping = section('shaping', 'Traffic shaping', this.plots.shaping);
        this.security = section('mtls', 'Mutual TLS', this.plots.security);
        this.saturation = section('saturation', 'Saturation', this.plots.saturation);
        this.tcp = section('tcp', 'TCP', this.plots.tcp);
        fill(root, this.head, this.tiles, this.plots.golden.element,
            [this.clusters, this.incoming, this.outgoing, this.saturation, this.shaping,
                this.security, this.tcp].map((one) => one.panel));
    }

    unmount() {
        for (const set of Object.values(this.plots)) set.remove();
    }

    async update(parameters) {
        const subject = subjectOf(parameters);
        if (!subject) return this.context.go('services');
        this.subject = subject;
        const fleet = await this.context.fleet().catch(() => []);
        this.toneOf = clusterTones(fleet);
        this.drawHead();
        const {end, range, step, window} = this.context.time(240);
        const cluster = this.context.clusterParameter();
        // The edges are another question: where it fails, the signals are shown all the same.
        const edges = subject.question.by === 'edge' ? null : this.context.ask('mesh/v1/graph', {
            view: 'service', service: subject.name, depth: 1, percentiles: 'shown',
            box: 'cluster', cluster, time: end, range: window,
        }, {key: 'edges'}).then(({data}) => ({graph: data}), (error) => {
            if (isAbort(error)) throw error;
            return {failure: error.message};
        });
        const signals = await this.context.ask('mesh/v1/signals', {
            ...subject.question, cluster, end, range: `${range}s`, step: `${step}s`, window,
        }, {key: 'signals'});
        this.showSignals(signals.data, parameters);
        this.showEdges(await edges);
        return undefined;
    }

    // MARK: Showing

    drawHead() {
        const {name, title, question} = this.subject;
        const own = name.split('/').pop();
        const {link} = this.context;
        document.title = `${title} · Isthmus`;
        const plain = question.by === 'edge' ? question.source.split('/').pop() : own;
        fill(this.head, h('h1', null, title), this.part, h('div.links', null,
            h('a', {href: link('map', {service: name})}, 'Map'),
            h('a', {href: link('traces', {service: plain,
                with: question.by === 'edge' ? own : null})}, 'Traces'),
            h('a', {href: link('traces', {service: plain, tab: 'critical-path'})},
                'What its traces wait for'),
            h('a', {href: link('services')}, 'All services')));
    }

    showSignals(data, parameters) {
        const subjects = data.subjects.filter((one) => this.isIt(one));
        const parts = subjects.filter((one) => one.cluster !== null)
            .sort((a, b) => (a.cluster < b.cluster ? -1 : 1));
        const whole = subjects.find((one) => one.cluster === null) ?? null;
        this.data = data;
        this.parts = parts;
        this.whole = whole ?? parts[0] ?? null;
        if (!this.whole) return this.showNothing(data);
        const part = parts.find((one) => one.cluster === parameters.of) ?? this.whole;
        this.showSections(true);
        this.drawParts(whole, parts, part);
        const missing = [...new Set([...(whole?.missing ?? []),
            ...data.clusters.filter((one) => one.missing).map((one) => one.cluster)])];
        fill(this.tiles, figures(part, data.units));
        for (const set of Object.values(this.plots)) {
            set.show(data, {whole, parts, part, toneOf: this.toneOf});
        }
        keepingPlace(this.clusters.body, () => fill(this.clusters.body,
            clusterTable(data, parts, {missing, toneOf: this.toneOf,
                memory: this.memories.clusters})));
        fill(this.shaping.body, shapingTable(data, whole, parts, this.toneOf));
        return undefined;
    }

    isIt(one) {
        const {name, question} = this.subject;
        if (question.by === 'edge') return one.kind === 'edge';
        return one.kind === 'service' && (serviceName(one) === name || one.service === name);
    }

    showNothing(data) {
        const missing = data.clusters.filter((one) => one.missing).map((one) => one.cluster);
        fill(this.tiles, h('p.notice', {data: {missing: 'true'}},
            `No cluster has signals of ${this.subject.title} in this time.`,
            missing.length > 0 ? ` ${missing.join(', ')} did not answer.` : ''));
        this.part.hidden = true;
        this.showSections(false);
    }

    /** Sections of which nothing is known would only be in the way. */
    showSections(areKnown) {
        for (const {panel} of [this.clusters, this.saturation, this.shaping, this.security,
            this.tcp]) panel.hidden = !areKnown;
        this.plots.golden.element.hidden = !areKnown;
    }

    drawParts(whole, parts, part) {
        this.part.hidden = parts.length < 2 && whole !== null;
        fill(this.part, whole ? h('option', {value: ''}, 'all clusters') : null,
            parts.map((one) => h('option', {value: one.cluster}, one.cluster)));
        this.part.value = part.cluster ?? '';
    }

    showEdges(answer) {
        const isEdge = answer === null;
        this.incoming.panel.hidden = isEdge;
        this.outgoing.panel.hidden = isEdge;
        const failure = answer?.failure ? h('p.notice.degraded', {data: {missing: 'true'}},
            `The service graph is not known: ${answer.failure}`) : null;
        const cluster = this.context.clusters();
        const {incoming, outgoing} = answer?.graph
            ? edgesOf(answer.graph, this.subject.name, cluster.length === 1 ? cluster[0] : null)
            : {incoming: [], outgoing: []};
        const options = {toneOf: this.toneOf, link: this.context.link};
        keepingPlace(this.incoming.body, () => fill(this.incoming.body, failure
            ?? edgeTable(incoming, 'caller', {...options, memory: this.memories.incoming,
                empty: 'Nobody is known to call it in this time.'})));
        keepingPlace(this.outgoing.body, () => fill(this.outgoing.body, failure?.cloneNode(true)
            ?? edgeTable(outgoing, 'callee', {...options, memory: this.memories.outgoing,
                empty: 'It is not known to call anybody in this time.'})));
        fill(this.security.body, this.whole ? mutualTLSPart(this.whole, this.parts,
            [...incoming, ...outgoing], this.toneOf) : h('p.nothing', null, 'Nothing is known.'));
    }
}
