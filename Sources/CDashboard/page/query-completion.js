// Completes metrics, functions, labels and their values while a query is written.

import {fill, h} from './dom.js';

const most = 12;
const words = ['sum', 'avg', 'min', 'max', 'count', 'topk', 'bottomk', 'quantile', 'stddev',
    'count_values', 'group', 'by', 'without', 'on', 'ignoring', 'group_left', 'group_right',
    'offset', 'bool', 'and', 'or', 'unless'];

/**
 * What is being written at a place in a query.
 *
 * @param {string} text
 * @param {number} place
 * @returns {{kind: 'name'|'label'|'value', typed: string, from: number, metric: string,
 *     label: string}|null} null inside a string that is no label's value
 */
function wordAt(text, place) {
    const before = text.slice(0, place);
    const brace = openBrace(before);
    const metric = brace >= 0 ? (/([A-Za-z_:][\w:]*)\s*$/.exec(before.slice(0, brace))?.[1] ?? '')
        : '';
    const value = /([A-Za-z_]\w*)\s*(?:=~|!~|!=|=)\s*"([^"]*)$/.exec(before);
    if (value && brace >= 0) {
        return {
            kind: 'value', typed: value[2], from: place - value[2].length, metric,
            label: value[1],
        };
    }
    if ((before.match(/"/g) ?? []).length % 2 === 1) return null;
    const typed = /[A-Za-z_:][\w:]*$/.exec(before)?.[0] ?? '';
    const isGrouping = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*$/i
        .test(before);
    const kind = brace >= 0 || isGrouping ? 'label' : 'name';
    return {kind, typed, from: place - typed.length, metric, label: ''};
}

/** Where the last brace is that is still open; −1 without one. */
function openBrace(text) {
    let isQuoted = false;
    let open = -1;
    for (let index = 0; index < text.length; index += 1) {
        if (text[index] === '"' && text[index - 1] !== '\\') isQuoted = !isQuoted;
        else if (!isQuoted && text[index] === '{') open = index;
        else if (!isQuoted && text[index] === '}') open = -1;
    }
    return open;
}

/**
 * Adds completion to a text area.
 *
 * @param {HTMLTextAreaElement} field
 * @param {Object} context the view's context, which asks
 * @returns {HTMLElement} the list, to be put beside the field
 */
export function addCompletion(field, context) {
    const list = h('ul.completions', {id: 'completions', role: 'listbox', hidden: true,
        'aria-label': 'Completions'});
    let offered = [];
    // None at first: Enter runs the query unless somebody went into the list.
    let picked = -1;
    let word = null;
    let turn = 0;
    for (const [name, value] of Object.entries({
        role: 'combobox', 'aria-autocomplete': 'list', 'aria-controls': 'completions',
        'aria-expanded': 'false',
    })) field.setAttribute(name, value);
    const known = candidates(context);
    field.addEventListener('input', offer);
    field.addEventListener('keydown', key, {capture: true});
    field.addEventListener('blur', () => setTimeout(close, 150));
    return list;

    async function offer() {
        turn += 1;
        const mine = turn;
        word = wordAt(field.value, field.selectionStart);
        if (!word || (word.kind === 'name' && word.typed.length === 0)) return close();
        const all = await known(word).catch(() => []);
        if (mine !== turn || document.activeElement !== field) return undefined;
        const typed = word.typed.toLowerCase();
        const rank = (text) => (text.toLowerCase().startsWith(typed) ? 0 : 1);
        offered = all.filter((text) => text.toLowerCase().includes(typed) && text !== word.typed)
            .sort((a, b) => rank(a) - rank(b)).slice(0, most);
        picked = -1;
        return draw();
    }

    function draw() {
        list.hidden = offered.length === 0;
        field.setAttribute('aria-expanded', String(!list.hidden));
        fill(list, offered.map((text, index) => h('li', {
            id: `completion-${index}`, role: 'option', 'aria-selected': String(index === picked),
            onpointerdown: (event) => {
                event.preventDefault();
                accept(text);
            },
        }, text)));
        if (list.hidden || picked < 0) field.removeAttribute('aria-activedescendant');
        else field.setAttribute('aria-activedescendant', `completion-${picked}`);
    }

    function key(event) {
        if (list.hidden || event.ctrlKey || event.metaKey) return;
        if (event.key === 'ArrowDown') picked = (picked + 1) % offered.length;
        else if (event.key === 'ArrowUp') picked = picked <= 0 ? offered.length - 1 : picked - 1;
        else if (event.key === 'Tab' || (event.key === 'Enter' && picked >= 0)) {
            accept(offered[Math.max(picked, 0)]);
        } else if (event.key === 'Escape') close();
        else return;
        event.preventDefault();
        event.stopImmediatePropagation();
        if (!list.hidden) draw();
    }

    function accept(text) {
        field.setRangeText(text, word.from, field.selectionStart, 'end');
        close();
        field.dispatchEvent(new Event('change'));
    }

    function close() {
        offered = [];
        list.hidden = true;
        field.setAttribute('aria-expanded', 'false');
        field.removeAttribute('aria-activedescendant');
    }
}

/** What there is to complete, each asked once while the view lives. */
function candidates(context) {
    const remembered = new Map();
    const once = (key, work) => {
        if (!remembered.has(key)) {
            remembered.set(key, work().catch((error) => {
                remembered.delete(key);
                throw error;
            }));
        }
        return remembered.get(key);
    };
    const list = (path, metric) => context.ask(path, metric ? {'match[]': metric} : {},
        {counts: false}).then(({data}) => data);
    const functions = () => once('functions', () => (
        context.ask('api/v1/features', {}, {counts: false}).then(({data}) => (
            Object.entries(data.promql_functions).filter(([, has]) => has)
                .map(([name]) => name)))));
    const names = () => once('names', async () => {
        const [metrics, built] = await Promise.all([
            list('api/v1/label/__name__/values'), functions()]);
        return [...metrics, ...built, ...words];
    });
    return ({kind, metric, label}) => {
        if (kind === 'name') return names();
        if (kind === 'label') return once(`labels ${metric}`, () => list('api/v1/labels', metric));
        return once(`values ${label} ${metric}`, () => (
            list(`api/v1/label/${encodeURIComponent(label)}/values`, metric)));
    };
}
