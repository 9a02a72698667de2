// All services of the fleet with their signals: a list that is searched and sorted.

import {clusterChip, clusterTones} from './cluster-tones.js';
import {fill, h} from './dom.js';
import {whole} from './format.js';
import {styleSheet} from './libraries.js';
import {healthOf, rankOf} from './overview-reading.js';
import {signalCell} from './service-parts.js';
import {
    serviceName, shownWords, signalGroups, signalLabel, signalValue,
} from './signal-words.js';
import {badge} from './status.js';
import {makeTable} from './table.js';

// Which signals are shown beside each other.
const sets = [
    ['', 'Signals', signalGroups.golden],
    ['errors', 'Errors', ['requestRate', 'errorRatio', ...signalGroups.errors]],
    ['saturation', 'Saturation', signalGroups.saturation],
    ['shaping', 'Traffic shaping', signalGroups.shaping],
    ['security', 'Mutual TLS', ['requestRate', 'mutualTLSRatio']],
    ['tcp', 'TCP', signalGroups.tcp],
];

// As many as the gateway tells of at a time, if nobody has set another limit.
const mostServices = 5000;

export default {
    title: 'Services',
    async mount(root, parameters, context) {
        await styleSheet('page/views.css');
        const view = new ServicesView(root, context);
        await view.update(parameters, 'address');
        return view;
    },
};

class ServicesView {
    constructor(root, context) {
        this.context = context;
        this.asked = null;
        this.words = h('input', {
            type: 'search', placeholder: 'Filter by name, namespace or cluster',
            'aria-label': 'Filter services',
            oninput: () => context.set({q: this.words.value}, {replace: true}),
        });
        this.sets = h('div.segments', {role: 'group', 'aria-label': 'Signals'});
        this.says = h('span.section-note', {role: 'status'});
        this.more = h('button.quiet', {
            type: 'button', hidden: true, data: {action: 'more'},
            onclick: () => this.context.set({top: this.next}),
        });
        this.remarks = h('div');
        this.list = h('section.panel');
        fill(root, h('div.view-head', null, h('h1', null, 'Services'), this.says, this.more),
            h('div.filters', null, this.words, this.sets), this.remarks, this.list);
    }

    async update(parameters, reason) {
        this.parameters = parameters;
        const {end, window} = this.context.time();
        const cluster = this.context.clusterParameter();
        const set = sets.find(([name]) => name === (parameters.show ?? '')) ?? sets[0];
        // By its errors one tells how bad a state is, whatever else is shown.
        const signals = [...new Set(['requestRate', 'errorRatio', ...set[2]])];
        const top = parameters.top ?? null;
        const question = JSON.stringify([cluster, end, window, signals, top]);
        if (document.activeElement !== this.words) this.words.value = parameters.q ?? '';
        this.drawSets(set);
        // Words are a matter of the page; only another question is asked.
        if (reason === 'refresh' || question !== this.asked) {
            const [answer, fleet] = await Promise.all([
                this.context.ask('mesh/v1/signals', {
                    by: 'service', cluster, end, window, signal: signals.join(','), top,
                }, {key: 'signals'}),
                this.context.fleet().catch(() => []),
            ]);
            this.asked = question;
            this.toneOf = clusterTones(fleet);
            this.data = answer.data;
            this.rows = rowsOf(answer.data);
            fill(this.remarks, answer.remarks.map((text) => h('p.notice.small', null, text)));
            this.offerMore(answer.data.totals);
            this.show(set);
        }
        this.filter();
    }

    /** A refresh keeps the table, and with it the order that somebody chose. */
    show(set) {
        if (this.shownSet === set) return;
        this.table = this.makeTable(set);
        this.shownSet = set;
        fill(this.list, this.table.element);
    }

    filter() {
        const words = (this.parameters.q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
        const some = this.rows.filter((row) => words.every((word) => row.text.includes(word)));
        const all = shownWords(this.data.totals, 'service');
        this.says.textContent = some.length === this.rows.length
            ? all : `${whole(some.length)} found among ${all}`;
        this.table.show(some);
    }

    /** Where only the busiest are told of, so many more can be asked for. */
    offerMore({shown, subjects}) {
        this.next = Math.min(subjects, mostServices, Math.max(500, shown * 10));
        this.more.hidden = this.next <= shown;
        this.more.textContent = this.next === subjects
            ? 'Show all' : `Show ${whole(this.next)}`;
    }

    makeTable([name, , signals]) {
        return makeTable([
            {
                name: 'status', label: 'state', value: (row) => -rankOf(row.health),
                isNumber: false,
                cell: (row) => h('span', {data: {cell: 'status',
                    missing: String(row.subject.missing?.length > 0)}},
                badge(row.health.status, row.health.because)),
            },
            {
                name: 'service', label: 'service', isHeader: true, value: (row) => row.name,
                cell: (row) => [h('a', {href: this.context.link('service', {name: row.name}),
                    data: {cell: 'service'}}, row.name),
                row.subject.missing?.length > 0 ? h('div.section-note.held', null,
                    `without ${row.subject.missing.join(', ')}`) : null],
            },
            ...signals.map((signal) => ({
                name: signal, label: signalLabel(signal), isNumber: true,
                value: (row) => signalValue(row.subject, signal),
                cell: (row) => signalCell(row.subject, signal, this.data.units),
            })),
            {
                name: 'clusters', label: 'clusters', value: (row) => row.clusters.length,
                cell: (row) => h('span.chips.small', null, row.clusters.map((cluster) => (
                    clusterChip(cluster, this.toneOf)))),
            },
            ...(name === 'security' ? [{
                name: 'domains', label: 'trust domains',
                value: (row) => row.subject.mutualTLS?.trustDomains?.length ?? null,
                cell: (row) => (row.subject.mutualTLS?.trustDomains ?? []).join(', ') || '–',
            }] : []),
        ], {
            sortedBy: signals[0], descending: true, key: (row) => row.name,
            empty: 'No service matches.',
        });
    }

    drawSets(set) {
        fill(this.sets, sets.map((one) => h('button', {
            type: 'button', 'aria-pressed': String(one === set), data: {set: one[0] || 'golden'},
            onclick: () => this.context.set({show: one[0]}),
        }, one[1])));
    }
}

/** One row for each service: over all clusters, or what the only one says. */
function rowsOf(data) {
    const rows = new Map();
    for (const subject of data.subjects) {
        if (subject.kind !== 'service' || !subject.service) continue;
        const name = serviceName(subject);
        const row = rows.get(name) ?? {name, subject: null, clusters: []};
        if (subject.cluster === null) row.subject = subject;
        else row.clusters.push(subject.cluster);
        row.only ??= subject;
        rows.set(name, row);
    }
    return [...rows.values()].map((row) => {
        const subject = row.subject ?? row.only;
        row.clusters.sort();
        return {...row, subject, health: healthOf(subject),
            text: `${row.name} ${row.clusters.join(' ')}`.toLowerCase()};
    });
}
