// The box that jumps to a service, a cluster or a view: `/` puts the cursor there.

import {ask} from './api.js';
import {isFree} from './controls.js';
import {fill, h} from './dom.js';
import {fleet} from './fleet.js';
import {counted} from './format.js';
import {serviceName} from './signal-words.js';
import {views} from './views.js';

const limit = 12;
// Names of services change seldom: they are asked for again after this many milliseconds.
const goodFor = 120_000;

/**
 * Builds the box.
 *
 * @param {HTMLElement} root
 * @param {{link: Function}} page
 */
export function makeJump(root, {link}) {
    let places = [];
    let askedAt = 0;
    let isAsking = false;
    // How many services there are beyond those that the gateway told of.
    let untold = 0;
    let picked = 0;
    const list = h('ul', {id: 'jump-list', role: 'listbox', 'aria-label': 'Places', hidden: true});
    const input = h('input', {
        type: 'search', placeholder: 'Go to…  /', 'aria-label': 'Go to a service, cluster or view',
        role: 'combobox', 'aria-controls': 'jump-list', 'aria-expanded': 'false',
        'aria-autocomplete': 'list', autocomplete: 'off', spellcheck: 'false',
        onfocus: () => gather(), oninput: () => show(), onkeydown: (event) => onKey(event),
        // The list lives a moment longer than the focus, so that a click on it arrives.
        onblur: () => setTimeout(close, 150),
    });
    fill(root, input, list);
    document.addEventListener('keydown', (event) => {
        if (event.key !== '/' || !isFree(event)) return;
        event.preventDefault();
        input.focus();
        input.select();
    });

    async function gather() {
        show();
        if (Date.now() - askedAt < goodFor) return;
        askedAt = Date.now();
        isAsking = true;
        const [clusters, services] = await Promise.allSettled([fleet.latest(), servicesKnown()]);
        places = [
            ...views.filter((view) => !view.hidden).map((view) => (
                {kind: 'view', text: view.label, view: view.name, parameters: {}})),
            ...(clusters.value ?? []).map((cluster) => (
                {kind: 'cluster', text: cluster.name, view: '', parameters: {
                    cluster: cluster.name}})),
            ...(services.value?.names ?? []).map(service),
        ];
        untold = services.value?.untold ?? 0;
        isAsking = false;
        if (services.status === 'rejected') askedAt = 0;
        show();
    }

    function matches() {
        const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
        const found = places.filter((place) =>
            words.every((word) => `${place.kind} ${place.text}`.toLowerCase().includes(word)));
        // What begins with the words is meant more often than what holds them somewhere.
        const rank = (place) => (place.text.toLowerCase().split('/').some((part) =>
            part.startsWith(words[0] ?? '')) ? 0 : 1);
        // Of services that are not told of, whoever knows the name gets there too.
        const other = untold > 0 && words.length === 1 && found.length < limit
            ? [{...service(input.value.trim()), remark: `perhaps one of ${counted(untold,
                'service')} with fewer requests`}] : [];
        return [...found.sort((a, b) => rank(a) - rank(b)).slice(0, limit), ...other];
    }

    function show() {
        picked = 0;
        if (document.activeElement !== input) return;
        draw();
    }

    function draw() {
        const found = matches();
        list.hidden = found.length === 0 && input.value === '';
        input.setAttribute('aria-expanded', String(!list.hidden));
        fill(list, found.length === 0
            ? h('li.muted', null, isAsking ? 'Asking…' : 'Nothing of this name.')
            : found.map((place, index) => h('li', {
                role: 'option', id: `jump-${index}`, 'aria-selected': String(index === picked),
                onpointerdown: () => goTo(place),
            }, place.text, h('span.muted', null, place.remark ?? place.kind))));
        if (found.length > 0) input.setAttribute('aria-activedescendant', `jump-${picked}`);
        else input.removeAttribute('aria-activedescendant');
    }

    function onKey(event) {
        const found = matches();
        if (event.key === 'ArrowDown') picked = Math.min(picked + 1, found.length - 1);
        else if (event.key === 'ArrowUp') picked = Math.max(picked - 1, 0);
        else if (event.key === 'Enter' && found[picked]) return goTo(found[picked]);
        else if (event.key === 'Escape') return input.blur();
        else return undefined;
        event.preventDefault();
        return draw();
    }

    function goTo(place) {
        location.hash = link(place.view, place.parameters);
        input.value = '';
        input.blur();
        close();
    }

    function close() {
        list.hidden = true;
        input.setAttribute('aria-expanded', 'false');
    }
}

/** The place of a service by its name. */
const service = (name) => ({
    kind: 'service', text: name, view: 'service', parameters: {service: name}});

/** The services of the mesh, by name, whichever clusters they are in: those with the most requests,
 * and how many more there are. */
async function servicesKnown() {
    const {data} = await ask('mesh/v1/signals', {
        by: 'service', signal: 'requestRate',
    }, {counts: false});
    const own = (name) => name.split('/').pop();
    const names = new Set(data.subjects.filter((subject) => subject.service).map(serviceName));
    return {
        names: [...names].sort((a, b) => (own(a) < own(b) ? -1 : 1)),
        untold: data.totals.subjects - data.totals.shown,
    };
}
