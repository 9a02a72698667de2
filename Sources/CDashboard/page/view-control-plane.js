// Control planes, what they hand out, and certificates: what the gateway knows by its probes and
// from the clusters' metrics.

import {isAbort} from './api.js';
import {certificateTable, sources} from './certificate-list.js';
import {clusterTones} from './cluster-tones.js';
import {
    chosenCertificates, chosenClusters, chosenIssues, isWorkload, issueShapes, keyOf, severities,
    states, syncRows, valuesOf, wordsOf,
} from './control-plane-facts.js';
import {askHistory, historyStrip, selectorOf} from './control-plane-history.js';
import {issueList, syncTable} from './control-plane-issues.js';
import {clusterPanel, restOf} from './control-plane-list.js';
import {rollUp} from './control-plane-tiles.js';
import {fill, h} from './dom.js';
import {ago, counted, fullTime} from './format.js';
import {keepingPlace} from './keeping-place.js';
import {styleSheet} from './libraries.js';

const mostClusters = 30;
// The worst come first, so that what is left out is well.
const mostCertificates = 3000;
/** Seconds after which a look is old: twenty rounds of the standard interval. */
const oldAfter = 300;

export default {
    title: 'Control plane and certificates',
    async mount(root, parameters, context) {
        await Promise.all([styleSheet('page/views.css'), styleSheet('page/control-plane.css')]);
        const view = new ControlPlaneView(root, context);
        await view.update(parameters, 'address');
        view.showOpened();
        return view;
    },
};

class ControlPlaneView {
    constructor(root, context) {
        this.context = context;
        this.root = root;
        this.report = null;
        this.certificates = null;
        this.memories = {sync: {}, authorities: {}, workloads: {}};
        this.shownClusters = mostClusters;
        // Of the components that are open, by their keys.
        this.histories = new Map();
        this.link = (changes) => context.link('control-plane', changes);
        this.says = h('span.section-note', {role: 'status'});
        this.notices = h('div.notices');
        this.tiles = h('div.figures.roll-ups');
        this.tabs = h('div.segments', {role: 'group', 'aria-label': 'Shown'});
        this.words = h('input', {
            type: 'search', placeholder: 'Filter by words', 'aria-label': 'Filter',
            oninput: () => context.set({q: this.words.value}, {replace: true}),
        });
        this.choices = h('span.filters');
        this.body = h('div.query-results');
        fill(root,
            h('div.view-head', null, h('h1', null, 'Control plane and certificates'), this.says),
            this.notices, this.tiles,
            h('div.filters', null, this.tabs, this.words, this.choices), this.body);
    }

    async update(parameters, reason) {
        this.parameters = parameters;
        if (document.activeElement !== this.words) this.words.value = parameters.q ?? '';
        const cluster = this.context.clusterParameter();
        // Filters are applied here; only the clusters are the gateway's matter.
        if (reason === 'refresh' || cluster !== this.askedCluster) {
            await this.ask(cluster);
            this.askedCluster = cluster;
        }
        this.show();
        await this.showHistories(reason === 'refresh');
    }

    async ask(cluster) {
        const [report, certificates, fleet] = await Promise.all([
            this.context.ask('mesh/v1/control-plane', {cluster}, {key: 'control-plane'}),
            this.context.ask('mesh/v1/certificates', {cluster, top: mostCertificates},
                {key: 'certificates'}),
            this.context.fleet().catch(() => []),
        ]);
        this.report = report.data;
        this.certificates = certificates.data;
        this.toneOf = clusterTones(fleet);
        this.gaps = new Map((report.data.missing ?? []).map((one) => [one.cluster, one.message]));
    }

    get open() {
        return new Set((this.parameters.open ?? '').split(',').filter(Boolean));
    }

    /**
     * The past of what is open; it comes after the rest, which does not wait for it. What is known
     * is asked for again at a refresh, or for another time.
     */
    async showHistories(isRefresh) {
        const {open, parameters} = this;
        const span = JSON.stringify([parameters.range, parameters.end]);
        if (isRefresh || span !== this.askedSpan) this.histories.clear();
        this.askedSpan = span;
        if (this.tab !== '') return;
        await Promise.all(this.report.clusters.flatMap((cluster) => cluster.components
            .filter((component) => open.has(keyOf(cluster.cluster, component))
                && !this.histories.has(keyOf(cluster.cluster, component)))
            .map((component) => this.showHistory(keyOf(cluster.cluster, component),
                selectorOf(cluster.cluster, component)))));
    }

