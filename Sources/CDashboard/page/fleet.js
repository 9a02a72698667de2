// What the gateway knows of its clusters, asked once for all who want to know.

import {ask} from './api.js';
import {coverage} from './coverage.js';

/** The clusters' state as `/mesh/v1/clusters` tells it. */
class Fleet {
    #pending = null;
    #clusters = null;

    /** Asks anew; those who ask at the same time share the answer. */
    ask() {
        this.#pending ??= this.#fetch().finally(() => {
            this.#pending = null;
        });
        return this.#pending;
    }

    /** What is known, or what the first answer will say. */
    latest() {
        return this.#clusters && !this.#pending ? Promise.resolve(this.#clusters) : this.ask();
    }

    async #fetch() {
        const {data} = await ask('mesh/v1/clusters', {}, {counts: false});
        this.#clusters = data;
        coverage.noteClusters(data);
        return data;
    }
}

export const fleet = new Fleet();
