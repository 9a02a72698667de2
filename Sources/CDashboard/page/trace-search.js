// The form that searches for traces.

import {isAbort} from './api.js';
import {fill, h} from './dom.js';

/** Parameters of the address that the form fills. */
const fieldNames = ['service', 'operation', 'tags', 'min', 'max', 'limit'];
export const standardLimit = 20;

/**
 * Tags as one writes them, `http.method=GET error=true`, as the API wants them.
 *
 * @param {string} text a value with spaces is quoted: `message="not found"`
 * @returns {string} JSON, or '' without tags
 */
export function tagsJSON(text) {
    const pairs = [...text.matchAll(/([^\s=]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))/g)]
        .map(([, key, quoted, bare]) => [key, quoted?.replace(/\\(.)/g, '$1') ?? bare]);
    return pairs.length === 0 ? '' : JSON.stringify(Object.fromEntries(pairs));
}

/** The form; its `element` goes into the page, `show` fills it from an address. */
export class TraceForm {
    /** @param {Object} context the view's */
    constructor(context) {
        this.context = context;
        this.services = h('datalist', {id: 'trace-services'});
        this.operations = h('datalist', {id: 'trace-operations'});
        this.operationsOf = null;
        const field = (name, label, {wide, ...attributes}) => h(wide ? 'label.wide' : 'label', null,
            label, h('input', {name, type: 'text', autocomplete: 'off', spellcheck: 'false',
                ...attributes}));
        this.element = h('form.trace-form', {
            role: 'search', 'aria-label': 'Search for traces',
            onsubmit: (event) => {
                event.preventDefault();
                this.submit();
            },
        },
        field('service', 'Service', {list: 'trace-services', required: true}),
        field('operation', 'Operation', {list: 'trace-operations', placeholder: 'all'}),
        field('tags', 'Tags', {wide: true, placeholder: 'error=true http.method=GET'}),
        field('min', 'At least', {placeholder: '100ms', pattern: durationPattern}),
        field('max', 'At most', {placeholder: '2s', pattern: durationPattern}),
        field('limit', 'Traces', {type: 'number', min: 1, max: 1500}),
        h('button.primary', {type: 'submit'}, 'Search'), this.services, this.operations);
        this.input('service').addEventListener('change', () => this.askOperations());
    }

    input(name) {
        return this.element.elements.namedItem(name);
    }

    /** Shows what the address says. */
    show(parameters) {
        for (const name of fieldNames) this.input(name).value = parameters[name] ?? '';
        if (!parameters.limit) this.input('limit').value = standardLimit;
        this.askOperations();
    }

    submit() {
        const changes = Object.fromEntries(fieldNames
            .map((name) => [name, this.input(name).value.trim()]));
        if (changes.limit === String(standardLimit)) changes.limit = '';
        this.context.set(changes);
    }

    async askServices() {
        const {data} = await this.context.ask('jaeger/api/services',
            {clusters: this.context.clusterParameter()}, {key: 'services'});
        fill(this.services, data.map((name) => h('option', {value: name})));
        return data;
    }

    async askOperations() {
        const service = this.input('service').value.trim();
        if (service === '' || service === this.operationsOf) return;
        this.operationsOf = service;
        try {
            const {data} = await this.context.ask(
                `jaeger/api/services/${encodeURIComponent(service)}/operations`, {},
                {key: 'operations', counts: false});
            fill(this.operations, data.map((name) => h('option', {value: name})));
        } catch (error) {
            // The list only helps with writing; the search itself tells what is wrong.
            this.operationsOf = null;
            if (!isAbort(error)) fill(this.operations);
        }
    }
}

const durationPattern = '(\\d+(\\.\\d+)?(ns|us|µs|ms|s|m|h))+';