    async showHistory(key, selector) {
        try {
            this.histories.set(key, await askHistory(this.context, key, selector));
        } catch (error) {
            // The strip is beside the point where the rest is there; a newer question is coming.
            if (error?.name !== 'GatewayError' && !isAbort(error)) throw error;
        }
        const place = this.body.querySelector(`[data-place="${CSS.escape(key)}"]`);
        if (place) fill(place, historyStrip(this.histories.get(key)));
    }

    get tab() {
        return this.parameters.tab ?? '';
    }

    show() {
        const {report, certificates} = this;
        fill(this.tiles, rollUp(report, certificates, this.link));
        fill(this.notices, this.noticesOf());
        fill(this.says, report.observedAt ? h('span', {title: fullTime(report.observedAt)},
            `looked at ${ago(report.observedAt)}`) : 'not looked at yet');
        const total = certificates.totals?.certificates ?? certificates.certificates.length;
        this.drawTabs([['', `Control planes (${report.clusters.length})`],
            ['issues', `Issues (${report.issues.length})`],
            ['certificates', `Certificates (${total})`]]);
        this.drawChoices();
        const draw = () => {
            if (this.tab === 'issues') this.showIssues();
            else if (this.tab === 'certificates') this.showCertificates(total);
            else this.showClusters();
        };
        // In another tab other things stand at the same places.
        if (this.drawnTab === this.tab) keepingPlace(this.body, draw);
        else draw();
        this.drawnTab = this.tab;
    }

    noticesOf() {
        const {observedAt} = this.report;
        const age = observedAt ? Date.now() / 1000 - observedAt : null;
        return [
            observedAt ? null : h('p.notice', {data: {missing: 'true'}},
                'Nothing has been looked at yet: the first round of probes is under way.'),
            age > oldAfter ? h('p.notice.degraded', {data: {old: 'true'}},
                `The last complete look was ${ago(observedAt)}. What follows may have changed.`)
                : null,
            this.context.time().isLive ? null : h('p.notice', null,
                'This is how it is now. How it was at the time in the address is in ',
                h('a', {href: this.context.link('query', {tab: 'plot',
                    expr: 'mesh_control_plane_state{job=""} == 1'})}, 'the recorded states'), '.'),
        ];
    }

    // MARK: The tabs

    showClusters() {
        const {parameters, report} = this;
        const wanted = {words: wordsOf(parameters.q), state: parameters.state ?? '',
            mesh: parameters.mesh ?? ''};
        const some = chosenClusters(report.clusters, wanted);
        const {open} = this;
        const toggle = (key) => {
            if (!open.delete(key)) open.add(key);
            this.context.set({open: [...open].join(',')}, {replace: true});
        };
        const hidden = some.length - this.shownClusters;
        fill(this.body,
            some.slice(0, this.shownClusters).map((cluster) => clusterPanel(cluster, {
                open, toggle, histories: this.histories, toneOf: this.toneOf,
                isLooked: Boolean(report.observedAt), gap: this.gaps.get(cluster.cluster) ?? null,
                link: this.context.link,
            })),
            hidden > 0 ? h('button.quiet', {type: 'button', onclick: () => {
                this.shownClusters = Infinity;
                this.show();
            }}, restOf(hidden)) : null,
            some.length === 0 ? this.nothing(report.clusters.length === 0
                ? 'There are no clusters.' : 'No component matches.') : null,
            this.syncPanel());
    }

    syncPanel() {
        const proxies = syncRows(this.report);
        return h('section.panel', {data: {section: 'proxies'}},
            h('header.row.spread', null, h('h2', null, 'Configuration of proxies'),
                h('span.section-note', null,
                    'what the replicas of each istiod have sent, and what was acknowledged')),
            proxies.length > 0 ? syncTable(proxies, this.toneOf, this.memories.sync)
                : h('p.nothing', {data: {cell: 'none'}}, 'Not known: no istiod is declared that '
                    + 'lets the gateway read /debug/syncz.'));
    }

