import CCurl

/// What libcurl's thread owns: all transfers, their handles and connections. Nothing of it is ever
/// touched by another thread.
final class TransferThread {
    private let loop: TransferLoop
    private let settings: UpstreamSettings
    private let multi: UnsafeMutableRawPointer
    private var jobs: [ObjectIdentifier: Job] = [:]
    private var jobsByHandle: [UnsafeMutableRawPointer: Job] = [:]
    /// Handles without a transfer, to be used again.
    private var idleHandles: [UnsafeMutableRawPointer] = []
    private var lines: [String: Line] = [:]
    /// Jobs whose turn it is.
    private var readyJobs: [Job] = []
    /// Jobs whose readers have not been told of what has come.
    private var jobsWithNews: [Job] = []
    /// Not later than the first deadline of all jobs.
    private var nextDeadline: ContinuousClock.Instant?
    private var files: WatchedFiles
    /// How long connecting took of late, by host and port.
    private var connectTimes: [String: RollingTimes] = [:]

    /// The requests to one host and port.
    private struct Line {
        var running = 0
        /// In the order of asking; some may be over.
        var waiting: [Job] = []
    }

    private static let maximumIdleHandles = 128
    /// The longest sleep: a backstop, as commands and sockets wake the thread.
    private static let longestSleep = Duration.seconds(10)

    /// libcurl's one-time preparations, which ask for nothing but memory.
    private static let isPrepared = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(_ loop: TransferLoop) {
        self.loop = loop
        settings = loop.settings
        guard Self.isPrepared, let multi = curl_multi_init() else {
            preconditionFailure("libcurl cannot be prepared")
        }
        self.multi = multi
        files = WatchedFiles(maximumBytes: settings.maximumFileBytes)
        isthmus_curl_multi_set_long(
            multi, CURLMOPT_MAXCONNECTS, settings.maximumIdleConnections)
    }

    var bell: TransferLoop.Bell { TransferLoop.Bell(multi: multi) }

    /// One turn: does what is asked, lets libcurl work, tells the readers, sleeps.
    func turn(_ commands: [TransferLoop.Command]) {
        for command in commands { obey(command) }
        launchReadyJobs()
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        endJobs()
        let now = ContinuousClock.now
        expireJobs(now)
        launchReadyJobs()
        let hasNewsLeft = tellReaders(now)
        var sleep = Self.longestSleep
        if let nextDeadline { sleep = min(sleep, max(.zero, now.duration(to: nextDeadline))) }
        if hasNewsLeft { sleep = min(sleep, settings.gatheringTime) }
        curl_multi_poll(multi, nil, 0, Int32(sleep.milliseconds), nil)
    }

    /// Fails what is under way and frees everything.
    func end() {
        for job in Array(jobs.values) { end(job, .failure(job.transfer.error(.stopped))) }
        for handle in idleHandles { curl_easy_cleanup(handle) }
        curl_multi_cleanup(multi)
    }

    // MARK: Commands

    private func obey(_ command: TransferLoop.Command) {
        switch command {
        case .begin(let transfer): begin(transfer)
        case .goOn(let transfer):
            guard let handle = job(of: transfer)?.handle else { return }
            curl_easy_pause(handle, CURLPAUSE_CONT)
        case .letGo(let transfer):
            guard let job = job(of: transfer) else { return }
            end(job, .failure(transfer.error(.cancelled)))
        case .hasten(let transfer, let deadline):
            guard let job = job(of: transfer) else { return }
            job.deadline = min(job.deadline, deadline)
            note(job.limit)
        }
    }

    private func job(of transfer: Transfer) -> Job? { jobs[ObjectIdentifier(transfer)] }

    func note(_ deadline: ContinuousClock.Instant) {
        nextDeadline = nextDeadline.map { min($0, deadline) } ?? deadline
    }

    private func begin(_ transfer: Transfer) {
        guard !transfer.hasEnded else { return }
        let job = Job(transfer, thread: self, settings: settings)
        jobs[ObjectIdentifier(transfer)] = job
        note(job.limit)
        lines[job.origin, default: Line()].waiting.append(job)
        advance(job.origin)
    }

    /// Lets those who wait for the host begin, as far as there is room.
    private func advance(_ origin: String) {
        guard var line = lines[origin] else { return }
        var taken = 0
        while taken < line.waiting.count, line.running < settings.maximumConcurrentPerHost {
            let job = line.waiting[taken]
            taken += 1
            if job.isOver { continue }
            job.holdsPlace = true
            line.running += 1
            readyJobs.append(job)
        }
        line.waiting.removeFirst(taken)
        lines[origin] = line.running == 0 && line.waiting.isEmpty ? nil : line
    }

