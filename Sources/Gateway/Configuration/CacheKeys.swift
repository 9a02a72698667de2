import Clusters
import Storage

/// The section `cache` of the configuration: its keys, and the settings that they make.
enum CacheKeys {
    static let rows: [ConfigurationKey] = {
        let cache = CacheSettings()
        return [
            .init("cache", .section, "What is kept of the clusters' answers"),
            .init(
                "cache.enabled", .flag, standard: "\(cache.isEnabled)",
                "Whether anything is kept; a request can do without (Cache-Control: no-store)"),
            .init(
                "cache.time_to_live", .duration, standard: text(cache.timeToLive),
                "How long values are kept that do not change any more"),
            .init(
                "cache.instant_time_to_live", .duration,
                standard: text(cache.instantTimeToLive ?? .zero),
                "How long answers about one instant are kept; 0s for not at all"),
            .init(
                "cache.freshness", .duration, standard: text(cache.freshness),
                "How old values are when nothing changes them any more, where a cluster's file does not say: scrape interval, out-of-order window, difference of clocks"
            ),
            .init("cache.memory", .section, "The store in this process"),
            .init(
                "cache.memory.max_bytes", .bytes,
                standard: ByteCountText.text(bytes: cache.memoryBytes),
                "Its size, with keys and bookkeeping"),
        ] + redisRows
    }()

    private static let redisRows: [ConfigurationKey] = {
        // Any address will do for what holds for all of them.
        let redis = try? RedisSettings(address: RedisAddress("redis://localhost"))
        return [
            .init("cache.redis", .section, "A Redis that several gateways may share; with url"),
            .init(
                "cache.redis.url", .secret, isRequired: true,
                "redis://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE] or unix://[USER[:PASSWORD]@]/PATH[?db=DATABASE]"
            ),
            .init(
                "cache.redis.password_file", .file,
                "The file whose first line is the password; read at each connecting"),
            .init(
                "cache.redis.prefix", .text, standard: RedisSettings.standardPrefix,
                "With what all keys begin; gateways of one prefix share what they keep"),
            .init(
                "cache.redis.pool_size", .count(atLeast: 1),
                standard: redis.map { "\($0.poolSize)" }, "Connections for reading"),
            .init(
                "cache.redis.read_timeout", .duration, standard: redis.map { text($0.readTimeout) },
                "How long a query waits for the Redis; then it does without"),
            .init(
                "cache.redis.write_timeout", .duration,
                standard: redis.map { text($0.writeTimeout) },
                "How long the Redis may take for a write, for which no query waits"),
        ]
    }()

    /// Durations that may be 0.
    static let mayBeZero: Set<String> = ["cache.instant_time_to_live"]

    private static func text(_ duration: Duration) -> String {
        DurationText.text(milliseconds: duration.wholeMilliseconds)
    }

    /// The settings. Adds the mistakes that the table cannot see.
    static func settings(_ checked: inout CheckedConfiguration) -> CacheSettings {
        var cache = CacheSettings()
        if let isEnabled = checked.flag("cache.enabled") { cache.isEnabled = isEnabled }
        if let time = checked.duration("cache.time_to_live") { cache.timeToLive = time }
        if let time = checked.duration("cache.instant_time_to_live") {
            cache.instantTimeToLive = time > .zero ? time : nil
        }
        if let time = checked.duration("cache.freshness") { cache.freshness = time }
        if let bytes = checked.number("cache.memory.max_bytes") { cache.memoryBytes = bytes }
        cache.redis = redis(&checked)
        return cache
    }

    private static func redis(_ checked: inout CheckedConfiguration) -> RedisSettings? {
        let passwordFile = passwordFile(&checked)
        guard let url = checked.text("cache.redis.url") else { return nil }
        let address: RedisAddress
        do {
            address =
                if let passwordFile {
                    try RedisAddress(url, passwordFile: passwordFile)
                } else {
                    try RedisAddress(url)
                }
        } catch {
            checked.refuse("cache.redis.url", error.sentence)
            return nil
        }
        var redis = RedisSettings(address: address)
        if let prefix = checked.text("cache.redis.prefix") { redis.prefix = prefix }
        if let size = checked.number("cache.redis.pool_size") { redis.poolSize = size }
        if let time = checked.duration("cache.redis.read_timeout") { redis.readTimeout = time }
        if let time = checked.duration("cache.redis.write_timeout") { redis.writeTimeout = time }
        return redis
    }

    /// The path of the password's file, relative to nothing but the process' own directory.
    private static func passwordFile(_ checked: inout CheckedConfiguration) -> String? {
        guard let text = checked.text("cache.redis.password_file") else { return nil }
        let slash = checked.file.lastIndex(of: "/")
        let directory = slash.map { checked.file[...$0] } ?? ""
        let path = text.hasPrefix("/") ? text : directory + text
        if let problem = DiskFile.problem(reading: path) {
            checked.refuse(
                "cache.redis.password_file", "the file \(path) cannot be read: \(problem)")
        }
        return path
    }
}
