// Which clusters are missing from what the page shows, and why: gathered from all answers, shown
// in one strip.

/** What is missing by the last answer to each question, and by the gateway's own probes. */
class Coverage extends EventTarget {
    // Of each question, which clusters its last answer lacks, with the reason: Map of Maps.
    #bySource = new Map();
    // What the gateway's probes say of clusters that they do not reach: name → reason.
    #unreachable = new Map();
    // Since when a cluster is known to be missing, seconds since the epoch.
    #since = new Map();

    /**
     * Takes in which clusters an answer lacks.
     *
     * @param {string} source the question
     * @param {string[]} missing
     * @param {string[]} warnings of the answer, which say why
     * @param {string} [standard] what is said where no warning does
     */
    noteAnswer(source, missing, warnings, standard = '') {
        const reasons = new Map(missing.map((name) =>
            [name, reasonIn(warnings, name) || standard]));
        if (reasons.size === 0 && !this.#bySource.has(source)) return;
        if (reasons.size > 0) this.#bySource.set(source, reasons);
        else this.#bySource.delete(source);
        this.#changed();
    }

    /** Takes in what `/mesh/v1/clusters` says. */
    noteClusters(clusters) {
        this.#unreachable = new Map(clusters
            .filter((cluster) => cluster.reachable === false && !cluster.maintenance)
            .map((cluster) => [cluster.name, cluster.lastError ?? 'it does not answer']));
        this.#changed();
    }

    /**
     * Takes in since when the gateway's rules miss clusters, which may be longer than this page is
     * open.
     *
     * @param {{cluster: string, since: string}[]} list as alerts tell it
     */
    noteSince(list) {
        for (const {cluster, since} of list) {
            const time = Date.parse(since) / 1000;
            const noticed = this.#since.get(cluster);
            if (noticed !== undefined && time < noticed) this.#since.set(cluster, time);
        }
        this.#changed();
    }

    /** Forgets what a view's questions lacked, when it goes. */
    forgetAnswers() {
        this.#bySource.clear();
        this.#changed();
    }

    /**
     * What is missing.
     *
     * @returns {{cluster: string, reason: string, since: number}[]} ordered by name
     */
    missing() {
        const reasons = new Map(this.#unreachable);
        for (const source of this.#bySource.values()) {
            for (const [name, reason] of source) {
                if (reason || !reasons.has(name)) reasons.set(name, reason || 'it did not answer');
            }
        }
        return [...reasons].sort(([a], [b]) => (a < b ? -1 : 1)).map(([cluster, reason]) => ({
            cluster, reason, since: this.#since.get(cluster),
        }));
    }

    #changed() {
        const now = Date.now() / 1000;
        const names = new Set(this.missing().map((one) => one.cluster));
        for (const name of this.#since.keys()) if (!names.has(name)) this.#since.delete(name);
        for (const name of names) if (!this.#since.has(name)) this.#since.set(name, now);
        this.dispatchEvent(new Event('change'));
    }
}

export const coverage = new Coverage();

/** The words behind `us-1 is missing:` in the warning that is about this cluster. */
function reasonIn(warnings, name) {
    const warning = warnings.find((text) => mentions(text, name));
    if (!warning) return '';
    const colon = warning.indexOf(': ');
    return colon >= 0 && mentions(warning.slice(0, colon), name)
        ? warning.slice(colon + 2) : warning;
}

/** Whether a text names a cluster. Names hold no spaces: `us-1` is not found in `us-10`. */
export function mentions(text, name) {
    return text.split(/[\s"'`,:;()]+/).includes(name);
}