    private func launchReadyJobs() {
        // A job that cannot be launched makes room for the next one.
        while !readyJobs.isEmpty {
            let jobs = readyJobs
            readyJobs = []
            for job in jobs where !job.isOver { launch(job) }
        }
    }

    private func launch(_ job: Job) {
        guard let handle = idleHandles.popLast() ?? curl_easy_init() else {
            preconditionFailure("libcurl has no memory for a transfer")
        }
        job.handle = handle
        job.connectTimeout = connectTimeout(to: job.origin)
        jobsByHandle[handle] = job
        do throws(UpstreamError) {
            try job.configure(handle, &files)
        } catch {
            end(job, .failure(error))
            return
        }
        let code = curl_multi_add_handle(multi, handle)
        if code != CURLM_OK {
            let message = String(cString: curl_multi_strerror(code))
            end(job, .failure(job.transfer.error(.configuration, message: message)))
        }
    }

    // MARK: Ends

    /// Ends the jobs that libcurl is done with.
    private func endJobs() {
        var code = CURLE_OK
        while let handle = isthmus_curl_multi_ended(multi, &code) {
            guard let job = jobsByHandle[handle] else {
                preconditionFailure("libcurl ends a transfer that nobody has begun")
            }
            end(job, job.result(code))
        }
    }

    private func expireJobs(_ now: ContinuousClock.Instant) {
        guard let deadline = nextDeadline, deadline <= now else { return }
        nextDeadline = nil
        for job in Array(jobs.values) {
            if let failure = job.overdue(now) {
                end(job, .failure(failure))
            } else {
                note(job.limit)
            }
        }
    }

    /// Takes the job off all lists, tells its reader, and lets the next one begin. Does nothing for
    /// a job that is over.
    private func end(_ job: Job, _ result: Result<Void, UpstreamError>) {
        guard jobs.removeValue(forKey: ObjectIdentifier(job.transfer)) != nil else { return }
        job.isOver = true
        job.transfer.finish(result)
        noteConnecting(job, result)
        if let handle = job.handle {
            jobsByHandle[handle] = nil
            // Without effect where the handle has not been added.
            curl_multi_remove_handle(multi, handle)
            job.release()
            if idleHandles.count < Self.maximumIdleHandles {
                curl_easy_reset(handle)
                idleHandles.append(handle)
            } else {
                curl_easy_cleanup(handle)
            }
        }
        if job.holdsPlace {
            lines[job.origin]?.running -= 1
            advance(job.origin)
        }
    }

    // MARK: Connecting

    /// More than any inventory has; then what is known is forgotten.
    private static let maximumOrigins = 20_000

    /// How many times as long as usual connecting may take: with TLS it is three round trips.
    private static let patience = 4

    private func noteConnecting(_ job: Job, _ result: Result<Void, UpstreamError>) {
        if case .failure(let error) = result, error.kind == .timeout,
            [.resolving, .connecting, .handshake].contains(error.phase)
        {
            // The way may have become a longer one.
            connectTimes[job.origin] = nil
        } else if let time = job.connectTime {
            if connectTimes.count > Self.maximumOrigins { connectTimes = [:] }
            connectTimes[job.origin, default: RollingTimes()].add(time)
        }
    }

    /// How long connecting may take, as far away as the host is.
    private func connectTimeout(to origin: String) -> Duration {
        guard let usual = connectTimes[origin]?.quantile(0.95) else {
            return settings.connectTimeout
        }
        return min(
            settings.connectTimeout, max(settings.leastConnectTimeout, usual * Self.patience))
    }

    // MARK: Readers

    func hasNews(_ job: Job) { jobsWithNews.append(job) }

    /// Wakes the readers for whom enough has come, or who have waited long enough. Returns whether
    /// some are left to be told soon.
    private func tellReaders(_ now: ContinuousClock.Instant) -> Bool {
        guard !jobsWithNews.isEmpty else { return false }
        let jobs = jobsWithNews
        jobsWithNews.removeAll(keepingCapacity: true)
        for job in jobs where !job.isOver {
            if job.newsIsRipe(now) {
                job.newsSince = nil
                job.transfer.wakeReader()
            } else {
                jobsWithNews.append(job)
            }
        }
        return !jobsWithNews.isEmpty
    }
}
