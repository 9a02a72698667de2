// When the view asks again. While the tab is hidden nothing is asked; when it is seen again, at
// once what is overdue.

/** A timer that never lets two refreshes overlap. */
export class Refreshing {
    #work;
    #seconds = 0;
    #timer = null;
    #isRunning = true;
    #lastFinished = 0;

    /** @param {() => Promise<void>} work one refresh */
    constructor(work) {
        this.#work = work;
        document.addEventListener('visibilitychange', () => this.#schedule());
    }

    /** Refreshes every so many seconds; 0 for never. */
    every(seconds) {
        const wanted = Number.isFinite(seconds) && seconds > 0 ? Math.max(seconds, 5) : 0;
        if (wanted === this.#seconds) return;
        this.#seconds = wanted;
        this.#schedule();
    }

    /** A view has just been filled: the time to the next refresh begins. */
    finished() {
        this.#isRunning = false;
        this.#lastFinished = Date.now();
        this.#schedule();
    }

    /** Refreshes at once. */
    async now() {
        clearTimeout(this.#timer);
        this.#isRunning = true;
        document.documentElement.dataset.refreshing = 'true';
        try {
            await this.#work();
        } finally {
            delete document.documentElement.dataset.refreshing;
            this.finished();
        }
    }

    #schedule() {
        clearTimeout(this.#timer);
        if (this.#seconds === 0 || this.#isRunning || document.hidden) return;
        const due = this.#lastFinished + this.#seconds * 1000 - Date.now();
        this.#timer = setTimeout(() => this.now(), Math.max(0, due));
    }
}
