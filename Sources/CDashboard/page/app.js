// The page's beginning: it reads the address, loads the view that is named there and keeps it
// fresh. All files here are modules of ours; D3 and dagre are served beside them and loaded when
// a view needs them (`libraries.js`).
//
// HOW TO WRITE A VIEW. A view is a module named in `views.js`. It exports, by default,
//
//     export default {
//         title: 'Traces',
//         async mount(root, parameters, context) { …; return {update, unmount}; },
//     };
//
// - `root` is an empty element of its own; `parameters` are those of the address, as text, shared
//   ones (`cluster`, `range`, `end`, `window`, `refresh`; defaults in `address.js`) among them.
// - `update(parameters, reason)` is called when the address changed within the view (reason
//   'address') and when it is time to ask again ('refresh': the timer, the button, the return to
//   the tab). It may return a promise: the next refresh waits for it. Without `update` the view is
//   mounted anew when its address changes, and does not refresh.
// - `unmount()` is called before another view comes. A function in the place of the object is
//   `unmount`. Questions still open are aborted by the page.
// - An error that `mount` or `update` throws is shown as a sentence above the view. What was there
//   stays. Aborted questions are no error.
// - `context` (all there is of the page):
//     ask(path, parameters, {key, source, counts})   see `ask` in `api.js`; a newer question with
//                                     the same `key` aborts the older one
//     time(points = 120)              {start, end, range, step, window, isLive}, see `timeOf`
//     clusters()                      names chosen in the bar; [] for all
//     clusterParameter()              the same as a parameter: 'a,b', or null for all
//     fleet()                         promise of what /mesh/v1/clusters says (shared, remembered)
//     set(changes, {replace})         changes this view's address; null removes a parameter
//     link(view, parameters)          an address, with the shared parameters carried along
//     go(view, parameters)            goes there
//     announce(text)                  says it to screen readers
//     signal                          aborted when the view goes
// - `#content[data-ready]` is 'true' when the view is mounted, 'failed' when that went wrong; the
//   view's root has `data-view`.
// - Elements: `h`, `svg`, `fill` (`dom.js`); numbers: `format.js`; tables: `table.js`; lines:
//   `sparkline.js`; states with shape and word: `status.js`. Never `innerHTML`, never `eval`.
// - Styles: tokens and common parts in `style.css`; a view's own sheet by
//   `await styleSheet('page/traces.css')` from `libraries.js`.

import {parsed, sharedPart, timeOf, written} from './address.js';
import {ask, isAbort} from './api.js';
import {makeControls} from './controls.js';
import {coverage} from './coverage.js';
import {fill, h} from './dom.js';
import {fleet} from './fleet.js';
import {ago} from './format.js';
import {makeJump} from './jump.js';
import {Refreshing} from './refreshing.js';
import {glyph} from './status.js';
import {chosenTheme, setTheme} from './theme.js';
import {viewNamed, views} from './views.js';

const content = document.getElementById('content');
const announcer = document.getElementById('announcer');

// The view on the page: its row of `views`, its handle, its abort controller, its root.
let shown = null;
// Counts the views that were asked for, so that a slow module does not replace a later view.
let turn = 0;

setTheme(chosenTheme());
const refreshing = new Refreshing(() => refresh());
const controls = makeControls(document.getElementById('controls'), {
    set: (changes) => setAddress(changes, {}), refresh: () => refreshing.now(),
});
makeJump(document.getElementById('jump'), {link});
// A link to a place in the page would be an address to the router.
document.querySelector('.skip').addEventListener('click', (event) => {
    event.preventDefault();
    content.focus();
});
coverage.addEventListener('change', showMissing);
addEventListener('hashchange', () => show());
setInterval(showMissing, 10_000);
askFleet();
show();

/** What the address says now. */
function current() {
    return parsed(location.hash);
}

async function show() {
    const {view: name, parameters} = current();
    const view = viewNamed(name);
    controls.show(parameters);
    showNavigation(name, parameters);
    refreshing.every(Number(parameters.refresh ?? 30));
    if (shown && shown.view === view && shown.handle?.update) {
        return attempt(() => shown.handle.update(parameters, 'address'));
    }
    turn += 1;
    const mine = turn;
    unmount();
    if (!view) return showUnknown(name);
    shown = {view, handle: null, controller: new AbortController(), root: h('div.view')};
    shown.root.dataset.view = view.name || 'overview';
    fill(content, shown.root);
    const here = shown;
    document.title = `${view.label} · Isthmus`;
    preload(view);
    await attempt(async () => {
        const module = await import(view.module);
        if (turn !== mine) return;
        document.title = `${module.default.title ?? view.label} · Isthmus`;
        const handle = await module.default.mount(here.root, parameters, contextOf(here));
        here.handle = typeof handle === 'function' ? {unmount: handle} : handle;
        // Another view was asked for meanwhile: this one has to clean up after all.
        if (turn !== mine) here.handle?.unmount?.();
    }, here);
    if (turn !== mine) return;
    content.dataset.ready = here.handle ? 'true' : 'failed';
    refreshing.finished();
    // The address may have changed while the view was being mounted.
    const now = current();
    if (now.view === name && JSON.stringify(now.parameters) !== JSON.stringify(parameters)) show();
}

