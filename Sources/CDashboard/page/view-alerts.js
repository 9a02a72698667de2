// Alerts over all clusters, the rules that give them, and what the linter found in the rules.

import {alertsOf, chosen, findingsOf, grouped} from './alert-facts.js';
import {alertGroup, lintTable, ruleGroup} from './alert-list.js';
import {fill, h} from './dom.js';
import {keepingPlace} from './keeping-place.js';
import {styleSheet} from './libraries.js';

const states = [['', 'all states'], ['firing', 'firing'], ['pending', 'pending'],
    ['uncertain', 'held or partial']];
const groupings = [['', 'by severity'], ['cluster', 'by cluster'], ['rule', 'by rule']];
const owners = [['', 'the gateway’s rules'], ['all', 'and the clusters’ own']];

export default {
    title: 'Alerts',
    async mount(root, parameters, context) {
        await styleSheet('page/views.css');
        const view = new AlertsView(root, context);
        await view.update(parameters, 'address');
        return view;
    },
};

class AlertsView {
    constructor(root, context) {
        this.context = context;
        this.groups = [];
        this.lintMemory = {};
        this.tabs = h('div.segments', {role: 'group', 'aria-label': 'Shown'});
        this.words = h('input', {
            type: 'search', placeholder: 'Filter by words in labels and texts',
            'aria-label': 'Filter', oninput: () => this.filter(),
        });
        this.state = this.choice('State', 'state', states);
        this.grouping = this.choice('Group', 'by', groupings);
        this.owner = this.choice('Rules of', 'rules', owners);
        this.body = h('div.query-results');
        fill(root, h('div.view-head', null, h('h1', null, 'Alerts')),
            h('div.filters', null, this.tabs, this.words, this.state, this.grouping, this.owner),
            this.body);
    }

    choice(label, name, options) {
        return h('select', {
            'aria-label': label, data: {choice: name},
            onchange: (event) => this.context.set({[name]: event.target.value}),
        }, options.map(([value, words]) => h('option', {value}, words)));
    }

    async update(parameters, reason) {
        const owner = parameters.rules ?? '';
        this.parameters = parameters;
        if (reason === 'address') {
            if (document.activeElement !== this.words) this.words.value = parameters.q ?? '';
            this.state.value = parameters.state ?? '';
            this.grouping.value = parameters.by ?? '';
            this.owner.value = owner;
        }
        // Filters are applied here; only whose rules are asked for is the gateway's matter.
        if (reason === 'refresh' || owner !== this.askedOwner) {
            const answer = await this.context.ask('api/v1/rules',
                {clusters: owner === 'all' ? this.context.clusterParameter() ?? 'all' : null},
                {key: 'rules'});
            this.askedOwner = owner;
            this.groups = answer.data.groups;
        }
        this.show();
    }

    filter() {
        this.context.set({q: this.words.value}, {replace: true});
    }

    get tab() {
        return this.parameters.tab ?? '';
    }

    show() {
        const alerts = this.ofClusters(alertsOf(this.groups));
        const findings = this.groups.flatMap((group) => group.rules.flatMap((rule) => (
            findingsOf(rule).map((finding) => ({group, rule, finding})))));
        const rules = this.groups.reduce((sum, group) => sum + group.rules.length, 0);
        this.drawTabs([['', `Alerts (${alerts.length})`], ['rules', `Rules (${rules})`],
            ['lint', `Lint (${findings.length})`]]);
        for (const choice of [this.state, this.grouping]) choice.hidden = this.tab !== '';
        const draw = () => {
            if (this.tab === 'rules') this.showRules();
            else if (this.tab === 'lint') this.showLint(findings);
            else this.showAlerts(alerts);
        };
        // In another tab other things stand at the same places.
        if (this.drawnTab === this.tab) keepingPlace(this.body, draw);
        else draw();
        this.drawnTab = this.tab;
    }

    /** Alerts of the clusters that are chosen in the bar; those of no cluster concern all. */
    ofClusters(alerts) {
        const names = this.context.clusters();
        return names.length === 0 ? alerts
            : alerts.filter((alert) => alert.cluster === '' || names.includes(alert.cluster));
    }

    showAlerts(alerts) {
        const some = chosen(alerts, {words: this.words.value, state: this.state.value});
        const groups = grouped(some, this.grouping.value || 'severity');
        fill(this.body, groups.map(([name, list]) => alertGroup(name, list, this.context.link)),
            some.length > 0 ? null : h('section.panel', null, h('p.nothing', null,
                alerts.length === 0 ? 'No alert is pending or firing.'
                    : `None of ${alerts.length} alerts matches.`)));
    }

    showRules() {
        const words = this.words.value.toLowerCase().split(/\s+/).filter(Boolean);
        const parts = this.groups.map((group) => [group, group.rules.filter((rule) => {
            const text = `${group.name} ${rule.name} ${rule.query}`.toLowerCase();
            return words.every((word) => text.includes(word));
        })]).filter(([, rules]) => rules.length > 0);
        fill(this.body, parts.map(([group, rules]) => ruleGroup(group, rules, this.context.link)),
            parts.length > 0 ? null
                : h('section.panel', null, h('p.nothing', null, 'No rule matches.')));
    }

    showLint(findings) {
        const words = this.words.value.toLowerCase().split(/\s+/).filter(Boolean);
        fill(this.body, h('p.section-note', null, 'The expressions of all rules, held against the '
            + 'metrics and labels that the clusters have at present. What some clusters lack may '
            + 'be meant so: rules for several meshes name metrics that only one of them has.'),
        lintTable(this.lintMemory, findings.filter(({rule, finding}) => {
            const text = `${rule.name} ${finding.kind} ${finding.message}`.toLowerCase();
            return words.every((word) => text.includes(word));
        })));
    }

    drawTabs(tabs) {
        fill(this.tabs, tabs.map(([name, label]) => h('button', {
            type: 'button', 'aria-pressed': String(name === this.tab),
            data: {tab: name || 'alerts'}, onclick: () => this.context.set({tab: name}),
        }, label)));
    }
}
