// The bar's controls: which clusters, which time, how often to refresh, light or dark. What they
// say is in the address; they only show it and change it.

import {shared} from './address.js';
import {fill, h} from './dom.js';
import {chosenTheme, isDark, setTheme} from './theme.js';

const ranges = [['15m', '15 min'], ['1h', '1 h'], ['3h', '3 h'], ['6h', '6 h'], ['12h', '12 h'],
    ['1d', '1 day'], ['2d', '2 days'], ['7d', '7 days']];
const windows = [['1m', '1 min'], ['2m', '2 min'], ['5m', '5 min'], ['15m', '15 min'],
    ['1h', '1 h']];
const refreshes = [['0', 'off'], ['10', '10 s'], ['30', '30 s'], ['60', '1 min']];

/**
 * Builds the controls.
 *
 * @param {HTMLElement} root
 * @param {{set: (changes: Object) => void, refresh: () => void}} actions
 * @returns {{show: (parameters: Object) => void, showClusters: (clusters: Object[]) => void}}
 */
export function makeControls(root, {set, refresh}) {
    let parameters = {};
    let clusters = [];
    let shownClusters = null;
    const clusterMenu = makeMenu('Clusters');
    const timeMenu = makeMenu('Time');
    const refreshChoice = choice('Refresh', refreshes, (value) => set({refresh: value}));
    const refreshButton = h('button.icon', {
        type: 'button', title: 'Refresh now (r)', 'aria-label': 'Refresh now', onclick: refresh,
    }, '↻');
    const rangeChoice = choice('Shown', ranges, (value) => set({range: value}));
    const windowChoice = choice('Rates over', windows, (value) => set({window: value}));
    const until = h('input', {
        type: 'datetime-local', onchange: () => set({end: until.value
            ? Math.floor(new Date(until.value).getTime() / 1000) : ''}),
    });
    const untilNow = h('button.quiet', {type: 'button', onclick: () => set({end: ''})},
        'Until now');
    fill(timeMenu.body, h('label.field', null, 'Shown', rangeChoice.element),
        h('label.field', null, 'Until', until), untilNow,
        h('label.field', null, 'Rates over', windowChoice.element));
    fill(root, clusterMenu.element, timeMenu.element,
        h('span.refresh', null, refreshButton, refreshChoice.element), makeThemeButton());
    document.addEventListener('keydown', (event) => {
        if (event.key === 'r' && isFree(event)) refresh();
    });
    return {show, showClusters};

    function show(next) {
        parameters = next;
        refreshChoice.show(parameters.refresh ?? shared.refresh);
        showTime();
        showClusterMenu();
    }

    function showClusters(next) {
        clusters = next;
        showClusterMenu();
    }

    function chosenClusters() {
        return (parameters.cluster ?? '').split(',').filter(Boolean);
    }

    /** Boxes that stay are kept, so that the keyboard's focus stays on them. */
    function showClusterMenu() {
        const chosen = chosenClusters();
        clusterMenu.say(chosen.length === 0 ? 'All clusters'
            : chosen.length === 1 ? chosen[0] : `${chosen.length} clusters`);
        // A cluster that the address names stays here though the gateway does not know it.
        const all = [...new Set([...clusters.map(({name}) => name), ...chosen])].sort();
        if (all.join() !== shownClusters) {
            shownClusters = all.join();
            fill(clusterMenu.body,
                h('button.quiet', {type: 'button', onclick: () => set({cluster: ''})},
                    'All clusters'),
                all.map((name) => h('label.check', null, h('input', {
                    type: 'checkbox', value: name,
                    onchange: (event) => choose(name, event.target.checked),
                }), name)));
        }
        for (const box of clusterMenu.body.querySelectorAll('input')) {
            box.checked = chosen.includes(box.value);
        }
    }

    function choose(name, isOn) {
        const others = chosenClusters().filter((one) => one !== name);
        set({cluster: (isOn ? [...others, name] : others).sort().join(',')});
    }

    function showTime() {
        const range = parameters.range ?? shared.range;
        const label = ranges.find(([value]) => value === range)?.[1] ?? range;
        const end = parameters.end ? new Date(Number(parameters.end) * 1000) : null;
        timeMenu.say(end ? `${label} until ${shortTime(end)}` : `Last ${label}`);
        rangeChoice.show(range);
        windowChoice.show(parameters.window ?? shared.window);
        if (document.activeElement !== until) until.value = end ? localText(end) : '';
        untilNow.disabled = !end;
    }
}

/** Whether a key is meant for the page and not for a field. */
export function isFree(event) {
    return !event.ctrlKey && !event.metaKey && !event.altKey
        && !event.target.closest?.('input, textarea, select, [contenteditable]');
}

/** A button that opens a small panel below it; Escape and a click elsewhere close it. */
function makeMenu(label) {
    const text = h('span');
    const body = h('div.menu-body');
    const summary = h('summary', {title: label}, text);
    const element = h('details.menu', null, summary, body);
    document.addEventListener('click', (event) => {
        // What was clicked may be gone from the panel already.
        if (!element.contains(event.target) && event.target.isConnected) element.open = false;
    });
    element.addEventListener('keydown', (event) => {
        if (event.key !== 'Escape' || !element.open) return;
        element.open = false;
        summary.focus();
    });
    const say = (words) => {
        fill(text, words);
        summary.setAttribute('aria-label', `${label}: ${words}`);
    };
    return {element, body, say};
}

function choice(label, options, onPick) {
    const element = h('select', {
        'aria-label': label, onchange: (event) => onPick(event.target.value),
    }, options.map(([value, words]) => h('option', {value}, words)));
    return {
        element,
        show(value) {
            // The address may say what is not offered.
            if (![...element.options].some((option) => option.value === value)) {
                element.append(h('option', {value}, value));
            }
            element.value = value;
        },
    };
}

function makeThemeButton() {
    const button = h('button.icon', {
        type: 'button', onclick: () => {
            setTheme(isDark() ? 'light' : 'dark');
            say();
        },
    });
    const say = () => {
        const words = isDark() ? 'Show in light colours' : 'Show in dark colours';
        button.title = words;
        button.setAttribute('aria-label', words);
        fill(button, isDark() ? '☀' : '☾');
    };
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', say);
    if (!chosenTheme()) setTheme('');
    say();
    return button;
}

const two = (number) => String(number).padStart(2, '0');

function localText(date) {
    return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
        + `T${two(date.getHours())}:${two(date.getMinutes())}`;
}

function shortTime(date) {
    return localText(date).replace('T', ' ').slice(5);
}