/** Fetches a view's files together; each import would else wait for the one before. */
function preload(view) {
    for (const part of view.parts ?? []) {
        const href = `page/${part}`;
        if (document.querySelector(`link[href="${href}"]`)) continue;
        const kind = part.endsWith('.css') ? {rel: 'preload', as: 'style'}
            : part === 'd3.js' ? {rel: 'preload', as: 'script'} : {rel: 'modulepreload'};
        document.head.append(h('link', {...kind, href}));
    }
}

function unmount() {
    delete content.dataset.ready;
    if (!shown) return;
    shown.controller.abort();
    try {
        shown.handle?.unmount?.();
    } catch (error) {
        reportError(error);
    }
    coverage.forgetAnswers();
    shown = null;
}

async function refresh() {
    askFleet();
    const here = shown;
    // What could not be mounted is tried again: the gateway may be back.
    if (here && !here.handle) return show();
    if (!here?.handle?.update) return;
    await attempt(() => here.handle.update(current().parameters, 'refresh'), here);
}

/** Asks for the clusters' state, which the strip of missing ones shows. */
function askFleet() {
    fleet.ask().then(
        (clusters) => controls.showClusters(clusters), (error) => showError(error));
}

function contextOf(here) {
    const {signal} = here.controller;
    const keyed = new Map();
    return {
        signal,
        ask(path, parameters, {key, ...options} = {}) {
            const own = new AbortController();
            if (key) {
                keyed.get(key)?.abort();
                keyed.set(key, own);
            }
            return ask(path, parameters, {
                source: key ?? path, ...options, signal: AbortSignal.any([signal, own.signal]),
            });
        },
        time: (points) => timeOf(current().parameters, points),
        clusters: () => (current().parameters.cluster ?? '').split(',').filter(Boolean),
        clusterParameter: () => current().parameters.cluster || null,
        fleet: () => fleet.latest(),
        set: (changes, options = {}) => setAddress(changes, options),
        link, go,
        announce: (text) => fill(announcer, text),
    };
}

/** Does a view's work; what goes wrong becomes a sentence above the view. */
async function attempt(work, here = shown) {
    try {
        await work();
        if (here === shown) showError(null);
    } catch (error) {
        if (isAbort(error)) return;
        if (here === shown) showError(error);
        // A mistake of ours belongs in the console too; a gateway that is away does not.
        if (error?.name !== 'GatewayError') reportError(error);
    }
}

function showError(error) {
    document.getElementById('error')?.remove();
    if (!error || isAbort(error)) return;
    const sentence = error.name === 'GatewayError' ? error.message
        : `This view has stopped: ${error.message}`;
    content.before(h('div.notice.failing', {id: 'error', role: 'alert'},
        h('span', null, sentence),
        h('button.quiet', {type: 'button', onclick: () => refreshOrMount()}, 'Try again')));
}

function refreshOrMount() {
    if (shown?.handle?.update) refreshing.now();
    else show();
}

function showUnknown(name) {
    refreshing.finished();
    fill(content, h('div.view', null, h('p.notice', null,
        `There is no view “${name}”. `, h('a', {href: link('', {})}, 'Go to the overview'), '.')));
}

function showNavigation(name, parameters) {
    // One service is shown below the tab of all services.
    const tab = viewNamed(name)?.hidden ? `${name}s` : name;
    fill(document.getElementById('views'), views.filter((view) => !view.hidden).map((view) =>
        h('a', {
            href: written(view.name, sharedPart(parameters)),
            'aria-current': view.name === tab ? 'page' : null,
        }, view.label)));
    const here = document.querySelector('#views [aria-current]');
    // On a phone the bar scrolls sideways; the current view should be in sight.
    here?.scrollIntoView({block: 'nearest', inline: 'nearest'});
}

function showMissing() {
    const strip = document.getElementById('missing');
    const missing = coverage.missing();
    strip.hidden = missing.length === 0;
    fill(strip, missing.map(({cluster, reason, since}) =>
        h('span.missing-one', null, glyph('missing'),
            h('strong', null, `${cluster} is missing`), `: ${reason} `,
            h('span.muted', null, `(noticed ${ago(since)})`))));
}

/** An address with the shared parameters of the present one, unless these are given too. */
function link(view, parameters = {}) {
    return written(view, {...sharedPart(current().parameters), ...parameters});
}

function go(view, parameters = {}) {
    location.hash = link(view, parameters);
}

function setAddress(changes, {replace = false}) {
    const {view, parameters} = current();
    const address = written(view, {...parameters, ...changes});
    if (address === written(view, parameters)) return;
    if (!replace) {
        location.hash = address;
        return;
    }
    history.replaceState(null, '', address);
    show();
}
