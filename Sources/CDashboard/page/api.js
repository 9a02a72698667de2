// Asks the gateway. Every answer has Prometheus's envelope; which clusters took no part is in a
// header, and why is in the warnings.

import {coverage, mentions} from './coverage.js';

/** What went wrong, as a sentence for people. */
export class GatewayError extends Error {
    /**
     * @param {string} sentence
     * @param {{status?: number, kind?: string, path?: string}} facts
     */
    constructor(sentence, {status = 0, kind = 'network', path = ''} = {}) {
        super(sentence);
        this.name = 'GatewayError';
        this.status = status;
        this.kind = kind;
        this.path = path;
    }
}

/** Whether this is only the end of a question that nobody waits for any more. */
export const isAbort = (error) => error?.name === 'AbortError';

/**
 * The address of a path with parameters. It is relative to the page, which may be served below a
 * prefix.
 *
 * @param {string} path `mesh/v1/graph`
 * @param {Object<string, string|number|boolean|null|Array>} [parameters] an array repeats a name;
 *     null, undefined and '' are left out
 */
export function url(path, parameters = {}) {
    const address = new URL(path.replace(/^\//, ''), document.baseURI);
    address.hash = '';
    for (const [name, value] of Object.entries(parameters)) {
        for (const one of Array.isArray(value) ? value : [value]) {
            if (one !== null && one !== undefined && one !== '') {
                address.searchParams.append(name, one);
            }
        }
    }
    return address.href;
}

/**
 * Asks for JSON.
 *
 * @param {string} path
 * @param {Object} [parameters]
 * @param {{signal?: AbortSignal, source?: string, counts?: boolean}} [options] `source` names the
 *     question in the strip of missing clusters (a newer answer replaces an older one of the same
 *     source); `counts: false` keeps it out of the strip
 * @returns {Promise<{data: any, warnings: string[], remarks: string[], infos: string[],
 *     missing: string[], cache: string, milliseconds: number}>} `remarks` are the warnings that are
 *     not about missing clusters, which the strip tells
 * @throws {GatewayError}
 */
export async function ask(path, parameters = {}, {signal, source = path, counts = true} = {}) {
    const began = performance.now();
    let response;
    try {
        response = await fetch(url(path, parameters), {
            signal, headers: {Accept: 'application/json'}, credentials: 'same-origin',
        });
    } catch (error) {
        if (isAbort(error)) throw error;
        throw new GatewayError(
            'The gateway does not answer. It may be restarting, or the network is down.', {path});
    }
    const body = await bodyOf(response, path, signal);
    const missing = names(response.headers.get('X-Isthmus-Clusters-Missing'));
    const warnings = body.warnings ?? [];
    if (counts) {
        coverage.noteAnswer(source, missing, warnings,
            path.startsWith('jaeger/') ? 'its store of traces did not answer' : '');
    }
    if (body.status === 'error' || !response.ok) throw failure(response, body, path);
    return {
        data: body.data, warnings, infos: body.infos ?? [], missing,
        remarks: warnings.filter((text) => !missing.some((name) => mentions(text, name))),
        cache: response.headers.get('X-Isthmus-Cache') ?? '',
        milliseconds: performance.now() - began,
    };
}

async function bodyOf(response, path, signal) {
    const text = await response.text();
    signal?.throwIfAborted();
    try {
        return JSON.parse(text);
    } catch {
        if (!response.ok) return {status: 'error', error: text.trim().slice(0, 300)};
        throw new GatewayError(
            `The answer of ${path} is not JSON. Something between this page and the gateway `
                + 'answers in its place.', {status: response.status, kind: 'not-json', path});
    }
}

function failure(response, body, path) {
    const facts = {status: response.status, kind: body.errorType ?? 'http', path};
    // Jaeger's API tells of mistakes in a list.
    const said = body.error ?? body.errors?.[0]?.msg ?? '';
    switch (response.status) {
    case 401: return new GatewayError('The gateway wants to know who asks: log in first.', facts);
    case 403: return new GatewayError(`The gateway does not allow this: ${said}`, facts);
    case 404: return new GatewayError(said && !said.startsWith('there is nothing at this path')
        ? said : `This gateway has nothing at /${path}. It may be an older one.`, facts);
    case 422: case 400: return new GatewayError(said || 'The question is not understood.', facts);
    case 502: case 503: case 504:
        return new GatewayError(said || 'The gateway cannot answer at the moment.', facts);
    default: return new GatewayError(said || `The answer has status ${response.status}.`, facts);
    }
}

function names(header) {
    return (header ?? '').split(',').map((name) => name.trim()).filter(Boolean);
}
