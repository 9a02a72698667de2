// Tables: sortable by their heads, with a limit to how much is drawn at once.

import {fill, h} from './dom.js';

/**
 * A table.
 *
 * @param {{name: string, label: string, value?: (row: any) => any, cell?: (row: any) => any,
 *     isNumber?: boolean, title?: string, isHeader?: boolean}[]} columns `value` is what one sorts
 *     by, `cell` what is shown (a node, text or a list of them); without `cell`, the value.
 *     `isHeader`: the cell names its row
 * @param {{caption?: string, sortedBy?: string, descending?: boolean, limit?: number,
 *     empty?: string, onPick?: (row: any) => void, key?: (row: any) => string,
 *     memory?: Object}} [options]
 *     `onPick` makes rows clickable; `key` marks rows with `data-key`; `memory` is an object that
 *     keeps how the table is sorted and how much of it is shown for the one that replaces it
 * @returns {{element: HTMLElement, show: (rows: any[]) => void}}
 */
export function makeTable(columns, options = {}) {
    const {caption, limit = 200, empty = 'There is nothing here.', onPick, key,
        memory = {}} = options;
    let sortedBy = memory.sortedBy ?? options.sortedBy ?? null;
    let isDescending = memory.isDescending ?? options.descending ?? true;
    let rows = [];
    let shownCount = memory.shownCount ?? limit;
    const heads = h('tr');
    const body = h('tbody');
    const rest = h('div.table-rest');
    const element = h('div.table-frame', null,
        h('table', null, caption ? h('caption', null, caption) : null, h('thead', null, heads),
            body), rest);
    drawHeads();
    return {element, show};

    function show(next) {
        rows = next;
        drawRows();
    }

    function drawHeads() {
        fill(heads, columns.map((column) => {
            const isHere = column.name === sortedBy;
            return h('th', {
                scope: 'col', class: column.isNumber ? 'number' : null, title: column.title,
                'aria-sort': isHere ? (isDescending ? 'descending' : 'ascending') : null,
            }, column.value
                ? h('button.sort', {type: 'button', onclick: () => sortBy(column)}, column.label,
                    h('span', {'aria-hidden': 'true'}, isHere ? (isDescending ? ' ↓' : ' ↑') : ''))
                : column.label);
        }));
    }

    function sortBy(column) {
        isDescending = column.name === sortedBy ? !isDescending : Boolean(column.isNumber);
        sortedBy = column.name;
        Object.assign(memory, {sortedBy, isDescending});
        const index = columns.indexOf(column);
        drawHeads();
        drawRows();
        heads.children[index].querySelector('button')?.focus();
    }

    function drawRows() {
        const column = columns.find((one) => one.name === sortedBy);
        const sorted = column ? [...rows].sort(ordering(column.value, isDescending)) : rows;
        const shown = sorted.slice(0, shownCount);
        fill(body, shown.length === 0
            ? h('tr', null, h('td.empty', {colspan: columns.length}, empty))
            : shown.map(drawnRow));
        const hidden = sorted.length - shown.length;
        fill(rest, hidden > 0 ? h('button.quiet', {
            type: 'button', onclick: () => {
                shownCount += limit;
                memory.shownCount = shownCount;
                drawRows();
            },
        }, `Show ${Math.min(limit, hidden)} more of ${hidden}`) : null);
    }

    function drawnRow(row) {
        return h('tr', {
            class: onPick ? 'pickable' : null, data: key ? {key: key(row)} : {},
            // A click on a link or a button within the row is not one on the row.
            onclick: onPick && ((event) => {
                if (!event.target.closest('a, button, input, select')) onPick(row);
            }),
        }, columns.map((column) => {
            const content = column.cell ? column.cell(row) : column.value(row);
            return column.isHeader
                ? h('th', {scope: 'row'}, content)
                : h('td', {class: column.isNumber ? 'number' : null}, content);
        }));
    }
}

/** What is not known comes last, whichever way one sorts. */
function ordering(value, isDescending) {
    const sign = isDescending ? -1 : 1;
    return (left, right) => {
        const [a, b] = [value(left), value(right)];
        if (isAbsent(a) || isAbsent(b)) return Number(isAbsent(a)) - Number(isAbsent(b));
        if (typeof a === 'string') return sign * a.localeCompare(b, 'en', {numeric: true});
        return sign * (a - b);
    };
}

const isAbsent = (value) => value === null || value === undefined || Number.isNaN(value);