    showIssues() {
        const {parameters} = this;
        const {issues} = this.report;
        const some = chosenIssues(issues, {words: wordsOf(parameters.q),
            severity: parameters.severity ?? '', mesh: parameters.mesh ?? ''});
        fill(this.body, this.gapNote('issues that only they tell of are missing here'),
            some.length === 0 ? this.nothing(issues.length === 0
                ? 'No issue of configuration is known.'
                : `None of ${counted(issues.length, 'issue')} matches.`)
            : h('section.panel', null, issueList(some, this.toneOf, this.context.link)));
    }

    showCertificates(total) {
        const {parameters} = this;
        const all = this.certificates.certificates;
        const some = chosenCertificates(all, {
            words: wordsOf(parameters.q), severity: parameters.severity ?? '',
            mesh: parameters.mesh ?? '', kind: parameters.kind ?? '',
            source: parameters.source ?? '',
        });
        fill(this.body,
            this.gapNote('of certificates that only they tell of, what is here may be old or '
                + 'missing'),
            all.length < total ? h('p.held', null, `The worst ${all.length} of ${total} are here. `
                + 'Choose clusters in the bar to see all of theirs.') : null,
            this.certificatePanel('authorities', 'CAs and servers',
                'they live for months and are renewed by people or their tools',
                some.filter((one) => !isWorkload(one))),
            this.certificatePanel('workloads', 'Workloads',
                'they live for hours and are renewed by the mesh', some.filter(isWorkload)));
    }

    certificatePanel(name, title, note, list) {
        const table = certificateTable(this.toneOf, this.context.link, this.memories[name]);
        table.show(list);
        return h('section.panel', {data: {certificates: name}},
            h('header.row.spread', null, h('h2', null, `${title} (${list.length})`),
                h('span.section-note', null, note)), table.element);
    }

    gapNote(consequence) {
        const gaps = [...this.gaps.keys()];
        return gaps.length > 0 ? h('p.held', {data: {missing: 'true'}},
            `The metrics of ${gaps.join(', ')} could not be asked: ${consequence}.`) : null;
    }

    nothing(text) {
        return h('section.panel', null, h('p.nothing', null, text));
    }

    // MARK: Filters

    drawTabs(tabs) {
        keepingPlace(this.tabs, () => fill(this.tabs, tabs.map(([name, label]) => h('button', {
            type: 'button', 'aria-pressed': String(name === this.tab),
            data: {tab: name || 'planes'},
            onclick: () => this.context.set({tab: name, state: null, severity: null, kind: null,
                source: null}),
        }, label))));
    }

    drawChoices() {
        const {report, tab} = this;
        const {certificates} = this.certificates;
        const components = report.clusters.flatMap((cluster) => cluster.components);
        const meshes = tab === 'issues' ? valuesOf(report.issues, 'mesh')
            : valuesOf(tab === 'certificates' ? certificates : components, 'mesh');
        const fields = tab === 'certificates' ? [
            ['severity', 'Severity', 'all severities', Object.keys(severities)],
            ['kind', 'Kind', 'all kinds', valuesOf(certificates, 'kind')],
            ['mesh', 'Mesh', 'all meshes', meshes],
            ['source', 'Told by', 'all sources', valuesOf(certificates, 'source')],
        ] : tab === 'issues' ? [
            ['severity', 'Severity', 'all severities', Object.keys(issueShapes)],
            ['mesh', 'Mesh', 'all meshes', meshes],
        ] : [
            ['state', 'State', 'all states', Object.keys(states)],
            ['mesh', 'Mesh', 'all meshes', meshes],
        ];
        keepingPlace(this.choices, () => fill(this.choices, fields.map((field) => (
            this.choice(...field)))));
    }

    choice(name, label, all, values) {
        const chosen = this.parameters[name] ?? '';
        // What the address wants is shown as wanted, also where there is none of it.
        const options = chosen && !values.includes(chosen) ? [...values, chosen] : values;
        const select = h('select', {
            'aria-label': label, data: {choice: name},
            onchange: (event) => this.context.set({[name]: event.target.value}),
        }, h('option', {value: ''}, all), options.map((value) => h('option', {value},
            name === 'source' ? sources[value] ?? value : value)));
        select.value = chosen;
        return select;
    }

    /** Brings the component that a link names into sight. */
    showOpened() {
        this.root.querySelector('[aria-expanded="true"]')?.scrollIntoView({block: 'center'});
    }
}
