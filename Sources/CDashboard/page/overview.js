// The fleet at a glance: what is missing, how the mesh and each cluster do, what fires, and which
// services are worst.

import {sharedNow} from './address.js';
import {isAbort} from './api.js';
import {coverage} from './coverage.js';
import {fill, h} from './dom.js';
import {clusterCard, clusterTable, mostCards} from './overview-clusters.js';
import {alertsPanel, servicesPanel} from './overview-lists.js';
import {meshTiles} from './overview-tiles.js';
import {styleSheet} from './libraries.js';
import {judgedServices, signalsBy, summarised} from './overview-reading.js';

const signalsShown = ['requestRate', 'errorRatio', 'latencyP50', 'latencyP95', 'latencyP99'];
// All services of a large mesh take a while: they are asked for in a twentieth of the time.
const patience = 20;
// Certificates that nothing renews every few hours.
const lastingKinds = 'root,intermediate,issuer,server';
// Enough for a line of a hundred pixels; the lines are asked for again only when a point is new.
const points = 60;

export default {
    title: 'Fleet overview',
    async mount(root, parameters, context) {
        const style = styleSheet('page/overview.css');
        const tiles = h('section.tiles', {'aria-label': 'The whole mesh'});
        const clusters = h('section.clusters', {'aria-label': 'Clusters'});
        const services = h('section.panel');
        const alerts = h('section.panel');
        fill(root, h('h1.visually-hidden', null, 'Fleet overview'), tiles, clusters,
            h('div.overview-lists', null, services, alerts));
        fill(tiles, h('p.loading', null, 'Asking the clusters…'));
        const seen = {lines: {}, linesUntil: '', servicesCost: null};

        async function update() {
            const asked = ask(context, seen);
            await Promise.all(Object.entries(asked).map(async ([name, answer]) => {
                try {
                    seen[name] = await answer;
                    seen[`${name}Error`] = null;
                } catch (error) {
                    if (isAbort(error)) return;
                    // The last answer stays; the part says that it is old.
                    seen[`${name}Error`] = error.message;
                }
                await style;
                if (!context.signal.aborted) draw();
            }));
            if (seen.fleetError && seen.clusterError) throw new Error(seen.fleetError);
        }

        function draw() {
            const chosen = context.clusters();
            const fleet = (seen.fleet ?? []).filter((cluster) =>
                chosen.length === 0 || chosen.includes(cluster.name));
            meshTiles(tiles, {...seen, fleet, judged: seen.services ?? null}, context);
            drawClusters(clusters, fleet, seen, context);
            servicesPanel(services, seen.services ?? null, seen, context);
            alertsPanel(alerts, seen, context);
        }

        await Promise.all([style, update()]);
        return {update};
    },
};

/** Cards, or a table of many clusters; a table stays, so that its sorting does. */
function drawClusters(root, fleet, seen, context) {
    const isMany = fleet.length > mostCards;
    root.classList.toggle('panel', isMany);
    root.classList.toggle('many', isMany);
    if (!isMany) {
        root.table = null;
        fill(root, fleet.map((cluster) => clusterCard(cluster, seen, context)));
        return;
    }
    if (!root.table) {
        root.table = clusterTable(context);
        fill(root, root.table.element);
    }
    root.table.show(fleet.map((cluster) => ({cluster, seen})));
}

function isWorthAsking(cost, subject) {
    return !cost || cost.subject !== subject
        || Date.now() - cost.askedAt > cost.milliseconds * patience;
}

/** Asks all there is to ask; each part is drawn when its answer comes. */
function ask(context, seen) {
    const time = context.time(points);
    const common = {
        cluster: context.clusterParameter(), window: time.window,
        end: time.isLive ? sharedNow() : time.end, signal: signalsShown.join(','),
    };
    const signals = (by, more = {}) => context.ask('mesh/v1/signals', {...common, by, ...more}, {
        key: `signals by ${by}${more.range ? ' over time' : ''}`});
    const questions = {
        fleet: context.fleet(),
        // The worst one is first; the totals are those of all.
        certificates: context.ask('mesh/v1/certificates', {
            cluster: common.cluster, kind: lastingKinds, top: 1,
        }, {key: 'certificates', counts: false}).then(({data}) => data),
        mesh: signals('mesh').then(({data}) => data),
        cluster: signals('cluster').then(({data}) => signalsBy(data, 'cluster')),
        alerts: context.ask('api/v1/alerts', {}, {key: 'alerts'})
            .then(({data}) => {
                coverage.noteSince(data.alerts.flatMap((alert) =>
                    alert.federation?.missing ?? []));
                return summarised(data.alerts);
            }),
    };
    const subject = JSON.stringify([common.cluster, common.window, time.isLive || time.end]);
    if (isWorthAsking(seen.servicesCost, subject)) {
        const askedAt = Date.now();
        questions.services = signals('service').then(({data, milliseconds}) => {
            seen.servicesCost = {askedAt, milliseconds, subject};
            seen.servicesTotals = data.totals;
            return judgedServices(data);
        });
    }
    const until = JSON.stringify([time.start, time.end, common.cluster, time.window]);
    if (until !== seen.linesUntil) {
        const more = {range: `${time.end - time.start}s`, step: `${time.step}s`, end: time.end};
        questions.lines = Promise.all([signals('mesh', more), signals('cluster', more)])
            .then(([mesh, cluster]) => {
                seen.linesUntil = until;
                return {
                    mesh: mesh.data.subjects[0] ?? null,
                    clusters: signalsBy(cluster.data, 'cluster'),
                    start: time.start, end: time.end,
                };
            });
    }
    return questions;
}
